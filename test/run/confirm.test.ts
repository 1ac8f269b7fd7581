/** `npm run confirm`: whose turn it is, and what counts as wrong. */
import { expect, test } from 'vitest'
import { dayOf, onDay, outcomeOf } from '../../scripts/confirm.js'

test('days of the year', () => {
  expect(['2026-01-01T00:00Z', '2026-02-01T23:59Z', '2024-12-31T12:00Z', '2026-12-31T12:00Z'].map((text) => dayOf(new Date(text)))).toEqual([
    1, 32, 366, 365,
  ])
})

test('each has its turn once in ten days', () => {
  const all = Array.from({ length: 25 }, (_, i) => i)
  const days = Array.from({ length: 10 }, (_, i) => onDay(all, 360 + i))
  expect(days[0]).toEqual([0, 10, 20])
  expect(days.flat().sort((a, b) => a - b)).toEqual(all)
})

test('what becomes of an instance', () => {
  const one = { spec: 'counter', instance: 'small', error: null }
  expect(outcomeOf({ ...one, confirmation: { confirmed: true, states: 4, unconfirmed: ['the temporal property Live'] } })).toEqual({
    name: 'counter.small',
    is: 'confirmed',
    text: 'counter.small: 4 states, but for the temporal property Live',
  })
  expect(outcomeOf({ ...one, confirmation: { confirmed: false, states: null, unconfirmed: ['too large'] } })).toEqual({
    name: 'counter.small',
    is: 'left',
    text: 'counter.small: too large',
  })
  expect(outcomeOf({ ...one, error: { message: 'a difference' } })).toEqual({
    name: 'counter.small',
    is: 'wrong',
    text: 'counter.small: a difference',
  })
  expect(outcomeOf(one)).toEqual({ name: 'counter.small', is: 'wrong', text: 'counter.small: nothing is said of a confirmation' })
})
