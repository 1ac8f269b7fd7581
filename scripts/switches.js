/**
 * Proves that the switches of the engine change nothing: checks the examples and the specs as they are, and again with each switch, and
 * compares verdicts, figures and traces.
 *
 *     node scripts/switches.js [--verbose] [SWITCH…]        with the built command; exit 1 where something differs
 *
 * What takes long is left out, by size, and the output says what and why. It is checked all the same, with everything on, by the tests of the
 * examples and by the tables of the specs.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inTurn } from './inTurn.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What must not differ; where symmetry is off other states are counted, and only the outcome is left. */
const EVERYTHING = ['verdict', 'distinct', 'generated', 'depth', 'property', 'steps', 'trace']
const OUTCOME = ['verdict', 'steps']

/**
 * The switches, a row each:
 *
 *  - `arguments`: what the command is given; `{directory}` stands for an empty directory, one per process
 *  - `same`: what must not differ
 *  - `states`: instances with more distinct states are left out, because of what `why` says
 *  - `least`: instances with fewer distinct states are left out as well, as they show nothing
 *  - `without`: instances that are left out by name, for the same reason
 *  - `where`: only specs whose source matches; without it all
 */
export const SWITCHES = [
  { arguments: ['--no-learning'], same: EVERYTHING, states: 3_000, why: 'every function is called for every state' },
  { arguments: ['--no-compiling'], same: EVERYTHING, states: 10_000, why: 'trees are walked' },
  { arguments: ['--no-batching'], same: EVERYTHING, states: 10_000, why: 'successors are looked up one by one' },
  { arguments: ['--no-reuse'], same: EVERYTHING, states: 10_000, why: 'everything is evaluated anew' },
  {
    arguments: ['--no-symmetry'],
    same: OUTCOME,
    states: 40_000,
    why: 'there are many more states',
    where: /\bsymmetric\(/,
    // 61,515,776 states of 3,300 orbits.
    without: ['two-phase.ten managers, all alike'],
  },
  { arguments: ['--workers', '2', '--workers-from', '1'], same: EVERYTHING, states: 10_000, why: 'it takes long', least: 100 },
  { arguments: ['--workers', '4', '--workers-from', '1'], same: EVERYTHING, states: 10_000, why: 'it takes long', least: 1_000 },
  { arguments: ['--store', '{directory}'], same: EVERYTHING, states: 5_000, why: 'every level is a file', least: 100 },
]

/** Where the specs are. No example has interchangeable ids: two models of the benchmarks do. */
const PLACES = [
  { path: 'examples' },
  { path: 'specs' },
  { path: 'bench/models/two-phase.ts', instances: ['8 reduced'] },
  { path: 'bench/models/german-symmetric.ts', instances: ['3 reduced'] },
]

/** Left out by name: what takes long although it has few states. */
const LEFT_OUT = new Map([['klotski.the classical start', 'its action has no locality and is called directly']])

/** No instance beyond the largest size of a switch is looked at. */
const LARGEST = Math.max(...SWITCHES.map(({ states }) => states))

/** Checks instances of a place (all of them without names); gives the facts of each, by `spec.instance`. */
async function checked(path, names, given) {
  const directory = mkdtempSync(join(tmpdir(), 'switches-'))
  try {
    const choice = names?.flatMap((name) => ['--instance', name]) ?? []
    const row = given.map((argument) => (argument === '{directory}' ? directory : argument))
    const command = [join(root, 'dist/tsmc.js'), 'check', path, '--reporter', 'json', '--no-diagrams', ...choice, ...row]
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, maxBuffer: 1 << 30, encoding: 'utf8' }).catch((error) => {
      // Not as expected, or incomplete: that is seen in the results.
      if (error.code === 1 || error.code === 3) return error
      throw new Error(`${command.slice(1).join(' ')}\n${error.stderr ?? error.message}`)
    })
    const { instances } = JSON.parse(stdout)
    return new Map(instances.map((result) => [`${result.spec}.${result.instance}`, { path, file: result.file, ...facts(result) }]))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function facts({ verdict, distinct, generated, depth, seconds, violation }) {
  return {
    verdict,
    distinct,
    generated,
    depth,
    seconds,
    property: violation && `${violation.kind} ${violation.name} ${JSON.stringify(violation.parameters)}`,
    steps: violation?.steps,
    trace: violation && JSON.stringify([violation.replay, violation.trace, violation.lasso]),
  }
}

/** How what an instance gave with a switch differs from what it gave without, as texts. */
export function differences(before, after, same) {
  if (after === undefined) return ['was not checked']
  const short = (value) => (String(value).length > 200 ? `${String(value).slice(0, 200)}…` : String(value))
  return same.filter((key) => before[key] !== after[key]).map((key) => `${key} is ${short(after[key])}, and not ${short(before[key])}`)
}

async function main(given) {
  const verbose = given.includes('--verbose')
  const named = given.filter((argument) => argument !== '--verbose')
  const unknown = named.filter((name) => !SWITCHES.some((one) => one.arguments[0] === name))
  if (unknown.length > 0) throw new Error(`no such switch: ${unknown.join(', ')}`)
  const begun = performance.now()
  const elapsed = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`

  const bound = ['--max-states', String(LARGEST)]
  const all = new Map(
    (
      await inTurn(
        PLACES.map(
          ({ path, instances }) =>
            () =>
              checked(path, instances, bound),
        ),
      )
    ).flatMap((results) => [...results]),
  )
  const known = new Map([...all].filter(([name, { verdict }]) => verdict !== 'incomplete' && !LEFT_OUT.has(name)))
  const large = [...all].filter(([, { verdict }]) => verdict === 'incomplete').map(([name]) => name)
  console.log(`${all.size} instances checked with all on, after ${elapsed()}`)
  console.log(`left out, more than ${LARGEST} states: ${large.join(', ')}`)
  for (const [name, why] of LEFT_OUT) console.log(`left out: ${name}: ${why}`)

  const rows = SWITCHES.filter((one) => named.length === 0 || named.includes(one.arguments[0]))
  const selections = rows.map(({ states, where, least = 0, without = [] }) => {
    const fitting = [...known].filter(([, { file }]) => where === undefined || where.test(readFileSync(join(root, file), 'utf8')))
    const names = fitting.filter(([name, { distinct }]) => distinct >= least && distinct <= states && !without.includes(name)).map(([name]) => name)
    return {
      names,
      out: fitting.filter(([, { distinct }]) => distinct > states).length,
      small: fitting.filter(([, { distinct }]) => distinct < least).length,
    }
  })
  // A process per switch and place.
  const tasks = rows.flatMap((row, r) =>
    PLACES.flatMap(({ path }) => {
      const names = selections[r].names.filter((name) => known.get(name).path === path)
      return names.length === 0 ? [] : [{ row, path, names }]
    }),
  )
  // One that fails is told of with the others.
  const failures = []
  const found = await inTurn(
    tasks.map(
      ({ row, path, names }) =>
        () =>
          checked(path, names, row.arguments).catch((error) => {
            failures.push({ row, text: error.message })
            return new Map()
          }),
    ),
  )
  let wrong = 0
  for (const [r, { arguments: words, same, states, why, least, without = [] }] of rows.entries()) {
    const results = new Map(found.flatMap((some, t) => (tasks[t].row === rows[r] ? [...some] : [])))
    const { names, out, small } = selections[r]
    const texts = names.flatMap((name) => differences(known.get(name), results.get(name), same).map((text) => `${name}: ${text}`))
    texts.unshift(...failures.flatMap(({ row, text }) => (row === rows[r] ? [text] : [])))
    if (names.length === 0) texts.push('there is nothing to check it with')
    wrong += texts.length
    console.log(`${words.join(' ')}: ${names.length} instances, ${texts.length === 0 ? 'the same' : 'NOT the same'} ${same.join(', ')}`)
    if (out > 0) console.log(`    left out, because ${why}: ${out} of more than ${states} states`)
    for (const name of without) console.log(`    left out, because ${why}: ${name}`)
    if (small > 0) console.log(`    left out: ${small} of fewer than ${least} states`)
    for (const text of texts) console.log(`    ${text}`)
    const slowest = [...results].sort(([, a], [, b]) => b.seconds - a.seconds).slice(0, verbose ? 5 : 0)
    for (const [name, { seconds }] of slowest) console.log(`    ${name}: ${seconds} s`)
  }
  console.log(`${wrong === 0 ? 'no switch changes anything' : `${wrong} differences`}, after ${elapsed()}`)
  if (wrong > 0) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
