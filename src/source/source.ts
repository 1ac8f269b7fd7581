/**
 * Reads the functions of a spec: whether a callback has an effect besides its result, whether a function changes anything outside it, whether it
 * compares what can never be the same. What cannot be read (a package's code that is not JavaScript, a bound function) is not judged here.
 */
import { outside } from './outside.ts'
import { type Location, SpecError } from '../errors.ts'
import type { Model, Variables } from '../spec/model.ts'
import { functionsOf, nameOfFunction, type SpecFunction } from './functions.ts'
import { neverTheSame } from './comparisons.ts'
import { DEEPEST, type Summary, summaryOf } from './effects.ts'
import type { AnyNode as Node, FunctionNode } from './parser.ts'
import { helperOf } from './targets.ts'
import { type AnyFunction, type Unit, unitOf } from './unit.ts'
import { placeOf, release } from './values.ts'

const free = ({ changes, touches, calls, exits, opaque }: Summary): boolean | 'depends' =>
  changes.length > 0 || touches.length > 0 || calls.size > 0 || exits || opaque === true ? false : opaque === 'depends' ? 'depends' : true

/** A function within a function of a spec. The spec may be gone by the time it is asked for. */
interface Site {
  readonly unit: WeakRef<Unit>
  readonly node: FunctionNode
}
/** Where functions of a text stand in specs, and what was found of all of them together. */
const sites = new Map<string, Site[]>()
const found = new Map<string, boolean | 'depends'>()
const single = new WeakMap<AnyFunction, boolean>()
/** How often callbacks of a text were looked at one by one, which takes long. */
const asked = new Map<string, number>()
const MOST = 4096

/**
 * Whether a callback has no effect but its result: it changes nothing outside itself, nor what it is given, throws and picks nothing, and calls only what
 * is known to be so as well. Where that can't be known: false.
 */
export function effectFree(callback: AnyFunction): boolean {
  const known = single.get(callback)
  if (known !== undefined) return known
  const text = Function.prototype.toString.call(callback)
  let answer = found.get(text) ?? outside(() => ofText(text))
  if (answer === 'depends') {
    const times = (asked.get(text) ?? 0) + 1
    asked.set(text, times)
    answer = times <= MOST && outside(() => freeNow(callback))
  }
  single.set(callback, answer)
  return answer
}

/** What is known of a text before any function of it is looked at: all that stand in specs are free of effects, or not all. */
function ofText(text: string): boolean | 'depends' {
  const alive = (sites.get(text) ?? []).filter(({ unit }) => unit.deref() !== undefined)
  const answers = alive.map(({ unit, node }) => free(summaryOf(unit.deref() as Unit, node)))
  const answer = alive.length === 0 || answers.includes('depends') ? 'depends' : answers.every((one) => one === true)
  if (alive.length > 0) {
    sites.set(text, alive)
    found.set(text, answers.includes(false) ? false : answer)
  }
  return found.get(text) ?? answer
}

function freeNow(callback: AnyFunction): boolean {
  const unit = unitOf(callback)
  return unit !== null && free(summaryOf(unit)) === true
}

const read = new WeakSet<Unit>()

/** Notes where callbacks stand, so that they need not be looked at one by one when they run. */
function note(unit: Unit, depth = 0): void {
  if (depth > DEEPEST || read.has(unit)) return
  read.add(unit)
  for (const node of unit.contents.functions) {
    if (node === unit.root) continue
    const text = unit.parsed.text.slice(node.start, node.end)
    const all = sites.get(text) ?? []
    all.push({ unit: new WeakRef(unit), node })
    sites.set(text, all)
    // What was found of the others says nothing of this one.
    found.delete(text)
  }
  // Helpers have callbacks as well.
  for (const helper of helpersOf(unit)) note(helper, depth + 1)
}

function* helpersOf(unit: Unit): Generator<Unit> {
  for (const call of unit.contents.calls) {
    const nodes: Node[] = call.type === 'TaggedTemplateExpression' ? [call.tag] : [call.callee, ...call.arguments]
    for (const node of nodes) {
      const helper = helperOf(unit, node)
      if (helper) yield helper
    }
  }
}

/** What is wrong with the functions of a model, as far as their source tells: refusals, in the order of the model. */
export function impurities(model: Model<Variables>): SpecError[] {
  try {
    return outside(() => functionsOf(model).flatMap((one) => [...refusals(one)]))
  } finally {
    release()
  }
}

function* refusals(one: SpecFunction): Generator<SpecError> {
  const unit = unitOf(one.source)
  if (unit === null) return
  const seen = new Set<Node>()
  for (const change of summaryOf(unit).changes) {
    if (seen.has(change.node)) continue
    seen.add(change.node)
    const place = placeOfNode(change.unit, change.node)
    // What a package or Node.js does to itself is compared by calls; what the library's own functions do is known.
    if (place === null) continue
    if (place && packageOf(place.file) !== packageOf(one.location()?.file ?? '')) continue
    yield new SpecError(`${nameOfFunction(one)} changes ${change.what}, which is declared outside it`, {
      location: place ?? one.location(),
      hint: 'its result may depend on nothing but the state, its parameters and its picks: compute it in `define`, or make it a variable of the model',
    })
  }
  for (const { node, left, right } of one.states ? neverTheSame(unit, one.states) : []) {
    yield new SpecError(
      `${nameOfFunction(one)} compares ${left} with ${right} by ${node.operator}, which compares objects of two states: they are never the same`,
      {
        location: placeOfNode(unit, node) ?? one.location(),
        hint: `compare by content: ${node.operator.startsWith('!') ? '!' : ''}equal(${left}, ${right})`,
      },
    )
  }
  note(unit)
}

/** The folder of the installed package that a file belongs to, if any. */
function packageOf(file: string): string {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^.@\\/][^\\/]*[\\/]/.exec(file)?.[0] ?? ''
}

function placeOfNode(unit: Unit, { start }: Node): Location | null | undefined {
  const { root, parsed } = unit
  const { text } = parsed
  const begin =
    root.type === 'ArrowFunctionExpression'
      ? root.start + (/^async\s+/.exec(text.slice(root.start, root.start + 32))?.[0].length ?? 0)
      : text.indexOf('(', root.id?.end ?? root.start)
  return placeOf(unit.fn as never, text, begin, start)
}

/** Throws the first of them. */
export function refuseImpure(model: Model<Variables>): void {
  const [first] = impurities(model)
  if (first) throw first
}
