/**
 * Builds dist: `tsmc.js` (the command), `index.js` (the library), `host.js` (the thread that specs run in) and `worker.js` (those that explore) share their chunks, so that a process never holds two copies of
 * the library; the declarations come from the TypeScript compiler. `--fast` leaves the declarations out.
 *
 * Files are replaced one by one and only where they differ, so that a command that is running meanwhile does not lose its chunks.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

/**
 * Packages that are CommonJS are taken by `require`: `import` reads their whole source for the names that they export first, which takes longer than running
 * them, in each thread anew. Both give the same module.
 */
const required = {
  name: 'required',
  setup({ onResolve, onLoad }) {
    const require = createRequire(import.meta.url)
    onResolve({ filter: /^(?:commander|esbuild|immutable)$/ }, ({ path }) => ({ path, namespace: 'required', sideEffects: false }))
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => {
      const names = Object.keys(require(path)).filter((name) => name !== 'default' && name !== '__esModule')
      return {
        contents: `import { createRequire } from 'node:module'\nexport const { ${names.join(', ')} } = createRequire(import.meta.url)(${JSON.stringify(path)})`,
      }
    })
  },
}

/** Bundles into a directory; gives back the names of the files. */
export async function bundle(directory = dist) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { tsmc: 'src/cli/entry.ts', index: 'src/index.ts', worker: 'src/cli/worker.ts', host: 'src/cli/host.ts' },
    // Source maps name sources from there, wherever the files are written.
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [required],
    sourcemap: 'linked',
    sourcesContent: false,
    chunkNames: 'chunk-[hash]',
    minifyWhitespace: true,
    // Node.js shows the line where an error that nobody catches was thrown.
    lineLimit: 120,
    logLevel: 'warning',
    write: false,
  })
  mkdirSync(directory, { recursive: true })
  // Entries last: they name the chunks.
  const entry = (path) => (basename(path).startsWith('chunk-') ? 0 : 1)
  for (const { path: built, contents } of outputFiles.sort((a, b) => entry(a.path) - entry(b.path))) {
    const path = join(directory, basename(built))
    if (existsSync(path) && readFileSync(path).equals(contents)) continue
    const part = `${path}.${process.pid}.part`
    writeFileSync(part, contents)
    if (path === join(directory, 'tsmc.js')) chmodSync(part, 0o755)
    renameSync(part, path)
  }
  return outputFiles.map(({ path }) => basename(path))
}

function declarations() {
  rmSync(join(dist, 'types'), { recursive: true, force: true })
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await bundle()
  if (!process.argv.includes('--fast')) {
    declarations()
    for (const name of readdirSync(dist)) if (name !== 'types' && !files.includes(name)) rmSync(join(dist, name), { force: true })
  }
}
