/** The boxes of ARCHITECTURE.md and the arrows between them: which folder may import which. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** What each folder (or file) of src may import besides itself and errors.ts. Each row names rows above it only. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  'options.ts': [],
  wasm: [],
  values: [],
  drafts: ['values'],
  types: ['values', 'drafts'],
  layout: ['wasm', 'types'],
  program: ['types', 'layout'],
  spec: ['values', 'types', 'program'],
  source: ['values', 'types', 'spec'],
  direct: ['source', 'values', 'types', 'layout', 'program', 'spec'],
  learn: ['direct', 'source', 'wasm', 'values', 'drafts', 'types', 'layout', 'program', 'spec'],
  reference: ['values', 'types', 'layout', 'program', 'spec'],
  visited: ['wasm', 'layout'],
  symmetry: ['types', 'layout', 'program', 'visited'],
  explore: ['layout', 'program', 'symmetry', 'visited'],
  store: ['values', 'types', 'layout', 'program', 'symmetry', 'visited', 'explore'],
  temporal: ['layout', 'program', 'visited', 'symmetry', 'explore'],
  trace: ['types', 'layout', 'program', 'spec', 'learn', 'reference', 'visited', 'explore', 'temporal'],
  verdict: ['layout', 'program', 'spec', 'learn', 'explore'],
  report: ['program'],
  draw: ['program'],
}
const ROOMS = Object.keys(ALLOWED)
/** These see both halves, what makes programs and what explores them; each those before it. */
const ABOVE = ['run', 'host', 'api.ts', 'index.ts', 'cli']
ABOVE.forEach((room, i) => {
  ;(ALLOWED as Record<string, readonly string[]>)[room] = [...ROOMS, ...ABOVE.slice(0, i)]
})
/** Where there is no Node.js. */
;(ALLOWED as Record<string, readonly string[]>)['browser.ts'] = ['api.ts', 'source']
const ANYTHING = Object.keys(ALLOWED)

/** Packages at run time. Node.js itself is free for all. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  immutable: ANYTHING,
  acorn: ['source', 'browser.ts'],
  commander: ['cli'],
  esbuild: ['cli'],
  'graphviz-cli': ['draw'],
  sax: ['draw'],
  '@duckdb/node-api': ['store'],
}

const src = resolve(import.meta.dirname, '../src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'))
  .sort()
const textOf = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]))
const layer = (file: string): string => file.split('/')[0] as string

interface Import {
  readonly from: string
  readonly specifier: string
  readonly typeOnly: boolean
}

/** Static imports, re-exports and `import()` of literal names. */
function importsOf(file: string): Import[] {
  const text = (textOf.get(file) as string).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const imports: Import[] = []
  for (const [, type, specifier] of text.matchAll(/^\s*(?:import|export)(\s+type)?\s[^'"`;]*?\sfrom\s+['"]([^'"]+)['"]/gm))
    imports.push({ from: file, specifier: specifier as string, typeOnly: type !== undefined })
  for (const [, specifier] of text.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm))
    imports.push({ from: file, specifier: specifier as string, typeOnly: false })
  for (const [, specifier] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    imports.push({ from: file, specifier: specifier as string, typeOnly: false })
  return imports
}

const all = files.flatMap(importsOf)
const target = ({ from, specifier }: Import): string => relative(src, resolve(src, dirname(from), specifier)).replaceAll('\\', '/')
const inside = all.filter(({ specifier }) => specifier.startsWith('.'))

test('the imports are found at all', () => {
  expect(inside.filter(({ from }) => from === 'run/search.ts').map(target)).toContain('explore/breadthFirst.ts')
  expect(all.filter(({ from }) => from === 'cli/main.ts').map(({ specifier }) => specifier)).toContain('commander')
  expect(all.filter(({ from }) => from === 'cli/serve.ts').map(({ specifier }) => specifier)).toEqual(
    expect.arrayContaining(['./check.ts', './render.ts']),
  )
})

test('every folder is in the table', () => {
  expect([...new Set(files.map(layer))].filter((name) => !Object.hasOwn(ALLOWED, name))).toEqual([])
})

test('imports go along the arrows', () => {
  const wrong = inside
    .filter((item) => {
      const to = layer(target(item))
      return to !== layer(item.from) && to !== 'errors.ts' && !ALLOWED[layer(item.from)]?.includes(to)
    })
    .map((item) => `${item.from} -> ${target(item)}`)
  expect(wrong).toEqual([])
})

test('imports name files with their extension', () => {
  expect(inside.filter((item) => !textOf.has(target(item))).map((item) => `${item.from} -> ${item.specifier}`)).toEqual([])
})

test('no cycles', () => {
  const next = new Map<string, string[]>(files.map((file) => [file, []]))
  // Types vanish before anything runs.
  for (const item of inside) if (!item.typeOnly) next.get(item.from)?.push(target(item))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    else if (!done.has(file)) {
      for (const other of next.get(file) ?? []) visit(other, [...path, file])
      done.add(file)
    }
  }
  for (const file of files) visit(file, [])
  expect(cycles).toEqual([])
})

test('packages stay where they belong', () => {
  const wrong = all
    .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .filter(({ specifier, from }) => !PACKAGES[specifier]?.includes(layer(from)))
    .map(({ from, specifier }) => `${from} -> ${specifier}`)
  expect(wrong).toEqual([])
})

test('only the command ends the process', () => {
  expect(files.filter((file) => layer(file) !== 'cli' && /\bprocess\.(?:exit\b|exitCode\b|abort\b|kill\b)/.test(textOf.get(file) as string))).toEqual(
    [],
  )
})

test('only the command writes to stdout and stderr', () => {
  expect(files.filter((file) => layer(file) !== 'cli' && /\bconsole\.|\bprocess\.(?:stdout|stderr)\b/.test(textOf.get(file) as string))).toEqual([])
})
