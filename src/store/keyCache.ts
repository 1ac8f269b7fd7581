/**
 * Keys that were met a short while ago, at most one per place of a table: most successors are among them. What it says it has seen it has seen;
 * what it has forgotten is found out on disk. The hot path.
 */
const BYTES = 1 << 25

export class KeyCache {
  readonly #words: number
  readonly #mask: number
  readonly #keys: Int32Array
  readonly #used: Uint8Array

  constructor(words: number) {
    this.#words = words
    let places = 1 << 10
    while (places * 2 * words * 4 <= BYTES) places *= 2
    this.#mask = places - 1
    this.#keys = new Int32Array(places * words)
    this.#used = new Uint8Array(places)
  }

  #place(keys: Int32Array, at: number): number {
    let hash = 0
    for (let w = 0; w < this.#words; w++) {
      hash = Math.imul(hash ^ (keys[at + w] as number), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash & this.#mask
  }

  has(keys: Int32Array, at: number): boolean {
    const place = this.#place(keys, at)
    if (this.#used[place] === 0) return false
    const to = place * this.#words
    for (let w = 0; w < this.#words; w++) if (this.#keys[to + w] !== keys[at + w]) return false
    return true
  }

  put(keys: Int32Array, at: number): void {
    const place = this.#place(keys, at)
    this.#used[place] = 1
    const to = place * this.#words
    for (let w = 0; w < this.#words; w++) this.#keys[to + w] = keys[at + w] as number
  }
}
