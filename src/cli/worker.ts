/** What a worker thread runs: it loads the spec, builds its own program, and carries out the orders of the leading thread (host/threads.ts). */
import { parentPort, setEnvironmentData } from 'node:worker_threads'
import { chosen, modelOf } from '../run/instance.ts'
import { type Answer, type Failed, type Order, signatureOf, type Task } from '../host/threads.ts'
import { SpecError, UsageError } from '../errors.ts'
import '../host/node.ts'
import { exhausted } from '../explore/exhausted.ts'
import { Paused, SLICE } from '../run/limits.ts'
import { slice } from '../host/slice.ts'
import { captureConsole } from '../host/log.ts'
import { containThread } from '../host/contain.ts'
import { inputsFound } from '../host/inputs.ts'
import { Learner } from '../learn/learner.ts'
import { bundleName } from '../program/bundles.ts'
import { Heap } from '../layout/heap.ts'
import { Distinction } from '../symmetry/distinctions.ts'
import { LevelWorker } from '../explore/levelWorker.ts'
import { loadSpecs } from './load.ts'

const port = parentPort as NonNullable<typeof parentPort>
containThread()
// The leading thread has told it already.
captureConsole(() => {})
let worker: LevelWorker | null = null

const answer = (message: Answer): void => port.postMessage(message)

function failedOf(error: unknown): Failed {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return {
    kind:
      error instanceof Paused
        ? 'paused'
        : error instanceof Distinction
          ? 'distinction'
          : error instanceof SpecError
            ? 'spec'
            : error instanceof UsageError
              ? 'usage'
              : exhausted(error) === 'memory'
                ? 'memory'
                : 'other',
    message,
    stack,
    hint: error instanceof SpecError || error instanceof UsageError ? error.hint : undefined,
    location: error instanceof SpecError ? error.location : undefined,
    outside: error instanceof SpecError ? error.outside : undefined,
    distinction: error instanceof Distinction ? { kind: error.kind, about: error.about, ids: error.ids, scalarset: error.scalarset } : undefined,
    asking: worker?.asking ?? null,
  }
}

async function begin(task: Task): Promise<void> {
  setEnvironmentData(bundleName(task.file), task.bundle as never)
  const specs = (await loadSpecs(task.file, true)).filter(({ name }) => name === task.spec)
  const options = {
    ...(task.instance !== undefined && { instance: task.instance }),
    ...(task.constants !== undefined && { constants: task.constants }),
  }
  const heap = new Heap(task.setup.memory)
  let program: Learner | undefined
  for (const spec of specs) {
    if (task.instance !== undefined && !spec.instances.some(({ name }) => name === task.instance)) continue
    const instance = chosen(spec, options)
    const candidate = new Learner(modelOf(spec, instance), task.options)
    if (signatureOf(candidate, instance.constants) === task.signature) {
      program = candidate
      break
    }
  }
  const leading = new Map(task.inputs)
  for (const [name, value] of inputsFound())
    if (leading.has(name) && leading.get(name) !== value)
      throw new UsageError(
        `a worker thread that loads ${task.file} finds something else in ${name}`,
        'a module must find the same each time it is loaded; or use --workers 1',
      )
  if (program === undefined)
    throw new UsageError(
      `a worker thread that loads ${task.file} finds another model of the spec ${task.spec} there`,
      'a module must give the same specs each time it is loaded: see what it reads while it is loaded; or use --workers 1',
    )
  const built = program
  built.accelerator.take(task.knowledge, heap)
  const participant = new LevelWorker(built, task.setup, heap)
  worker = participant
  port.on('message', (order: Order) => {
    try {
      if (order.order === 'figures') answer({ answer: 'done', report: built.figures() })
      else {
        participant.begin(order)
        let done = false
        while (!done) {
          const some = (): void => {
            done = participant.advance(SLICE)
          }
          slice(built, some, task.options.callTimeout)
        }
        answer({ answer: 'done', report: participant.report() })
      }
    } catch (error) {
      participant.fail()
      answer({ answer: 'failed', error: failedOf(error) })
    }
  })
  answer({ answer: 'ready' })
}

// Never a wait for what cannot come.
port.on('messageerror', (error: Error) => {
  worker?.fail()
  answer({ answer: 'failed', error: failedOf(error) })
})
port.once('message', (task: Task) => {
  begin(task).catch((error: unknown) => answer({ answer: 'failed', error: failedOf(error) }))
})
