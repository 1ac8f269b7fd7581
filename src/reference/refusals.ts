/**
 * Everything that is refused in a function of a spec. With the reference checker this is what the language is: a function does what the same code
 * does on plain data, or it is refused for one of these reasons. The documentation lists them, and tests try each.
 */
export interface Refusal {
  readonly id: string
  /** The construct, as the documentation's table has it. */
  readonly row: string
  /** What is refused. */
  readonly refused: string
  /** What to write instead. */
  readonly hint: string
  /** The body of a spec's `define` that is refused, and nothing in it for another reason. */
  readonly example: string
  /** What the message of the refusal says. */
  readonly says: RegExp
  /** Whether plain data alone show it. Where they do not, the reference checker goes on and the engine refuses. */
  readonly plain: boolean
  /** Whether plain data show it only at the end of the function, so that what is undone before goes on. */
  readonly momentary?: true
}

export const REFUSALS: readonly Refusal[] = [
  {
    id: 'element-written',
    row: 'writes to an element of a set or bag',
    refused: 'an element of a set or a bag is changed while it is one',
    hint: 'elements are values: delete it and add the changed one',
    example: `
      const m = model({ jobs: set(record({ n: int(0, 9) })) })
      m.init((s) => { s.jobs.add({ n: 1 }) })
      m.action('Change', (s) => { for (const job of s.jobs) job.n = 5 })
      return m`,
    says: /an element of \S+ is a value|the element .* was changed|is a value and cannot be changed/,
    plain: true,
    momentary: true,
  },
  {
    id: 'states-compared',
    row: '===',
    refused: 'composites of two states are compared by ===, which can never be true',
    hint: 'use equal(before.x, after.x)',
    example: `
      const m = model({ a: record({ n: int(0, 9) }), b: bool })
      m.action('Flip', (s) => { s.b = !s.b })
      m.step('Kept', (before, after) => before.a !== after.a)
      return m`,
    says: /two states/,
    plain: false,
  },
  {
    id: 'never-found',
    row: 'looks for a composite',
    refused: 'a fresh object is looked for by indexOf, lastIndexOf or includes, which compare by identity and can never find it',
    hint: 'use some((x) => equal(x, …)) or findIndex',
    example: `
      const m = model({ q: seq(record({ n: int(0, 9) }), 3), found: bool })
      m.init((s) => { s.q = [{ n: 1 }] })
      m.action('Look', (s) => { s.found = s.q.includes({ n: 1 }) })
      return m`,
    says: /can never (be found|find)/,
    plain: false,
  },
  {
    id: 'predicate-writes',
    row: 'writes in a predicate',
    refused: 'a function that may only read changes its state',
    hint: 'change a copy: [...s.q].sort(), { ...s.a, n: 1 }',
    example: `
      const m = model({ n: int(0, 3) })
      m.action('Stay', () => {})
      m.invariant('Writes', (s) => { s.n = 1; return true })
      return m`,
    says: /may only read|^(?!the callback).* writes to the state/,
    plain: true,
    momentary: true,
  },
  {
    id: 'predicate-chooses',
    row: 'guards, choices and assertions in a predicate',
    refused: 'when, pick, either or ensure is called in a function that may only read',
    hint: 'predicates give true or false; use every and some',
    example: `
      const m = model({ n: int(0, 3) })
      m.action('Stay', () => {})
      m.invariant('Guards', (s) => { when(s.n > 0); return true })
      return m`,
    says: /calls (when|pick|either|ensure)\(\)|was called in (?!the callback)/,
    plain: true,
    momentary: true,
  },
  {
    id: 'returned-part',
    row: 'returns a new state',
    refused: 'an action returns a part of the state, or an object that has not exactly the variables',
    hint: 'return nothing, or an object with all variables: { ...s, n: 1 }',
    example: `
      const m = model({ n: int(0, 3), k: int(0, 3) })
      m.action('Partial', (s) => ({ n: 1 }))
      return m`,
    says: /not a whole state/,
    plain: true,
  },
  {
    id: 'returned-and-changed',
    row: 'returns a new state',
    refused: 'an action changes its state and returns a new one',
    hint: 'do one of the two',
    example: `
      const m = model({ n: int(0, 3), k: int(0, 3) })
      m.action('Both', (s) => { s.n = 1; return { ...s, k: 1 } })
      return m`,
    says: /changes its state and returns a new one/,
    plain: true,
    momentary: true,
  },
  {
    id: 'kept',
    row: 'keeps a draft, or a part of it, beyond the call',
    refused: 'a state, or a part of one, is used after the function that it was given to has returned',
    hint: 'keep a copy, or a variable of the model',
    example: `
      let kept = null
      const m = model({ n: int(0, 3), box: record({ v: int(0, 3) }) })
      m.action('Keep', (s) => { when(s.n === 0); kept = s.box; s.n = 1 })
      m.action('Use', (s) => { when(s.n === 1); if (kept) kept.v = 2; s.n = 2 })
      m.terminal(() => true)
      return m`,
    says: /after the function that it was given to had returned|declared outside/,
    plain: false,
  },
  {
    id: 'impure',
    row: 'reads a clock, random numbers, the environment, a file, the network',
    refused: 'a function reads what is no part of the state',
    hint: 'pick() what may happen, and keep time in a variable of the model',
    example: `
      const m = model({ n: int(0, 3) })
      m.action('Roll', (s) => { s.n = Math.floor(Math.random() * 4) })
      return m`,
    says: /Math\.random|Date\.now|clock|environment|is not a function of the state/,
    plain: true,
  },
  {
    id: 'outside-written',
    row: 'changes anything declared outside the function',
    refused: 'a function changes what is declared outside it',
    hint: 'compute it in define, or make it a variable of the model',
    example: `
      let calls = 0
      const m = model({ n: int(0, 3) })
      m.action('Count', (s) => { calls++; s.n = Math.min(3, calls) })
      return m`,
    says: /declared outside|is not a function of the state/,
    plain: false,
  },
  {
    id: 'value-content',
    row: 'puts into value()',
    refused: '-0, a function, a symbol, an object of a class, hidden, computed or symbol properties, an object that contains itself',
    hint: 'put in plain data, a Map, a Set, a Date or an Immutable collection',
    example: `
      const m = model({ v: value(null) })
      m.action('Put', (s) => { s.v = [Object.defineProperty({}, 'n', { value: 1 })] })
      return m`,
    says: /is not (part of )?a value of a state|not plain data/,
    plain: true,
  },
  {
    id: 'range',
    row: 'overflows an int, a bag, a sequence',
    refused:
      "a value outside its type: a number out of its range, too many copies, a sequence too long, no member; also for a moment, but for one inside of an object of the function's own",
    hint: 'guard the action with when(…), or widen the type',
    example: `
      const m = model({ n: int(0, 3) })
      m.action('Up', (s) => { s.n++ })
      return m`,
    says: /is outside int|is longer than|more than \d+ cop|is not (a member of|a number|an integer|a boolean|a record|a map|a set|a bag|a sequence)|is none of union/,
    plain: true,
    momentary: true,
  },
  {
    id: 'shape',
    row: 'unknown and missing fields',
    refused: 'a record, union or map that has not exactly its fields, a sequence with holes',
    hint: 'use option(…) for what may be absent',
    example: `
      const m = model({ box: record({ n: int(0, 3) }) })
      m.action('Name', (s) => { s.box.name = 'x' })
      return m`,
    says: /there is no (field|key)|the (field|key) .* is missing|with holes|would be a hole|but the (record|map|state|variant .*) has no/,
    plain: true,
    momentary: true,
  },
  {
    id: 'promise',
    row: 'async functions',
    refused: 'a function returns a promise',
    hint: 'a step of the model happens at once; remove async and await',
    example: `
      const m = model({ n: int(0, 3) })
      m.action('Later', async (s) => { s.n = 1 })
      return m`,
    says: /returned a promise/,
    plain: true,
  },
  {
    id: 'no-answer',
    row: 'answers of predicates',
    refused: 'a predicate, or the callback of every, some, count, find or filter, gives no boolean',
    hint: 'return true or false; === and !! make booleans',
    example: `
      const m = model({ n: int(0, 3) })
      m.action('Stay', () => {})
      m.invariant('Number', (s) => s.n)
      return m`,
    says: /instead of a boolean|not a boolean|must return a boolean/,
    plain: true,
  },
  {
    id: 'threw',
    row: 'exceptions',
    refused: 'a function throws what it does not catch',
    hint: 'an action that must not happen is guarded by when(…), one that may fail asserts with ensure(…)',
    example: `
      const m = model({ q: seq(record({ n: int(0, 3) }), 3) })
      m.action('First', (s) => { s.q[0].n = 1 })
      return m`,
    says: / threw /,
    plain: true,
  },
]

/** The reason that a message of a refusal gives; undefined for a message that gives none of the list. */
export const refusalOf = (message: string): Refusal | undefined => REFUSALS.find(({ says }) => says.test(message))
