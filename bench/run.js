#!/usr/bin/env node
/** The benchmark: tsmc and its peers on the same models, side by side. `node bench/run.js --help`, and README.md here. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpp, rumur, spin, tlc, tsmc } from './checkers.js'
import { exact, measure } from './measure.js'
import { parseCase } from './peers/generate.js'

const HELP = `usage: npm run bench -- [options]

  --models LIST     ${'philosophers, two-phase, german, bakery'} (default: all)
  --sizes LIST      small, medium, large, huge, largest; or sizes: 11, 3x12, two-phase:8 (default: small)
  --runs N          runs of each, one after the other in turn (default: 3)
  --workers LIST    cores to use in the table of equal work: 1 or 1,2 (default: 1)
  --tables LIST     equal, best (default: both)
  --checkers LIST   tsmc, c++, spin, rumur, tlc (default: all that are installed)
  --timeout S       end a run after this many seconds (default: 600)
  --write           write bench/RESULTS.md
  --keep            keep the directory with the peers' models and programs

TLC runs where the environment variable TLA2TOOLS names a tla2tools.jar.
Exit codes: 0 everybody agrees; 1 counts differ, or tsmc failed; 2 wrong usage.
`
const SIZES = JSON.parse(readFileSync(new URL('sizes.json', import.meta.url), 'utf8'))
const GROUPS = ['small', 'medium', 'large', 'huge', 'largest']

/** A mistake on the command line. */
class Usage extends Error {}

function options() {
  const string = { type: 'string' }
  const flag = { type: 'boolean', default: false }
  let values
  try {
    ;({ values } = parseArgs({
      options: {
        ...{ models: string, sizes: string, workers: string, tables: string, checkers: string, runs: string, timeout: string },
        ...{ write: flag, keep: flag, help: { ...flag, short: 'h' } },
      },
    }))
  } catch (error) {
    throw new Usage(error.message)
  }
  const list = (name, standard, allowed) => {
    const items = (values[name] ?? standard).split(',').map((item) => item.trim().toLowerCase())
    const wrong = items.find((item) => allowed && !allowed.includes(item))
    if (wrong !== undefined) throw new Usage(`--${name}: there is no ${wrong}; there are ${allowed.join(', ')}`)
    return items
  }
  const number = (name, text) => {
    const n = Number(text)
    if (!Number.isInteger(n) || n < 1) throw new Usage(`--${name} takes a whole number from 1 on, not ${text}`)
    return n
  }
  const models = list('models', Object.keys(SIZES).join(','), Object.keys(SIZES))
  return {
    cases: list('sizes', 'small').flatMap((size) => casesOf(size, models)),
    runs: number('runs', values.runs ?? 3),
    workers: list('workers', '1').map((n) => number('workers', n)),
    tables: list('tables', 'equal,best', ['equal', 'best']),
    checkers: list('checkers', 'tsmc,c++,spin,rumur,tlc', ['tsmc', 'c++', 'spin', 'rumur', 'tlc']),
    timeout: number('timeout', values.timeout ?? 600),
    ...{ write: values.write, keep: values.keep, help: values.help },
  }
}

/** The cases that a word of --sizes names. */
function casesOf(size, models) {
  const made = (model, name) => {
    try {
      const { constants } = parseCase(`${model}:${name}`)
      return { model, size: name, constants, known: SIZES[model]?.[name] }
    } catch (error) {
      throw new Usage(error.message)
    }
  }
  if (size.includes(':')) return [made(...size.split(':'))]
  const found = models.flatMap((model) => {
    if (GROUPS.includes(size))
      return Object.keys(SIZES[model])
        .filter((name) => SIZES[model][name].group === size)
        .map((name) => made(model, name))
    return Object.hasOwn(SIZES[model], size) ? [made(model, size)] : []
  })
  if (found.length > 0 || GROUPS.includes(size)) return found
  if (models.length === 1) return [made(models[0], size)]
  throw new Usage(`--sizes: no model has the size ${size} in its table; name the model, as in two-phase:${size}`)
}

/** Equal work: every transition of every state is taken, by everybody, on as many cores; states are stored exactly. */
const equalWork = (workers) =>
  workers.flatMap((cores) => [
    tsmc({ cores }),
    cpp({ cores }),
    ...(cores === 1 ? [spin({ cores, mode: 'dfs' }), spin({ cores, mode: 'bfs' })] : [spin({ cores, mode: 'bfs-par' })]),
    rumur({ cores }),
    tlc({ cores }),
  ])

/** Best settings: all cores, and whatever makes a checker's work less. An approximation says so in its name. */
const bestSettings = (cores, workers) => [
  tsmc({ cores: workers, hugePages: true }),
  cpp({ cores }),
  spin({ cores: 1, mode: 'dfs', reduction: true }),
  spin({ cores, mode: 'bfs-par' }),
  spin({ cores, mode: 'bfs-par', compact: true }),
  rumur({ cores }),
  rumur({ cores, symmetry: true }),
  tlc({ cores }),
]

const say = (text) => console.error(text)
const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
/** Whether two printed counts can be the same number, as far as both are printed. */
function same(a, b) {
  const digits = Math.min(a.digits, b.digits)
  return digits === Infinity ? a.value === b.value : Math.abs(a.value - b.value) <= 10 ** (Math.ceil(Math.log10(b.value)) - digits)
}

/**
 * Runs the contenders on a case, in turn. Gives one row per contender:
 * { contender, compile, runs: [{ wall, cpu, peak, seconds }], distinct, transitions } or { contender, failed }.
 */
async function contest(one, contenders, directory, { runs, timeout }) {
  const rows = contenders
    .filter((contender) => contender.applies(one))
    .map((contender) => ({ contender, compile: 0, compiles: false, runs: [], failed: null }))
  for (const [i, row] of rows.entries()) {
    row.one = { ...one, directory: join(directory, `${one.model}-${one.size}-${i}`) }
    mkdirSync(row.one.directory, { recursive: true })
    for (const command of row.contender.build(row.one)) {
      const built = await measure(command, { cwd: row.one.directory, timeout })
      row.compile += built.wall
      row.compiles = true
      if (built.code !== 0) row.failed ??= `${command[0]} failed: ${`${built.stderr}${built.stdout}`.trim().split('\n')[0]}`
    }
  }
  let states = one.known?.distinct
  for (let round = 0; round < runs; round++) {
    // Another one begins each time, so that nobody always runs after the same neighbour.
    for (let i = 0; i < rows.length; i++) {
      const row = rows[(i + round) % rows.length]
      if (row.failed !== null) continue
      const { contender } = row
      const command = contender.run({ ...row.one, states: states ?? 1e7 })
      const measured = await measure(command, { cwd: row.one.directory, env: contender.env, timeout })
      const read = measured.stopped ? { failed: `ended after ${timeout} s` } : contender.read(measured)
      if (read.failed !== undefined) {
        row.failed = read.failed
        continue
      }
      states ??= read.distinct.value
      row.distinct ??= read.distinct
      row.transitions ??= read.transitions
      if (!same(read.distinct, row.distinct) || !same(read.transitions, row.transitions)) row.unsteady = true
      row.runs.push({ wall: measured.wall, cpu: measured.cpu, peak: Math.max(measured.peak ?? 0, read.peak ?? 0) || null, seconds: read.seconds })
      say(`  ${contender.name}, ${cores(contender)}: ${measured.wall.toFixed(2)} s`)
    }
  }
  for (const row of rows) if (row.failed !== null) say(`  ${row.contender.name}, ${cores(row.contender)}: ${row.failed}`)
  return rows
}

const cores = (contender) => `${contender.cores} core${contender.cores === 1 ? '' : 's'}`
const label = ({ model, size }) => `${model} ${size}`

/** What is wrong with the counts of a case, in words; empty where everybody agrees. */
function differences(one, rows) {
  const measured = rows.filter((row) => row.failed === null)
  const exactOnes = measured.filter(({ contender }) => !contender.reduced)
  const wanted = one.known
    ? {
        who: 'sizes.json',
        distinct: { value: one.known.distinct, digits: Infinity },
        transitions: { value: one.known.transitions, digits: Infinity },
      }
    : exactOnes[0] && { who: exactOnes[0].contender.name, ...exactOnes[0] }
  const wrong = []
  for (const { contender, unsteady } of measured) {
    if (unsteady && !contender.reduced) wrong.push(`${label(one)}: ${contender.name} counts differently from run to run`)
  }
  for (const { contender, distinct, transitions } of exactOnes) {
    for (const [what, count, expected] of [
      ['distinct states', distinct, wanted.distinct],
      ['transitions', transitions, wanted.transitions],
    ]) {
      if (!same(count, expected)) wrong.push(`${label(one)}: ${contender.name} has ${count.value} ${what}, ${wanted.who} has ${expected.value}`)
    }
  }
  for (const { contender, failed } of rows)
    if (failed !== null && contender.name.startsWith('tsmc')) wrong.push(`${label(one)}: ${contender.name} failed: ${failed}`)
  return wrong
}

const seconds = (n) => (n === null || Number.isNaN(n) ? '' : n.toFixed(n < 10 ? 2 : 1))
const grouped = (n) => Math.round(n).toLocaleString('en-US')
const ofRuns = (row, what) => {
  const numbers = row.runs.map((run) => run[what])
  return numbers.some((n) => n === null || Number.isNaN(n)) ? null : median(numbers)
}

/** How many times tsmc's wall time a row takes: the median over the rounds, each compared within itself. */
function ratio(row, tsmcRow, compile = 0) {
  if (!tsmcRow || row.failed !== null || tsmcRow.failed !== null) return null
  return median(row.runs.map(({ wall }, i) => (wall + compile) / tsmcRow.runs[i].wall))
}
/** tsmc on as many cores; where it does not use several, on one. */
function opposite(rows, wanted) {
  const ours = rows.filter(({ contender, failed }) => contender.name.startsWith('tsmc') && failed === null)
  return ours.find(({ contender }) => contender.cores === wanted) ?? ours[0]
}

const HEADER = [
  'model',
  'checker',
  'cores',
  'distinct',
  'transitions',
  'wall s',
  'from … to',
  'search s',
  'CPU s',
  'peak MiB',
  'bytes/state',
  'compile s',
  '/ tsmc',
  'with compile',
]
const LEFT = 2

function tableOf(results) {
  const lines = [HEADER, HEADER.map((_, i) => (i < LEFT ? '---' : '---:'))]
  for (const { one, rows } of results) {
    for (const row of rows) {
      const { contender } = row
      const start = [label(one), contender.name, contender.cores]
      if (row.failed !== null) {
        lines.push([...start, row.failed.replaceAll('|', '/'), ...Array(HEADER.length - 4).fill('')])
        continue
      }
      const ours = opposite(rows, contender.cores)
      const [walls, peak] = [row.runs.map(({ wall }) => wall), ofRuns(row, 'peak')]
      const times = (n) => (n === null || row === ours ? '' : n.toFixed(n < 10 ? 2 : 1))
      lines.push([
        ...start,
        grouped(row.distinct.value),
        grouped(row.transitions.value),
        seconds(median(walls)),
        `${seconds(Math.min(...walls))} … ${seconds(Math.max(...walls))}`,
        seconds(ofRuns(row, 'seconds')),
        seconds(ofRuns(row, 'cpu')),
        peak === null ? '' : grouped(peak / 2 ** 20),
        peak === null ? '' : (peak / row.distinct.value).toFixed(0),
        row.compiles ? seconds(row.compile) : '',
        times(ratio(row, ours)),
        row.compiles ? times(ratio(row, ours, row.compile)) : '',
      ])
    }
  }
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** Said of states that fit into 64 bits: the goals for models of a million states and more, on equal work. */
const MILLION = 1e6
function goalsOf(results) {
  const lines = []
  for (const { one, rows } of results) {
    const measured = rows.filter((row) => row.failed === null)
    const [ours, twice] = [1, 2].map((n) => measured.find(({ contender }) => contender.name === 'tsmc' && contender.cores === n))
    if (!ours || ours.distinct.value < MILLION) continue
    const single = (name) =>
      measured.filter(({ contender }) => contender.cores === 1 && contender.name.startsWith(name)).map((row) => ratio(row, ours))
    const goal = (what, value, met, digits = 1) => {
      if (Number.isFinite(value)) lines.push(`| ${label(one)} | ${what} | ${value.toFixed(digits)} | ${met(value) ? 'met' : 'missed'} |`)
    }
    goal('at least 3 times faster than SPIN’s best mode, one core', Math.min(...single('SPIN')), (n) => n >= 3)
    goal('at least 20 times faster than Rumur, one core', single('Rumur')[0], (n) => n >= 20)
    goal('at least 40 times faster than TLC, one core', single('TLC')[0], (n) => n >= 40)
    goal('within 4 times of C++ by hand, one core', 1 / single('C++')[0], (n) => n <= 4)
    goal('two workers at least 1.7 times one', twice ? ratio(ours, twice) : Number.NaN, (n) => n >= 1.7, 2)
    goal('at most 24 bytes per state, all told', ofRuns(ours, 'peak') / ours.distinct.value, (n) => n <= 24)
  }
  return lines.length === 0 ? '' : ['| model | goal | measured | |', '|---|---|---:|---|', ...lines].join('\n')
}

/** Which contenders can run here, and what is to be said of the others. */
function present(contenders, wanted, skipped, versions) {
  return contenders.filter((contender) => {
    const checker = contender.name.split(/[ ,]/)[0].toLowerCase()
    if (!wanted.includes(checker)) return false
    const version = contender.version()
    if (typeof version === 'string') versions.set(checker === 'c++' ? 'g++' : checker, version)
    else skipped.add(`${contender.name}, ${cores(contender)}: ${version.missing}`)
    return typeof version === 'string'
  })
}

function revision() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: fileURLToPath(new URL('..', import.meta.url)), encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

async function main() {
  const chosen = options()
  if (chosen.help) {
    console.log(HELP.trimEnd())
    return 0
  }
  const load = loadavg()[0]
  const noisy = load > 0.3
  if (noisy) say(`The machine is not quiet (load ${load.toFixed(2)}): the times are noisy.`)
  const [skipped, versions] = [new Set(), new Map([['node', process.version]])]
  const all = availableParallelism()
  const several = present([tsmc({ cores: all })], ['tsmc'], new Set(), new Map()).length > 0 ? all : 1
  const tables = {
    equal: present(equalWork(chosen.workers), chosen.checkers, skipped, versions),
    best: present(bestSettings(all, several), chosen.checkers, skipped, versions),
  }
  for (const text of skipped) say(`skipped: ${text}`)

  const directory = mkdtempSync(join(tmpdir(), 'tsmc-bench-'))
  const results = { equal: [], best: [] }
  const wrong = []
  try {
    for (const table of chosen.tables) {
      for (const one of chosen.cases) {
        say(`${label(one)}, ${table === 'equal' ? 'equal work' : 'best settings'}`)
        const rows = await contest(one, tables[table], join(directory, table), chosen)
        results[table].push({ one, rows })
        wrong.push(...differences(one, rows))
      }
    }
  } finally {
    if (chosen.keep) say(`kept: ${directory}`)
    else rmSync(directory, { recursive: true, force: true })
  }

  const machine = [`${cpus()[0]?.model ?? 'unknown processor'}, ${all} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${type()} ${release()}`]
  const sections = [
    `* ${new Date().toISOString().slice(0, 10)}, revision ${revision()}, ${chosen.runs} run${chosen.runs === 1 ? '' : 's'} each, in turn; medians`,
    `* ${machine}${noisy ? `; **not quiet** (load ${load.toFixed(2)} before): the times are noisy` : ''}`,
    `* ${[...versions].map(([name, version]) => (version.toLowerCase().includes(name) ? version : `${name} ${version}`)).join('; ')}`,
    ...[...skipped].map((text) => `* skipped: ${text}`),
    ...(exact ? [] : ['* without GNU time: CPU and memory were looked at every 5 ms']),
  ]
  const goals = goalsOf(results.equal)
  const texts = [
    '# Results',
    'What the columns mean: [README.md](README.md).',
    sections.join('\n'),
    ...(results.equal.length > 0 ? ['## Equal work', tableOf(results.equal)] : []),
    ...(results.best.length > 0 ? ['## Best settings', tableOf(results.best)] : []),
    ...(goals === '' ? [] : ['## Goals', goals]),
    ...(wrong.length > 0 ? ['## Wrong', wrong.map((text) => `* ${text}`).join('\n')] : []),
  ]
  const markdown = `${texts.join('\n\n')}\n`
  process.stdout.write(markdown)
  if (chosen.write) writeFileSync(new URL('RESULTS.md', import.meta.url), markdown)
  for (const text of wrong) say(`wrong: ${text}`)
  return wrong.length > 0 ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Usage)) throw error
  console.error(`${error.message}\n\n${HELP.trimEnd()}`)
  process.exitCode = 2
}
