/** Carries out a command, and says what comes of it. What it runs is code of specs: it may not come back, and whoever listens knows that. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { captureConsole, type Logged } from '../host/log.ts'
import { plain } from '../report/text.ts'
import type { Order, Said } from './channel.ts'
import type { Output } from './output.ts'
import { describe } from './errors.ts'
import { shown } from './files.ts'
import { strips } from './library.ts'
import type { CheckFlags } from './options.ts'
import type { SimulateFlags } from './simulate.ts'
import { tellTemporary } from './temporary.ts'

export async function serve(order: Order, post: (said: Said) => void, signal: AbortSignal): Promise<void> {
  captureConsole((logged) => post({ say: 'err', text: logText(logged) }))
  tellTemporary((path, there) => post({ say: 'temporary', path, there }))
  const output: Output = {
    stdout: (text) => post({ say: 'out', text }),
    stderr: (text) => post({ say: 'err', text }),
    terminal: order.terminal,
    signal,
    spent: () => (Date.now() - order.began) / 1000,
    working: (work) => post({ say: 'work', work }),
    status: (name, progress) => post({ say: 'status', ...(name !== null && { name }), ...(progress && { progress }) }),
    instance: (json) => post({ say: 'instance', json }),
    code: (code) => post({ say: 'code', code }),
  }
  try {
    post({ say: 'done', code: await carryOut(order, output) })
  } catch (error) {
    post({ say: 'failed', ...failed(error) })
  }
}

/** An error that ends the command. */
export function failed(error: unknown): { text: string; error: ReturnType<typeof describe>['json']; code: number } {
  const { text, code, json } = describe(error)
  return { text, error: json, code }
}

async function carryOut({ command, args, flags }: Order, output: Output): Promise<number> {
  switch (command) {
    case 'check': {
      await beginToLoad(args[0] as string)
      const { runCheck } = await import('./check.ts')
      return runCheck(args, flags as CheckFlags, output)
    }
    case 'simulate': {
      const { runSimulate } = await import('./simulate.ts')
      return runSimulate(args, flags as SimulateFlags, output)
    }
    case 'render': {
      const { runRender } = await import('./render.ts')
      return runRender(args[0] as string, flags as { out?: string }, output)
    }
  }
}

/** The first spec file is bundled, if it has to be, while the rest of the program is loaded. */
async function beginToLoad(file: string): Promise<void> {
  if (!/ts$/.test(file) || strips(file) || !existsSync(file)) return
  const { begin } = await import('./bundle.ts')
  begin(resolve(file))
}

/** `counter.ts:9 the action Up: x is 3` */
function logText({ text, what, location, learning }: Logged): string {
  const place = location ? `${shown(location.file)}:${location.line}` : ''
  const head = [place, what === null ? '' : learning ? `${what}, while learning` : what].filter((part) => part !== '').join(' ')
  return `${text
    .split('\n')
    .map((line) => `| ${head === '' ? '' : `${plain(head)}: `}${plain(line)}\n`)
    .join('')}`
}
