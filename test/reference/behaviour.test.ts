/** A path read as a behaviour that goes on for ever, and what `--replay` says of it. */
import { bool, int, model } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { parsePath, type Path } from '../../src/program/path.ts'
import { brokenAt, endless } from '../../src/reference/behaviour.ts'
import { replay } from '../../src/reference/replay.ts'
import { place, tsmc } from '../cli/run.ts'
import { lockOf } from '../lock.ts'

const lock = (kind: 'weak' | 'strong') => {
  const { m, P } = lockOf(2)
  m.fair('Enter', kind)
  m.fair('Leave', 'weak')
  m.property('Served', { p: P }, ({ leadsTo }, { p }) =>
    leadsTo(
      (s) => s.at[p] === 'waiting',
      (s) => s.at[p] === 'in',
    ),
  )
  m.property('LeavesAgain', ({ always, eventually, happens }) => always(eventually(happens('Leave', { p: 'p2' }))))
  return m
}
const states = (m: any, text: string) => replay(m, parsePath(text) as Path).states
// Ask(p1), Ask(p2), Enter(p2), Leave(p2): where p1 alone waits, as after the first step.
const ROUND = '0.0.1.3.5'

describe('the ways to go on for ever', () => {
  const served = { kind: 'property', name: 'Served', parameters: { p: 'p1' } }
  const leaves = { kind: 'property', name: 'LeavesAgain', parameters: {} }

  test('stuttering, and back to an equal state; each with the fairness that it does not meet', () => {
    expect(endless(lock('weak'), states(lock('weak'), ROUND))).toEqual([
      { backTo: -1, unfair: ['weak fairness of Enter(p: p1)'], failed: [served, leaves] },
      { backTo: 1, unfair: [], failed: [served] },
    ])
    expect(endless(lock('strong'), states(lock('strong'), ROUND)).map(({ backTo, unfair }) => [backTo, unfair])).toEqual([
      [-1, ['strong fairness of Enter(p: p1)']],
      [1, ['strong fairness of Enter(p: p1)']],
    ])
  })
  test('nothing to say without temporal properties', () => {
    const m = model({ x: int(0, 1) })
    expect(endless(m, states(m, '0'))).toEqual([])
  })
})

describe('a refinement', () => {
  const clock = model({ odd: bool })
  clock.action('Change', (s) => {
    s.odd = !s.odd
  })
  clock.fair('Change', 'weak')
  const counter = (begins: number, fair: boolean) => {
    const m = model({ x: int(0, 9), noise: bool })
    m.init((s) => {
      s.x = begins
    })
    m.action('Up', (s) => {
      s.x = (s.x + 1) % 10
    })
    m.action('Noise', (s) => {
      s.noise = !s.noise
    })
    if (fair) m.fair('Up', 'weak')
    return m.refines('Parity', clock, (s) => ({ odd: s.x % 2 === 1 }))
  }
  const slow = model({ x: int(0, 9) })
  slow.action('Twice', (s) => {
    s.x = (s.x + 2) % 10
  })

  test('its beginning, or the first of its steps that is none', () => {
    const at = (m: any, text: string) => brokenAt(m, m.refinements.at(-1), states(m, text))
    expect(at(counter(0, true), '0.0.1.0')).toBe(-1)
    expect(at(counter(1, true), '0.0.1.0')).toBe(0)
    const twice = counter(0, true).refines('Twice', slow, (s) => ({ x: s.x }))
    expect([at(twice, '0.1.1'), at(twice, '0.1.0.0')]).toEqual([-1, 2])
  })
  test('the fairness of the abstract model', () => {
    const parity = { kind: 'refinement', name: 'Parity', parameters: {} }
    expect(endless(counter(0, false), states(counter(0, false), '0.1.1'))).toEqual([
      { backTo: -1, unfair: [], failed: [parity] },
      { backTo: 0, unfair: [], failed: [parity] },
    ])
    expect(endless(counter(0, true), states(counter(0, true), '0')).map(({ unfair }) => unfair)).toEqual([['weak fairness of Up']])
  })
})

describe('--replay', () => {
  const file = `import { bool, int, model, spec } from 'tsmc'
export default spec('s', { fair: false }, ({ fair }) => {
  const m = model({ x: int(0, 1), on: bool })
  m.action('Flip', (s) => { s.x = 1 - s.x })
  m.action('On', (s) => { s.on = true })
  if (fair) m.fair('On', 'weak')
  m.property('Lit', ({ eventually }) => eventually((s) => s.on))
  const still = model({ x: int(0, 1) })
  m.refines('Still', still, (s) => ({ x: s.on ? s.x : 0 }))
  return m
}).instance('unfair', {}, { violates: 'Lit' }).instance('fair', { fair: true })
`
  const directory = place({ 's.ts': file })
  const said = async (instance: string, path: string) =>
    (await tsmc(directory, ['check', 's.ts', '-i', instance, '--replay', path])).stdout.trimEnd().split('\n\n').at(-1)?.split('\n')

  test('says what is false of the behaviour in each way, and for want of what it is none', async () => {
    expect(await said('unfair', '0.0.0')).toEqual([
      'nothing is false at its end',
      'if it stays there for ever: property Lit is false',
      'if it goes back to step 0 for ever: property Lit is false',
    ])
    expect(await said('fair', '0.0.0')).toEqual([
      'nothing is false at its end',
      'if it stays there for ever: no behaviour, for want of weak fairness of On',
      'if it goes back to step 0 for ever: no behaviour, for want of weak fairness of On',
    ])
    expect(await said('fair', '0.1')).toEqual(['nothing is false at its end', 'if it stays there for ever: nothing is false'])
  })
  test('says that a step is none of the abstract model', async () => {
    expect(await said('fair', '0.1.0')).toEqual(['at its end: refinement Still is false'])
  })
  test('as JSON the behaviour is a violation', async () => {
    const { stdout } = await tsmc(directory, ['check', 's.ts', '-i', 'unfair', '--replay', '0.0.0', '-r', 'json'])
    expect(JSON.parse(stdout).instances[0]).toMatchObject({ verdict: 'violated', violation: { kind: 'property', name: 'Lit', replay: '0.0.0' } })
  })
})
