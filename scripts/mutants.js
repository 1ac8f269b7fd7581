/**
 * Mutates the specs, one place at a time, and tells which mutants no instance notices: `npm run mutants -- [options] [SPEC…]`.
 *
 *  - a guard: every condition of a `when`, one conjunct at a time, becomes true
 *  - an assertion: the condition of an `ensure` becomes true
 *  - a switch: a boolean constant has the other default
 *
 * The order of two writes is not mutated here: it is a constant of the model (`writeImpl`, `deletion`, `loading` of write-batch, `merging` of
 * region-lifecycle), with an instance for both orders. A mutant is killed by the first instance whose outcome is another: verdict, or the property that is
 * violated. How many steps and states there are does not kill. Instances go in the order of their size; `--seconds N` (60) is what one mutant may take,
 * `--states N` (200000) the largest instance that is tried (a switch is tried in larger ones, too, as far as that). What a mutant makes impossible to run (a null where the guard excluded it) is counted apart: it
 * is an error, not a verdict.
 *
 * A guard or an assertion that becomes true adds steps and takes none away. So a survivor that has as many states and steps as the model, in every instance
 * that holds, is the model: it is equivalent, and that is found out and told. Of the others, scripts/mutants-reasons.js has the reason; a survivor without
 * any ends the command with 1. Not searched is what is known: an assertion, where the instance checks all and holds (it fails nowhere there); a guard,
 * where the instance checks one property and that is violated (it is with more steps, too).
 *
 * `--only TEXT` runs the mutants whose `action: mutant` contains it, with larger bounds, say: a later run takes over what was tried at least as far.
 * `--minutes N` is what the whole run may take; what is not reached is told as not run.
 * What was found is kept in tsmc-out/mutants.SPEC.json, by the code of the mutant, so that a run that was interrupted goes on where it was.
 * `--write` puts the rows of the specs that were run into the table of specs/README.md, and their sections into specs/mutants.md; others stay as they are.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build, transformSync } from 'esbuild'
import { check } from 'tsmc'
import ts from 'typescript'
import { REASONS } from './mutants-reasons.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const specs = join(root, 'specs')

/** The mutants of a source file: what stands from `start` to `end` is replaced. */
export function mutantsOf(text, file) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true)
  const found = []
  const texts = new Map()
  const add = (kind, node, replacement, shown) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
    const inside = enclosing(node)
    found.push({ kind, file, line, inside, start: node.getStart(), end: node.getEnd(), replacement, text: shown.replace(/\s+/g, ' ') })
  }
  const conjuncts = (node) => {
    if (ts.isParenthesizedExpression(node)) return conjuncts(node.expression)
    const and = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken
    return and ? [...conjuncts(node.left), ...conjuncts(node.right)] : [node]
  }
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.arguments.length > 0) {
      const [condition] = node.arguments
      if (node.expression.text === 'when') for (const part of conjuncts(condition)) add('guard', part, 'true', `when(${part.getText()})`)
      if (node.expression.text === 'ensure') {
        const message = node.arguments[1]?.getText()
        add('assertion', condition, 'true', `ensure(${condition.getText()})`)
        found.at(-1).message = message
      }
    }
    if (ts.isVariableDeclaration(node) && /^(constants|codeAt\w+)$/.test(node.name.getText()) && node.initializer) {
      const object = ts.isObjectLiteralExpression(node.initializer) ? node.initializer : null
      for (const property of object?.properties ?? []) {
        if (!ts.isPropertyAssignment(property)) continue
        const on = property.initializer.kind === ts.SyntaxKind.TrueKeyword
        if (on || property.initializer.kind === ts.SyntaxKind.FalseKeyword)
          add('switch', property.initializer, String(!on), `${property.name.getText()}: ${!on}`)
      }
    }
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isStringLiteral(node.initializer))
      texts.set(node.name.getText(), node.initializer.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  // What the assertion says where it fails, if no other one says the same.
  const said = found.map(({ message }) => message)
  for (const one of found) one.message = said.filter((message) => message === one.message).length === 1 ? texts.get(one.message) : undefined
  return found
}

/** The action, the label of a process, or the function that a place is in; '' at the top. */
function enclosing(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isFunctionDeclaration(at)) return at.name?.text ?? ''
    const named = ts.isVariableDeclaration(at) || ts.isPropertyAssignment(at)
    if (named && at.initializer && ts.isArrowFunction(at.initializer)) return at.name.getText()
    const [name] = ts.isCallExpression(at) ? at.arguments : []
    if (name && ts.isStringLiteral(name) && /\.action$/.test(at.expression.getText())) return name.text
  }
  return ''
}

/** A spec, with one of its files replaced: the code, without comments, and how to run it. */
async function load(entry, directory, replaced = null) {
  const outfile = join(directory, `${Math.random().toString(36).slice(2)}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
    // The paths of the project's own configuration would bundle the library a second time.
    tsconfigRaw: '{}',
    plugins: [
      {
        name: 'mutant',
        setup(build) {
          build.onLoad({ filter: /\.ts$/ }, ({ path }) => (path === replaced?.path ? { contents: replaced.text, loader: 'ts' } : undefined))
        },
      },
    ],
  })
  const code = readFileSync(outfile, 'utf8')
  return {
    code,
    async run() {
      try {
        return (await import(pathToFileURL(outfile).href)).default
      } finally {
        rmSync(outfile)
      }
    },
  }
}

/** Whether a result is what its instance expects, steps and states aside; null where the search was cut short. */
function asExpected({ verdict, violation }, { violates, deadlocks }) {
  if (verdict === 'incomplete') return null
  if (deadlocks) return verdict === 'deadlocked'
  if (violates !== undefined) return verdict === 'violated' && violation?.name === violates
  return verdict === 'holds'
}

/** Instances up to this size are done before compiling has paid off. */
const SHORT = 3000

/** What a search may take: an instance of the size that its expectation says. */
const bounds = ({ states = 0 }, timeout, maxStates) => ({ ...(states > SHORT ? {} : { compiling: false }), timeout, maxStates })

/** The steps of every instance that holds, in the model itself: as many as there are `generated`. */
async function stepsOf(spec, options) {
  const steps = {}
  for (const { name, expectation } of spec.instances) {
    if (expectation.violates !== undefined || expectation.deadlocks || expectation.states > options.states) continue
    const result = await check(spec, { instance: name, ...bounds(expectation, 600, 2 * expectation.states) })
    if (result.distinct !== expectation.states) throw new Error(`${spec.name} ${name} is not as expected: run tsmc check specs/`)
    steps[name] = result.generated
  }
  return steps
}

async function judge(mutated, mutant, steps, options) {
  const bySize = [...mutated.instances].sort((a, b) => (a.expectation.states ?? 0) - (b.expectation.states ?? 0))
  const end = Date.now() + options.seconds * 1000
  const untried = []
  const moreStates = []
  const moreSteps = []
  let tried = 0
  for (const { name, expectation } of bySize) {
    const holds = expectation.violates === undefined && !expectation.deadlocks
    if (mutant.message !== undefined && expectation.violates === mutant.message) return { killed: name, by: 'the assertion is gone' }
    const states = expectation.states ?? 0
    // It is checked here, in every state, and never fails.
    const neverFails = mutant.kind === 'assertion' && holds && expectation.only === undefined
    // Steps are added, and this violation was there without them; nothing else is checked.
    const isViolated = mutant.kind === 'guard' && expectation.violates !== undefined && expectation.only?.length === 1
    if (neverFails || isViolated) {
      tried++
      continue
    }
    const left = (end - Date.now()) / 1000
    const large = states > options.states
    if (left <= 0 || (large && mutant.kind !== 'switch')) {
      untried.push(name)
      continue
    }
    let result
    try {
      result = await check(mutated, { instance: name, ...bounds(expectation, Math.max(1, left), large ? options.states : 4 * options.states) })
    } catch (error) {
      // The assertion is gone, and the instance that names it says so: it is killed where the instance expects it, and not tried where it only lists it.
      if (!/is no property of the model/.test(error.message)) throw error
      if (expectation.violates !== undefined && error.message.includes(JSON.stringify(expectation.violates)))
        return { killed: name, by: 'the assertion is gone' }
      untried.push(name)
      continue
    }
    const as = asExpected(result, expectation)
    if (as === false) return { killed: name, by: result.violation?.name ?? result.verdict }
    if (as === null) untried.push(name)
    else tried++
    if (as && holds && result.distinct !== states) moreStates.push(name)
    else if (as && holds && result.generated !== steps[name]) moreSteps.push(name)
  }
  return { killed: null, tried, untried, moreStates: moreStates, moreSteps: moreSteps }
}

/** The files of a spec: the entry and the models that it imports. */
function filesOf(entry) {
  const imported = [...readFileSync(entry, 'utf8').matchAll(/from '\.\/(models\/[\w-]+\.ts)'/g)]
  return [...new Set([entry, ...imported.map(([, path]) => join(specs, path))])]
}

/** All mutants of one spec. What was found is kept in a file, by the code of the mutant. */
async function mutate(entry, directory, options) {
  const cache = join(root, 'tsmc-out', `mutants.${basename(entry, '.ts')}.json`)
  const known = existsSync(cache) ? JSON.parse(readFileSync(cache, 'utf8')) : {}
  const texts = new Map(filesOf(entry).map((path) => [path, readFileSync(path, 'utf8')]))
  const outcome = { name: relative(specs, entry), guard: 0, assertion: 0, switch: 0, killed: 0, errors: 0, open: 0, survivors: [], seconds: 0 }
  // Comments do not count.
  const bare = (code) => transformSync(code, { minifyWhitespace: true, legalComments: 'none' }).code
  const digest = (code) => createHash('sha256').update(bare(code)).digest('hex').slice(0, 24)
  const model = await load(entry, directory)
  const ofModel = digest(`${options.states}\n${model.code}`)
  known[ofModel] ??= await stepsOf(await model.run(), options)
  const steps = known[ofModel]
  for (const [path, text] of texts) {
    for (const mutant of mutantsOf(text, path)) {
      if (options.only !== undefined && !`${mutant.inside}: ${mutant.text}`.includes(options.only)) continue
      outcome[mutant.kind]++
      const replaced = text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end)
      const mutated = await load(entry, directory, { path, text: replaced })
      const key = digest(`'${mutant.kind}'\n${mutated.code}`)
      let verdict = known[key]
      // A survivor is good for another time if it has been tried as far as now.
      const done = verdict && (verdict.killed !== null || (verdict.states >= options.states && verdict.limit >= options.seconds))
      if (!done && Date.now() > options.end) {
        outcome.open++
        continue
      }
      if (!done) {
        verdict = { ...(await attempt(mutated, mutant, steps, options)), states: options.states, limit: options.seconds }
        known[key] = verdict
      }
      writeFileSync(cache, JSON.stringify(known))
      outcome.seconds += verdict.seconds
      const place = `${relative(root, path)}:${mutant.line} ${mutant.inside}`
      const told = (kind, what) => options.verbose && console.log(`${kind.padEnd(9)} ${place}  ${mutant.text}  (${what})`)
      if (verdict.error !== undefined) {
        outcome.errors++
        told('error', verdict.error)
      } else if (verdict.killed) {
        outcome.killed++
        told('killed', `${verdict.killed}: ${verdict.by}`)
      } else {
        const why = reasonOf(outcome.name, mutant, verdict)
        outcome.survivors.push({ ...verdict, file: relative(root, path), inside: mutant.inside, text: mutant.text, kind: mutant.kind, why })
        const lacking = why === null ? '; NO REASON GIVEN' : ''
        console.log(`survives  ${place}  ${mutant.text}  (${evidence(verdict)}${lacking})`)
      }
    }
  }
  outcome.seconds = Math.round(outcome.seconds)
  return outcome
}

async function attempt(mutated, mutant, steps, options) {
  const begin = Date.now()
  let verdict
  try {
    verdict = await judge(await mutated.run(), mutant, steps, options)
  } catch (error) {
    verdict = { error: error.message.split('\n')[0] }
  }
  return { ...verdict, seconds: (Date.now() - begin) / 1000 }
}

/** What the search says of a survivor. */
function evidence({ tried, untried, moreStates, moreSteps }, told = []) {
  const untold = untried.filter((name) => !told.includes(name))
  const left = untold.length > 0 ? `; not tried to the end: ${untold.join(', ')}` : ''
  const differs = [moreStates.length > 0 && `other states in ${moreStates.length}`, moreSteps.length > 0 && `other steps in ${moreSteps.length}`]
  const what = differs.filter(Boolean).join(', ')
  return `${what === '' ? 'same states and steps in all' : `${what} of`} ${tried} instances${left}`
}

const isSame = ({ moreStates, moreSteps }) => moreStates.length === 0 && moreSteps.length === 0
const SAME = {
  guard: 'equivalent: what it forbids does not come up',
  assertion: 'equivalent: it never fails',
}

/** Why a survivor survives; null where nobody has said so. */
function reasonOf(spec, { kind, inside, text }, verdict) {
  const given = REASONS[spec]?.[inside === '' ? text : `${inside}: ${text}`]
  // An action that no instance has that was tried, or only one that is violated: the same states say nothing.
  const unseen = REASONS[spec]?.[`${inside}: *`]
  return given ?? (isSame(verdict) ? (unseen ?? SAME[kind] ?? null) : null)
}

const HEADER = [
  'spec',
  'guards',
  'assertions',
  'switches',
  'killed',
  'errors',
  'survive',
  'of these: same states and steps',
  'of these: not all instances tried',
  'not run',
]

function row({ name, survivors, killed, errors, open, ...kinds }) {
  const same = survivors.filter(isSame).length
  const cut = survivors.filter(({ untried }) => untried.length > 0).length
  return [name, kinds.guard, kinds.assertion, kinds.switch, killed, errors, survivors.length, same, cut, open]
}

/** The table, with the rows of these specs replaced. */
function table(before, outcomes) {
  const old = before
    .trim()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells) => cells.length === HEADER.length)
  const rows = new Map([...old, ...outcomes.map(row)].map((cells) => [cells[0], cells]))
  const sorted = [...rows.values()].sort(([a], [b]) => (a < b ? -1 : 1))
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(HEADER), line(HEADER.map((_, j) => (j === 0 ? '---' : '--:'))), ...sorted.map(line)].join('\n')
}

/** The survivors of one spec, with reasons. Places are named without lines, which change. */
function section(outcome, options) {
  const { name, survivors, killed, errors, open, seconds } = outcome
  const of = outcome.guard + outcome.assertion + outcome.switch
  const spent = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
  // What is too large for nearly all of them is said once.
  const large = [...new Set(survivors.flatMap(({ untried }) => untried))].filter(
    (name) => survivors.filter(({ untried }) => untried.includes(name)).length > survivors.length / 2,
  )
  const cell = (text) => text.replaceAll('|', '\\|')
  const rows = survivors.map(
    (one) => `| ${cell(one.inside || '–')} | \`${cell(one.text)}\` | ${cell(evidence(one, large))} | ${cell(one.why ?? 'NO REASON GIVEN')} |`,
  )
  return `## ${name}

${of} mutants: ${killed} killed, ${errors} errors, ${survivors.length} survive${open > 0 ? `, ${open} not run` : ''}. ${spent} in all; ${options.seconds} s for a mutant at most, instances of up to ${options.states.toLocaleString('en-US')} states${large.length > 0 ? `; so not tried, or not to the end: ${large.join(', ')}` : ''}.
${rows.length === 0 ? '' : `\n| where | mutant | evidence | why it survives |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`}`
}

const HEAD = `# Mutants that survive

Made by \`npm run mutants -- --write [SPEC…]\`, a section for each spec; what was run stands at its head. A guard or an assertion that becomes true adds steps and takes none away: a mutant with as many
states and steps as the model is the model, within the bounds of the instances. Where there are more, the last column says by hand (scripts/mutants-reasons.js) why nothing that is
stated breaks; that nothing does was searched in the mutant itself.
`

/** The page, with the sections of these specs replaced. */
function page(before, outcomes, options) {
  const old = before
    .split(/^(?=## )/m)
    .slice(1)
    .map((text) => [/^## (.*)/.exec(text)[1], text])
  const sections = new Map([...old, ...outcomes.map((outcome) => [outcome.name, section(outcome, options)])])
  return `${[HEAD, ...[...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)].map((text) => text.trim()).join('\n\n')}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      minutes: { type: 'string' },
      only: { type: 'string' },
      states: { type: 'string' },
      verbose: { type: 'boolean' },
      write: { type: 'boolean' },
    },
  })
  const directory = join(root, 'tsmc-out', `mutants.${process.pid}`)
  mkdirSync(directory, { recursive: true })
  const options = {
    seconds: Number(values.seconds ?? 60),
    end: Date.now() + 60_000 * Number(values.minutes ?? Number.POSITIVE_INFINITY),
    states: Number(values.states ?? 200_000),
    only: values.only,
    verbose: values.verbose ?? false,
  }
  const all = readdirSync(specs).filter((file) => file.endsWith('.ts'))
  const chosen = positionals.length > 0 ? all.filter((file) => positionals.some((name) => file === name || file === `${name}.ts`)) : all
  const outcomes = []
  try {
    for (const file of chosen) outcomes.push(await mutate(join(specs, file), directory, options))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  console.log(table('', outcomes))
  if (values.write && values.only === undefined) {
    const list = join(specs, 'mutants.md')
    writeFileSync(list, page(readFileSync(list, 'utf8'), outcomes, options))
    const readme = join(specs, 'README.md')
    writeFileSync(
      readme,
      readFileSync(readme, 'utf8').replace(
        /(<!-- mutants -->\n)([\s\S]*?)(<!-- \/mutants -->)/,
        (_, open, inner, close) => `${open}${table(inner, outcomes)}\n${close}`,
      ),
    )
  }
  if (outcomes.some(({ survivors }) => survivors.some(({ why }) => why === null))) {
    console.error('there are survivors without a reason: scripts/mutants-reasons.js')
    process.exitCode = 1
  }
}
