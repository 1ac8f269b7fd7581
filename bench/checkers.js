/**
 * The checkers: how each is found, built for a case, run, and understood.
 *
 * A contender is one checker with one set of settings:
 *
 *     name       as the tables have it; its checker is the first word
 *     cores      how many it uses
 *     reduced    its counts may be smaller than the others': a reduction, or an approximation, is on
 *     version    what is installed, or { missing: why not }
 *     build      commands that run before, once per case; their time is the compile time
 *     run        the command that is measured; `states` is how many to expect
 *     read       { distinct, transitions, seconds } from its output, or { failed: why }
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { murphi, PEER_NAMES, promela, SYMMETRIC, tlaConfiguration } from './peers/generate.js'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const TSMC = at('../dist/tsmc.js')
const CONSTANTS = { philosophers: ['n'], 'two-phase': ['managers'], german: ['nodes'], bakery: ['processes', 'highest'] }
const MEGABYTES = Math.floor((totalmem() / 2 ** 20) * 0.9)

const asked = new Map()
/** What a command prints, stdout and stderr, or null where it is absent. */
function ask(command, ...args) {
  const key = [command, ...args].join(' ')
  if (!asked.has(key)) {
    const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    asked.set(key, error ? null : `${stdout}${stderr}`.trim())
  }
  return asked.get(key)
}
const firstLine = (text) => text.split('\n')[0]
const compiler = (name) => ask(name, '--version') !== null
const log2 = (n) => Math.ceil(Math.log2(n))

/** A number that may have been rounded for printing, as SPIN does from 1e8 on: `digits` are right. */
function printed(text) {
  const digits = text.includes('e') ? text.split('e')[0].replace(/\D/g, '').length : Infinity
  return { value: Number(text), digits }
}

export function tsmc({ cores, hugePages = false }) {
  return {
    name: hugePages ? 'tsmc, huge pages' : 'tsmc',
    cores,
    reduced: false,
    version() {
      if (!existsSync(TSMC)) return { missing: 'dist/ is not there: npm run build' }
      if (cores > 1 && !ask(process.execPath, TSMC, 'check', '--help').includes('--workers')) return { missing: 'this version has no --workers' }
      return `tsmc ${firstLine(ask(process.execPath, TSMC, '--version'))}`
    },
    applies: () => true,
    build: () => [],
    run: ({ model, constants, known }) => {
      // The instance of a known size states its numbers, so that tsmc checks them too.
      const which = known ? ['--instance', constants.join(',')] : constants.flatMap((value, i) => ['--set', `${CONSTANTS[model][i]}=${value}`])
      const workers = cores > 1 ? ['--workers', String(cores)] : []
      return [process.execPath, TSMC, 'check', at(`models/${model}.ts`), ...which, ...workers, '--reporter', 'json', '--no-diagrams']
    },
    env: hugePages ? { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' } : {},
    read: ({ stdout, stderr }) => {
      if (!stdout.startsWith('{')) return { failed: firstLine(stderr) || 'no result' }
      const { verdict, distinct, generated, seconds, expected, warnings } = JSON.parse(stdout).instances[0]
      if (verdict !== 'holds' || !expected) return { failed: warnings[0]?.text ?? verdict }
      return { distinct: printed(`${distinct}`), transitions: printed(`${generated - 1}`), seconds }
    },
  }
}

/** `mode`: dfs, bfs, or bfs-par, which uses several cores; stores whole states unless it is told to compact them. */
export function spin({ cores, mode, reduction = false, compact = false }) {
  const options = { dfs: [], bfs: ['-DBFS'], 'bfs-par': ['-DBFS_PAR', ...(compact ? [] : ['-DNO_HC'])] }[mode]
  return {
    name: `SPIN ${mode}${reduction ? ', partial order' : ''}${compact ? ', hash-compact' : ''}`,
    cores,
    reduced: reduction || compact,
    version() {
      const version = ask('spin', '-V')
      if (version === null) return { missing: 'spin is not installed' }
      return compiler('gcc') ? firstLine(version) : { missing: 'spin needs gcc' }
    },
    applies: () => true,
    build: ({ model, constants, directory }) => {
      writeFileSync(join(directory, 'model.pml'), promela[model](constants))
      const settings = ['-DSAFETY', ...(reduction ? [] : ['-DNOREDUCE']), `-DMEMLIM=${MEGABYTES}`, ...options]
      return [
        ['spin', '-a', 'model.pml'],
        ['gcc', '-O2', '-march=native', '-w', ...settings, 'pan.c', '-o', 'pan'],
      ]
    },
    // The parallel search has a table that does not grow; it takes twice the states. The depth-first one needs a stack as deep as its path.
    run: ({ states }) => {
      const table = `-w${Math.max(16, log2(states) + (mode === 'bfs-par' ? 1 : 0))}`
      return ['./pan', table, '-n', ...(mode === 'dfs' ? [`-m${states + 10}`] : []), ...(mode === 'bfs-par' ? [`-u${cores}`] : [])]
    },
    env: {},
    read: ({ stdout, stderr }) => {
      const stored = /([\d.e+]+) states, stored/.exec(stdout)
      const taken = /([\d.e+]+) transitions/.exec(stdout)
      const trouble = /^.*(max search depth too small|out of memory|reached -DMEMLIM|hashtable full|hash table full|not completed).*$/im.exec(
        stdout + stderr,
      )
      if (trouble) return { failed: trouble[0].trim() }
      if (!stored || !taken) return { failed: firstLine(stderr) || 'no result' }
      if (!/errors: 0\b/.test(stdout)) return { failed: 'reports an error' }
      const transitions = printed(taken[1])
      // Its transitions are stored and matched states, so the initial one is among them.
      if (transitions.digits === Infinity) transitions.value -= 1
      const shared = /([\d.]+)\s+total shared memory usage/.exec(stdout)
      return {
        distinct: printed(stored[1]),
        transitions,
        seconds: Number(/elapsed time ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN),
        // Of several processes the kernel tells the largest alone; what they share SPIN itself says.
        ...(shared ? { peak: Number(shared[1]) * 2 ** 20 } : {}),
      }
    },
  }
}

export function rumur({ cores, symmetry = false }) {
  return {
    name: symmetry ? 'Rumur, symmetry' : 'Rumur',
    cores,
    reduced: symmetry,
    version() {
      const version = ask('rumur', '--version')
      if (version === null) return { missing: 'rumur is not installed' }
      return compiler('gcc') ? firstLine(version) : { missing: 'rumur needs gcc' }
    },
    applies: ({ model }) => !symmetry || SYMMETRIC.includes(model),
    build: ({ model, constants, directory }) => {
      writeFileSync(join(directory, 'model.m'), murphi[model](constants, symmetry))
      const reduction = `--symmetry-reduction=${symmetry ? 'heuristic' : 'off'}`
      return [
        ['rumur', '--threads', String(cores), reduction, '--deadlock-detection=stuck', '--quiet', 'model.m', '--output', 'model.c'],
        ['gcc', '-O3', '-march=native', '-mcx16', '-w', 'model.c', '-o', 'model', '-lpthread'],
      ]
    },
    run: () => ['./model'],
    env: {},
    read: ({ stdout, stderr }) => {
      const counts = /(\d+) states, (\d+) rules fired in/.exec(stdout)
      if (!counts || !stdout.includes('No error found')) return { failed: firstLine(stderr) || 'no result, or an error' }
      // It tells whole seconds only.
      return { distinct: printed(counts[1]), transitions: printed(counts[2]), seconds: Number.NaN }
    },
  }
}

/** A breadth-first search written by hand for these models: what the machine can do. It keeps no parents, so it could show no trace. */
export function cpp({ cores }) {
  return {
    name: 'C++ by hand',
    cores,
    reduced: false,
    version: () => (compiler('g++') ? firstLine(ask('g++', '--version')) : { missing: 'g++ is not installed' }),
    applies: () => true,
    build: ({ model, constants, directory }) => {
      for (const file of ['bfs.cpp', 'models.hpp']) copyFileSync(at(`peers/cpp/${file}`), join(directory, file))
      const [n, k] = constants
      const defines = [`-DMODEL=${PEER_NAMES[model]}`, `-DN=${n}`, ...(k === undefined ? [] : [`-DK=${k}`])]
      return [['g++', '-O3', '-march=native', '-std=c++17', '-pthread', '-w', ...defines, 'bfs.cpp', '-o', 'bfs']]
    },
    // A table that is at most 70 % full.
    run: ({ states }) => ['./bfs', String(Math.max(16, log2(states / 0.7))), String(cores)],
    env: {},
    read: ({ stdout, stderr }) => {
      const found = /distinct (\d+) transitions (\d+) depth \d+ bad (\d+) wall ([\d.]+)/.exec(stdout)
      if (!found) return { failed: firstLine(stderr) || 'no result' }
      if (found[3] !== '0') return { failed: 'an invariant is violated' }
      return { distinct: printed(found[1]), transitions: printed(found[2]), seconds: Number(found[4]) }
    },
  }
}

/** Only where the environment variable TLA2TOOLS names a tla2tools.jar. */
export function tlc({ cores }) {
  const jar = process.env.TLA2TOOLS
  return {
    name: 'TLC',
    cores,
    reduced: false,
    version() {
      if (!jar) return { missing: 'TLA2TOOLS names no tla2tools.jar' }
      if (!existsSync(jar)) return { missing: `${jar} is not there` }
      const java = ask('java', '-version')
      if (java === null) return { missing: 'java is not installed' }
      const version = /TLC2 Version .*/.exec(ask('java', '-cp', jar, 'tlc2.TLC', '-h') ?? '')
      return `${version?.[0] ?? 'TLC'}, ${firstLine(java)}`
    },
    applies: () => true,
    build: ({ model, constants, directory }) => {
      const name = PEER_NAMES[model]
      writeFileSync(join(directory, `${name}.tla`), readFileSync(at(`peers/tla/${name}.tla`)))
      writeFileSync(join(directory, `${name}.cfg`), tlaConfiguration(model, constants))
      return []
    },
    run: ({ model, directory }) => {
      const java = ['java', '-XX:+UseParallelGC', '-XX:MaxRAMPercentage=70', '-cp', jar, 'tlc2.TLC']
      return [...java, '-workers', String(cores), '-metadir', join(directory, 'states'), '-cleanup', PEER_NAMES[model]]
    },
    env: {},
    read: ({ stdout }) => {
      const counts = [...stdout.matchAll(/^(\d+) states generated, (\d+) distinct states found/gm)].at(-1)
      if (!counts || !stdout.includes('No error has been found')) return { failed: /^Error: .*/m.exec(stdout)?.[0] ?? 'no result' }
      return { distinct: printed(counts[2]), transitions: printed(`${counts[1] - 1}`), seconds: Number.NaN }
    },
  }
}
