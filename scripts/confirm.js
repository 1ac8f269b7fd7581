/**
 * Has the reference checker check the instances of the examples and the specs, with the built command, and compares what it finds with the search:
 *
 *     node scripts/confirm.js          all instances of up to 20,000 distinct states
 *     node scripts/confirm.js --ci     those of up to 2,000, and a tenth of the others, another one each day of the year
 *
 * With `--ci` it ends within 90 seconds, however busy the machine is: the files are begun at another one each day, and what was not reached is told.
 * Exit 1 where something differs or is no result. What is too large is told. Whether an instance is as expected is not asked here.
 */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inTurn } from './inTurn.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const FILES = ['examples', 'specs'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
)
/** The reference checker is given no instance with more distinct states. */
const MOST = 20_000
/** Instances of up to so many states are confirmed each time. */
const SMALL = 2_000
/** The others in turn: one in so many each day. */
const DAYS = 10
/** Seconds after which `--ci` stops with the small ones, with all, and those after which it begins no other. */
const ENOUGH = 55
const LAST = 80
const LATEST = 70
/** The day of the year, from 1, everywhere the same. */
export function dayOf(date) {
  return Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000)
}

/** Those of a list whose turn it is on a day: each is there on one of ten days in a row. */
export function onDay(all, day) {
  return all.filter((_, i) => i % DAYS === day % DAYS)
}

/** Checks instances (all of them without a name) with a bound on the states; gives those that were begun. After `seconds` it is interrupted. */
async function checked(path, most, instance, seconds = 0) {
  const bounds = ['--max-states', String(most), '--confirm-states', String(most)]
  const choice = instance === undefined ? [] : ['--instance', instance]
  const command = [join(root, 'dist/tsmc.js'), 'check', path, '--reporter', 'json', '--no-diagrams', ...bounds, ...choice]
  const limits = {
    cwd: root,
    maxBuffer: 1 << 30,
    encoding: 'utf8',
    timeout: seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000)),
    killSignal: 'SIGINT',
  }
  const { stdout } = await promisify(execFile)(process.execPath, command, limits).catch((error) => {
    // Interrupted before it could begin.
    if (error.killed && error.stdout === '') return { stdout: '{ "instances": [], "error": null }' }
    // Whatever the run ended with, the document says it.
    if (typeof error.code === 'number' && error.stdout !== '') return error
    throw new Error(`${command.slice(1).join(' ')}\n${error.stderr ?? error.message}`)
  })
  const { instances, error } = JSON.parse(stdout)
  if (error !== null) throw new Error(`${path}: ${error.message}`)
  return instances
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
  const day = dayOf(new Date())
  const begin = ci ? day % FILES.length : 0
  const files = [...FILES.slice(begin), ...FILES.slice(0, begin)]
  const unreached = []
  const results = await inTurn(
    files.map((file) => async () => {
      const left = ENOUGH - elapsed()
      const instances = ci && left < 1 ? [] : await checked(file, most, undefined, ci ? left : 0)
      if (ci && elapsed() > ENOUGH) unreached.push(file)
      return instances.filter(({ incomplete, confirmation }) => incomplete?.bound !== 'interrupt' && confirmation?.unconfirmed[0] !== 'interrupted')
    }),
  )
  const found = results.flat()
  const outcomes = found.map(outcomeOf)
  const of = (list, is) => list.filter((one) => one.is === is)
  console.log(
    `${of(outcomes, 'confirmed').length} of ${outcomes.length} instances confirmed: those of up to ${most} states, after ${elapsed().toFixed(0)} s`,
  )
  if (unreached.length > 0) console.log(`not reached within ${ENOUGH} seconds, wholly or in part: ${unreached.join(', ')}`)
  let others = []
  if (ci) {
    const large = found.filter((_one, i) => outcomes[i].is === 'left')
    const turn = onDay(large, day)
    console.log(`day ${day} of the year: of the ${large.length} others it is the turn of ${turn.map(nameOf).join(', ') || 'none'}`)
    others = await inTurn(
      turn.map((one) => async () => {
        if (elapsed() > LATEST) return { is: 'left', text: `${nameOf(one)}: ${LATEST} seconds are over` }
        const [again] = await checked(one.file, MOST, nameOf(one), LAST - elapsed())
        return again === undefined ? { is: 'left', text: `${nameOf(one)}: the time is over` } : outcomeOf(again)
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
