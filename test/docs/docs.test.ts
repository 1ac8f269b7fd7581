/** What the documents for contributors say of the code is so: files, functions, links, the table of rooms, the number of files that a change takes. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')
const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
]
/** Written by others, in their own words: only their links are looked at. */
const LINKS_ONLY = ['docs/limits.md', 'docs/faults.md', 'docs/threats.md', 'docs/language.md']

const rooms = readdirSync(join(root, 'src'))
/** Where a path as a document writes it may lie: below the project, or below `src`. */
const found = (path: string): boolean => [path, `src/${path}`].some((one) => existsSync(join(root, one)))
const isPath = (text: string): boolean =>
  /^[\w.-]+(?:\/[\w.-]+)*\/?$/.test(text) &&
  !text.includes('NAME') &&
  (/^(?:src|test|docs|scripts|specs|examples|bench)\//.test(text) || (text.includes('/') && rooms.includes(text.split('/')[0] as string)))

const pathsIn = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string).filter(isPath)

/** `file`, `function`: pairs that stand side by side. */
const pairsIn = (text: string): [path: string, name: string][] =>
  [...text.matchAll(/`([\w./-]+\.ts)`, `#?([A-Za-z]\w*)`/g)].map(([, path, name]) => [path as string, name as string])

describe.each(DOCUMENTS.filter((name) => !LINKS_ONLY.includes(name)))('%s', (name) => {
  test('names files that are there', () => {
    expect(pathsIn(textOf(name)).filter((path) => !found(path))).toEqual([])
  })
  test('names functions of these files', () => {
    const wrong = pairsIn(textOf(name)).filter(
      ([path, item]) => !new RegExp(`\\b${item}\\b`).test(textOf(existsSync(join(root, path)) ? path : `src/${path}`)),
    )
    expect(wrong).toEqual([])
  })
})

test.each(DOCUMENTS)('the links of %s lead somewhere', (name) => {
  const links = [...textOf(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string).filter((link) => !/^[a-z]+:/.test(link))
  const broken = links.filter((link) => {
    const [path, anchor] = link.split('#') as [string, string?]
    const target = path === '' ? join(root, name) : join(root, dirname(name), path)
    if (!existsSync(target)) return true
    if (anchor === undefined || statSync(target).isDirectory()) return false
    const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      (heading as string)
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s-]/gu, '')
        .replaceAll(' ', '-'),
    )
    return !headings.includes(anchor)
  })
  expect(broken).toEqual([])
})

test('the tour has 30 stops, and each is a function of a file', () => {
  const rows = [...textOf('docs/tour.md').matchAll(/^\| (\d+) .*$/gm)]
  expect(rows.map(([, number]) => Number(number))).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  // Every file that a stop names, at least one, is followed by a function of it.
  expect(rows.map(([row]) => pairsIn(row).length)).toEqual(rows.map(([row]) => Math.max(1, row.match(/`[\w./-]+\.ts`/g)?.length ?? 0)))
})

/** The table of test/layers.test.ts, as that makes it. */
function layers(): Record<string, string[]> {
  const text = textOf('test/layers.test.ts')
  const constant = (name: string): unknown => {
    const value = new RegExp(`const ${name}(?:: [^=]*)? = (\\[.*\\]|\\{[\\s\\S]*?\\n\\})\\n`).exec(text)?.[1]
    return new Function(`return ${value}`)()
  }
  const allowed = constant('ALLOWED') as Record<string, string[]>
  const names = Object.keys(allowed)
  ;(constant('ABOVE') as string[]).forEach((room, i, above) => {
    allowed[room] = [...names, ...above.slice(0, i)]
  })
  const browser = /\['browser\.ts'\] = (\[.*\])/.exec(text)?.[1]
  allowed['browser.ts'] = new Function(`return ${browser}`)()
  return allowed
}

test('the table of rooms is that of test/layers.test.ts, and of src', () => {
  const table: Record<string, string[]> = {}
  const [, section] = /^## Rooms$([\s\S]*?)^## /m.exec(textOf('ARCHITECTURE.md')) as unknown as [string, string]
  for (const [, room, may] of section.matchAll(/^\| `([\w.]+)` +\|[^|]*\| (.*?) *\|$/gm)) {
    const above = Object.keys(table)
    table[room as string] = may === 'nothing' ? [] : may === 'all above' ? above : (may as string).split(', ')
  }
  expect(table).toEqual(layers())
  expect(Object.keys(table).sort()).toEqual([...rooms].sort())
})

test('the switch over the kinds of types that a new type meets are those that CONTRIBUTING names', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) => `src/${name.replaceAll('\\', '/')}`)
  const switching = files
    .filter((file) => file.endsWith('.ts') && file !== 'src/types/kinds.ts' && textOf(file).includes("from '../types/kinds.ts'"))
    .sort()
  // Generated code has a way for types that it does not know; the other switches are complete.
  expect(switching).toEqual(['src/direct/codec.ts', 'src/layout/layout.ts', 'src/learn/profile.ts', 'src/symmetry/symmetry.ts'])
  const tour = textOf('CONTRIBUTING.md').split('### A new type')[1]?.split('###')[0] as string
  for (const file of switching) expect(pathsIn(tour)).toContain(file)
})

test('the five tours count the files to change, and each is told in a step', () => {
  const tours = textOf('CONTRIBUTING.md').split(/^### /m).slice(1)
  const numbers = tours.map((tour) => {
    const [said, number] = /(\d+) files? to change[\s\S]*?(?=^\d\. )/m.exec(tour) as unknown as [string, string]
    const files = [...said.matchAll(/`([\w./-]+\.\w+)`/g)].map(([, file]) => file as string)
    const steps = tour.slice(tour.indexOf(said) + said.length)
    expect(files.filter((file) => !steps.includes(`\`${file}\``))).toEqual([])
    return [tour.split('\n')[0], Number(number), files.length]
  })
  expect(numbers).toEqual([
    ['A new type', 7, 7],
    ['A new reporter', 3, 3],
    ['A new property kind', 15, 15],
    ['A new command-line option', 5, 5],
    ['A new visited set', 1, 1],
  ])
})

test('the files above 500 lines are those that docs/decisions/long-files.md gives reasons for', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) => `src/${name.replaceAll('\\', '/')}`)
  const long = files.filter((path) => path.endsWith('.ts') && textOf(path).split('\n').length - 1 > 500)
  const given = [...textOf('docs/decisions/long-files.md').matchAll(/^\| `(src\/[^`]+)`/gm)].map(([, path]) => path)
  expect(long.toSorted()).toEqual(given.toSorted())
  expect(long.length).toBeLessThanOrEqual(3)
})

test('the code of docs/reference.md is in the files that it names, word for word', () => {
  const squeezed = (text: string): string => text.replace(/^ +/gm, '')
  const pieces = [...textOf('docs/reference.md').matchAll(/^<!-- (\S+) -->\n\n```ts\n([\s\S]*?)\n```$/gm)].map(
    ([, file, code]) => [file as string, code as string] as const,
  )
  expect(pieces.length).toBe([...textOf('docs/reference.md').matchAll(/^```ts$/gm)].length)
  expect(pieces.length).toBe(27)
  expect(pieces.filter(([file, code]) => !squeezed(textOf(file)).includes(squeezed(code))).map(([, code]) => code.split('\n')[0])).toEqual([])
})

test('the toy imports nothing of types, layout, drafts, learning', () => {
  const toy = ['reference', 'runs', 'plain', 'sets', 'text'].map((name) => `src/reference/${name}.ts`)
  const rooms = toy.flatMap((file) => [...textOf(file).matchAll(/from '\.\.\/([\w.]+)(?:\/[^']*)?'/g)].map(([, room]) => room as string))
  expect([...new Set(rooms)].sort()).toEqual(['errors.ts', 'program', 'spec', 'values'])
})

test('words that only this project used stay away', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const house = /\b(?:crews?|teams?|colleagues?|boards?|lessons?|swift|recent|mergeLooks)\b/i
  expect(files.filter((name) => house.test(textOf(`src/${name.replaceAll('\\', '/')}`)))).toEqual([])
})
