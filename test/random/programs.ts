/**
 * Random programs: the source text of whole specs, written as engineers write their code. Elements are held while their list is shifted, sorted and
 * spliced, values are swapped and copied in all the ways that there are, fresh objects are changed after they were assigned, what was read is
 * turned into text, callbacks count and throw.
 *
 * A program is a tree of pieces of text, so that one that shows a difference can be made smaller by leaving pieces out.
 */

/** A line, a block of them, or pieces that were written for rows of the table of values. */
export type Piece = string | Block | Written
export interface Block {
  readonly open: string
  readonly body: readonly Piece[]
  readonly close: string
}
export interface Written {
  readonly rows: readonly string[]
  readonly body: readonly Piece[]
}

export interface Program {
  readonly pieces: readonly Piece[]
}

/** The rows of which every program is refused when it is loaded, although plain data go on. */
export const REFUSED_AT_LOAD: readonly string[] = ['keeps a draft', 'changes what is outside']

export type Style = 'plain' | 'all'

/** The body of `define`: gives the model. */
export function textOf(pieces: readonly Piece[], indent = ''): string {
  return pieces
    .map((piece) =>
      typeof piece === 'string'
        ? `${indent}${piece}`
        : 'rows' in piece
          ? textOf(piece.body, indent)
          : `${indent}${piece.open}\n${textOf(piece.body, `${indent}  `)}\n${indent}${piece.close}`,
    )
    .filter((text) => text !== '')
    .join('\n')
}

/** The rows of the table that pieces were written for. */
export function rowsOf(pieces: readonly Piece[]): ReadonlySet<string> {
  const rows = new Set<string>()
  for (const piece of pieces) {
    if (typeof piece === 'string') continue
    if ('rows' in piece) for (const row of piece.rows) rows.add(row)
    for (const row of rowsOf(piece.body)) rows.add(row)
  }
  return rows
}

/** The pieces without those of a row, and without what uses a name that they declared. */
export function without(pieces: readonly Piece[], row: string): readonly Piece[] {
  const kept = map(pieces, (piece) => (typeof piece !== 'string' && 'rows' in piece && piece.rows.includes(row) ? undefined : piece))
  for (let before = kept; ; ) {
    const gone = [...namesOf(textOf(pieces))].filter((name) => !namesOf(textOf(before)).has(name))
    const uses = new RegExp(`\\b(?:${gone.join('|')})\\b`)
    const after =
      gone.length === 0
        ? before
        : map(before, (piece) => (uses.test(typeof piece === 'string' ? piece : 'open' in piece ? piece.open : '') ? undefined : piece))
    if (textOf(after) === textOf(before)) return after
    before = after
  }
}
function map(pieces: readonly Piece[], to: (piece: Piece) => Piece | undefined): readonly Piece[] {
  return pieces.flatMap((piece): readonly Piece[] => {
    const made = to(piece)
    return made === undefined ? [] : typeof made === 'string' ? [made] : [{ ...made, body: map(made.body, to) }]
  })
}
/** The names that a program declares in its functions: a letter and a number each, of which no two are the same. */
function namesOf(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [, declared = ''] of text.matchAll(/\b(?:const|let) (.*?) (?:=|of|in) /g))
    for (const [name] of declared.matchAll(/\b[vcftpnix]\d+\b/g)) names.add(name)
  return names
}

/** A program with this seed. */
export function programOf(seed: number, style: Style = 'all'): Program {
  return new Writer(seed, style).program()
}

/** All programs that have one piece less, or a block's content instead of the block; the largest steps first. */
export function* smaller(pieces: readonly Piece[]): Generator<readonly Piece[]> {
  for (let size = Math.ceil(pieces.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < pieces.length; at += size) yield [...pieces.slice(0, at), ...pieces.slice(at + size)]
  for (const [at, piece] of pieces.entries()) {
    if (typeof piece === 'string') continue
    if ('open' in piece) yield [...pieces.slice(0, at), ...piece.body, ...pieces.slice(at + 1)]
    for (const body of smaller(piece.body)) yield [...pieces.slice(0, at), { ...piece, body }, ...pieces.slice(at + 1)]
  }
}

// --- what a program is about

/** Kinds of data that expressions are of. A `job` is a record `{ id, n }`; `jobs` an array of them, in the state or not. */
type Kind =
  | 'num'
  | 'job'
  | 'jobs'
  | 'nums'
  | 'numSet'
  | 'jobSet'
  | 'numBag'
  | 'jobBag'
  | 'jobMap'
  | 'listMap'
  | 'box'
  | 'boxes'
  | 'msg'
  | 'msgs'
  | 'bigBag'
  | 'farSet'
  | 'any'

interface Local {
  readonly name: string
  readonly kind: Kind
}

/** The variables that there may be: type, kind, a first value, and how a text of them is made by the simplest of reads. */
const JOB = (x: string): string => `${x}.id + '/' + ${x}.n`
const VARIABLES: Readonly<Record<string, { type: string; kind: Kind; first?: string; text: (x: string) => string }>> = {
  a: { type: 'Job', kind: 'job', first: '{ id: 1, n: 2 }', text: JOB },
  b: { type: 'Job', kind: 'job', first: '{ id: 2, n: 7 }', text: JOB },
  opt: { type: 'option(Job)', kind: 'any', first: '{ id: 3, n: 4 }', text: (x) => `(${x} === null ? '-' : ${JOB(x)})` },
  q: {
    type: 'seq(Job, 5)',
    kind: 'jobs',
    first: '[{ id: 1, n: 5 }, { id: 2, n: 1 }, { id: 3, n: 8 }]',
    text: (x) => `${x}.map((e) => ${JOB('e')}).join()`,
  },
  nums: { type: 'seq(int(0, 9), 6)', kind: 'nums', first: '[3, 0, 1, 0]', text: (x) => `${x}.map((e) => e).join()` },
  ids: { type: 'set(int(0, 9))', kind: 'numSet', first: 'new Set([1, 4])', text: (x) => `[...${x}].sort().join()` },
  jobs: {
    type: 'set(Job)',
    kind: 'jobSet',
    first: 'new Set([{ id: 1, n: 1 }, { id: 0, n: 2 }])',
    text: (x) => `[...${x}].map((e) => ${JOB('e')}).sort().join()`,
  },
  wide: {
    type: 'set(Wide)',
    kind: 'jobSet',
    first: 'new Set([{ id: 1, n: 8 }, { id: 0, n: 2 }])',
    text: (x) => `[...${x}].map((e) => ${JOB('e')}).sort().join()`,
  },
  at: {
    type: 'map(Key, Job)',
    kind: 'jobMap',
    first: '{ k1: { id: 0, n: 6 }, k2: { id: 1, n: 3 } }',
    text: (x) => `${JOB(`${x}.k1`)} + ',' + ${JOB(`${x}.k2`)}`,
  },
  lists: {
    type: 'map(Key, seq(int(0, 9), 4))',
    kind: 'listMap',
    first: '{ k1: [1, 2], k2: [3] }',
    text: (x) => `${x}.k1.map((e) => e).join() + ';' + ${x}.k2.map((e) => e).join()`,
  },
  box: { type: 'Box', kind: 'box', first: "{ job: { id: 1, n: 1 }, list: [4, 2], up: new Set(['k2']) }", text: (x) => BOX(x) },
  boxes: {
    type: 'seq(Box, 3)',
    kind: 'boxes',
    first: "[{ job: { id: 1, n: 3 }, list: [], up: new Set() }, { job: { id: 2, n: 5 }, list: [1], up: new Set(['k1']) }]",
    text: (x) => `${x}.map((e) => ${BOX('e')}).join()`,
  },
  msg: { type: 'Msg', kind: 'msg', first: "{ kind: 'ask', id: 2, n: 3 }", text: (x) => MSG(x) },
  inbox: {
    type: 'seq(Msg, 3)',
    kind: 'msgs',
    first: "[{ kind: 'tell', n: 4, to: 'k1' }, { kind: 'pack', job: { id: 3, n: 3 } }]",
    text: (x) => `${x}.map((e) => ${MSG('e')}).join()`,
  },
  tokens: { type: 'bag(int(0, 4), 3)', kind: 'numBag', first: 'bagOf([1, 1, 3])', text: (x) => `[0, 1, 2, 3, 4].map((e) => ${x}.count(e)).join()` },
  packets: {
    type: 'bag(Job, 2)',
    kind: 'jobBag',
    first: 'bagOf([{ id: 1, n: 1 }, { id: 2, n: 0 }])',
    text: (x) => `${x}.distinct().map((e) => ${JOB('e')} + '*' + ${x}.count(e)).sort().join()`,
  },
  big: { type: 'bag(int(0, 1), 2 ** 32)', kind: 'bigBag', first: 'bagOf([1])', text: (x) => `${x}.count(0) + '/' + ${x}.count(1)` },
  far: {
    type: 'set(Far)',
    kind: 'farSet',
    first: 'new Set([{ x: 2 ** 30, y: 0, z: 1 }])',
    text: (x) => `[...${x}].map((e) => e.x + '/' + e.y + '/' + e.z).sort().join()`,
  },
  v: { type: 'value(null)', kind: 'any', first: '{ list: [1], name: 2 }', text: (x) => `content(${x})` },
}
function BOX(x: string): string {
  return `${JOB(`${x}.job`)} + ':' + ${x}.list.map((e) => e).join() + ':' + [...${x}.up].sort().join()`
}
function MSG(x: string): string {
  return `(${x}.kind + (${x}.kind === 'ask' ? ${x}.id + '/' + ${x}.n : ${x}.kind === 'tell' ? ${x}.n + ${x}.to : ${x}.kind === 'pack' ? ${JOB(`${x}.job`)} : ''))`
}

const HEADER = [
  'const clip = (n) => Math.abs(Math.trunc(Number(n)) || 0) % 10',
  'const hash = (text) => { let h = 7; for (const c of String(text)) h = (h * 31 + c.charCodeAt(0)) % 1009; return h }',
  "const content = (v) => v instanceof Map ? 'map' + [...v].map(String).sort() : v instanceof Set ? 'set' + [...v].map(String).sort() : v instanceof Date ? 'date' + Number(v) : String(JSON.stringify(v))",
  "const Key = ids('k', 2)",
  'const Job = record({ id: int(0, 3), n: int(0, 9) })',
  'const Wide = record({ id: int(0, 3), n: int(0, 4999) })',
  'const Far = record({ x: int(0, 2 ** 30), y: int(0, 2 ** 30), z: int(0, 2 ** 30) })',
  'const Box = record({ job: Job, list: seq(int(0, 9), 4), up: set(Key) })',
  "const Msg = union('kind', { ask: { id: int(0, 3), n: int(0, 9) }, tell: { n: int(0, 9), to: Key }, pack: { job: Job }, none: {} })",
]
/** So many invariants ask for the remainder of a number made of the whole state: which of them are violated, and when, tells what was reached. */
const REMAINDERS = 4

class Writer {
  readonly #style: Style
  #state: number
  /** The rows of what is being written. */
  #rows: string[] = []
  readonly #there: string[] = []
  #names = 0
  /** What the function that is being written may do to its state. */
  #writes = true
  #state_ = 's'
  /** How many more choices the action may make; none in a loop, where there would be too many ways to run it. */
  #choices = 0

  constructor(seed: number, style: Style) {
    this.#style = style
    this.#state = seed * 2654435761 + 1
    this.#outside = this.all && this.once(16)
  }

  /**
   * Whether the program may have what belongs to a row. Each has only some of them, the same all through: where all meet in every program, those
   * that differ most often hide the others.
   */
  may(family: string): boolean {
    if (!this.all) return false
    const known = this.#families.get(family)
    if (known !== undefined) return known
    const answer = this.once(2)
    this.#families.set(family, answer)
    return answer
  }
  readonly #families = new Map<string, boolean>()
  /** One program in sixteen does what is refused wherever it is done: so few, as there is not much else to see in these. */
  #outside = false
  /** Whether the function has a parameter `k`, a key. */
  #keyed = false

  // Mulberry32, as public domain has it.
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  below(n: number): number {
    return Math.floor(this.#random() * n)
  }
  one<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }
  once(n: number): boolean {
    return this.below(n) === 0
  }
  name(prefix: string): string {
    return `${prefix}${++this.#names}`
  }
  /** Notes that what is being written is of a row. */
  row(name: string): void {
    this.#rows.push(name)
  }
  /** Pieces with the rows that were noted while they were written. */
  written(write: () => Piece[]): Piece[] {
    const outer = this.#rows
    this.#rows = []
    const body = write()
    const rows = [...new Set(this.#rows)]
    this.#rows = outer
    return rows.length > 0 && body.length > 0 ? [{ rows, body }] : body
  }
  get all(): boolean {
    return this.#style === 'all'
  }

  // --- the whole

  program(): Program {
    const names = Object.keys(VARIABLES)
    while (this.#there.length < 4 + this.below(4)) {
      const name = this.one(names)
      if (!this.#there.includes(name) && (this.all || name !== 'v')) this.#there.push(name)
    }
    const kindOf = (name: string) => VARIABLES[name] as (typeof VARIABLES)[string]
    const variables = this.#there.map((name) => `${name}: ${kindOf(name).type}`)
    const pieces: Piece[] = [
      ...HEADER,
      ...(this.#outside ? ['let calls = 0', 'let kept = null', 'const seen = new Set()', 'const notes = []'] : []),
      `const m = model({ done: int(0, 3), got: int(0, 9), out: value(''), ${variables.join(', ')} })`,
      `const all = (s) => s.done + '|' + s.got + '|' + s.out + '|' + ${this.#there.map((name) => kindOf(name).text(`s.${name}`)).join(" + '|' + ")}`,
      {
        open: 'm.init((s) => {',
        body: [...this.#there.map((name) => `s.${name} = ${kindOf(name).first}`), ...(this.once(3) ? ['s.got = pick([0, 5])'] : [])],
        close: '})',
      },
    ]
    for (let i = 0, n = 1 + this.below(2); i < n; i++) pieces.push(this.action(`A${i}`))
    if (this.may('returned') && this.once(2)) pieces.push(...this.written(() => [this.reducer()]))
    pieces.push('m.terminal(() => true)')
    for (let i = 0, n = this.below(3); i < n; i++) pieces.push(this.predicate(`m.invariant('I${i}', (s) => {`))
    if (this.once(3)) pieces.push(...this.written(() => [this.stepProperty()]))
    for (let i = 0; i < REMAINDERS; i++) pieces.push(`m.invariant('H${i}', (s) => hash(all(s)) % ${REMAINDERS} !== ${i})`)
    return { pieces: [...pieces, 'return m'] }
  }

  action(name: string): Piece {
    this.#writes = true
    this.#choices = 2
    this.#state_ = 's'
    const parameters = this.once(3)
    this.#keyed = parameters
    const locals: Local[] = parameters ? [{ name: 'c', kind: 'num' }] : []
    return {
      open: parameters ? `m.action('${name}', { k: Key, c: int(0, 1) }, (s, { k, c }) => {` : `m.action('${name}', (s) => {`,
      body: [
        `when(s.done < ${this.once(3) ? 3 : 2})`,
        's.done++',
        "let o = ''",
        ...this.statements(locals, 3, 3 + this.below(6)),
        's.out = o.slice(0, 80)',
      ],
      close: '})',
    }
  }

  /** An action that returns its new state. */
  reducer(): Piece {
    this.#keyed = false
    this.row('returned state')
    this.#writes = false
    this.#state_ = 's'
    const locals: Local[] = []
    const body: Piece[] = ["let o = ''", ...this.statements(locals, 1, 2)]
    const changes = ['done: s.done + 1', `got: clip(${this.num(locals)})`, 'out: o.slice(0, 80)']
    if (this.has('a')) changes.push(`a: ${this.job(locals, true)}`)
    if (this.has('q')) changes.push(this.one(['q: s.q.filter((x) => x.n > 2)', 'q: s.q.slice(1)', 'q: [...s.q].reverse()']))
    if (this.has('ids')) changes.push(`ids: new Set([...s.ids, ${this.num(locals)}].map(clip))`)
    const whole = `{ ...s, ${changes.join(', ')} }`
    const end = this.one([
      `return ${whole}`,
      `return ${whole}`,
      `return either(() => (${whole}), () => ({ ...s, done: s.done + 1 }))`,
      `return pick([${whole}, { ...s, done: 3 }])`,
    ])
    return { open: `m.action('R', (s) => {`, body: ['when(s.done < 2)', ...body, this.once(20) ? 'return { got: 1 }' : end], close: '})' }
  }

  predicate(open: string): Piece {
    this.#keyed = false
    this.#writes = false
    this.#state_ = 's'
    return { open, body: ["let o = ''", ...this.statements([], 2, 2 + this.below(3)), `return hash(o) % ${2 + this.below(4)} !== 1`], close: '})' }
  }

  stepProperty(): Piece {
    this.#keyed = false
    this.row('step property')
    this.#writes = false
    const body: Piece[] = ["let o = ''"]
    for (const state of ['before', 'after']) {
      this.#state_ = state
      body.push(...this.statements([], 1, 1 + this.below(2)))
    }
    this.#state_ = 's'
    return { open: `m.step('S', (before, after) => {`, body: [...body, `return hash(o) % 3 !== 1`], close: '})' }
  }

  has(...names: string[]): boolean {
    return names.every((name) => this.#there.includes(name))
  }
  /** The places of a kind in the state: variables, and parts of them. */
  places(kind: Kind): string[] {
    const s = this.#state_
    const names = this.#there.filter((name) => (VARIABLES[name] as { kind: Kind }).kind === kind).map((name) => `${s}.${name}`)
    if (kind === 'job' && this.has('at')) names.push(`${s}.at.k1`, `${s}.at.k2`, ...(this.#keyed ? [`${s}.at[k]`] : []))
    if (kind === 'job' && this.has('box')) names.push(`${s}.box.job`)
    if (kind === 'nums' && this.has('box')) names.push(`${s}.box.list`)
    if (kind === 'nums' && this.has('lists')) names.push(`${s}.lists.k1`, `${s}.lists.k2`)
    return names
  }
  locals(kind: Kind, locals: readonly Local[]): string[] {
    return locals.filter((local) => local.kind === kind).map(({ name }) => name)
  }
  /** Something of a kind, in the state or held; undefined where there is nothing. */
  some(kind: Kind, locals: readonly Local[]): string | undefined {
    const held = this.locals(kind, locals)
    const places = this.places(kind)
    if (held.length > 0 && (places.length === 0 || this.once(2))) return this.one(held)
    return places.length > 0 ? this.one(places) : undefined
  }
  /** A variable of the state, or a part of it. */
  place(kind: Kind): string | undefined {
    const places = this.places(kind)
    return places.length > 0 ? this.one(places) : undefined
  }

  // --- expressions

  index(): string {
    return String(this.one([0, 0, 1, 1, 2, 9]))
  }
  /** A number from 0 to 9, or so. */
  num(locals: readonly Local[], depth = 1): string {
    const s = this.#state_
    const forms: (() => string | undefined)[] = [
      () => String(this.below(10)),
      () => `${s}.got`,
      () => `${s}.done`,
      () => this.locals('num', locals)[0],
      () => this.wrap(this.some('nums', locals), (x) => this.one([`(${x}[${this.index()}] ?? 0)`, `${x}.length`, `(${x}.at(-1) ?? 1)`])),
      () =>
        this.wrap(this.some('jobs', locals), (x) =>
          this.one([`${x}.length`, `(${x}[${this.index()}]?.n ?? 2)`, `${x}.reduce((sum, x) => sum + x.n, 0)`]),
        ),
      () => this.wrap(this.some('numSet', locals), (x) => `${x}.size`),
      () => this.wrap(this.some('jobSet', locals), (x) => `${x}.size`),
      () => this.wrap(this.some('numBag', locals), (x) => this.one([`${x}.size`, `${x}.count(1)`])),
      () => this.wrap(this.some('job', locals), (x) => this.one([`(${x}?.n ?? 3)`, `(${x}?.id ?? 4)`])),
      () => (this.has('opt') ? `(${s}.opt?.n ?? 5)` : undefined),
      () => (this.has('msg') ? `(${s}.msg.n ?? 6)` : undefined),
      () => (depth > 0 ? `(${this.num(locals, 0)} + ${this.num(locals, 0)})` : undefined),
    ]
    return this.try(forms) ?? '1'
  }
  wrap<T = string>(inner: string | undefined, make: (inner: string) => T | undefined): T | undefined {
    return inner === undefined ? undefined : make(inner)
  }
  try<T>(forms: readonly (() => T | undefined)[]): T | undefined {
    for (let i = 0; i < 12; i++) {
      const noted = this.#rows.length
      const made = this.one(forms)()
      if (made !== undefined) return made
      this.#rows.length = noted
    }
    return undefined
  }
  freshJob(locals: readonly Local[]): string {
    return `{ id: ${this.below(4)}, n: ${this.once(2) ? this.below(10) : `clip(${this.num(locals)})`} }`
  }
  freshMsg(locals: readonly Local[]): string {
    return this.one([
      `{ kind: 'ask', id: ${this.below(4)}, n: clip(${this.num(locals)}) }`,
      `{ kind: 'tell', n: clip(${this.num(locals)}), to: 'k${1 + this.below(2)}' }`,
      `{ kind: 'pack', job: ${this.freshJob(locals)} }`,
      `{ kind: 'none' }`,
    ])
  }
  freshBox(locals: readonly Local[]): string {
    return `{ job: ${this.freshJob(locals)}, list: [${this.below(10)}], up: new Set(['k1']) }`
  }
  /** A job, or what looks like one; not there at times unless it must be. */
  job(locals: readonly Local[], must = false): string {
    if (!this.all) return this.once(2) ? this.freshJob(locals) : (this.wrap(this.place('job'), (x) => `{ ...${x} }`) ?? this.freshJob(locals))
    const s = this.#state_
    const maybe = this.try<string>([
      () => this.some('job', locals),
      () => this.some('job', locals),
      () =>
        this.wrap(this.some('jobs', locals), (x) =>
          this.one([`${x}[${this.index()}]`, `${x}.at(-1)`, `${x}.find((x) => x.n > ${this.below(6)})`, `${x}.findLast((x) => x.id < 3)`]),
        ),
      () => this.wrap(this.some('boxes', locals), (x) => `${x}[${this.index()}]?.job`),
      () => (this.has('opt') ? `${s}.opt` : undefined),
      () => (this.has('msg') ? `${s}.msg.job` : undefined),
      () => this.freshJob(locals),
    ])
    const job = maybe ?? this.freshJob(locals)
    return must && !job.startsWith('{') ? `(${job} ?? ${this.freshJob(locals)})` : job
  }

  condition(locals: readonly Local[], depth = 1): string {
    const s = this.#state_
    const plain: (() => string | undefined)[] = [
      () => `${this.num(locals)} ${this.one(['<', '>', '===', '!=='])} ${this.num(locals)}`,
      () => `${this.num(locals)} % 2 === 0`,
      () => this.wrap(this.some('numSet', locals), (x) => `${x}.has(${this.num(locals)})`),
      () => this.wrap(this.some('jobSet', locals), (x) => `${x}.has(${this.freshJob(locals)})`),
      () => this.wrap(this.some('nums', locals), (x) => `${x}.includes(${this.num(locals)})`),
      () => (this.has('opt') ? `${s}.opt === null` : undefined),
      () => (this.has('msg') ? `${s}.msg.kind === '${this.one(['ask', 'tell', 'pack'])}'` : undefined),
      () => (depth > 0 ? `(${this.condition(locals, 0)}) ${this.one(['&&', '||'])} (${this.condition(locals, 0)})` : undefined),
      () => this.wrap(this.some('jobs', locals), (x) => `${x}.some((x) => x.n > ${this.num(locals)})`),
      () => this.wrap(this.place('numSet'), (x) => `every(${x}, (x) => x < ${this.num(locals)})`),
    ]
    const rich: (() => string | undefined)[] = [
      () => {
        this.row('===')
        return `${this.job(locals)} === ${this.job(locals)}`
      },
      () =>
        this.wrap(this.some('jobs', locals), (x) => {
          this.row('looks for a composite')
          return `${x}.includes(${this.job(locals)})`
        }),
      () =>
        this.wrap(this.any(locals), (x) =>
          this.one([`Array.isArray(${x})`, `${x} instanceof Set`, `${x} instanceof Array`, `'n' in Object(${x})`, `'0' in Object(${x})`]),
        ),
      () => `equal(${this.job(locals)}, ${this.job(locals)})`,
      () => this.wrap(this.some('nums', locals), (x) => `${x}.includes(${this.num(locals)}, ${this.one(['1', '-1', '-2', '9'])})`),
    ]
    return this.try(this.may('rich') && this.once(2) ? rich : plain) ?? 'true'
  }

  /** Any composite. */
  any(locals: readonly Local[]): string | undefined {
    const kinds: Kind[] = ['job', 'jobs', 'nums', 'numSet', 'jobSet', 'jobMap', 'listMap', 'box', 'boxes', 'msg', 'msgs', 'any']
    return this.try(kinds.map((kind) => () => this.some(kind, locals)))
  }

  /** A text of something that was read. */
  text(locals: readonly Local[]): string {
    const x = this.any(locals)
    if (!this.may('text') || x === undefined) return this.num(locals)
    this.row('text of what was read')
    return (
      this.try<string>([
        () => `JSON.stringify(${x})`,
        () => `JSON.stringify([${x}, 1])`,
        () => `\`\${${x}}\``,
        () => `Object.keys(Object(${x})).join()`,
        () => `JSON.stringify(Object.entries(Object(${x})))`,
        () => `JSON.stringify(Object.values(Object(${x})))`,
        () => `String(Array.isArray(${x}))`,
        () => `Object.prototype.toString.call(${x})`,
        () => `JSON.stringify({ ...${x} })`,
        () => `JSON.stringify(structuredClone(${x}))`,
        () => `typeof ${x}`,
        () => `Object.getOwnPropertyNames(Array.isArray(${x}) ? ${x} : {}).join()`,
        () =>
          this.wrap(this.some('nums', locals), (y) =>
            this.one([
              `${y}.join('-')`,
              `${y}.indexOf(0, ${this.one(['1', '-1', '-3'])})`,
              `${y}.lastIndexOf(0, ${this.one(['-1', '-2', '1', 'undefined'])})`,
              `${y}.concat(${y}, 7).join()`,
              `[${y}, ${y}].flat().join()`,
              `${y}.toSorted().join()`,
              `${y}.with(0, 5).length`,
            ]),
          ),
        () =>
          this.wrap(this.some('jobs', locals), (y) =>
            this.one([
              `${y}.indexOf(${this.job(locals)})`,
              `${y}.lastIndexOf(${this.job(locals)})`,
              `${y}.map((e, i, l) => e.n + i + l.length).join()`,
              `${y}.flatMap((e) => [e.n, e.id]).join()`,
              `JSON.stringify(${y}.toReversed())`,
              `JSON.stringify(${y}.slice(-2))`,
              `${y}.findIndex((e) => e.n > 4)`,
              `${y}.reduceRight((t, e) => t + e.n, '')`,
              `[...${y}.keys()].join()`,
              `JSON.stringify([...${y}.entries()])`,
            ]),
          ),
        () =>
          this.wrap(this.some('jobMap', locals), (y) =>
            this.one([`Object.values(${y}).map((e) => e.n).join()`, `Object.entries(${y}).map(([k, e]) => k + e.n).join()`]),
          ),
        () =>
          this.wrap(this.some('numSet', locals), (y) =>
            this.one([
              `[...${y}].join()`,
              `[...${y}.entries()].join()`,
              `[...${y}.union(new Set([0, 5]))].join()`,
              `[...${y}.intersection(new Set([5, 4, 1, 8]))].join()`,
              `[...${y}.symmetricDifference(new Set([4, 5]))].join()`,
              `${y}.isSubsetOf(new Set([1, 4, 9]))`,
            ]),
          ),
        () =>
          this.wrap(this.some('jobSet', locals), (y) =>
            this.one([
              `[...${y}].map((e) => e.n).join()`,
              `${y}.difference(new Set([{ id: 1, n: 1 }])).size`,
              `${y}.union(new Set([{ id: 1, n: 1 }])).size`,
            ]),
          ),
      ]) ?? '0'
    )
  }

  // --- statements

  statements(outer: readonly Local[], depth: number, n: number): Piece[] {
    const locals = [...outer]
    return Array.from({ length: n }, () => this.statement(locals, depth)).flat()
  }

  /** One statement, or some that belong together. New names are put among the locals. */
  statement(locals: Local[], depth: number): Piece[] {
    const forms: (() => Piece[] | undefined)[] = [() => this.observe(locals)]
    const family = (name: string, times: number, form: () => Piece[] | undefined): void => {
      if (this.may(name)) for (let i = 0; i < times; i++) forms.push(form)
    }
    family('hold', 2, () => this.hold(locals))
    family('copy', 1, () => this.copy(locals))
    family('hold', 1, () => this.kept(locals))
    family('rich', 3, () => this.look(locals))
    family('methods', 2, () => this.method(locals))
    if (this.#outside && this.once(2)) forms.push(() => this.forbidden(locals))
    if (depth > 0) family('callback', 1, () => this.callback(locals, depth))
    if (this.#writes) {
      forms.push(
        () => this.simple(locals),
        () => this.simple(locals),
      )
      family('change', 2, () => this.change(locals))
      family('swap', 1, () => this.swap(locals))
      family('two places', 1, () => this.twoPlaces(locals))
      family('fresh', 1, () => this.fresh(locals))
      family('write', 2, () => this.write(locals))
      family('opaque', 1, () => this.opaque(locals))
      family('natural', 3, () => this.natural(locals))
      family('numbers', 2, () => this.numbers())
      if (depth > 0 && this.#choices > 0) forms.push(() => this.choice(locals, depth))
      if (depth > 0) family('caught', 1, () => this.caught(locals, depth))
      if (depth > 0) family('changing', 2, () => this.changing(locals, depth))
      if (this.once(12)) forms.push(() => [`if (${this.condition(locals)}) return`])
    }
    if (depth > 0)
      forms.push(
        () => this.branch(locals, depth),
        () => this.loop(locals, depth),
      )
    return this.written(() => this.try(forms) ?? [])
  }

  /** Reads something into the text of the function. */
  observe(locals: readonly Local[]): Piece[] {
    return [`o += ${this.once(2) ? `(${this.condition(locals)})` : this.text(locals)} + ' '`]
  }

  /** Writes that any language has. */
  simple(locals: readonly Local[]): Piece[] | undefined {
    return this.try<Piece[]>([
      () => [`s.got = clip(${this.num(locals)})`],
      () => this.line(this.place('job'), (x) => `${x}.n = clip(${this.num(locals)})`),
      () => this.line(this.place('job'), (x) => `${x} = ${this.freshJob(locals)}`),
      () => this.line(this.has('q') ? 's.q' : undefined, (x) => `if (${x}.length < 5) ${x}.push(${this.job(locals, true)})`),
      () =>
        this.line(this.has('nums') ? 's.nums' : undefined, (x) =>
          this.one([
            `if (${x}.length < 6) ${x}.push(clip(${this.num(locals)}))`,
            `${x}.shift()`,
            `if (${x}.length > 0) ${x}[0] = clip(${this.num(locals)})`,
          ]),
        ),
      () => this.line(this.place('numSet'), (x) => this.one([`${x}.add(clip(${this.num(locals)}))`, `${x}.delete(${this.num(locals)})`])),
      () => this.line(this.place('jobSet'), (x) => this.one([`${x}.add(${this.freshJob(locals)})`, `${x}.delete(${this.freshJob(locals)})`])),
      () => this.line(this.place('numBag'), (x) => this.one([`if (${x}.count(2) < 3) ${x}.add(2)`, `${x}.delete(1)`])),
      () => this.line(this.place('jobBag'), (x) => `if (${x}.count({ id: 1, n: 1 }) < 2) ${x}.add({ id: 1, n: 1 })`),
      () =>
        this.has('opt')
          ? [this.one(['s.opt = null', `s.opt = ${this.freshJob(locals)}`, `if (s.opt !== null) s.opt.n = clip(${this.num(locals)})`])]
          : undefined,
      () =>
        this.has('msg')
          ? [this.one([`s.msg = ${this.freshMsg(locals)}`, `if (s.msg.kind === 'ask') s.msg.n = clip(${this.num(locals)})`])]
          : undefined,
      () => (this.has('inbox') ? [`if (s.inbox.length < 3) s.inbox.push(${this.freshMsg(locals)})`] : undefined),
      () =>
        this.has('box')
          ? [this.one([`s.box.up.add('k${1 + this.below(2)}')`, `if (s.box.list.length < 4) s.box.list.push(clip(${this.num(locals)}))`])]
          : undefined,
      () => [`when(${this.condition(locals)})`],
      () => (this.once(4) ? [`ensure(${this.condition(locals)} || ${this.condition(locals)}, '${this.name('ensured ')}')`] : undefined),
    ])
  }
  line(x: string | undefined, make: (x: string) => string): Piece[] | undefined {
    return x === undefined ? undefined : [make(x)]
  }

  /** Holds a part of the state under a name. */
  hold(locals: Local[]): Piece[] | undefined {
    this.row('holds a composite')
    const s = this.#state_
    const declare = (kind: Kind, text: string): Piece[] => {
      const name = this.name('v')
      locals.push({ name, kind })
      return [`const ${name} = ${text}`]
    }
    return this.try<Piece[]>([
      () => declare('job', this.job(locals)),
      () => declare('job', this.job(locals)),
      () => this.wrap(this.place('jobs'), (x) => declare('jobs', x)),
      () => this.wrap(this.place('nums'), (x) => declare('nums', x)),
      () => this.wrap(this.place('jobMap'), (x) => declare('jobMap', x)),
      () => this.wrap(this.place('numSet'), (x) => declare('numSet', x)),
      () => this.wrap(this.place('msg'), (x) => declare('msg', x)),
      () => this.wrap(this.place('boxes'), (x) => declare('box', `(${x}[0] ?? ${this.freshBox(locals)})`)),
      () => {
        const x = this.place('jobs')
        if (x === undefined) return undefined
        const [head, rest] = [this.name('v'), this.name('v')]
        locals.push({ name: head, kind: 'job' }, { name: rest, kind: 'jobs' })
        return [`const [${head}, ...${rest}] = ${x}`]
      },
      () => {
        const x = this.place('box')
        if (x === undefined) return undefined
        const [job, list] = [this.name('v'), this.name('v')]
        locals.push({ name: job, kind: 'job' }, { name: list, kind: 'nums' })
        return [`const { job: ${job}, list: ${list} } = ${x}`]
      },
      () => {
        if (!this.has('at')) return undefined
        const [first, others] = [this.name('v'), this.name('v')]
        locals.push({ name: first, kind: 'job' })
        return [`const { k1: ${first}, ...${others} } = ${s}.at`, `o += ${others}.k2.n`]
      },
    ])
  }

  /** Copies that hold parts of what they were made from. */
  copy(locals: Local[]): Piece[] | undefined {
    this.row('copies that hold parts')
    const declare = (kind: Kind, text: string): Piece[] => {
      const name = this.name('c')
      locals.push({ name, kind })
      return [`const ${name} = ${text}`]
    }
    const of = (x: string | undefined, make: (x: string) => Piece[]): Piece[] | undefined => (x === undefined ? undefined : make(x))
    return this.try<Piece[]>([
      () =>
        of(this.some('jobs', locals), (x) =>
          declare(
            'jobs',
            this.one([
              `${x}.filter((x) => x.n > ${this.below(5)})`,
              `[...${x}]`,
              `${x}.slice(${this.one(['1', '-1', '0, 2'])})`,
              `${x}.toSorted((x, y) => y.n - x.n)`,
              `${x}.toReversed()`,
              `${x}.concat(${this.job(locals, true)})`,
              `${x}.toSpliced(0, 1)`,
              `Array.from(${x})`,
              `${x}.flatMap((x) => [x, x])`,
              `structuredClone(${x})`,
            ]),
          ),
        ),
      () => of(this.place('jobMap'), (x) => declare('jobs', this.one([`Object.values(${x})`, `Object.entries(${x}).map(([, x]) => x)`]))),
      () => of(this.place('jobMap'), (x) => declare('jobMap', `{ ...${x} }`)),
      () => of(this.place('jobSet'), (x) => declare('jobs', this.once(6) ? `[...${x}]` : `Array.from(${x}, (x) => ({ ...x }))`)),
      () => of(this.place('boxes'), (x) => declare('jobs', `${x}.map((x) => x.job)`)),
      () => of(this.some('job', locals), (x) => declare('job', this.one([`{ ...${x} }`, `structuredClone(${x})`, `Object.assign({}, ${x})`]))),
      () =>
        of(this.some('nums', locals), (x) => declare('nums', this.one([`[...${x}]`, `${x}.filter((x) => x > 1)`, `${x}.map((x) => clip(x + 1))`]))),
      () => of(this.place('numSet'), (x) => declare('numSet', `new Set(${x})`)),
    ])
  }

  /** What was held is looked at. */
  kept(locals: readonly Local[]): Piece[] | undefined {
    const held = this.locals('job', locals)
    if (held.length === 0) return undefined
    const x = this.one(held)
    return [
      this.one([
        `o += ${x}?.n`,
        `o += JSON.stringify(${x})`,
        `if (${x}) for (const name in ${x}) o += name + ${x}[name]`,
        `o += (${x} === ${this.job(locals)})`,
      ]),
    ]
  }

  /** A change of a container whose parts may be held. */
  change(locals: readonly Local[]): Piece[] | undefined {
    this.row('changes the container')
    return this.try<Piece[]>([
      () => this.list(this.some('jobs', locals), locals),
      () => this.list(this.place('jobs'), locals),
      () =>
        this.line(this.place('jobs'), (x) =>
          this.one([
            `${x} = ${x}.slice(1)`,
            `${x} = ${x}.filter((x) => x.n > ${this.below(6)})`,
            `${x} = [${this.freshJob(locals)}]`,
            `${x} = []`,
            `${x} = ${x}.map((x) => ({ ...x, n: clip(x.n + 1) }))`,
            `${x} = [...${x}].reverse()`,
          ]),
        ),
      () =>
        this.line(this.some('nums', locals), (x) =>
          this.one([
            `${x}.reverse()`,
            `${x}.sort()`,
            `${x}.splice(1, 1)`,
            `${x}.fill(${this.below(10)}, 1)`,
            `${x}.copyWithin(0, 1)`,
            `${x}.length = Math.min(${x}.length, 1)`,
            `${x}.pop()`,
          ]),
        ),
      () =>
        this.line(this.place('boxes'), (x) =>
          this.one([`${x}.shift()`, `${x}.reverse()`, `if (${x}[0]) ${x}[0] = ${this.freshBox(locals)}`, `${x} = ${x}.slice(0, 1)`]),
        ),
      () =>
        this.has('at')
          ? [
              this.one([
                `s.at = { k1: ${this.job(locals, true)}, k2: ${this.freshJob(locals)} }`,
                `s.at.k1 = ${this.freshJob(locals)}`,
                `s.at = { ...s.at, k2: ${this.freshJob(locals)} }`,
              ]),
            ]
          : undefined,
      () =>
        this.line(this.place('jobSet'), (x) =>
          this.one([
            `for (const e of [...${x}]) { ${x}.delete(e); ${x}.add({ ...e, n: clip(e.n + 1) }) }`,
            `${x}.clear()`,
            `${x} = new Set([${this.freshJob(locals)}])`,
            `${x} = ${x}.union(new Set([${this.freshJob(locals)}]))`,
          ]),
        ),
      () => this.line(this.place('numSet'), (x) => this.one([`${x} = new Set([...${x}].map((e) => clip(e + 1)))`, `${x}.clear()`])),
      () => (this.has('opt') ? [this.one(['s.opt = null', `s.opt = ${this.job(locals, true)}`])] : undefined),
      () => (this.has('msg') ? [`s.msg = ${this.one([this.freshMsg(locals), `{ ...s.msg }`])}`] : undefined),
      () => (this.has('inbox') ? [this.one(['s.inbox.shift()', 's.inbox.reverse()', `s.inbox[0] = ${this.freshMsg(locals)}`])] : undefined),
      () => this.line(this.place('numBag'), (x) => this.one([`${x}.clear()`, `${x} = bagOf([...${x}].slice(1))`, `${x}.delete(3)`])),
    ])
  }
  list(x: string | undefined, locals: readonly Local[]): Piece[] | undefined {
    if (x === undefined) return undefined
    const grow = this.once(6) ? '' : `if (${x}.length < 5) `
    return [
      this.one([
        `${x}.shift()`,
        `${x}.pop()`,
        `${x}.splice(${this.below(3)}, 1)`,
        `${x}.splice(0, 1, ${this.freshJob(locals)})`,
        `${x}.sort((x, y) => ${this.one(['x.n - y.n', 'y.n - x.n', 'x.id - y.id'])})`,
        `${x}.reverse()`,
        `${grow}${x}.push(${this.job(locals, true)})`,
        `${grow}${x}.unshift(${this.job(locals, true)})`,
        `if (${x}.length > 1) ${x}.push(${x}.shift())`,
        `if (${x}.length > 1 && ${x}.length < 5) ${x}.unshift(${x}[1])`,
        `${x}.length = Math.min(${x}.length, ${this.below(3)})`,
        `if (${x}.length > 0) ${x}[0] = ${this.job(locals, true)}`,
        `${x}.copyWithin(0, 1)`,
      ]),
    ]
  }

  swap(locals: readonly Local[]): Piece[] | undefined {
    this.row('swaps')
    return this.try<Piece[]>([
      () => (this.has('a', 'b') ? [';[s.a, s.b] = [s.b, s.a]'] : undefined),
      () => (this.has('at') ? [';[s.at.k1, s.at.k2] = [s.at.k2, s.at.k1]'] : undefined),
      () => (this.has('at', 'a') ? [this.names((t) => `{ const ${t} = s.a; s.a = s.at.k1; s.at.k1 = ${t} }`)] : undefined),
      () => this.line(this.some('jobs', locals), (x) => `if (${x}.length > 1) [${x}[0], ${x}[1]] = [${x}[1], ${x}[0]]`),
      () =>
        this.line(this.some('jobs', locals), (x) =>
          this.names((t) => `if (${x}.length > 1) { const ${t} = ${x}[0]; ${x}[0] = ${x}[${x}.length - 1]; ${x}[${x}.length - 1] = ${t} }`),
        ),
      () => (this.has('lists') ? [this.names((t) => `{ const ${t} = s.lists.k1; s.lists.k1 = s.lists.k2; s.lists.k2 = ${t} }`)] : undefined),
      () => (this.has('box', 'a') ? [';[s.box.job, s.a] = [s.a, s.box.job]'] : undefined),
    ])
  }
  names(make: (name: string) => string): string {
    return make(this.name('t'))
  }

  twoPlaces(locals: readonly Local[]): Piece[] | undefined {
    this.row('two places')
    const from = this.job(locals, true)
    return this.try<Piece[]>([
      () => this.line(this.place('job'), (x) => `${x} = ${from}`),
      () => (this.has('opt') ? [`s.opt = ${from}`] : undefined),
      () => this.line(this.place('jobs'), (x) => `if (${x}.length < 5) ${x}.push(${from})`),
      () => (this.has('lists', 'nums') ? [this.one(['s.lists.k1 = s.lists.k2', 's.nums = s.lists.k1'])] : undefined),
      () => (this.has('msg') ? [`s.msg = { kind: 'pack', job: ${from} }`] : undefined),
      () => (this.has('box', 'lists') ? ['s.box.list = s.lists.k2'] : undefined),
    ])
  }

  /** A fresh value is assigned and used on. */
  fresh(locals: Local[]): Piece[] | undefined {
    this.row('fresh values')
    const name = this.name('f')
    const after = (x: string): string[] => [this.one([`${x}.n = clip(${this.num(locals)})`, `${x}.id = ${this.below(4)}`])]
    const held = (kind: Kind, pieces: Piece[]): Piece[] => {
      locals.push({ name, kind })
      return pieces
    }
    return this.try<Piece[]>([
      () =>
        this.wrap(this.place('job'), (x) =>
          held('job', [`const ${name} = ${this.freshJob(locals)}`, `${x} = ${name}`, ...after(this.one([name, x]))]),
        ),
      () =>
        this.wrap(this.place('jobs'), (x) =>
          held('job', [
            `const ${name} = ${this.freshJob(locals)}`,
            `if (${x}.length < 5) ${x}.push(${name})`,
            ...after(name),
            `o += (${x}.at(-1) === ${name})`,
          ]),
        ),
      () =>
        this.wrap(this.place('jobs'), (x) =>
          held('jobs', [`const ${name} = [${this.freshJob(locals)}]`, `${x} = ${name}`, `${name}.push(${this.freshJob(locals)})`]),
        ),
      () =>
        this.wrap(this.place('jobMap'), (x) =>
          held('jobMap', [
            `const ${name} = { k1: ${this.freshJob(locals)}, k2: ${this.freshJob(locals)} }`,
            `${x} = ${name}`,
            ...after(`${name}.k1`),
          ]),
        ),
      () =>
        this.wrap(this.place('numSet'), (x) =>
          held('numSet', [`const ${name} = new Set([${this.below(10)}])`, `${x} = ${name}`, `${name}.add(${this.below(10)})`]),
        ),
      () =>
        this.wrap(this.place('jobSet'), (x) =>
          held('jobSet', [
            `const ${name} = new Set([{ id: 1, n: 2 }, { id: 1, n: 2 }])`,
            `${x} = ${name}`,
            `o += ${name}.size + '' + ${name}.has({ id: 1, n: 2 })`,
            `${x}.add({ id: 1, n: 2 })`,
          ]),
        ),
      () =>
        this.wrap(this.place('box'), (x) =>
          held('box', [`const ${name} = ${this.freshBox(locals)}`, `${x} = ${name}`, `${name}.list.push(1)`, ...after(`${name}.job`)]),
        ),
      () =>
        this.has('opt')
          ? held('job', [`const ${name} = ${this.freshJob(locals)}`, `s.opt = ${name}`, ...after(name), `o += (s.opt === ${name})`])
          : undefined,
    ])
  }
  /** Writes to something held. */
  write(locals: readonly Local[]): Piece[] | undefined {
    const held = this.try<string>([
      () => this.one(this.locals('job', locals)),
      () => this.wrap(this.one(this.locals('jobs', locals)), (x) => `${x}[0]`),
      () => this.wrap(this.one(this.locals('box', locals)), (x) => `${x}.job`),
    ])
    if (held === undefined) return undefined
    return [
      this.one([
        `if (${held}) ${held}.n = clip(${this.num(locals)})`,
        `if (${held}) ${held}.n = (${held}.n + 1) % 10`,
        `if (${held}) Object.assign(${held}, { n: ${this.below(10)} })`,
      ]),
    ]
  }

  /** What value() holds. */
  opaque(locals: readonly Local[]): Piece[] | undefined {
    if (!this.has('v')) return undefined
    this.row('value()')
    return [
      this.one([
        `s.v = new Map([['x', ${this.num(locals)}]])`,
        `s.v = new Set([${this.num(locals)}, 3])`,
        `s.v = new Date(${this.below(3)})`,
        `s.v = { at: new Map([[1, [${this.num(locals)}]]]) }`,
        `s.v = [${this.num(locals)}, { n: null }]`,
        `s.v = ${this.job(locals, true)}`,
        `s.v = NaN`,
        `s.v = [List([1, ${this.below(3)}])]`,
        `s.v = { q: List([0, 1, ${this.below(3)}]).shift() }`,
        `s.v = List([{ id: 1, n: ${this.below(3)} }])`,
        `s.v = { list: ${this.some('nums', locals) ?? '[]'} }`,
      ]),
    ]
  }

  /** Looks for an element by its identity. */
  look(locals: readonly Local[]): Piece[] | undefined {
    return this.wrap(this.some('jobs', locals), (list) => {
      const element = this.one([
        `${list}[${this.index()}]`,
        `${list}.at(-1)`,
        `${list}.find((e) => e.n > ${this.below(6)})`,
        ...this.locals('job', locals),
      ])
      this.row('looks for a composite')
      return [
        `o += ${this.one([
          `${list}.indexOf(${element})`,
          `${list}.indexOf(${element}, ${this.one(['1', '-1', '-2'])})`,
          `${list}.lastIndexOf(${element})`,
          `${list}.includes(${element})`,
          `${list}.toReversed().indexOf(${element})`,
          `[...${list}].includes(${element})`,
          `${list}.findIndex((e) => e === ${element})`,
        ])} + '@'`,
      ]
    })
  }

  /** What is refused wherever it is done. */
  forbidden(locals: readonly Local[]): Piece[] | undefined {
    const s = this.#state_
    const of = (row: string, line: string | undefined): Piece[] | undefined => {
      if (line === undefined) return undefined
      this.row(row)
      return [line]
    }
    return this.try<Piece[]>([
      () =>
        of(
          'keeps a draft',
          this.wrap(this.any(locals), (x) => `kept = ${x}`),
        ),
      () => of('keeps a draft', `kept = ${this.one([s, `() => ${s}.got`, `${s}.${this.#there[0]}`])}`),
      () =>
        of(
          'keeps a draft',
          this.wrap(this.some('job', locals), (x) =>
            this.one([`notes.push(${x})`, `seen.add(${x})`, `if (kept) o += kept.n; kept = ${x}`, `kept = { job: ${x} }`]),
          ),
        ),
      () =>
        of(
          'keeps a draft',
          this.wrap(this.place('numSet'), (x) => `kept = ${x}.values()`),
        ),
      () =>
        of(
          'changes what is outside',
          this.one([
            'calls++',
            'calls += 2',
            "o += ++calls > 40 ? 'x' : ''",
            `seen.add(${this.num(locals)})`,
            `notes.push(${this.num(locals)})`,
            `notes[0] = ${this.num(locals)}`,
            'notes.length = 0',
            ';[calls] = [calls + 1]',
            'delete notes[0]',
            'for (calls of [1, 2]);',
            '(() => { calls = 3 })()',
          ]),
        ),
      () =>
        of(
          'reads a clock',
          this.one([
            'o += Date.now() % 2',
            'o += new Date().getFullYear()',
            "if (Math.random() < 1e-9) o += 'x'",
            'o += Math.trunc(performance.now() / 1e9)',
            'o += process.uptime() < 0',
            "o += process.env.HOME === ''",
            "if (crypto.randomUUID().startsWith('00000000')) o += 'x'",
            'o += [3, 1].sort(() => Math.random() - 0.5).length',
          ]),
        ),
      () =>
        this.#writes
          ? of(
              'writes to an element',
              this.wrap(this.place('jobSet'), (x) =>
                this.one([`for (const e of ${x}) e.n = 5`, `${x}.forEach((e) => { e.n = 0 })`, `;[...${x}].forEach((e) => { e.id = 0 })`]),
              ),
            )
          : undefined,
      () =>
        this.#writes
          ? of('overflows', this.one(['s.got = 12', 's.got -= 10', 's.got = 0.5', 's.done += 7; s.done = 1', 's.got = NaN', "s.got = '1'"]))
          : undefined,
      () =>
        this.#writes
          ? of(
              'overflows',
              this.wrap(this.place('jobs'), (x) =>
                this.one([
                  `${x}.push(...Array.from({ length: 6 }, () => ({ id: 1, n: 1 })))`,
                  `while (${x}.length < 7) ${x}.push({ id: 0, n: 0 }); ${x}.length = 0`,
                ]),
              ),
            )
          : undefined,
      () => (this.#writes ? undefined : of('writes in a predicate', this.one([`${s}.got = 1`, `${s}.got++`, `${s}.${this.#there[0]} = null`]))),
      () =>
        this.#writes
          ? undefined
          : of(
              'writes in a predicate',
              this.wrap(this.place('jobs'), (x) =>
                this.one([`${x}.push({ id: 1, n: 1 })`, `${x}.sort((x, y) => x.n - y.n)`, `if (${x}[0]) ${x}[0].n = 1`]),
              ),
            ),
    ])
  }

  /** Numbers beyond 32 bits. */
  numbers(): Piece[] | undefined {
    const ways = [
      ...(this.has('big')
        ? [
            's.big.add(1)',
            's.big.add(0)',
            's.big = bagOf([...s.big, 0, 1])',
            's.big.delete(1)',
            'if (s.big.size > 2) s.big.clear()',
            'o += s.big.size',
            'if (s.big.size < 5) for (const e of [...s.big]) s.big.add(e)',
          ]
        : []),
      ...(this.has('far')
        ? [
            's.far.add({ x: 2 ** 30 - s.done, y: s.done, z: 0 })',
            's.far.add({ x: s.got, y: 2 ** 30, z: s.far.size })',
            'o += s.far.has({ x: 2 ** 30, y: 0, z: 1 })',
            's.far.delete({ x: 2 ** 30, y: 0, z: 1 })',
            'for (const e of [...s.far]) s.far.add({ ...e, z: 2 ** 29 })',
            'o += [...s.far].reduce((t, e) => t + e.x, 0)',
          ]
        : []),
    ]
    if (ways.length === 0) return undefined
    this.row('large numbers')
    return [this.one(ways)]
  }

  /** A method of an array or a set, with the arguments that it may have. */
  method(locals: readonly Local[]): Piece[] | undefined {
    const [x, y, s] = [this.name('x'), this.name('x'), this.#state_]
    const i = (): string => this.one(['0', '1', '2', '-1', '-2', '9', '-9', 'undefined'])
    const n = (): string => this.num(locals, 0)
    const read = (text: string | undefined): Piece[] | undefined => {
      if (text === undefined) return undefined
      this.row('methods')
      return [`o += ${text} + ';'`]
    }
    const json = (text: string): string => `JSON.stringify(${text})`
    return this.try<Piece[]>([
      () =>
        read(
          this.wrap(this.some('nums', locals), (l) =>
            this.one([
              `${l}.at(${i()})`,
              `${l}.concat([${n()}], ${n()}, [[1]]).join()`,
              `${l}.indexOf(${n()}, ${i()})`,
              `${l}.lastIndexOf(${n()}, ${i()})`,
              `${l}.lastIndexOf(${n()})`,
              `${l}.includes(${n()}, ${i()})`,
              `${l}.slice(${i()}, ${i()}).join()`,
              `${l}.slice().fill(${n()}, ${i()}, ${i()}).join()`,
              `${json(`[...${l}].copyWithin(${i()}, ${i()}, ${i()})`)}`,
              `${json(`${l}.toSpliced(${i()}, 1, ${n()})`)}`,
              `${json(`${l}.toSpliced()`)}`,
              `${json(`${l}.toSpliced(${i()})`)}`,
              `(${l}.length > 0 ? ${l}.with(-1, ${n()}).join() : 'e')`,
              `(${l}.length > 0 ? ${l}.reduce((a, b) => a * 2 + b) : 'e')`,
              `(${l}.length > 0 ? ${l}.reduceRight((a, b, at) => a * 2 + b + at) : 'e')`,
              `${l}.join(${this.one(['undefined', 'null', "''", '7'])})`,
              `${l}.findLast((e, at) => at < ${n()})`,
              `${l}.findLastIndex((e) => e < ${n()})`,
              `${l}.map(String).join('')`,
              `${l}.map((e, at, all) => all[all.length - 1 - at]).join()`,
              `[...${l}.entries()].join('/')`,
              `[...${l}.values()].join()`,
              `${json(`${l}.entries().next()`)}`,
              `${json(`[${l}, [${l}]].flat(2)`)}`,
              `${l}.flatMap((e) => (e > 1 ? [] : [e, e])).join()`,
              `${l}.every((e, at) => e >= at)`,
              `${l}.toLocaleString('en')`,
              `Math.max(...${l})`,
              `Array.from({ length: ${l}.length }, (_, at) => ${l}[at]).join()`,
              `Array.from(${l}, (e, at) => e + at).join()`,
              `Array.prototype.slice.call(${l}, 1).join()`,
              `Array.prototype.map.call(${l}, (e) => e + 1).join()`,
              `[].concat(${l}, ${l}).length`,
              `((...all) => all.length)(...${l})`,
              `(([${x} = 5, ${y} = 6]) => ${x} + ${y})(${l})`,
              `${l}['0'] + ${l}['length']`,
              `${l}.hasOwnProperty(${i()})`,
              `Object.hasOwn(${l}, 'length')`,
              `Reflect.ownKeys(${l}).map(String).join()`,
              `${l}.toReversed().indexOf(${n()})`,
              `${l}.filter(Boolean).length`,
              `(${l} + '') + (${l} == ${l} + '')`,
              `(${l}.constructor === Array) + ${l}.constructor.name`,
              `(Object.getPrototypeOf(${l}) === Array.prototype)`,
              `Object.keys(Object.getOwnPropertyDescriptors(${l})).join()`,
              `isDeepStrictEqual(${l}, [...${l}])`,
              `isDeepStrictEqual([${l}], [[1, 2]])`,
            ]),
          ),
        ),
      () =>
        read(
          this.wrap(this.some('jobs', locals), (l) =>
            this.one([
              `${json(`${l}.at(${i()})`)}`,
              `${l}.indexOf(${l}[1], ${i()})`,
              `${l}.lastIndexOf(${l}.at(-1))`,
              `${l}.includes(${l}[0], ${i()})`,
              `${l}.concat(${l}).indexOf(${l}[1], 2)`,
              `${json(`${l}.slice(${i()}, ${i()})`)}`,
              `${json(`${l}.toSpliced(1, 1)`)}`,
              `[${l}, ${l}].flat().length`,
              `${json(`[[${l}]].flat()`)}`,
              `(${l}.toSorted((x, y) => x.id - y.id)[0] === ${l}[0])`,
              `(${l}.slice().reverse().at(-1) === ${l}[0])`,
              `(${l}.filter(() => true)[0] === ${l}.find(() => true))`,
              `(${l} === ${l}.valueOf())`,
              `new Set(${l}).size + new Set(${l}.concat(${l})).size`,
              `new Set(${l}).has(${l}[0])`,
              `new Map(${l}.map((e) => [e, e.n])).get(${l}[1])`,
              `new WeakMap(${l}.map((e, at) => [e, at])).get(${l}.at(-1) ?? {})`,
              `${json(`Object.fromEntries(${l}.map((e) => [e.id, e]))`)}`,
              `${json(`Object.assign([], ${l})`)}`,
              `${json(`Object.entries(${l})`)}`,
              `${l}.map(({ n }) => n).join()`,
              `${l}.map(({ id, ...rest }) => Object.keys(rest)).join()`,
              `${l}.reduce((best, e) => (best === null || e.n > best.n ? e : best), null)?.id`,
              `${l}.some((e, at, all) => all[at] !== e)`,
              `${l}.entries().next().value?.[1].n`,
              `${json(`JSON.parse(JSON.stringify(${l}))`)}`,
              `isDeepStrictEqual(${l}, structuredClone(${l}))`,
              `isDeepStrictEqual(${l}[0], { id: 1, n: 5 })`,
              `(function* () { for (const e of ${l}) yield e.n })().next().value`,
              `${l}.toString().length`,
              `(([head, ...tail]) => head?.n + '/' + tail.length)(${l})`,
              `((sum) => sum(sum, ${l}))((self, [h, ...t]) => (h ? h.n + self(self, t) : 0))`,
            ]),
          ),
        ),
      () =>
        read(
          this.wrap(this.some('numSet', locals), (l) =>
            this.one([
              `[...${l}.union(new Set([${n()}]))].join()`,
              `[...${l}.intersection(new Set([4, 1, ${n()}]))].join()`,
              `[...${l}.difference(new Set([${n()}]))].sort().join()`,
              `${l}.isSupersetOf(new Set([${n()}]))`,
              `${l}.isDisjointFrom(new Set([${n()}]))`,
              `${l}.has(String(${n()}))`,
              `${l}.values().next().value`,
              `${l}[Symbol.iterator]().next().done`,
              `[...${l}.keys()].length`,
              `new Set(${l}).size`,
              `(${l}.constructor === Set) + Object.prototype.toString.call(${l})`,
              `${json(l)} + String(${l})`,
              `${json(`[...${l}.entries()]`)}`,
              `new Set([1, 2, 3]).intersection(${l}).size`,
              `new Set([1, 2, 3]).isSubsetOf(${l})`,
              `Math.max(...${l})`,
              `Array.from(${l}, (e) => e * 2).join()`,
              `((t) => { ${l}.forEach((e, key, all) => { t += e + key + all.size }); return t })('')`,
              `isDeepStrictEqual(${l}, new Set([1, 4]))`,
              `isDeepStrictEqual(new Set([${n()}]), ${l})`,
              `Object.keys(${l}).length`,
            ]),
          ),
        ),
      () =>
        read(
          this.wrap(this.some('jobSet', locals), (l) =>
            this.one([
              `${json(`[...${l}]`)}`,
              `${l}.has({ id: 1, n: 1 })`,
              `[...${l}].some((e) => ${l}.has(e))`,
              `${l}.intersection(new Set([{ id: 1, n: 1 }, { id: 0, n: 2 }])).size`,
              `[...${l}].filter((e) => e.n > 1).length`,
              `[...${l}].find((e) => e.id === 0)?.n`,
              `isDeepStrictEqual([...${l}][0], { id: 0, n: 2 })`,
            ]),
          ),
        ),
      () =>
        read(
          this.wrap(this.some('job', locals), (j) =>
            this.one([
              `${json(`Object.entries(${j} ?? {})`)}`,
              `Object.is(${j}, ${j})`,
              `(${j}?.constructor === Object)`,
              `${j}?.hasOwnProperty('n')`,
              `Object.isFrozen(${j} ?? 1)`,
              `${j}?.toString()`,
              `String(${j}?.valueOf() === ${j})`,
              `Object.getOwnPropertyDescriptor(${j} ?? {}, 'n')?.value`,
              `${j}?.propertyIsEnumerable('id')`,
              `Reflect.has(${j} ?? {}, 'x')`,
              `${j}?.['n']`,
              `(({ n, ...rest }) => n + Object.keys(rest).join())(${j} ?? {})`,
              `Object.getPrototypeOf(${j} ?? {}) === Object.prototype`,
              `isDeepStrictEqual(${j}, { ...${j} })`,
              `JSON.stringify(${j}, ['n'])`,
              `JSON.stringify({ [${j}?.n]: ${j} }, null, 1).length`,
              `[${j}].concat([${j}]).lastIndexOf(${j})`,
            ]),
          ),
        ),
      () =>
        read(
          this.wrap(this.has('at') ? `${s}.at` : undefined, (m) =>
            this.one([
              `${json(`Object.fromEntries(Object.entries(${m}))`)}`,
              `new Map(Object.entries(${m})).get('k2').n`,
              `Object.values(${m}).indexOf(${m}.k2)`,
              `Object.entries(${m}).find(([, e]) => e.n > 3)?.[0]`,
              `Object.keys(${m}).filter((k) => ${m}[k].n > ${n()}).join()`,
              `('k1' in ${m}) + ('k9' in ${m}) + Object.hasOwn(${m}, 'k2')`,
              `${m}['k' + 1].n`,
              `Object.values({ ...${m}, k1: { n: 1 } }).map((e) => e.n).join()`,
              `((t) => { for (const [k, { n }] of Object.entries(${m})) t += k + n; return t })('')`,
            ]),
          ),
        ),
    ])
  }

  /** Code as it is found in programs: several lines that belong together. */
  natural(locals: Local[]): Piece[] | undefined {
    const [x, t, v] = [this.name('x'), this.name('t'), this.name('v')]
    const n = (): string => `clip(${this.num(locals)})`
    this.row('natural code')
    const lines = (text: string | undefined): Piece[] | undefined => text?.split('\n')
    const q = this.place('jobs')
    const j = this.place('job')
    const l = this.place('nums')
    return this.try<Piece[]>([
      () =>
        lines(
          this.wrap(q, (q) =>
            this.one([
              `while (${q}.length > 1) { const ${t} = ${q}.shift(); o += ${t}.n }`,
              `for (const ${x} of ${q}.splice(0)) o += ${x}.n`,
              `${q}.splice(0).forEach((${x}, at) => { o += ${x}.n + at })`,
              `{ const ${t} = ${q}; ${q} = []; o += ${t}.length; for (const ${x} of ${t}) if (${x}.n > 2) ${q}.push(${x}) }`,
              `{ const ${t} = ${q}.findIndex((e) => e.n > ${n()}); if (${t} >= 0) o += ${q}.splice(${t}, 1)[0].n }`,
              `{ const ${t} = ${q}.find((e) => e.n > ${n()}); if (${t}) { ${q}.splice(${q}.indexOf(${t}), 1); ${t}.n = 0; ${q}.push(${t}) } }`,
              `{ const [${t}] = ${q}.sort((x, y) => x.n - y.n); if (${t}) ${t}.n = ${n()} }`,
              `${q}.forEach((e, at) => { e.n = at })`,
              `for (const ${x} of ${q}) ${x}.n = clip(${x}.n + 1)`,
              `for (let at = 0; at < ${q}.length; at++) if (${q}[at].n > 4) ${q}.splice(at--, 1)`,
              `for (let at = ${q}.length; at-- > 0; ) o += ${q}[at].n`,
              `{ const ${t} = ${q}.map((e) => () => e.n); ${q}.shift(); o += ${t}.map((f) => f()).join() }`,
              `{ const ${t} = () => ${q}.length; ${q}.pop(); o += ${t}() }`,
              `{ const ${t} = new Map(${q}.map((e) => [e.id, e])); const ${v} = ${t}.get(1); if (${v}) ${v}.n = ${n()}; o += ${t}.size }`,
              `{ const ${t} = new Map(); for (const e of ${q}) ${t}.set(e.id, [...(${t}.get(e.id) ?? []), e]); for (const e of ${t}.get(2) ?? []) e.n = 3 }`,
              `${q}.filter((e) => e.n > 3).forEach((e) => { e.n = 1 })`,
              `{ const ${t} = ${q}.at(-1); if (${t}) { ${q}.pop(); ${t}.n = 9; o += ${q}.length + ${t}.n } }`,
              `{ const ${t} = [...${q}]; ${q}.length = 0; ${q}.push(...${t}.reverse()) }`,
              `{ const ${t} = ${q}.slice(); ${t}.sort((x, y) => y.n - x.n); if (${t}[0]) ${t}[0].n = 2 }`,
              `{ const ${t} = ${q}.reduce((best, e) => (best && best.n >= e.n ? best : e), null); if (${t}) ${t}.n = 0 }`,
              `{ const ${t} = ${q}.values(); ${t}.next(); ${q}.shift(); o += JSON.stringify(${t}.next().value ?? null) }`,
              `if (${q}.length > 1) { const ${t} = ${q}[0]; ${q}[0] = ${q}[1]; o += ${t}.n; ${q}[1] = ${t}; ${t}.n = ${n()} }`,
              `if (${q}.length > 1) ${q}.splice(0, 2, ${q}[1], ${q}[0])`,
              `if (${q}.length > 1) ${q}[0] = { ...${q}[0], ...${q}[1] }`,
              `if (${q}.length > 1) Object.assign(${q}[0], ${q}[1], { id: 0 })`,
              `${q} = ${q}.flatMap((e) => (e.n > 2 ? [e] : [])).concat([]).slice(0, 5)`,
              `${q} = Array.from(${q}, (e) => e).slice(-2)`,
              `${q} = structuredClone(${q}).map((e, at) => ({ ...e, id: at % 4 })).slice(0, 4)`,
              `${q} = JSON.parse(JSON.stringify(${q}))`,
              `${q} = ${q}.toSorted((x, y) => x.n - y.n)`,
              `if (${q}.length > 0) ${q} = ${q}.with(0, { id: 0, n: 0 })`,
              `o += ${q}.push() + '' + ${q}.unshift() + ${q}.splice().length`,
              `outer: for (const ${x} of ${q}) { for (const y of ${q}) { if (y.n > ${x}.n) continue outer; if (y.id === 3) break outer } o += ${x}.n }`,
              `if (${q}[0]) ({ n: s.got, id: ${q}[0].id } = ${q}[0])`,
              `if (${q}[0]) [${q}[0].n, s.got] = [s.got, ${q}[0].n]`,
              `if (${q}[1]) { const { n: ${t} } = ${q}[1]; ${q}[1].n = 0; o += ${t} }`,
              `{ const ${t} = ${q}.entries(); for (const [at, e] of ${t}) { e.n = clip(at); if (at === 1) break } }`,
              `${q}.fill({ id: 1, n: 1 }, 0, 1)`,
              `try { for (const ${x} of ${q}) { if (${x}.n > 3) throw ${x}; ${x}.n++ } } catch (e) { e.n = 0 }`,
              `{ const ${t} = { list: ${q} }; ${t}.list.push === ${q}.push ? ${t}.list.pop() : 0; o += ${q}.length }`,
              `{ const ${t} = (list) => { list.reverse(); return list }; o += ${t}(${q}) === ${q} }`,
            ]),
          ),
        ),
      () =>
        lines(
          this.wrap(j, (j) =>
            this.one([
              `${j}.n ||= ${n()}`,
              `${j}.n &&= ${n()}`,
              `if (${j}.n < 9) o += ${j}.n++ + '' + --${j}.n`,
              `Object.assign(${j}, { n: ${n()} })`,
              `Reflect.set(${j}, 'n', ${n()})`,
              `for (const ${x} of Object.keys(${j})) if (${x} === 'n') ${j}[${x}] = ${n()}`,
              `{ const ${t} = ${j}; const ${v} = { ...${t} }; ${t}.n = ${n()}; o += ${v}.n; ${j} = ${v} }`,
              `{ const ${t} = () => ${j}.n; ${j} = ${this.freshJob(locals)}; o += ${t}() }`,
              `{ const ${t} = ${j}; const ${v} = () => ${t}.n; ${j} = ${this.freshJob(locals)}; o += ${v}() + ${j}.n }`,
              `{ const ${t} = ${j}; ${j} = ${this.freshJob(locals)}; ${j} = ${t}; o += (${j} === ${t}) + ${j}.n }`,
              `{ const { n: ${t}, ...${v} } = ${j}; ${j} = { n: clip(${t} + 1), ...${v} } }`,
              `${j} = Object.freeze(${this.freshJob(locals)})`,
              `${j} = { ...${j}, n: ${n()} }`,
              `${j} = Object.fromEntries(Object.entries(${j}).map(([k, x]) => [k, k === 'n' ? 1 : x]))`,
              `${j} = JSON.parse(JSON.stringify(${j}))`,
              `${j} = new (class { constructor() { this.id = 1; this.n = 2 } })()`,
              `${j} = Object.assign(Object.create(null), { id: 1, n: 2 })`,
              `with_: { if (${j}.n > 3) break with_; ${j}.n = ${n()} }`,
              `switch (${j}.id) { case 1: ${j}.n = 1; case 2: o += 'f'; break; default: ${j}.id = 1 }`,
              `do { ${j}.n = clip(${j}.n + 3) } while (${j}.n < 3)`,
              `;[${j}.n, ${j}.id] = [${j}.id, clip(${j}.n) % 4]`,
              `(({ n }) => { o += n })(${j})`,
              `${j}.n = ((x) => { try { return x.n } finally { x.n = 0 } })(${j})`,
            ]),
          ),
        ),
      () =>
        lines(
          this.wrap(l, (l) =>
            this.one([
              `if (${l}.length < 4) ${l}[${l}.length] = ${n()}`,
              `if (${l}.length < 4) o += ${l}.push(${n()})`,
              `if (${l}.length < 4) o += ${l}.unshift(...${l}.slice(0, 1))`,
              `${l}.length = 0`,
              `${l}.splice(-1, 1, ${n()})`,
              `o += ${l}.splice(1).length`,
              `o += ${l}.splice(0, undefined).length`,
              `${l}.sort()`,
              `${l}.sort((x, y) => y - x)`,
              `${l}.sort(undefined).reverse()`,
              `${l}.forEach((e, at, all) => { all[at] = clip(e + at) })`,
              `for (const at in ${l}) ${l}[at] = clip(at)`,
              `for (const at of ${l}.keys()) ${l}[at] = clip(${l}[at] + 1)`,
              `if (${l}.length > 1) [${l}[0], ${l}[1]] = [${l}[1], ${l}[0]]`,
              `;[s.got = 1] = ${l}`,
              `s.got = clip(Math.max(0, ...${l}))`,
              `o += ${l}.copyWithin(0, -1).join()`,
              `o += ${l}.fill(${n()}, -1) === ${l}`,
              `{ let ${t} = 0; while (${t} < ${l}.length) o += ${l}[${t}++] }`,
              `{ const ${t} = ${l}.indexOf(1); if (~${t}) ${l}.splice(${t}, 1) }`,
              `{ const ${t} = [...${l}]; ${l}.reverse(); o += ${t}.join() + ${l}.join() }`,
              `${l} = [...new Set(${l})]`,
              `${l} = ${l}.concat(${l}).slice(0, 4)`,
              `if (${l}.length > 0) ${l}[0]++, ${l}[0] %= 10`,
              `if (${l}.length > 0) ${l}[0] = ${l}[0] > 5 ? 0 : (${l}[0] << 1) & 7`,
              `if (${l}.length > 0) delete [...${l}][0]`,
            ]),
          ),
        ),
      () =>
        lines(
          this.wrap(this.place('numSet'), (c) =>
            this.one([
              `for (const ${x} of ${c}) if (${x} % 2) ${c}.delete(${x})`,
              `o += ${c}.add(${n()}).add(${n()}).size`,
              `o += ${c}.add(${n()}) === ${c}`,
              `o += ${c}.delete(${n()}) + '' + ${c}.has(1)`,
              `${c} = ${c}.union(new Set([${n()}]))`,
              `${c} = new Set([...${c}].filter((e) => e > 1))`,
              `{ const ${t} = ${c}; ${c} = new Set(); for (const e of ${t}) ${c}.add(clip(e + 1)); o += ${t}.size }`,
              `{ const ${t} = [...${c}]; ${c}.clear(); ${t}.forEach((e) => ${c}.add(9 - e)) }`,
              `{ const [${t}] = ${c}; ${c}.delete(${t}); o += ${t} }`,
              `{ const ${t} = ${c}.values(); ${t}.next(); ${c}.add(9); o += [...${t}].sort().join() }`,
              `${c}.forEach(${c}.delete, ${c})`,
              `${c} = ${c}`,
            ]),
          ),
        ),
      () =>
        lines(
          this.wrap(this.has('at') ? 's.at' : undefined, (m) =>
            this.one([
              `for (const k in ${m}) ${m}[k].n = ${n()}`,
              `for (const [k, e] of Object.entries(${m})) e.n = k === 'k1' ? 1 : 2`,
              `Object.values(${m}).forEach((e, at) => { e.n = at })`,
              `${m} = Object.fromEntries(Object.entries(${m}).map(([k, e]) => [k, { ...e, n: ${n()} }]))`,
              `${m} = { k1: ${m}.k2, k2: ${m}.k1 }`,
              `${m} = { ...${m}, k1: ${this.freshJob(locals)} }`,
              `Object.assign(${m}, { k2: ${this.freshJob(locals)} })`,
              `{ const { k1: ${t}, k2: ${v} } = ${m}; ${m}.k1 = ${v}; ${m}.k2 = ${t}; o += ${t}.n }`,
              `for (const k of Key) ${m}[k] = { ...${m}[k], id: 1 }`,
              `{ const ${t} = Object.keys(${m}).find((k) => ${m}[k].n > 2); if (${t}) ${m}[${t}].n = 0 }`,
              `{ const ${t} = ${m}; ${t}.k1.n = 1; o += (${m}.k1 === ${t}.k1) }`,
              `{ const ${t} = Object.entries(${m}).sort(([, x], [, y]) => y.n - x.n)[0]; ${t}[1].n = 0; o += ${t}[0] }`,
            ]),
          ),
        ),
      () =>
        lines(
          this.has('opt')
            ? this.one([
                `s.opt ??= ${this.freshJob(locals)}`,
                's.opt &&= null',
                `s.opt &&= { ...s.opt, n: ${n()} }`,
                `{ const ${t} = s.opt; s.opt = null; o += ${t}?.n; if (${t}) ${t}.n = 1 }`,
                `if (s.opt) { const { opt: ${t} } = s; ${t}.n = ${n()}; o += s.opt.n }`,
                `o += (s.opt ?? { n: 3 }).n + (s.opt?.id ?? '-')`,
                `o += s.opt !== null && 'n' in s.opt`,
                `s.opt = s.opt && s.opt.n > 3 ? s.opt : null`,
              ])
            : undefined,
        ),
      () =>
        lines(
          this.has('msg')
            ? this.one([
                `switch (s.msg.kind) { case 'ask': s.got = s.msg.n; break; case 'pack': s.msg.job.n = 0; break; default: o += 'd' }`,
                `if (s.msg.kind === 'ask') s.msg = { kind: 'tell', n: s.msg.n, to: 'k1' }`,
                `{ const ${t} = s.msg; s.msg = ${this.freshMsg(locals)}; o += ${t}.kind + JSON.stringify(${t}) }`,
                `if (s.msg.kind === 'pack') { const { job: ${t} } = s.msg; s.msg = { kind: 'none' }; o += ${t}.n }`,
                `o += Object.keys(s.msg).join() + ('n' in s.msg)`,
                `if ('n' in s.msg) s.msg.n = ${n()}`,
                `s.msg = { ...s.msg }`,
              ])
            : undefined,
        ),
      () =>
        lines(
          this.has('box')
            ? this.one([
                `{ const ${t} = s.box; s.box = ${this.freshBox(locals)}; o += ${t}.list.length; ${t}.list.length = 0 }`,
                `{ const { job: ${t}, list: ${v} } = s.box; ${v}.length = 0; ${t}.n = ${n()}; o += s.box.list.length }`,
                `s.box = { ...s.box, job: { ...s.box.job, n: ${n()} } }`,
                `s.box = structuredClone(s.box)`,
                `s.box.up = new Set(Key)`,
                `for (const k of s.box.up) s.box.list = [clip(k.length)]`,
                `s.box.list = s.box.list.map((e, at) => clip(e + at))`,
              ])
            : undefined,
        ),
      () =>
        lines(
          this.has('boxes')
            ? this.one([
                `for (const { job, list } of s.boxes) { job.n = list.length; list.length = 0 }`,
                `{ const ${t} = s.boxes.map((b) => b.job); s.boxes.shift(); for (const e of ${t}) e.n = 1; o += ${t}.length }`,
                `if (s.boxes.length > 1) [s.boxes[0].job, s.boxes[1].job] = [s.boxes[1].job, s.boxes[0].job]`,
                `if (s.boxes.length > 1) { const ${t} = s.boxes[0].list; s.boxes[0].list = s.boxes[1].list; s.boxes[1].list = ${t} }`,
                `s.boxes.sort((x, y) => y.job.n - x.job.n)[0]?.list.pop()`,
                `s.boxes = s.boxes.filter((b) => b.up.size > 0)`,
                `s.boxes.splice(0, 1, ${this.freshBox(locals)})`,
                `o += s.boxes.flatMap((b) => b.list).join() + s.boxes.map((b) => [...b.up]).flat().join()`,
              ])
            : undefined,
        ),
      () =>
        lines(
          this.wrap(this.place('jobSet'), (c) =>
            this.one([
              `for (const e of ${c}) if (e.n > 1) ${c}.delete(e)`,
              `for (const e of [...${c}]) { ${c}.delete(e); ${c}.add({ ...e, n: clip(e.n + 1) }) }`,
              `{ const ${t} = [...${c}].find((e) => e.n > 0); if (${t}) { ${c}.delete(${t}); o += ${t}.n + ${c}.size } }`,
              `${c} = new Set([...${c}].map((e) => ({ ...e, id: 0 })))`,
              `{ const ${t} = new Map([...${c}].map((e) => [e.id, e.n])); o += ${t}.get(1) }`,
            ]),
          ),
        ),
    ])
  }

  branch(locals: readonly Local[], depth: number): Piece[] {
    const open = `if (${this.condition(locals)}) {`
    const then = this.statements(locals, depth - 1, 1 + this.below(2))
    if (this.once(2)) return [{ open, body: then, close: '}' }]
    return [{ open, body: [...then, '} else {', ...this.statements(locals, depth - 1, 1)], close: '}' }]
  }

  /** A loop that leaves alone what it runs over. */
  loop(locals: readonly Local[], depth: number): Piece[] | undefined {
    const x = this.name('x')
    const inner = (kind: Kind): Piece[] => {
      const writes = this.#writes
      this.#writes = false
      const body = this.statements([...locals, { name: x, kind }], Math.min(depth - 1, 1), 1 + this.below(2))
      this.#writes = writes
      return body
    }
    return this.try<Piece[]>([
      () => this.wrap(this.some('jobs', locals), (list) => [{ open: `for (const ${x} of ${list}) {`, body: inner('job'), close: '}' }]),
      () => this.wrap(this.some('nums', locals), (list) => [{ open: `for (const ${x} of ${list}) {`, body: inner('num'), close: '}' }]),
      () => this.wrap(this.some('numSet', locals), (list) => [{ open: `for (const ${x} of ${list}) {`, body: inner('num'), close: '}' }]),
      () =>
        this.may('text') ? this.wrap(this.some('jobs', locals), (list) => [`for (const ${x} in ${list}) o += ${x} + ${list}[${x}].n`]) : undefined,
      () => this.wrap(this.place('jobMap'), (map) => [`for (const ${x} in ${map}) o += ${x} + ${map}[${x}].n`]),
      () => [{ open: `for (const ${x} of Key) {`, body: [`o += ${x}`, ...inner('any')], close: '}' }],
    ])
  }

  /** A loop over what its body changes. */
  changing(locals: readonly Local[], depth: number): Piece[] | undefined {
    this.row('changes what it loops over')
    const [x, i] = [this.name('x'), this.name('i')]
    const loop = (head: string, kind: Kind, change: string, stop = 'break'): Piece[] => [
      `let ${i} = 0`,
      {
        open: head,
        body: [`if (++${i} > 8) ${stop}`, ...this.chosen(() => this.statements([...locals, { name: x, kind }], depth - 1, 1)), change],
        close: head.endsWith('=> {') ? '})' : '}',
      },
      `o += ${i}`,
    ]
    return this.try<Piece[]>([
      () =>
        this.wrap(this.place('numSet'), (c) =>
          loop(
            `for (const ${x} of ${c}) {`,
            'num',
            this.one([`${c}.add(clip(${x} + 3))`, `${c}.delete(${x})`, `${c}.delete(clip(${x} + 3)); ${c}.add(0)`, `${c} = new Set([7])`]),
          ),
        ),
      () =>
        this.wrap(this.place('numSet'), (c) =>
          loop(`${c}.forEach((${x}) => {`, 'num', this.one([`${c}.add(clip(${x} + 3))`, `${c}.delete(4)`]), 'return'),
        ),
      () =>
        this.wrap(this.place('jobSet'), (c) =>
          loop(
            `for (const ${x} of ${c}) {`,
            'any',
            this.one([
              `${c}.delete(${x}); ${c}.add({ id: ${x}.id, n: clip(${x}.n + 1) })`,
              `${c}.add({ id: 3, n: clip(${x}.n + 3) })`,
              `${c}.delete(${x})`,
            ]),
          ),
        ),
      () =>
        this.wrap(this.place('jobs'), (c) =>
          loop(
            `for (const ${x} of ${c}) {`,
            'job',
            this.one([`${c}.shift()`, `${c}.reverse()`, `if (${c}.length < 5) ${c}.push({ ...${x}, n: 0 })`, `${c} = []`, `${c}.splice(0, 1)`]),
          ),
        ),
      () =>
        this.wrap(this.place('jobs'), (c) =>
          loop(`${c}.forEach((${x}, at, list) => {`, 'job', this.one([`list.pop()`, `o += at + list.length`, `${c}.shift()`]), 'return'),
        ),
      () =>
        this.wrap(this.place('nums'), (c) =>
          loop(`for (const [at, ${x}] of ${c}.entries()) {`, 'num', this.one([`${c}.shift()`, `${c}[0] = at`, `${c} = [1]`])),
        ),
      () =>
        this.wrap(this.place('jobBag'), (c) =>
          loop(
            `for (const ${x} of ${c}) {`,
            'any',
            this.one([`${c}.delete(${x})`, `if (${c}.count({ id: 3, n: 3 }) < 2) ${c}.add({ id: 3, n: 3 })`]),
          ),
        ),
      () =>
        this.wrap(this.place('numBag'), (c) =>
          loop(`for (const ${x} of ${c}) {`, 'num', this.one([`${c}.delete(${x})`, `if (${c}.count(4) < 3) ${c}.add(4)`, `${c}.delete(3)`])),
        ),
    ])
  }

  /** Writes without choices. */
  chosen(write: () => Piece[]): Piece[] {
    const before = this.#choices
    this.#choices = 0
    const pieces = write()
    this.#choices = before
    return pieces
  }

  choice(locals: Local[], depth: number): Piece[] | undefined {
    this.#choices--
    const name = this.name('p')
    const declare = (kind: Kind, text: string): Piece[] => {
      locals.push({ name, kind })
      return [`const ${name} = pick(${text})`]
    }
    return this.try<Piece[]>([
      () => declare('num', `[${this.below(10)}, clip(${this.num(locals)})]`),
      () => this.wrap(this.place('numSet'), (x) => declare('num', x)),
      () => (this.all ? this.wrap(this.place('jobs'), (x) => declare('job', x)) : undefined),
      () => (this.all ? this.wrap(this.place('jobSet'), (x) => declare('any', x)) : undefined),
      () => [
        {
          open: 'either(() => {',
          body: [...this.statements(locals, depth - 1, 1), '}, () => {', ...this.statements(locals, depth - 1, 1)],
          close: '})',
        },
      ],
      () => [`s.got = either(() => ${this.below(10)}, () => clip(${this.num(locals)}))`],
    ])
  }

  /** Exceptions, of the spec's own and of guards and assertions. */
  caught(locals: readonly Local[], depth: number): Piece[] {
    this.row('catches')
    const thrown = this.try<string>([
      () => `if (${this.condition(locals)}) throw new Error('of the spec')`,
      () => `when(${this.condition(locals)})`,
      () => `ensure(${this.condition(locals)}, '${this.name('caught ')}')`,
      () => `o += s.${this.#there[0]}[7].n`,
    ]) as string
    const inside = [...this.statements(locals, depth - 1, 1), thrown, ...this.statements(locals, depth - 1, 1)]
    const end = this.one<Piece[]>([
      ['} catch {', ...this.statements(locals, depth - 1, 1)],
      ['} finally {', ...this.statements(locals, depth - 1, 1)],
      ['} catch (e) {', "o += e instanceof Error ? 'e' : 'f'", '} finally {', ...this.statements(locals, depth - 1, 1)],
    ])
    return [{ open: 'try {', body: [...inside, ...end], close: '}' }]
  }

  /** Callbacks that have effects. */
  callback(locals: Local[], depth: number): Piece[] | undefined {
    this.row('callbacks with effects')
    const [x, n] = [this.name('x'), this.name('n')]
    const s = this.#state_
    const over: [string, Kind, string] | undefined = this.try<[string, Kind, string]>([
      () => ['Key', 'any', this.has('at') ? `${s}.at[${x}].n > ${this.below(7)}` : `${x} === 'k2'`],
      () => this.wrap<[string, Kind, string]>(this.some('jobs', locals), (y) => [y, 'job', `${x}.n > ${this.below(7)}`]),
      () => this.wrap<[string, Kind, string]>(this.some('nums', locals), (y) => [y, 'num', `${x} > ${this.below(4)}`]),
      () => this.wrap<[string, Kind, string]>(this.place('numSet'), (y) => [y, 'num', `${x} > ${this.below(4)}`]),
    ])
    if (over === undefined) return undefined
    const [domain, kind, test] = over
    const effect = this.one([`${n}++`, `${n} += 10`, `o += ${kind === 'num' || domain === 'Key' ? x : `${x}.n`}`, `if (${test}) ${n}++`])
    const set = this.places('numSet').includes(domain)
    const method = this.one(['every', 'some', 'filter', 'find', ...(set || domain === 'Key' ? ['count'] : ['findIndex'])])
    const body: Piece[] = [effect, ...(this.once(3) ? this.quietly(() => this.statements([...locals, { name: x, kind }], depth - 1, 1)) : [])]
    const throws = this.once(5)
    if (throws) body.push(`if (${test} && ${n} > 0) throw new Error('found')`)
    const call: Block = {
      open: set ? `o += String(${method}(${domain}, (${x}) => {` : `o += String(${domain}.${method}((${x}) => {`,
      body: [...body, `return ${this.one([test, test, 'true', 'false'])}`],
      close: method === 'filter' ? '}).length)' : method === 'find' ? '}) === undefined)' : '}))',
    }
    locals.push({ name: n, kind: 'num' })
    return [`let ${n} = 0`, ...(throws || this.once(6) ? [{ open: 'try {', body: [call], close: "} catch { o += 'c' }" }] : [call]), `o += ${n}`]
  }
  quietly(write: () => Piece[]): Piece[] {
    const before = this.#writes
    this.#writes = false
    const pieces = write()
    this.#writes = before
    return pieces
  }
}
