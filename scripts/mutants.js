/**
 * Mutates the specs, one place at a time, and tells which mutants no instance notices: `npm run mutants -- [options] [SPEC…]`.
 *
 *  - a guard: every condition of a `when`, one conjunct at a time, becomes true
 *  - an assertion: the condition of an `ensure` becomes true
 *  - a switch: a boolean constant has the other default
 *
 * The order of two writes is not mutated here: it is a constant of the model (`writeImpl`, `deletion`, `loading` of write-batch), with an instance for
 * both orders. A mutant is killed by the first instance whose outcome is another: verdict, or the property that is violated. How many steps and states
 * there are is ignored. Instances go in the order of their size; `--seconds N` (20) is what one mutant may take, `--states N` (200000) the largest
 * instance that is tried. What a mutant makes impossible to run (a null where the guard excluded it) is counted apart: it is an error, not a verdict.
 *
 * `--write` puts the table into specs/README.md, between `<!-- mutants -->` and `<!-- /mutants -->`, and the survivors into specs/mutants.md.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { check } from 'tsmc'
import ts from 'typescript'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const specs = join(root, 'specs')

/** Why a survivor survives, by its text; the first that matches. What none matches is not shown to be equivalent. */
const REASONS = [
  { text: /^ensure\(/, why: 'the assertion fails in no instance tried, so the same states are reached without it' },
  {
    text: /\b(flushing|resuming|yielded|activating|deleting|gcInTwoSteps|historyMin|handlesSnapshot)\b/,
    why: 'always true but where a step is taken apart; there the mutant can do more, and no property forbids it',
  },
]
const OTHERWISE = 'not shown to be equivalent: the mutant can do more than the model, and no property forbids it'
const why = ({ text }) => REASONS.find((one) => one.text.test(text))?.why ?? OTHERWISE

/** The mutants of a source file: what stands from `start` to `end` is replaced. */
export function mutantsOf(text, file) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true)
  const found = []
  const add = (kind, node, replacement, shown) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
    found.push({ kind, file, line, start: node.getStart(), end: node.getEnd(), replacement, text: shown.replace(/\s+/g, ' ') })
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
      if (node.expression.text === 'ensure') add('assertion', condition, 'true', `ensure(${condition.getText()})`)
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
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** A spec, with one of its files replaced. */
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
  try {
    return (await import(pathToFileURL(outfile).href)).default
  } finally {
    rmSync(outfile)
  }
}

/** Whether a result is what its instance expects, steps and states aside; null where the search was cut short. */
function asExpected({ verdict, violation }, { violates, deadlocks }) {
  if (verdict === 'incomplete') return null
  if (deadlocks) return verdict === 'deadlocked'
  if (violates !== undefined) return verdict === 'violated' && violation?.name === violates
  return verdict === 'holds'
}

async function judge(mutated, options) {
  const bySize = [...mutated.instances].sort((a, b) => (a.expectation.states ?? 0) - (b.expectation.states ?? 0))
  const end = Date.now() + options.seconds * 1000
  let cut = false
  for (const { name, expectation } of bySize) {
    const left = (end - Date.now()) / 1000
    if (left <= 0 || (expectation.states ?? 0) > options.states) {
      cut = true
      continue
    }
    // Searches as short as these are done before compiling has paid off.
    const bounds = { timeout: Math.max(1, left), maxStates: 4 * Math.max(1000, expectation.states ?? 0) }
    let result
    try {
      result = await check(mutated, { instance: name, compiling: false, ...bounds })
    } catch (error) {
      // The assertion is gone, and the instance that names it says so: it is killed where the instance expects it, and not tried where it only lists it.
      if (!/is no property of the model/.test(error.message)) throw error
      if (expectation.violates !== undefined && error.message.includes(JSON.stringify(expectation.violates)))
        return { killed: name, by: 'the assertion is gone' }
      continue
    }
    const as = asExpected(result, expectation)
    if (as === false) return { killed: name, by: result.violation?.name ?? result.verdict }
    if (as === null) cut = true
  }
  return { killed: null, cut }
}

/** All mutants of one spec: the entry and the models that it imports. */
async function mutate(entry, directory, options) {
  const name = relative(specs, entry)
  const files = [entry, ...[...readFileSync(entry, 'utf8').matchAll(/from '\.\/(models\/[\w-]+\.ts)'/g)].map(([, path]) => join(specs, path))]
  const outcome = { name, guard: 0, assertion: 0, switch: 0, killed: 0, errors: 0, cut: 0, survivors: [] }
  for (const path of new Set(files)) {
    const text = readFileSync(path, 'utf8')
    for (const mutant of mutantsOf(text, path)) {
      outcome[mutant.kind]++
      const place = `${relative(root, path)}:${mutant.line}`
      let verdict
      try {
        verdict = await judge(
          await load(entry, directory, { path, text: text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end) }),
          options,
        )
      } catch (error) {
        outcome.errors++
        if (options.verbose) console.log(`error     ${place}  ${mutant.text}  (${error.message.split('\n')[0]})`)
        continue
      }
      if (verdict.killed) {
        outcome.killed++
        if (options.verbose) console.log(`killed    ${place}  ${mutant.text}  (${verdict.killed}: ${verdict.by})`)
        continue
      }
      if (verdict.cut) outcome.cut++
      outcome.survivors.push({ place, text: mutant.text, cut: verdict.cut })
      console.log(`survives  ${place}  ${mutant.text}${verdict.cut ? '  (not all instances tried)' : ''}`)
    }
  }
  return outcome
}

function table(outcomes) {
  const header =
    '| spec | guards | assertions | switches | killed | errors | survive | of these: assertions that hold | of these: not all instances tried |'
  const rows = outcomes.map(({ name, survivors, killed, errors, cut, ...kinds }) => {
    const holding = survivors.filter(({ text }) => text.startsWith('ensure(')).length
    return `| ${[name, kinds.guard, kinds.assertion, kinds.switch, killed, errors, survivors.length, holding, cut].join(' | ')} |`
  })
  return [header, '| --- | --: | --: | --: | --: | --: | --: | --: | --: |', ...rows].join('\n')
}

/** The survivors, with reasons. Places are named without lines, which change. */
function list(outcomes, options) {
  const rows = outcomes.flatMap(({ survivors }) =>
    survivors.map((one) => {
      const code = `\`${one.text.replaceAll('|', '\\|')}\``
      return `| ${one.place.replace(/:\d+$/, '')} | ${code} | ${one.cut ? 'no' : 'yes'} | ${why(one)} |`
    }),
  )
  return `# Mutants that survive

Made by \`npm run mutants -- --write\`: ${options.seconds} s for a mutant at most, instances of up to ${options.states} states. A mutant of which not all instances were tried may be killed by one of the
larger ones.

| file | mutant | all instances tried | why |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string' }, states: { type: 'string' }, verbose: { type: 'boolean' }, write: { type: 'boolean' } },
  })
  const options = { seconds: Number(values.seconds ?? 20), states: Number(values.states ?? 200_000), verbose: values.verbose ?? false }
  const directory = join(root, 'tsmc-out', `mutants.${process.pid}`)
  mkdirSync(directory, { recursive: true })
  const all = readdirSync(specs).filter((file) => file.endsWith('.ts'))
  const chosen = positionals.length > 0 ? all.filter((file) => positionals.some((name) => file === name || file === `${name}.ts`)) : all
  const begin = Date.now()
  const outcomes = []
  try {
    for (const file of chosen) outcomes.push(await mutate(join(specs, file), directory, options))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const text = table(outcomes)
  const minutes = Math.ceil((Date.now() - begin) / 60_000)
  console.log(`${text}\n\n${options.seconds} s per mutant at most, instances up to ${options.states} states; ${minutes} min in all`)
  if (values.write) {
    writeFileSync(join(specs, 'mutants.md'), list(outcomes, options))
    const readme = join(specs, 'README.md')
    const before = readFileSync(readme, 'utf8')
    writeFileSync(
      readme,
      before.replace(/(<!-- mutants -->\n)[\s\S]*?(<!-- \/mutants -->)/, (_, open, close) => `${open}${text}\n${close}`),
    )
  }
}
