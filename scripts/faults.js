/**
 * The fault campaign: what the command says when something goes wrong, in every phase of a run. In each case the verdict is right, or there is an error with
 * an exit code of its own; there is a word in either case; no file is half written; and a store can be gone on with.
 *
 *     npm run faults                      all cases; ends with 1 where one is wrong
 *     npm run faults -- --part 10         every tenth case of each kind
 *     npm run faults -- --write           also writes into the table of docs/faults.md what was run as a whole
 *     npm run faults -- kills/search      cases of one kind, or of one kind in one phase
 *
 * It ends with 1 as well where the table lacks cases.
 *
 * Needs bash and Linux. What is random comes from --seed, and a case's name with the seed makes it again.
 */
import { spawn } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const TSMC = join(root, 'dist/tsmc.js')
const PHASES = ['load', 'search', 'end of a level', 'trace', 'report', 'exit']
const EACH = 15

const wanted = []
let part = 1
let write = false
let seed = 1
for (let args = process.argv.slice(2); args.length > 0; ) {
  const arg = args.shift()
  if (arg === '--part') part = Number(args.shift())
  else if (arg === '--seed') seed = Number(args.shift())
  else if (arg === '--write') write = true
  else wanted.push(arg)
}

/** Numbers from 0 to 1 that depend on a text alone (FNV-1a, then xorshift). */
function randomOf(text) {
  let x = 2166136261
  for (const c of `${seed} ${text}`) x = Math.imul(x ^ c.codePointAt(0), 16777619) >>> 0
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x / 2 ** 32
  }
}

// --- specs

/** A long walk, violated at its end, which says when it has come to each phase. */
const walk = ({ load = '', build = '', act = '', test = '', show = '', exit = '', top = 400 } = {}) => `import { int, model, spec, value } from 'tsmc'
void [int, value]
${load}
export default spec('walk', { top: ${top} }, ({ top }) => {
  ${build}
  const m = model({ x: int(0, 10000), y: int(0, 60) })
  m.action('Up', (s) => {
    ${act}
    s.x = s.x < top ? s.x + 1 : 0
  })
  m.action('Other', (s) => {
    s.y = (s.y + 1) % 20
  })
  m.invariant('Small', (s) => {
    ${test}
    return s.x < top
  })
  ${show}
  return m
}).instance('it', {}, { violates: 'Small', steps: ${top} })
${exit}
`
/** Some tenths of a second: clocks are refused. */
const BUSY = 'for (let i = 0; i < 3e8; i++);'

// --- running

/** `harm` is done to the files while the process is stopped, `signal` is sent so many milliseconds after it says `until`. */
function run(cwd, command, { until, signal, harm, delay = 0, env = {}, limit = 120_000 } = {}) {
  return new Promise((resolve) => {
    const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
    const child = spawn('bash', ['-c', `trap '' XFSZ; ${command}`], {
      cwd,
      env: { ...inherited, ...env, TSMC, NODE: process.execPath },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let stdout = ''
    let stderr = ''
    let sent = false
    const timer = setTimeout(() => kill('SIGKILL', true), limit)
    let hung = false
    const kill = (name, late = false) => {
      if (late) hung = true
      try {
        process.kill(-child.pid, name)
      } catch {
        // It has ended meanwhile.
      }
    }
    const look = () => {
      if (sent || until === undefined || !until.test(stdout + stderr)) return
      sent = true
      if (harm === undefined) setTimeout(() => kill(signal), delay)
      else {
        kill('SIGSTOP')
        try {
          harm()
        } finally {
          kill('SIGCONT')
        }
      }
    }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      look()
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
      look()
    })
    child.on('close', (code, name) => {
      clearTimeout(timer)
      resolve({ code: code ?? name, stdout, stderr, hung, sent })
    })
  })
}

const CHECK = 'exec "$NODE" "$TSMC" check'

// --- judging

/** Files that have the right name and are not whole. */
function halfWritten(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name)
    if (!statSync(path).isFile()) return false
    if (name.endsWith('.svg')) return !/<\/svg>\s*$/.test(readFileSync(path, 'utf8'))
    if (name.endsWith('.dot')) return !/\}\s*$/.test(readFileSync(path, 'utf8'))
    return false
  })
}

/** The class of an outcome, or what is wrong with it: a text that begins with "!". `right` is what the exit code is where nothing goes wrong. */
function judge(
  { code, stdout, stderr, hung },
  { right = 0, says = /walk it: violated as expected: Small in \d+ steps/, killed = false, stack = false, folder },
) {
  if (hung) return '! it never ended'
  const half = folder === undefined ? [] : halfWritten(folder)
  if (half.length > 0) return `! half written: ${half.join(', ')}`
  if (code === right) {
    if (says !== null && !says.test(stdout)) return `! exit ${code} without the verdict`
    return 'verdict'
  }
  // Node.js itself has no stack to begin with.
  if (code === 'SIGSEGV' && stack) return 'Node.js'
  if (code === 'SIGKILL' || code === 137) return killed ? 'killed' : '! killed by nobody'
  if (typeof code === 'string' || code > 128) return stderr.trim() === '' && !killed ? `! ${code} without a word` : `signal`
  if (code === 0 || code > 4) return `! exit ${code}`
  if (stderr.trim() === '' && stdout.trim() === '') return `! exit ${code} without a word`
  if (code === 1) return '! exit 1, but nothing is unexpected'
  return `code ${code}`
}

// --- cases

const cases = []
const add = (kind, phase, count, make) => {
  for (let i = 0; i < count; i++) cases.push({ kind, phase, name: `${kind}/${phase}/${i}`, i, make })
}

/** Signals at a moment that the spec tells, or that shows in the output, or in the files of a store. */
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']
const MOMENTS = {
  load: { spec: walk({ load: `console.log('now'); ${BUSY}` }), until: /now/, longest: 200 },
  search: { spec: walk({ act: "if (s.x === 50) console.log('now')" }), until: /now/, longest: 60 },
  'end of a level': { spec: walk({ act: "if (s.x === 20) console.log('now')", top: 60 }), until: /now/, longest: 1500, store: true },
  trace: { spec: walk({ test: "if (s.x === top) console.log('now')", top: 900 }), until: /now/, longest: 80 },
  report: { spec: walk({ top: 300 }), until: /violated/, longest: 30 },
  exit: { spec: walk({ top: 30 }), until: /diagram:|learned leaves/, longest: 15 },
}
for (const [phase, { spec, until, longest, store }] of Object.entries(MOMENTS))
  add('kills', phase, EACH, async ({ at, random, i }) => {
    writeFileSync(join(at, 'walk.ts'), spec)
    const signal = SIGNALS[i % SIGNALS.length]
    const options = store ? '--store st --no-diagrams' : '--out out'
    const ended = await run(at, `${CHECK} walk.ts ${options}`, { until, signal, delay: random() * longest })
    const outcome = judge(ended, { killed: signal === 'SIGKILL', folder: join(at, 'out') })
    if (!store || outcome.startsWith('!')) return outcome
    const again = await run(at, `${CHECK} walk.ts --resume st --no-diagrams || exec "$NODE" "$TSMC" check walk.ts --store other --no-diagrams`)
    const resumed = judge(again, {})
    return resumed === 'verdict' ? outcome : `! resumed: ${resumed} ${again.stderr.slice(0, 200)}`
  })

/** Disks that are full: files may have so many kilobytes. */
for (const phase of ['load', 'search', 'end of a level'])
  add('full disks', phase, EACH, async ({ at, i }) => {
    writeFileSync(join(at, 'walk.ts'), walk({ top: phase === 'load' ? 20 : 80 }))
    const kilobytes = phase === 'load' ? i : phase === 'search' ? 4 + i * 3 : 12 + i * 8
    const options = phase === 'load' ? '--no-diagrams' : '--store st --no-diagrams'
    const outcome = judge(await run(at, `ulimit -f ${kilobytes}; ${CHECK} walk.ts ${options}`), {})
    if (phase === 'load' || outcome.startsWith('!')) return outcome
    const fresh = existsSync(join(at, 'st')) ? '--resume st' : '--store st'
    const again = await run(at, `${CHECK} walk.ts ${fresh} --no-diagrams || exec "$NODE" "$TSMC" check walk.ts --store other --no-diagrams`)
    const resumed = judge(again, {})
    return resumed === 'verdict' ? outcome : `! resumed: ${resumed} ${again.stderr.slice(0, 200)}`
  })
for (const phase of ['trace', 'report'])
  add('full disks', phase, EACH, async ({ at, i }) => {
    writeFileSync(join(at, 'walk.ts'), walk({ top: phase === 'trace' ? 200 : 40 + i * 10 }))
    return judge(await run(at, `ulimit -f ${8 + i * 4}; ${CHECK} walk.ts --out out`), { folder: join(at, 'out') })
  })
add('full disks', 'exit', EACH, async ({ at, i }) => {
  writeFileSync(join(at, 'walk.ts'), walk({ top: 100 }))
  const [json, to] = [i % 2 === 0 ? '-r json' : '', i < 4 ? '/dev/full' : 'result']
  const ended = await run(at, `ulimit -f ${8 + i}; ${CHECK.replace('exec ', '')} walk.ts --no-diagrams ${json} >${to}; echo "exit $?" >&2`)
  const code = Number(/exit (\d+)/.exec(ended.stderr)?.[1])
  if (code === 0) return to === 'result' && /violated/.test(readFileSync(join(at, to), 'utf8')) ? 'verdict' : '! exit 0 with results lost'
  return code === 1 || code === 3 || code > 4 ? `! exit ${code}` : `code ${code}`
})

/** Limits of the process. */
const LIMITS = {
  load: (i) => `ulimit -n ${18 + i * 2}`,
  search: (i) => `ulimit -v ${[700, 900, 1000, 1200, 1500, 1800, 2000, 2500, 3000, 4000, 5000, 6000, 8000, 12000, 16000][i] * 1000}`,
  'end of a level': (i) => `ulimit -n ${24 + i * 2}`,
  trace: (i) => `export NODE_OPTIONS=--max-old-space-size=${12 + i * 6}`,
  report: (i) => `ulimit -s ${[64, 100, 200, 300, 400, 500, 600, 700, 800, 1000, 2000, 3000, 4000, 8000, 16000][i]}`,
  exit: (i) => `ulimit -v ${(1 + i) * 1200000}`,
}
for (const [phase, limit] of Object.entries(LIMITS))
  add('limits', phase, EACH, async ({ at, i }) => {
    writeFileSync(join(at, 'walk.ts'), walk({ top: 200 }))
    const store = phase === 'end of a level' ? '--store st' : phase === 'exit' ? '--workers 2 --workers-from 1' : ''
    // What Node.js itself says where it cannot begin is not ours; it has to be no verdict.
    const ended = await run(at, `${limit(i)}; ${CHECK} walk.ts --out out ${store}`)
    const outcome = judge(ended, { folder: join(at, 'out'), stack: phase === 'report' || phase === 'exit' })
    const before =
      /^(?:! (?:exit (?:1[,]? .*|\d+)|SIG\w+|\d+).*|signal)$/.test(outcome) &&
      !/walk it/.test(ended.stdout) &&
      /node|Node|Fatal|#|Assertion|bash|library/.test(ended.stderr)
    return before ? 'Node.js' : outcome
  })

/**
 * Stores with a flipped bit, a truncated file, one that is longer, a file of another run, none at all: at rest, before a search is gone on with (load) or a
 * finished one is told again (report); and while the process works on it, stopped for the moment: in a level, in the first level after it was gone on with,
 * before a trace is read, and when the verdict is told.
 */
const DAMAGES = ['flip', 'truncate', 'other', 'remove', 'grow']

/** What a file of another run holds that is not the same: of the same name, or of the same kind. */
function ofAnother(folder, file, bytes) {
  const ending = file.split('.').at(-1)
  const like = [file, ...readdirSync(folder).sort()]
    .filter((name) => name.endsWith(`.${ending}`) && existsSync(join(folder, name)))
    .map((name) => readFileSync(join(folder, name)))
  return like.find((other) => !other.equals(bytes)) ?? Buffer.from('{}\n')
}

/** Damages one file of a store in place. Gives its name, or null where there is none yet. `another`: the store of another run. */
function damage(kind, folder, another, random) {
  const files = readdirSync(folder)
    .filter((name) => /\.(?:parquet|jsonl|json)$/.test(name) && statSync(join(folder, name)).size > 0)
    .sort()
  if (files.length === 0) return null
  const file = files[Math.floor(random() * files.length)]
  const path = join(folder, file)
  const bytes = readFileSync(path)
  if (kind === 'flip') bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8)
  if (kind === 'remove') rmSync(path)
  else if (kind === 'truncate') truncateSync(path, Math.floor(random() * bytes.length))
  else if (kind === 'grow') appendFileSync(path, Buffer.from([0]))
  else {
    // Written over, not replaced: whoever has the file open sees it.
    const text = kind === 'flip' ? bytes : ofAnother(another, file, bytes)
    const open = openSync(path, 'r+')
    writeSync(open, text, 0, text.length, 0)
    closeSync(open)
    truncateSync(path, text.length)
  }
  return file
}

const STORED = {
  load: { before: '--max-depth 20' },
  search: { during: { act: "if (s.x === 25) console.log('now')" } },
  'end of a level': { before: '--max-depth 30', during: { act: "console.log('now')" } },
  trace: { during: { test: "if (s.x === top) console.log('now')" } },
  report: { before: '' },
  exit: { until: /violated as expected/ },
}
/** The verdict, and the figures that a search has which nothing has harmed. */
const SAYS = /walk it: violated as expected: Small in 40 steps[\s\S]*\n {2}630 distinct states, 1,221 generated, depth 41\b/
const storedFolder = (at, name) => join(at, name, readdirSync(join(at, name))[0])
for (const [phase, { before, during, until }] of Object.entries(STORED))
  add('damaged stores', phase, EACH, async ({ at, random, i }) => {
    const spec = (top) =>
      walk({ top, ...during })
        .replace('y: int(0, 60)', 'y: int(0, 60), v: value(0)')
        .replace('s.y = (s.y + 1) % 20', 's.y = (s.y + 1) % 20; s.v = s.y * 3')
    const kind = DAMAGES[i % DAMAGES.length]
    writeFileSync(join(at, 'walk.ts'), spec(40))
    const other = join(at, 'other')
    if (kind === 'other') {
      mkdirSync(other)
      writeFileSync(join(other, 'walk.ts'), spec(41).replace('% 20', '% 19'))
      await run(other, `${CHECK} walk.ts --store st --no-diagrams ${before ?? '--max-depth 30'}`)
    }
    if (before !== undefined) await run(at, `${CHECK} walk.ts --store st --no-diagrams ${before}`)
    let file = null
    const harm = () => {
      if (!existsSync(join(at, 'st'))) return
      file = damage(kind, storedFolder(at, 'st'), kind === 'other' ? storedFolder(other, 'st') : '', random)
    }
    const live = during !== undefined || until !== undefined
    if (!live) harm()
    const ended = await run(
      at,
      `${CHECK} walk.ts ${before === undefined ? '--store' : '--resume'} st --no-diagrams`,
      live ? { until: until ?? /now/, harm } : {},
    )
    const outcome = judge(ended, { says: SAYS })
    if (outcome.startsWith('!')) return outcome
    if (!live) {
      // What lies behind the bytes that count is of a manifest that never came to be; without a manifest a search may begin anew.
      const nothing = (kind === 'grow' && file.endsWith('.jsonl')) || (kind === 'remove' && file === 'store.json')
      return outcome === 'verdict' && !nothing ? `! ${kind} of ${file} unnoticed` : outcome
    }
    // Whatever was noticed meanwhile: who goes on with it has the right figures, or is told.
    const again = judge(await run(at, `${CHECK} walk.ts --resume st --no-diagrams`), { says: SAYS })
    return again.startsWith('!') ? `! resumed after ${kind} of ${file}: ${again.slice(2)}` : outcome
  })

/** What a spec, a text of the command line or a file may be instead of what it should be. */
const MALFORMED = {
  load: [
    ...[
      'throw null',
      'throw undefined',
      "throw 'text'",
      'throw Symbol()',
      'throw new Error("\\u001b[2J")',
      'null.x',
      '((',
      "import './no.ts'",
      "import 'no-such-package'",
    ].map((load) => walk({ load })),
    ...[
      'export default 1',
      '',
      '\u0000',
      'export default spec()',
      "import { spec } from 'tsmc'\nexport default spec('a', () => null)",
      'module.exports = {}',
      '{"a": 1}',
      'import data from "./x.json" with { type: "json" }',
    ],
  ],
  search: [
    'throw null',
    'throw undefined',
    "throw 'text'",
    'throw Symbol("x")',
    'throw new Error("x".repeat(1e6))',
    'throw { toString() { throw 1 } }',
    's.x = 1e9',
    's.x = NaN',
    's.x = "a"',
    's.z = 1',
    's.x = { get a() { throw 1 } }',
    '(function f() { f() })()',
    'process.exit(0)',
    'process.abort()',
    'for (;;) if (Date.now() < 0) break',
    'return 3',
    's.x = Symbol()',
    'Object.prototype.polluted = 1; throw 1',
  ].map((act) => walk({ act, top: 20 })),
  'end of a level': [
    'throw null',
    'throw undefined',
    "throw 'text'",
    'return null',
    'return "yes"',
    'return Promise.resolve(true)',
    's.x = 3',
    'process.exit(0)',
    'process.exitCode = 0; throw 1',
    'throw { message: 1 }',
    'throw new Proxy({}, { get() { throw 1 } })',
    '(function f() { f() })()',
    'throw Object.create(null)',
    'return new Proxy({}, {})',
    'throw [1, [2]]',
  ].map((test) => walk({ test, top: 20 })),
  trace: [
    'throw null',
    'throw undefined',
    'throw new Error("x")',
    'return Symbol()',
    'return () => 1',
    'return new Proxy({}, { get() { throw 1 } })',
    'return 1n',
    'process.exit(0)',
    'return process',
    'const a = {}; a.a = a; return a',
    'return { toJSON() { throw 1 } }',
    'return NaN',
    'return undefined',
    'return new Date(NaN)',
    'return "\\ud800"',
    'return globalThis',
  ].map((show) => walk({ show: `m.show('shown', () => { ${show} })`, top: 20 })),
  report: [
    '.instance(1)',
    ".instance('it')",
    ".instance('x', { nope: 1 })",
    ".instance('x', { top: 'a' })",
    ".instance('x', {}, { violates: 'No' })",
    ".instance('x', {}, { steps: -1 })",
    ".instance('x', {}, { nope: 1 })",
    ".instance('x', {}, null)",
    '.instance()',
    ".instance('')",
    ".instance('x', { top: NaN })",
    ".instance('x', { top: 1e999 })",
    ".instance('x', {}, { only: ['No'] })",
    ".instance('x', {}, { states: 'a' })",
    ".instance('x', null)",
  ].map((more) => walk({ top: 20 }).replace(/\}\)\n*$/, `})${more}\n`)),
  exit: [
    "process.on('exit', () => { process.exitCode = 0 })",
    "process.on('exit', () => { throw 1 })",
    "process.on('exit', () => process.exit(0))",
    "process.on('beforeExit', () => { throw 1 })",
    'setInterval(() => {}, 1000)',
    'setTimeout(() => { throw new Error("late") }, 0)',
    'setImmediate(() => process.exit(0))',
    "Promise.reject(new Error('x'))",
    "process.on('uncaughtException', () => {})",
    'process.exitCode = 0',
    'process.stdout.end()',
    'process.stdout.destroy()',
    'console.log = null',
    'globalThis.process = undefined',
    'JSON.stringify = () => 1; JSON.parse = () => 1',
    'setTimeout(() => process.abort(), 0)',
  ].map((exit) => walk({ exit, top: 20 })),
}
for (const [phase, texts] of Object.entries(MALFORMED))
  texts.forEach((text, i) => {
    cases.push({
      kind: 'malformed specs',
      phase,
      name: `malformed specs/${phase}/${i}`,
      i,
      make: async ({ at }) => {
        writeFileSync(join(at, 'walk.ts'), text)
        const ended = await run(at, `${CHECK} walk.ts --out out --timeout 60`)
        const outcome = judge(ended, { folder: join(at, 'out') })
        // Of two instances one may be as it is, and not as expected.
        return outcome === '! exit 1, but nothing is unexpected' &&
          (phase === 'report' || phase === 'end of a level' || phase === 'search') &&
          /✗/.test(ended.stdout)
          ? 'not as expected'
          : outcome
      },
    })
  })

/** Names of everything. */
const HOSTILE = [
  '__proto__',
  'constructor',
  'toString',
  '\u001b[2J\u001b]0;x\u0007',
  '\u202eabc\u2066',
  '<script>window.ran=1</script>',
  ']]>--></svg>',
  '`|a|b|\n# x',
  '../../../../tmp/x',
  'a'.repeat(300),
  '区'.repeat(100),
  '"\'\\"; rm -rf .; $(x)',
  '\u0000\u0001',
  '\ud83d\ude00'.repeat(70),
  'CON',
  '-rf',
  '%s%n$x',
  'a\r\nb',
  '(a+)+$'.repeat(50),
]
const named = {
  load: (name) => ({ spec: name }),
  search: (name) => ({ action: name }),
  'end of a level': (name) => ({ property: name }),
  trace: (name) => ({ value: name }),
  report: (name) => ({ instance: name }),
  exit: (name) => ({ assertion: name }),
}
for (const [phase, of] of Object.entries(named))
  HOSTILE.forEach((name, i) => {
    cases.push({
      kind: 'hostile names',
      phase,
      name: `hostile names/${phase}/${i}`,
      i,
      make: async ({ at }) => {
        const n = { spec: 'walk', action: 'Up', property: 'Small', value: 'x', instance: 'it', assertion: 'too far', ...of(name) }
        const text = (one) => JSON.stringify(n[one])
        writeFileSync(
          join(at, 'walk.ts'),
          `import { ensure, enumOf, int, model, spec } from 'tsmc'
export default spec(${text('spec')}, () => {
  const m = model({ x: int(0, 9), e: enumOf('none', ${text('value')}) })
  m.action(${text('action')}, (s) => {
    ${phase === 'exit' ? `ensure(s.x < 3, ${text('assertion')})` : ''}
    s.x = (s.x + 1) % 9
    s.e = ${text('value')}
  })
  m.invariant(${text('property')}, (s) => s.x < 5)
  return m
}).instance(${text('instance')}, {}, { violates: ${phase === 'exit' ? text('assertion') : text('property')} })
`,
        )
        const terminal = await run(at, `${CHECK} walk.ts --out out`)
        const outcome = judge(terminal, { says: / as expected/, folder: join(at, 'out') })
        if (outcome.startsWith('!')) return outcome
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/.test(terminal.stdout + terminal.stderr))
          return '! it steers the terminal'
        const outside = readdirSync(at).filter((file) => !['walk.ts', 'out'].includes(file))
        if (outside.length > 0) return `! files outside: ${outside.join(', ')}`
        for (const file of existsSync(join(at, 'out')) ? readdirSync(join(at, 'out')) : [])
          if (file.endsWith('.svg') && /<script|\son\w+=/.test(readFileSync(join(at, 'out', file), 'utf8').replace(/>[^<]*</g, '><')))
            return '! a script in a drawing'
        if (outcome !== 'verdict') return outcome
        const json = await run(at, `${CHECK} walk.ts --no-diagrams -r json`)
        const { spec, instance, violation } = JSON.parse(json.stdout).instances[0]
        const whole = spec === n.spec && instance === n.instance && violation.name === (phase === 'exit' ? n.assertion : n.property)
        return whole && {}.polluted === undefined ? 'verdict' : '! names are others in the document'
      },
    })
  })

// --- all of it

const chosen = cases.filter(
  ({ kind, phase, i }) => i % part === 0 && (wanted.length === 0 || wanted.includes(kind) || wanted.includes(`${kind}/${phase}`)),
)
const work = mkdtempSync(join(tmpdir(), 'faults-'))
const outcomes = []
let wrong = 0
let next = 0
async function worker() {
  for (let one = chosen[next++]; one !== undefined; one = chosen[next++]) {
    const at = join(work, one.name.replaceAll(/[ /]/g, '-'))
    mkdirSync(at)
    const outcome = await one.make({ at, random: randomOf(one.name), i: one.i }).catch((error) => `! ${error.message}`)
    outcomes.push({ ...one, outcome })
    if (outcome.startsWith('!')) {
      wrong++
      console.log(`✗ ${one.name}: ${outcome.slice(2)}`)
    }
    rmSync(at, { recursive: true, force: true })
  }
}
const begun = performance.now()
await Promise.all(Array.from({ length: Math.max(2, Math.min(8, availableParallelism())) }, worker))
rmSync(work, { recursive: true, force: true })

// --- the table

const kinds = [...new Set(cases.map(({ kind }) => kind))]
const page = join(root, 'docs/faults.md')
const [FROM, TO] = ['<!-- table: npm run faults -- --write -->\n', '<!-- end of the table -->']
const casesOf = (kind, phase) => cases.filter((one) => one.kind === kind && one.phase === phase).length

/** What came of a kind in a phase; undefined where not all of its cases were run. */
function cell(kind, phase) {
  const all = casesOf(kind, phase)
  if (all === 0) return '–'
  const here = outcomes.filter((one) => one.kind === kind && one.phase === phase)
  if (here.length < all) return undefined
  const counts = new Map()
  for (const { outcome } of here) {
    const name = outcome.startsWith('!') ? 'WRONG' : outcome
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a], [b]) => (a === 'verdict' ? -1 : b === 'verdict' ? 1 : a < b ? -1 : 1))
    .map(([outcome, n]) => `${n} ${outcome}`)
    .join(', ')
}

/** The cells that the page has, by kind. */
function written(text) {
  const rows = text.slice(text.indexOf(FROM) + FROM.length, text.indexOf(TO)).split('\n')
  const cells = (row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((one) => one.trim())
  return new Map(rows.filter((row) => row.startsWith('| ')).map((row) => [cells(row)[0], cells(row).slice(1)]))
}
const numberIn = (cell = '') => [...cell.matchAll(/(\d+) [a-zA-Z]/g)].reduce((sum, [, n]) => sum + Number(n), 0)

const text = readFileSync(page, 'utf8')
const before = written(text)
const rows = kinds.map((kind) => [kind, ...PHASES.map((phase, i) => cell(kind, phase) ?? before.get(kind)?.[i] ?? '')])
const table = [['kind of fault', ...PHASES], ['---', ...PHASES.map(() => '---')], ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
console.log(table)
console.log(`${outcomes.length} cases, ${wrong} wrong, ${Math.round((performance.now() - begun) / 1000)} s`)
if (write) {
  const [a, b] = [text.indexOf(FROM) + FROM.length, text.indexOf(TO)]
  const total = rows.flat().reduce((sum, one) => sum + numberIn(one), 0)
  writeFileSync(page, `${text.slice(0, a)}\n${total} cases.\n\n${table}\n\n${text.slice(b)}`)
}
// What comes of a kill depends on the moment, but each case is in the table.
const stale = kinds.flatMap((kind) =>
  PHASES.filter((phase, i) => numberIn((write ? rows.find(([name]) => name === kind).slice(1) : before.get(kind))?.[i]) !== casesOf(kind, phase)).map(
    (phase) => `${kind}/${phase}`,
  ),
)
if (stale.length > 0)
  console.log(`docs/faults.md has other numbers of cases; npm run faults -- --write ${stale.map((one) => JSON.stringify(one)).join(' ')}`)
process.exitCode = wrong === 0 && stale.length === 0 ? 0 : 1
