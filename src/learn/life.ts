/** The life of drafts: one run of a function, whoever keeps them longer. */
import { SpecError } from '../errors.ts'
import type { Store } from '../drafts/graph.ts'
import type { SetType } from '../types/set.ts'
import type { AnyType } from '../types/type.ts'
import { refuse } from '../values/errors.ts'

/** The store of one run: it is over when the function has returned, and then its drafts refuse to be used. */
export class Life implements Store {
  readonly #tracer: Store
  #over = false

  constructor(tracer: Store) {
    this.#tracer = tracer
  }
  end(): void {
    this.#over = true
  }
  get what(): string {
    return this.#tracer.what
  }
  touch(): void {
    if (this.#over)
      refuse(
        new SpecError('a state was used after the function that it was given to had returned', {
          hint: 'do not keep the state, or a part of it, in a variable outside the function',
        }),
      )
    this.#tracer.touch()
  }
  change(): void {
    this.touch()
    this.#tracer.change()
  }
  refuse(error: Error): never {
    return this.#tracer.refuse(error)
  }
  missed(text: string): void {
    this.#tracer.missed(text)
  }
  read(slot: number): number {
    return this.#tracer.read(slot)
  }
  has(slot: number, type: SetType<AnyType>, element: number): boolean {
    return this.#tracer.has(slot, type, element)
  }
  write(slot: number, value: number): void {
    this.#tracer.write(slot, value)
  }
  copy(to: number, from: number): void {
    this.#tracer.copy(to, from)
  }
  alter(to: number, from: number, type: SetType<AnyType>, changes: ReadonlyMap<number, boolean>): void {
    this.#tracer.alter(to, from, type, changes)
  }
}
