/** Petri nets of the Model Checking Contest: states and edges as published, depth and dead markings counted independently. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import petriNet from '../../examples/petri-net.ts'
import { check } from '../../src/index.ts'

const folder = process.env.TSMC_NETS ?? resolve(import.meta.dirname, 'nets')
const nets = readFileSync(resolve(folder, 'expected.tsv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [net = '', ...figures] = line.split('\t')
    const [, transitions = 0, states = 0, edges = 0, tokens = 0, depth = 0, dead = 0] = figures.map(Number)
    return { net, transitions, states, edges, tokens, depth, dead }
  })

const constants = (net: string, bound: number, deadlock: boolean) => ({ file: pathToFileURL(resolve(folder, `${net}.json`)).href, bound, deadlock })

describe('nets with known state spaces', () => {
  it.each(nets)('$net', async ({ net, transitions, states, edges, tokens, depth, dead }) => {
    const result = await check(petriNet, { constants: constants(net, tokens, false) })
    expect(result.verdict).toBe('holds')
    // A dead marking stays as it is, by an action of its own: that many steps are no edges, and an initial state is none either.
    const stays = result.actions.find(({ name }) => name === '(dead)')?.generated
    expect(result.actions.length).toBe(transitions + 1)
    expect({ states: result.distinct, edges: result.generated - 1 - (stays ?? 0), depth: result.depth - 1, dead: stays }).toEqual({
      states,
      edges,
      depth,
      dead,
    })
  })

  it.each(nets.filter(({ states }) => states < 10_000))('$net: a dead marking is a deadlock', async ({ net, tokens, dead }) => {
    const result = await check(petriNet, { constants: constants(net, tokens, true) })
    expect(result.verdict).toBe(dead > 0 ? 'deadlocked' : 'holds')
  })
})
