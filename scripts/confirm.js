/**
 * Has the reference checker check the instances of the examples and the specs, with the built command, and compares what it finds with the search:
 *
 *     node scripts/confirm.js          all instances of up to 20,000 distinct states
 *     node scripts/confirm.js --ci     those of up to 2,000, and a tenth of the others, another one each day of the year
 *
 * Exit 1 where something differs or is no result. What is too large is told. Whether an instance is as expected is not asked here.
 */
import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const PLACES = ['examples', 'specs']
/** The reference checker is given no instance with more distinct states. */
const MOST = 20_000
/** Instances of up to so many states are confirmed each time. */
const SMALL = 2_000
/** The others in turn: one in so many each day. */
const DAYS = 10
/** Seconds after which `--ci` begins nothing more, and those after which it stops. */
const ENOUGH = 60
const LAST = 80
/** At most this many processes at a time. */
const PROCESSES = Math.min(2, availableParallelism())

/** The day of the year, from 1, everywhere the same. */
export function dayOf(date) {
  return Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000)
}

/** Those of a list whose turn it is on a day: each is there on one of ten days in a row. */
export function onDay(all, day) {
  return all.filter((_, i) => i % DAYS === day % DAYS)
}

/** Checks instances (all of them without a name) with a bound on the states; gives the instances of the document. */
async function checked(path, most, instance, seconds) {
  const bounds = ['--max-states', String(most), '--confirm-states', String(most), ...(seconds === undefined ? [] : ['--timeout', String(seconds)])]
  const choice = instance === undefined ? [] : ['--instance', instance]
  const command = [join(root, 'dist/tsmc.js'), 'check', path, '--reporter', 'json', '--no-diagrams', ...bounds, ...choice]
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, maxBuffer: 1 << 30, encoding: 'utf8' }).catch((error) => {
    // Whatever the run ended with, the document says it.
    if (typeof error.code === 'number' && error.stdout !== '') return error
    throw new Error(`${command.slice(1).join(' ')}\n${error.stderr ?? error.message}`)
  })
  const { instances, error } = JSON.parse(stdout)
  if (error !== null) throw new Error(`${path}: ${error.message}`)
  return instances
}

/** Carries out tasks, a few at a time; gives their results in order. */
async function inTurn(tasks) {
  const results = []
  let next = 0
  const worker = async () => {
    for (let i = next++; i < tasks.length; i = next++) results[i] = await tasks[i]()
  }
  await Promise.all(Array.from({ length: PROCESSES }, worker))
  return results
}

const nameOf = ({ spec, instance }) => `${spec}.${instance}`

/** What became of an instance, in one word, and as text. */
export function outcomeOf({ spec, instance, error, confirmation }) {
  const name = nameOf({ spec, instance })
  if (error !== null) return { name, is: 'wrong', text: `${name}: ${error.message}` }
  if (confirmation === undefined) return { name, is: 'wrong', text: `${name}: nothing is said of a confirmation` }
  const { confirmed, states, unconfirmed } = confirmation
  if (!confirmed) return { name, is: 'left', text: `${name}: ${unconfirmed.join('; ')}` }
  return { name, is: 'confirmed', text: `${name}: ${states} states${unconfirmed.length > 0 ? `, but for ${unconfirmed.join('; ')}` : ''}` }
}

function tell(title, outcomes) {
  if (outcomes.length > 0) console.log(`${title}:\n${outcomes.map(({ text }) => `    ${text}\n`).join('')}`)
}

async function main(ci) {
  const begun = performance.now()
  const elapsed = () => (performance.now() - begun) / 1000
  const most = ci ? SMALL : MOST
  const found = (await inTurn(PLACES.map((path) => () => checked(path, most)))).flatMap((instances, p) =>
    instances.map((one) => ({ path: PLACES[p], ...one })),
  )
  const outcomes = found.map(outcomeOf)
  const of = (list, is) => list.filter((one) => one.is === is)
  console.log(
    `${of(outcomes, 'confirmed').length} of ${outcomes.length} instances confirmed: those of up to ${most} states, after ${elapsed().toFixed(0)} s`,
  )
  let others = []
  if (ci) {
    const day = dayOf(new Date())
    const large = found.filter((one, i) => outcomes[i].is === 'left')
    const turn = onDay(large, day)
    console.log(`day ${day} of the year: of the ${large.length} others it is the turn of ${turn.map(nameOf).join(', ') || 'none'}`)
    others = await inTurn(
      turn.map((one) => async () => {
        if (elapsed() > ENOUGH) return { is: 'left', text: `${nameOf(one)}: ${ENOUGH} seconds are over` }
        const [again] = await checked(one.file, MOST, nameOf(one), Math.max(1, Math.floor(LAST - elapsed())))
        return outcomeOf(again)
      }),
    )
    tell('confirmed', of(others, 'confirmed'))
    tell('not confirmed', of(others, 'left'))
  } else {
    tell('confirmed', of(outcomes, 'confirmed'))
    tell(`not confirmed, of more than ${most} states`, of(outcomes, 'left'))
  }
  const wrong = of([...outcomes, ...others], 'wrong')
  tell('NOT the same', wrong)
  console.log(`${wrong.length === 0 ? 'nothing differs' : `${wrong.length} instances are wrong`}, after ${elapsed().toFixed(0)} s`)
  if (wrong.length > 0) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--ci'))
