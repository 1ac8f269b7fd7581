import type { ProgramFigures } from '../program/figures.ts'
import { constantAmong, unreadAmong } from '../program/reads.ts'
import type { Verdict, Warning } from '../program/result.ts'
import type { Learner } from '../learn/learner.ts'
import type { Model, Variables } from '../spec/model.ts'
import type { AnySpec, Instance } from '../spec/spec.ts'
import type { Engine } from '../explore/engine.ts'
import { count, propertyNames, type Wrong } from './expectations.ts'

/** What has become of `only` where constants were overridden. */
export function onlyOf(spec: AnySpec, { instance }: { readonly instance?: string }, unknown: readonly string[]): Warning[] {
  const warnings: Warning[] = unknown.map((text) => ({ kind: 'only', text: `with these constants ${text}`, vacuous: true }))
  const restricted = spec.instances.filter(({ expectation }) => expectation.only !== undefined)
  if (instance === undefined && restricted.length > 0)
    warnings.push({
      kind: 'only',
      text: `everything was checked; ${restricted.map(({ name, expectation }) => `the instance ${name} checks only ${expectation.only?.join(', ')}`).join('; ')}: name it to check the same`,
      vacuous: false,
    })
  return warnings
}

export const ONE_THREAD: Warning = {
  kind: 'workers',
  text: 'one thread explored everything: threads share no store, no profile, and no numbers of values of value(), of very large sets and of views',
  vacuous: false,
}

export const NO_HEAP: Warning = {
  kind: 'heap',
  text: 'nothing was compiled, and one thread explored everything: the address space has no room for the memory of compiled code, which reserves some 10 GiB of it and uses what it needs (ulimit -v)',
  vacuous: false,
}

export function warningsOf(
  { model, program, instance }: { readonly model: Model<Variables>; readonly program: Learner; readonly instance: Instance },
  figures: ProgramFigures,
  search: Engine,
  ordered: readonly Wrong[],
  shown: readonly Wrong[],
  verdict: Verdict,
): Warning[] {
  const { expectation } = instance
  const warnings: Warning[] = []
  for (const { kind, name, steps } of ordered.filter((finding) => !shown.includes(finding))) {
    const text = kind === 'reachable' ? `${name} is never reached either` : `${name} is violated as well, after ${count(steps, 'step')}`
    warnings.push({ kind: 'also-violated', text, vacuous: false })
  }
  if (expectation.only) {
    const left = [...propertyNames(model), 'deadlock'].filter((name) => !expectation.only?.includes(name))
    const passed = search.passedOver > 0 ? `; ${count(search.passedOver, 'failed assertion')} passed over` : ''
    warnings.push({
      kind: 'only',
      text: `checked only ${expectation.only.join(', ')}; left out: ${left.join(', ') || 'assertions'}${passed}`,
      vacuous: false,
    })
  }
  if (search.constrained > 0)
    warnings.push({
      kind: 'constraint',
      text: `${count(search.constrained, 'successor')} outside the constraint ${search.constrained === 1 ? 'was' : 'were'} checked but not expanded`,
      vacuous: false,
    })
  if (!search.exact)
    warnings.push({ kind: 'fingerprint', text: 'states were told apart by 64-bit fingerprints: see the collision probability', vacuous: false })
  if (verdict !== 'holds') return warnings
  if (figures.neverEnabled.length > 0)
    warnings.push({
      kind: 'never-enabled',
      text: `never enabled${search.constrained > 0 ? ' inside the constraint' : ''}: ${figures.neverEnabled.join(', ')}`,
      vacuous: true,
    })
  for (const name of constantAmong(figures.reads))
    warnings.push({ kind: 'constant-property', text: `the invariant ${name} is true without looking at the state`, vacuous: true })
  for (const { name, kind, variables } of unreadAmong(figures.reads)) {
    if (expectation.only && !expectation.only.includes(name)) continue
    const what = kind === 'step' ? 'step property' : 'invariant'
    warnings.push({
      kind: 'unread',
      text: `the ${what} ${name} never looked at ${variables.join(', ')}: what stands before decided every time`,
      vacuous: true,
    })
  }
  for (const i of search.reachedAtOnce) {
    const name = program.reachables[i]?.name as string
    warnings.push({ kind: 'reached-at-once', text: `${name} is reached already in an initial state`, vacuous: true })
  }
  if (search.constrained > 0 && search.depth === 1) {
    warnings.push({ kind: 'constraint-cuts-all', text: 'the constraint cuts off every step: only initial states lie inside', vacuous: true })
  }
  return warnings
}
