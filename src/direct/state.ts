/**
 * A packed state as plain data, and plain data as a packed state, in code that is made for a model.
 *
 * *Whole*: an object with all variables, as the language defines it. *Lazy*, for functions that do nothing with the state but name its variables: an object
 * whose variables are made when they are asked for, and of which only those that were asked for are packed again.
 */
import { type Layout, packSlots, readSlot } from '../layout/layout.ts'
import { ValueSet } from '../values/collections.ts'
import { Coder, WRONG } from './codec.ts'
import { PackedPlace } from './places.ts'

export interface PlainState {
  /** A state as an object with all variables. */
  whole(words: Int32Array, at: number): object
  /** Packs an object with all variables. Throws `WRONG` where it is none that this code can tell. */
  encode(state: object, out: Int32Array, to: number): void
  /** A state of which variables are made when they are asked for. */
  lazy(words: Int32Array, at: number): object
  /** Packs what has become of it. Throws `WRONG`. */
  save(state: object, out: Int32Array, to: number): void
  /** Whether a variable of it was assigned. */
  assigned(state: object): boolean
}

/** Makes plain data of rows, and rows of plain data, as the type of a state does, and sooner. */
export function rowCodec(layout: Layout, state: PlainState): Pick<Layout['type'], 'thaw' | 'row'> {
  const words = new Int32Array(layout.words)
  return {
    thaw: (row) => {
      packSlots(layout, row, words, 0)
      return state.whole(words, 0) as Record<string, unknown>
    },
    row: (value) => {
      try {
        state.encode(value as object, words, 0)
      } catch (error) {
        if (error !== WRONG) throw error
        // The type says what is wrong, if anything is.
        return layout.type.row(value)
      }
      return layout.slots.map((_, slot) => readSlot(layout, words, 0, slot))
    },
  }
}

/** Flags that are kept in one number. */
const FLAGS = 30

/** The code for a model; without code generation the same by the types themselves. */
export function plainStateOf(layout: Layout): PlainState {
  try {
    return generated(layout)
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    return interpreted(layout)
  }
}

function generated(layout: Layout): PlainState {
  const { type, words } = layout
  const coder = new Coder()
  const all = new PackedPlace(layout, 0)
  const thawed = coder.thaw(type, all)
  const encoded = coder.encode(type, 's', all)
  // Names of its own that no variable has.
  let prefix = '_'
  while (type.fields.some(([name]) => name.startsWith(prefix))) prefix += '_'
  const own = (name: string | number): string => `this.${prefix}${name}`
  const flags = Array.from({ length: Math.ceil(type.fields.length / FLAGS) }, (_, i) => i)
  const accessors = type.fields.map(([name, inner, offset], i) => {
    const flag = `${own(`t${Math.floor(i / FLAGS)}`)}`
    const bit = 1 << (i % FLAGS)
    const { code, value } = coder.thaw(inner, all.at(offset))
    const words = `const w=${own('w')},at=${own('at')};${code}`
    const key = `[${JSON.stringify(name)}]`
    const touch = `${flag}|=${bit};${own('c')}=true;`
    if (inner.scalar) {
      const check = coder.encode(inner, 'v', CHECKING)
      return (
        `get ${key}(){if(${flag}&${bit})return ${own(i)};${words}return ${value}}` +
        `set ${key}(v){try{${check}}catch(e){${own('b')}=true;throw e}${own(i)}=v;${touch}}`
      )
    }
    const adopted = inner.kind === 'set' ? `v instanceof Set?${coder.constant(ValueSet)}.adopt(v):v` : 'v'
    return (
      `get ${key}(){if(${flag}&${bit})return ${own(i)};${words}const v=${value};${own(i)}=v;${flag}|=${bit};return v}` +
      `set ${key}(v){${own(i)}=${adopted};${touch}}`
    )
  })
  const saves = type.fields.map(([, inner, offset], i) => {
    const place = all.at(offset)
    const flag = `s.${prefix}t${Math.floor(i / FLAGS)}`
    return `if(${flag}&${1 << (i % FLAGS)}){const v=s.${prefix}${i};${place.clear(inner.slots.length)}${coder.encode(inner, 'v', place)}}`
  })
  const copy = words <= 8 ? Array.from({ length: words }, (_, i) => `o[to+${i}]=w[at+${i}];`).join('') : `for(let i=0;i<${words};i++)o[to+i]=w[at+i];`
  const clear = words <= 8 ? Array.from({ length: words }, (_, i) => `o[to+${i}]=0;`).join('') : `for(let i=0;i<${words};i++)o[to+i]=0;`
  const touched = flags.map((i) => `s.${prefix}t${i}`).join('|') || '0'
  return coder.run(`
class State{
constructor(w,at){${own('w')}=w;${own('at')}=at;${own('b')}=false;${own('c')}=false;
${flags.map((i) => `${own(`t${i}`)}=0;`).join('')}${type.fields.map((_, i) => `${own(i)}=undefined;`).join('')}}
${accessors.join('\n')}
}
return {
whole(w,at){${thawed.code}return ${thawed.value}},
encode(s,o,to){${clear}${encoded}},
lazy(w,at){return new State(w,at)},
save(s,o,to){if(s.${prefix}b)throw W;const w=s.${prefix}w,at=s.${prefix}at;${copy}if((${touched})===0)return;
${saves.join('\n')}},
assigned(s){return s.${prefix}c||s.${prefix}b}
}`) as PlainState
}

/** Nothing is put anywhere: a value is only looked at. */
const CHECKING = {
  at: () => CHECKING,
  get: () => '0',
  bits: () => '0',
  row: () => ({ row: '[]', at: '0' }),
  put: (_slot: number, number: string) => `${number};`,
  putBits: () => '',
  copy: () => '',
}

/** The same by the types themselves: what was assigned is seen when it is packed. */
export function interpreted(layout: Layout): PlainState {
  const { type } = layout
  const slots = layout.slots.length
  const whole = (words: Int32Array, at: number): object => {
    const row = new Array<number>(slots)
    for (let slot = 0; slot < slots; slot++) row[slot] = readSlot(layout, words, at, slot)
    return type.thaw(row, 0)
  }
  const encode = (state: object, out: Int32Array, to: number): void => {
    packSlots(layout, type.row(state), out, to)
  }
  return { whole, encode, lazy: whole, save: encode, assigned: () => false }
}

export { WRONG }
