/** Files that are damaged while a search works on them are refused, whatever the engine makes of them; and a level with too many states. */
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BLOCK, Levels } from '../../src/store/levels.ts'
import { directory } from './directory.ts'

const NONE = new Int32Array(0)

/** A store with a level for each list of states; every level is looked up on the disk. */
async function levelsOf(at: string, lists: readonly (readonly number[])[]): Promise<Levels> {
  const levels = await Levels.open(at, { words: 1, formed: false, memory: 64, small: 2 })
  for (const [level, states] of lists.entries()) await next(levels, level, states)
  return levels
}

async function next(levels: Levels, level: number, states: readonly number[]): Promise<number> {
  await levels.begin()
  states.forEach((state, i) => {
    levels.append(Int32Array.of(state), 0, NONE, i, 0)
  })
  return (await levels.end(level)).count
}

/** Every way to damage a file, in place and with the time of its last change as it was. */
const DAMAGES: Readonly<Record<string, (path: string, other: string) => void>> = {
  'a flipped bit': (path) => {
    const bytes = readFileSync(path)
    // In the words of the states, or in what is told of them.
    const at = Math.floor(bytes.length / 3)
    const file = openSync(path, 'r+')
    writeSync(file, Uint8Array.of((bytes[at] as number) ^ 4), 0, 1, at)
    closeSync(file)
  },
  'a truncated file': (path) => truncateSync(path, statSync(path).size - 9),
  'a file that is longer': (path) => appendFileSync(path, '\0'),
  'a file of another level': (path, other) => copyFileSync(other, path),
  'a file that is missing': (path) => rmSync(path),
}

test.each(Object.keys(DAMAGES))('%s', async (name) => {
  const at = directory()
  const harm = (file: string, other: string): void => {
    const path = join(at, file)
    const { atime, mtime } = statSync(path)
    DAMAGES[name]?.(path, join(at, other))
    if (name !== 'a file that is missing') utimesSync(path, atime, mtime)
  }
  const levels = await levelsOf(at, [
    [1, 2, 3],
    [4, 5, 6, 4, 1],
    [7, 8],
  ])
  expect(readdirSync(at).filter((file) => file.endsWith('.parquet'))).toHaveLength(3)
  await levels.read(1)
  expect([await levels.next(), [...levels.block.subarray(0, 3)]]).toEqual([3, [4, 5, 6]])
  expect(await levels.next()).toBe(0)
  expect(await levels.row(2, 1)).toEqual({ words: Int32Array.of(8), parent: 1 })

  const damaged = (file: string): string => `files of the store in ${at} are missing or damaged: ${file} is not as it was written`
  // A level that is read, and the one that a trace goes through.
  harm('level-00002.parquet', 'level-00000.parquet')
  await expect(levels.read(2)).rejects.toThrow(damaged('level-00002.parquet'))
  await expect(levels.row(2, 1)).rejects.toThrow(damaged('level-00002.parquet'))
  await expect(levels.rowsOf(2).next()).rejects.toThrow(damaged('level-00002.parquet'))
  // Those with the keys that were seen, at the end of a level.
  await expect(next(levels, 3, [9, 7])).rejects.toThrow(damaged('level-00002.parquet'))
  levels.close()
})

test('a level that is damaged between two blocks of it', async () => {
  const at = directory()
  const levels = await levelsOf(at, [Array.from({ length: 3 * BLOCK }, (_, i) => i * 7)])
  await levels.read(0)
  expect(await levels.next()).toBe(BLOCK)
  truncateSync(join(at, 'level-00000.parquet'), 100)
  await expect(levels.next()).rejects.toThrow('level-00000.parquet is not as it was written')
  levels.close()
})

test('the same file written anew is as it was', async () => {
  const at = directory()
  const levels = await levelsOf(at, [
    [1, 2],
    [3, 4],
  ])
  const path = join(at, 'level-00000.parquet')
  copyFileSync(path, `${path}.copy`)
  rmSync(path)
  copyFileSync(`${path}.copy`, path)
  expect(await next(levels, 2, [1, 5, 3])).toBe(1)
  levels.close()
})

test('a level has no more states than there are numbers for', async () => {
  const at = directory()
  const levels = await Levels.open(at, { words: 1, formed: false, memory: 64, rows: 3 })
  expect(await next(levels, 0, [1, 2, 3])).toBe(3)
  await expect(next(levels, 1, [4, 1, 5, 6, 7])).rejects.toThrow('level 1 has 4 states, and a store has numbers for 3 in each')
  expect(readdirSync(at).filter((file) => file.startsWith('level'))).toEqual(['level-00000.parquet'])
  levels.close()
})
