/**
 * Code that makes plain data of the slots of a value and slots of plain data, generated for a type.
 *
 * `thaw` and `encode` of the types define what it has to do. Where it meets anything that they would not take, or that only they know how to take, it throws
 * `WRONG`, and whoever called it asks somebody else.
 */
import { InternalError } from '../errors.ts'
import { known, type KnownType } from '../types/kinds.ts'
import type { SetType } from '../types/set.ts'
import { ValueSet } from '../values/collections.ts'
import { putField } from '../types/record.ts'
import type { AnyType } from '../types/type.ts'
import { type Place, RowPlace } from './places.ts'
import { CHUNK, RankedSet } from './rankedSet.ts'

/** Thrown where plain data is none of its type, or cannot be told by generated code. */
export const WRONG: unique symbol = Symbol('wrong')

/** Values of more slots are read and written by loops over a row. */
export const MOST_INLINE = 48
const MOST_COMPARED = 4

/** Collects code, the functions that it needs, and the values that it uses. */
export class Coder {
  readonly #constants: unknown[] = []
  readonly #numbers = new Map<unknown, string>()
  readonly #functions: string[] = []
  readonly #thawers = new Map<AnyType, string>()
  readonly #encoders = new Map<AnyType, string>()
  readonly #ranks = new Map<AnyType, string>()
  readonly #elements = new Map<AnyType, string>()
  readonly #sets = new Map<AnyType, string>()
  #names = 0

  /** A name for a value. */
  constant(value: unknown): string {
    let name = this.#numbers.get(value)
    if (name === undefined) {
      name = `c${this.#constants.length}`
      this.#constants.push(value)
      this.#numbers.set(value, name)
    }
    return name
  }
  name(): string {
    return `x${this.#names++}`
  }

  /** Runs code that may use everything collected so far. Throws `EvalError` where that is forbidden. */
  run(code: string): unknown {
    const names = this.#constants.map((_, i) => `c${i}`)
    // The code is made here, of numbers, and of names of fields as JSON.
    return new Function('W', ...names, `'use strict';${PRELUDE}${this.#functions.join('\n')}\n${code}`)(WRONG, ...this.#constants)
  }

  // --- plain data of slots: statements, and an expression for the value

  thaw(given: AnyType, slots: Place): { readonly code: string; readonly value: string } {
    const type = known(given)
    const { length } = type.slots
    switch (type.kind) {
      case 'int':
      case 'bool':
      case 'enum':
      case 'ids':
        return { code: '', value: this.#scalar(type, slots.get(0)) }
      case 'option': {
        const { merged, inner } = type
        const x = this.name()
        if (merged) return { code: `const ${x}=${slots.get(0)};`, value: `(${x}===0?null:${this.#scalar(inner, `(${x}-1)`)})` }
        const { code, value } = this.thaw(inner, slots.at(1))
        return { code: `let ${x}=null;if(${slots.get(0)}!==0){${code}${x}=${value};}`, value: x }
      }
      case 'record':
        return this.#thawFields(type.fields, slots)
      case 'union': {
        const { tag, variants } = type
        const x = this.name()
        const cases = variants.map(([name, { fields }], i) => {
          const { code, value } = this.#thawFields(fields, slots.at(1), [tag, JSON.stringify(name)])
          return `case ${i}:{${code}${x}=${value};break;}`
        })
        return { code: `let ${x};switch(${slots.get(0)}){${cases.join('')}}`, value: x }
      }
      case 'map': {
        const { names, inner } = type
        const width = inner.slots.length
        if (length <= MOST_INLINE)
          return this.#thawFields(
            names.map((name, i) => [name, inner, i * width]),
            slots,
          )
        break
      }
      case 'seq': {
        const { max, inner } = type
        const width = inner.slots.length
        if (length > MOST_INLINE) break
        const [x, n] = [this.name(), this.name()]
        const parts = Array.from({ length: max }, (_, i) => {
          const { code, value } = this.thaw(inner, slots.at(1 + i * width))
          return `if(${n}>${i}){${code}${x}.push(${value});}`
        })
        return { code: `const ${x}=[];const ${n}=${slots.get(0)};${parts.join('')}`, value: x }
      }
      case 'set': {
        if (type.interned) break
        const chunks = Array.from({ length: Math.ceil(length / CHUNK) }, (_, i) => slots.bits(i * CHUNK, Math.min(CHUNK, length - i * CHUNK)))
        return { code: '', value: `new ${this.constant(RankedSet)}(${this.#elementsOf(type)},[${chunks.join(',')}])` }
      }
    }
    const { row, at } = slots.row(length)
    return { code: '', value: `${this.#thawer(type)}(${row},${at})` }
  }

  #scalar(given: AnyType, number: string): string {
    const type = known(given)
    if (type.kind === 'int') return type.lo === 0 ? number : `(${number}+${type.lo})`
    if (type.kind === 'bool') return `(${number}!==0)`
    return `${this.constant(membersOf(type))}[${number}]`
  }

  #thawFields(fields: readonly (readonly [string, AnyType, number])[], slots: Place, first?: readonly [string, string]) {
    let code = ''
    const parts: string[] = first === undefined ? [] : [`${keyText(first[0])}:${first[1]}`]
    const values = fields.map(([name, type, offset]) => {
      const inner = this.thaw(type, slots.at(offset))
      code += inner.code
      return [name, type, inner.value] as const
    })
    for (const [name, type, value] of values) {
      if (type.kind !== 'set') {
        parts.push(`${keyText(name)}:${value}`)
        continue
      }
      // What is put into the place of a set has equality by value from then on.
      const held = this.name()
      code += `let ${held}=${value};`
      const key = `[${JSON.stringify(name)}]`
      parts.push(`get ${key}(){return ${held}},set ${key}(v){${held}=v instanceof Set?${this.constant(ValueSet)}.adopt(v):v}`)
    }
    return { code, value: `{${parts.join(',')}}` }
  }

  /** The name of a function that makes plain data of a row. */
  #thawer(given: AnyType): string {
    const type = known(given)
    let name = this.#thawers.get(type)
    if (name !== undefined) return name
    name = this.name()
    this.#thawers.set(type, name)
    const T = this.constant(type)
    if (type.kind === 'seq') {
      const { inner } = type
      const { code, value } = this.thaw(inner, new RowPlace('r', 'b'))
      this.#functions.push(
        `function ${name}(r,a){const n=r[a],o=[];for(let i=0,b=a+1;i<n;i++,b+=${inner.slots.length}){${code}o.push(${value});}return o}`,
      )
    } else if (type.kind === 'map') {
      const { inner, names } = type
      const { code, value } = this.thaw(inner, new RowPlace('r', 'b'))
      const put =
        inner.kind === 'set' || names.includes('__proto__')
          ? `${this.constant(putField)}(o,N[i],${this.constant(inner)},${value})`
          : `o[N[i]]=${value}`
      this.#functions.push(
        `function ${name}(r,a){const o={},N=${this.constant(names)};for(let i=0,b=a;i<${names.length};i++,b+=${inner.slots.length}){${code}${put};}return o}`,
      )
    } else this.#functions.push(`function ${name}(r,a){return ${T}.thaw(r,a)}`)
    return name
  }

  // --- slots of plain data: statements

  encode(given: AnyType, value: string, target: Place): string {
    const type = known(given)
    const { length } = type.slots
    switch (type.kind) {
      case 'int':
      case 'bool':
      case 'enum':
      case 'ids':
        return target.put(0, this.index(type, value))
      case 'option': {
        const { merged, inner } = type
        if (merged) return `if(${value}!==null){${target.put(0, `(${this.index(inner, value)}+1)`)}}`
        return `if(${value}!==null){${target.put(0, '1')}${this.encode(inner, value, target.at(1))}}`
      }
      case 'record': {
        const { fields } = type
        return `${this.#checkObject(value, fields.length)}${this.#encodeFields(fields, value, target)}`
      }
      case 'union': {
        const { tag, variants } = type
        const cases = variants.map(
          ([name, { fields }], i) =>
            `case ${JSON.stringify(name)}:{${i === 0 ? '' : target.put(0, String(i))}${this.#checkObject(value, fields.length + 1)}${this.#encodeFields(fields, value, target.at(1))}break;}`,
        )
        return `if(typeof ${value}!=='object'||${value}===null)throw W;switch(${value}[${JSON.stringify(tag)}]){${cases.join('')}default:throw W}`
      }
      case 'map': {
        const { names, inner } = type
        if (length > MOST_INLINE) break
        const width = inner.slots.length
        const fields = names.map((name, i) => [name, inner, i * width] as const)
        return `${this.#checkObject(value, names.length)}${this.#encodeFields(fields, value, target)}`
      }
      case 'seq': {
        const { max, inner } = type
        if (length > MOST_INLINE) break
        const width = inner.slots.length
        const [n, e] = [this.name(), this.name()]
        const parts = Array.from(
          { length: max },
          (_, i) => `if(${n}>${i}){const ${e}=${value}[${i}];${this.encode(inner, e, target.at(1 + i * width))}}`,
        )
        return `if(!Array.isArray(${value})||${value}.length>${max})throw W;const ${n}=${value}.length;${target.put(0, n)}${parts.join('')}`
      }
      case 'set': {
        if (type.interned) break
        const b = this.name()
        const parts = Array.from({ length: Math.ceil(length / CHUNK) }, (_, i) =>
          target.putBits(i * CHUNK, Math.min(CHUNK, length - i * CHUNK), `${b}[${i}]`),
        )
        return `const ${b}=${this.#setBits(type)}(${value});${parts.join('')}`
      }
    }
    const row = this.name()
    if (length === 1) return `const ${row}=[0];${this.constant(type)}.encode(${value},${row},0);${target.put(0, `${row}[0]`)}`
    return `const ${row}=${this.#encoder(type)}(${value});${target.copy(row, length)}`
  }

  /** An expression: the number of a scalar value; throws where it is none. */
  index(given: AnyType, value: string): string {
    const type = known(given)
    if (type.kind === 'int') {
      const { lo, hi } = type
      return `(typeof ${value}==='number'&&${value}>=${lo}&&${value}<=${hi}&&${value}%1===0?${value}-(${lo}):E())`
    }
    if (type.kind === 'bool') return `(${value}===true?1:${value}===false?0:E())`
    const members = membersOf(type)
    if (members.length <= MOST_COMPARED) return `(${members.map((member, i) => `${value}===${JSON.stringify(member)}?${i}:`).join('')}E())`
    return `I(${this.constant(new Map(members.map((member, i) => [member, i])))},${value})`
  }

  #checkObject(value: string, n: number): string {
    return `if(typeof ${value}!=='object'||${value}===null||Object.getPrototypeOf(${value})!==Object.prototype||!K(${value},${n}))throw W;`
  }
  #encodeFields(fields: readonly (readonly [string, AnyType, number])[], value: string, target: Place): string {
    return fields
      .map(([name, type, offset]) => {
        const x = this.name()
        const own = type.slots.length === 1 && type.kind === 'value' ? `if(!Object.hasOwn(${value},${JSON.stringify(name)}))throw W;` : ''
        return `${own}const ${x}=${value}[${JSON.stringify(name)}];${this.encode(type, x, target.at(offset))}`
      })
      .join('')
  }

  /** The name of a function that makes a new row of plain data. */
  #encoder(given: AnyType): string {
    const type = known(given)
    let name = this.#encoders.get(type)
    if (name !== undefined) return name
    name = this.name()
    this.#encoders.set(type, name)
    const make = `const r=new Array(${type.slots.length}).fill(0);`
    if (type.kind === 'seq') {
      const { inner, max } = type
      const code = this.encode(inner, 'e', new RowPlace('r', 'b'))
      this.#functions.push(
        `function ${name}(v){if(!Array.isArray(v)||v.length>${max})throw W;${make}const n=v.length;r[0]=n;for(let i=0,b=1;i<n;i++,b+=${inner.slots.length}){const e=v[i];${code}}return r}`,
      )
    } else if (type.kind === 'map') {
      const { inner, names } = type
      const code = this.encode(inner, 'e', new RowPlace('r', 'b'))
      this.#functions.push(
        `function ${name}(v){${this.#checkObject('v', names.length)}${make}const N=${this.constant(names)};for(let i=0,b=0;i<${names.length};i++,b+=${inner.slots.length}){const e=v[N[i]];if(e===undefined)throw W;${code}}return r}`,
      )
    } else this.#functions.push(`function ${name}(v){return ${this.constant(type)}.row(v)}`)
    return name
  }
  // --- elements of sets

  /** The name of an `Elements`. */
  #elementsOf(type: SetType<AnyType>): string {
    let name = this.#elements.get(type)
    if (name !== undefined) return name
    const { inner } = type
    name = this.name()
    this.#elements.set(type, name)
    const rank = this.#rank(inner)
    const values: readonly unknown[] = inner.values()
    let fresh = `(i)=>${this.constant(values)}[i]`
    if (!inner.scalar) {
      const { code, value } = this.thaw(inner, new RowPlace('r', '0'))
      fresh = `(i)=>{const r=${this.constant(values.map((one) => inner.row(one)))}[i];${code}return ${value}}`
    }
    this.#functions.push(
      `const ${name}={n:${type.slots.length},rank:(v)=>{try{return ${rank}(v)}catch(e){if(e===W)return -1;throw e}},fresh:${fresh}};`,
    )
    return name
  }
  /** The name of a function that gives the bits of a set. */
  #setBits(type: SetType<AnyType>): string {
    const elements = this.#elementsOf(type)
    let name = this.#sets.get(type)
    if (name === undefined) {
      name = this.name()
      this.#sets.set(type, name)
      const { inner } = type
      const length = Math.ceil(type.slots.length / CHUNK)
      this.#functions.push(
        `function ${name}(v){if(v instanceof ${this.constant(RankedSet)}){const b=v.bits(${elements});if(b!==null)return b}` +
          `if(!(v instanceof ${this.constant(ValueSet)}))throw W;const b=new Array(${length}).fill(0);` +
          `for(const e of v){const k=${this.#rank(inner)}(e),c=(k/${CHUNK})|0;b[c]|=1<<(k-c*${CHUNK})}return b}`,
      )
    }
    return name
  }
  /** The name of a function that gives the number of a value of a type; it throws `WRONG` where it is none. */
  #rank(given: AnyType): string {
    const type = known(given)
    let name = this.#ranks.get(type)
    if (name !== undefined) return name
    name = this.name()
    this.#ranks.set(type, name)
    this.#functions.push(`function ${name}(v){${this.#rankCode(type)}}`)
    return name
  }
  #rankCode(given: AnyType): string {
    const type = known(given)
    switch (type.kind) {
      case 'int':
      case 'bool':
      case 'enum':
      case 'ids':
        return `return ${this.index(type, 'v')}`
      case 'option':
        return `return v===null?0:1+${this.#rank(type.inner)}(v)`
      case 'record':
        return this.#rankFields(type.fields, 0, '0')
      case 'union': {
        const { tag, variants } = type
        let before = 0
        const cases = variants.map(([name, body]) => {
          const code = `case ${JSON.stringify(name)}:{${this.#rankFields(body.fields, 1, String(before))}}`
          before += body.size
          return code
        })
        return `if(typeof v!=='object'||v===null)throw W;switch(v[${JSON.stringify(tag)}]){${cases.join('')}default:throw W}`
      }
      case 'map': {
        const { names, inner } = type
        return this.#rankFields(
          names.map((one) => [one, inner, 0]),
          0,
          '0',
        )
      }
      default:
        return `if(typeof v==='object'&&v!==null&&!Array.isArray(v))throw W;const t=${this.constant(type)};try{return t.rankOf(v)}catch(e){throw W}`
    }
  }
  #rankFields(fields: readonly (readonly [string, AnyType, number])[], besides: number, before: string): string {
    const ranks = fields.map(([name, type]) => `k=k*${type.size}+${this.#rank(type)}(v[${JSON.stringify(name)}]);`)
    return `${this.#checkObject('v', fields.length + besides)}let k=0;${ranks.join('')}return ${before}+k`
  }
}

/** What the numbers of a scalar stand for that are not computed. */
function membersOf(type: KnownType): readonly string[] {
  if (type.kind === 'enum' || type.kind === 'ids') return type.members
  throw new InternalError(`${type} is no scalar`)
}

/** A name as a key of an object literal: data, whatever it is. */
const keyText = (name: string): string => (name === '__proto__' ? '["__proto__"]' : JSON.stringify(name))

/** What generated code uses, by the names `W`, `E`, `I` and `K`. */
const PRELUDE = `function E(){throw W}
function I(m,v){const i=m.get(v);if(i===undefined)throw W;return i}
function K(o,n){let k=0;for(const _ in o)k++;return k===n}
`
