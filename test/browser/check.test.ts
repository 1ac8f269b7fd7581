/** Everything above `host/` runs in a browser as well: a check in a worker of a real one gives the same figures. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath } from '../chromium.ts'
import { check, type Result } from '../../src/index.ts'
import twoPhase from '../../bench/models/two-phase.ts'
import hourClock from '../../examples/hour-clock.ts'
import peterson from '../../examples/peterson.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SOURCE = `
  import { check } from 'tsmc'
  import hourClock from './examples/hour-clock.ts'
  import peterson from './examples/peterson.ts'
  import twoPhase from './bench/models/two-phase.ts'
  const specs = { hourClock, peterson, twoPhase }
  onmessage = async ({ data: [name, instance] }) => {
    try {
      const { verdict, distinct, generated, depth, violation, engine } = await check(specs[name], { instance })
      postMessage({ verdict, distinct, generated, depth, replay: violation?.replay ?? null, leaves: engine.leaves })
    } catch (error) {
      postMessage({ error: String(error?.stack ?? error) })
    }
  }`
const figures = ({ verdict, distinct, generated, depth, violation, engine }: Result): unknown => ({
  verdict,
  distinct,
  generated,
  depth,
  replay: violation?.replay ?? null,
  leaves: engine.leaves,
})

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: ROOT, loader: 'ts' },
    alias: { tsmc: `${ROOT}/src/browser.ts` },
    bundle: true,
    format: 'esm',
    // A module of Node.js among what is imported is an error here.
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  })
  return (outputFiles[0] as { text: string }).text
}

describe('the bundle for a browser', () => {
  it('has nothing of host/ in it, nor of Node.js', async () => {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: ['src/browser.ts'],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      metafile: true,
      write: false,
      logLevel: 'silent',
    })
    const inputs = Object.keys(metafile.inputs)
    expect(inputs).toContain('src/run/check.ts')
    expect(inputs.filter((path) => /^src\/(?:host|cli|store|draw)\//.test(path))).toEqual([])
  })
})

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let browser: import('playwright-core').Browser
  let server: Server
  beforeAll(async () => {
    const code = await bundle()
    server = createServer((request, response) => {
      // Only a page that is isolated may share memory, in which compiled code works.
      if (request.url?.startsWith('/isolated'))
        response.setHeader('Cross-Origin-Opener-Policy', 'same-origin').setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
      if (request.url?.endsWith('.js')) response.setHeader('Content-Type', 'text/javascript').end(code)
      else response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>tsmc</title>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { chromium } = await import('playwright-core')
    browser = await chromium.launch({ executablePath: chromiumPath as string, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  async function checkThere(path: string, name: string, instance: string): Promise<unknown> {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
    const found = await page.evaluate(`new Promise((resolve) => {
      const worker = new Worker('${path}spec.js', { type: 'module' })
      worker.onmessage = ({ data }) => resolve(data)
      worker.onerror = ({ message }) => resolve({ error: message })
      worker.postMessage(${JSON.stringify([name, instance])})
    })`)
    await page.close()
    return found
  }

  it.each([
    ['/', 'hourClock', hourClock, ''],
    ['/', 'peterson', peterson, ''],
    ['/isolated/', 'twoPhase', twoPhase, '5'],
    ['/', 'twoPhase', twoPhase, '5'],
  ])('%s %s', async (path, name, spec, instance) => {
    for (const one of instance === '' ? spec.instances.map(({ name: each }) => each) : [instance])
      expect(await checkThere(path, name, one)).toEqual(figures(await check(spec, { instance: one })))
  })
})
