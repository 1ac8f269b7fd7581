/**
 * Draws the diagrams of specs/README.md into specs/diagrams: the state machine of a region as the model goes through it, and the traces that
 * the text explains. `node scripts/spec-diagrams.js`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, 'specs/diagrams')
const ENTRY = `
export { default as regionLifecycle } from './specs/region-lifecycle.ts'
export { default as writeBatch } from './specs/write-batch.ts'
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

const { regionLifecycle, writeBatch, check, ids, spec, traceToDot, graphToDot, renderSvg } = await load()

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
for (const [of, instance] of [
  [writeBatch, 'issue-17700'],
  [regionLifecycle, 'stale-split'],
]) {
  const result = await check(of, { instance })
  await write(instance, traceToDot(result, result.violation))
}
