/**
 * The package as others get it, under the compilers and options that they have: packed, installed elsewhere, and the spec of the README compiled with the
 * defaults of `tsc --init`, with declarations, and in a project of CommonJS. The options are those that the compiler writes itself.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const work = mkdtempSync(join(tmpdir(), 'tsmc-types-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

/** The first example of the README that is a whole spec, and the one that checks it. */
const [spec, use] = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
  .map(([, code]) => code)
  .filter((code) => code.includes("from 'tsmc'"))
if (!spec?.includes('export default spec(') || !use?.includes('await check(')) throw new Error('the README has no spec, or no program that checks it')

/** Parts of a spec that other modules import: every type has a name in the declarations. */
const PARTS = `
import { bag, bool, type DraftState, enumOf, ids, int, map, model, option, record, seq, set, symmetric, union, value } from 'tsmc'
export const Region = ids('r', 3)
export const Thread = symmetric('t', 12)
export const Job = record({ region: Region, state: enumOf('new', 'done'), owner: option(Thread) })
export const m = model({
  flag: bool,
  n: int(0, 3),
  jobs: seq(Job, 3),
  byRegion: map(Region, Job),
  seen: set(Region),
  many: bag(Job, 3),
  message: union('type', { ask: { region: Region }, stop: {} }),
  data: value({ list: [1] }),
})
export const finish = (s: DraftState<typeof m>, region: (typeof s.jobs)[number]['region']) => {
  s.byRegion[region].state = 'done'
  return s.byRegion[region]
}
m.action('Finish', { region: Region }, (s, { region }) => {
  s.byRegion[region].owner = null
  finish(s, region)
})
m.invariant('Owned', { region: Region }, (s, { region }) => s.byRegion[region].owner === null)
`

const npm = (...args) => execFileSync('npm', args, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
const [{ filename }] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], { cwd: root, encoding: 'utf8' }),
)
writeFileSync(join(work, 'package.json'), '{ "private": true }')
npm(
  'install',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  '--ignore-scripts',
  join(work, filename),
  '@types/node@20',
  'typescript-5@npm:typescript@~5.9.0',
  'typescript-6@npm:typescript@~6.0.0',
)

let failed = 0
for (const compiler of ['typescript-5', 'typescript-6']) {
  for (const [type, ending, more] of [
    ['module', 'ts', []],
    ['commonjs', 'mts', []],
    // What becomes CommonJS requires the package: the compiler's own default does not allow its syntax there.
    ['commonjs', 'ts', ['--verbatimModuleSyntax', 'false']],
  ]) {
    for (const options of [
      [],
      ['--declaration'],
      ['--declaration', '--isolatedModules', '--noPropertyAccessFromIndexSignature', '--noImplicitReturns', '--strict', '--skipLibCheck', 'false'],
    ]) {
      const folder = join(work, `${compiler}-${type}-${ending}-${options.length}`)
      mkdirSync(folder)
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
      const tsc = (...args) =>
        spawnSync(process.execPath, [join(work, 'node_modules', compiler, 'bin/tsc'), ...args], { cwd: folder, encoding: 'utf8' })
      tsc('--init')
      const config = readFileSync(join(folder, 'tsconfig.json'), 'utf8')
      for (const option of ['noUncheckedIndexedAccess', 'exactOptionalPropertyTypes', 'verbatimModuleSyntax'])
        if (!new RegExp(`^\\s*"${option}": true`, 'm').test(config)) throw new Error(`tsc --init of ${compiler} does not turn on ${option}`)
      writeFileSync(join(folder, `counter.${ending}`), spec)
      writeFileSync(join(folder, `parts.${ending}`), PARTS)
      // There is no await at the top of CommonJS.
      if (more.length === 0) writeFileSync(join(folder, `use.${ending}`), use.replace('./counter.ts', `./counter.${ending.replace('t', 'j')}`))
      const { status, stdout, stderr } = tsc('-p', '.', '--outDir', 'out', '--types', 'node', ...more, ...options)
      const name = `${compiler.replace('-', ' ')}, "type": "${type}", .${ending}${options.map((option) => ` ${option}`).join('')}`
      // What was compiled runs.
      const ran =
        status === 0 ? spawnSync(process.execPath, [join(folder, 'out', `counter.${ending.replace('t', 'j')}`)], { encoding: 'utf8' }) : null
      if (ran !== null && ran.status !== 0) console.log(ran.stderr)
      if (ran?.status === 0) {
        console.log(`ok      ${name}`)
        continue
      }
      failed++
      console.log(`FAILED  ${name}\n${stdout}${stderr}`)
    }
  }
}
process.exitCode = failed === 0 ? 0 : 1
