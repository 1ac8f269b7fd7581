/**
 * Random numbers that a seed determines: xoshiro128** (D. Blackman, S. Vigna, Scrambled linear pseudorandom number generators, 2021), its
 * state filled from the seed by SplitMix32. The same seed gives the same numbers on every machine; part of what `--seed` promises.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /** `stream` makes several independent sequences from one seed. */
  constructor(seed: number, stream = 0) {
    let state = Math.imul(stream, 0x85ebca6b) ^ (seed >>> 0)
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return z ^ (z >>> 15)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next() | 1
  }

  /** 32 random bits. */
  next(): number {
    const five = Math.imul(this.#b, 5)
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  /** A whole number from 0 to n - 1, each with the same chance. */
  below(n: number): number {
    // The last, incomplete range of multiples of n would favour small numbers.
    const limit = 2 ** 32 - (2 ** 32 % n)
    for (;;) {
      const bits = this.next()
      if (bits < limit) return bits % n
    }
  }
}
