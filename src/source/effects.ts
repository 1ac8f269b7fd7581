/** Whether a callback has no effect but its result, by its source. */
const known = new Map<string, boolean>()

export function effectFree(callback: (...args: never[]) => unknown): boolean {
  const text = Function.prototype.toString.call(callback)
  let free = known.get(text)
  if (free === undefined) {
    free = !/\+\+|--|[^=!<>]=(?![=>])|\bthrow\b|\byield\b|\.(push|pop|shift|unshift|splice|add|delete|set|clear|sort|reverse|fill|next)\(/.test(text)
    known.set(text, free)
  }
  return free
}
