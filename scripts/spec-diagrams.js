/**
 * Draws the diagrams of specs/ into specs/diagrams: the state machine of a region as the model goes through it, and the traces that README.md, bugs/
 * and findings/ explain. `node scripts/spec-diagrams.js`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, 'specs/diagrams')

/** The traces, `spec: instance`, each a picture `spec-instance.svg`. */
const TRACES = [
  // The bugs.
  'gc-flag: issue-17788',
  'label-watch: issue-19792',
  'lock-order: issue-17260',
  'manual-evict: issue-19584',
  'pending-load: issue-17561',
  'region-lifecycle: issue-17282',
  'region-lifecycle: issue-17403',
  'region-lifecycle: issue-17405',
  'region-lifecycle: issue-17484-walk',
  'region-lifecycle: issue-17487',
  'region-lifecycle: issue-17644',
  'region-lifecycle: issue-17667',
  'region-lifecycle: issue-18008',
  'save-points: issue-17630',
  'uninitialized-peer: issue-17767',
  'uninitialized-peer: issue-18046',
  'write-batch: issue-17104',
  'write-batch: issue-17645',
  'write-batch: issue-17797-active',
  // The holes.
  'lock-order: upgrade',
  'region-lifecycle: gc-history',
  'region-lifecycle: newer-pending',
  'region-lifecycle: snapshot-moves-panic',
  'region-lifecycle: stale-split-reload',
  'uninitialized-peer: cache-emptied',
  'write-batch: load-message-yield',
  'written-flag: merge-residue',
].map((name) => name.split(': '))
const FILES = [...new Set([...TRACES.map(([file]) => file), 'region-lifecycle', 'write-batch'])]

const ENTRY = `
${FILES.map((file, i) => `import spec${i} from './specs/${file}.ts'`).join('\n')}
export const specs = { ${FILES.map((file, i) => `'${file}': spec${i}`).join(', ')} }
export { check, ids, spec } from 'tsmc'
export { traceToDot } from './src/draw/dot.ts'
export { graphToDot } from './src/draw/graph.ts'
export { renderSvg } from './src/draw/svg.ts'
`

/** The specs and the library from source, in one bundle. */
async function load() {
  const bundle = join(root, 'tsmc-out', `spec-diagrams.${process.pid}.mjs`)
  await build({
    absWorkingDir: root,
    stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
    alias: { tsmc: './src/index.ts' },
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  })
  try {
    return await import(pathToFileURL(bundle).href)
  } finally {
    rmSync(bundle)
  }
}

const { specs, check, ids, spec, traceToDot, graphToDot, renderSvg } = await load()

const regionLifecycle = specs['region-lifecycle']
const writeBatch = specs['write-batch']

async function write(name, dot) {
  writeFileSync(join(out, `${name}.svg`), await renderSvg(dot))
}

/** Every move of one region's meta that any of the instances makes, by the action that makes it. */
async function stateMachine(instances) {
  const moves = new Map()
  for (const name of instances) {
    const { constants } = regionLifecycle.instances.find((instance) => instance.name === name)
    const observed = spec('region-lifecycle', constants, (c) => {
      const m = regionLifecycle.build(c)
      m.step('Moves', { region: ids('r', c.ids) }, (before, after, { region }, { action, parameters }) => {
        const from = before.metas[region]?.phase ?? 'absent'
        const to = after.metas[region]?.phase ?? 'absent'
        // The new region of a split begins as its source is: not a move of its own.
        const born = action === 'Split' && parameters.region !== region
        if (from !== to && !born) moves.set([from, to, action].join(), { from, to, label: action })
        return true
      })
      return m
    })
    const { verdict } = await check(observed, { constants })
    if (verdict !== 'holds') throw new Error(`the instance ${name} gives: ${verdict}`)
  }
  const phases = ['absent', 'Pending', 'Loading', 'Active', 'LoadingCanceled', 'PendingEvict', 'Evicting']
  const edges = [...moves.values()].sort((a, b) => phases.indexOf(a.from) - phases.indexOf(b.from) || (a.label < b.label ? -1 : 1))
  return graphToDot(
    phases.map((id) => ({ id, ...(id === 'absent' ? { kind: 'initial' } : {}) })),
    edges,
    { title: 'A region in the in-memory engine, and the actions that move it' },
  )
}

mkdirSync(out, { recursive: true })
mkdirSync(join(root, 'tsmc-out'), { recursive: true })
await write('region-states', await stateMachine(['today', 'today-lagging', 'today-readers']))
for (const [of, instance, name] of [
  [writeBatch, 'issue-17700', 'issue-17700'],
  [regionLifecycle, 'stale-split', 'stale-split'],
  ...TRACES.map(([file, instance]) => [specs[file], instance, `${file}-${instance}`]),
]) {
  const result = await check(of, { instance })
  await write(name, traceToDot(result, result.violation))
}
