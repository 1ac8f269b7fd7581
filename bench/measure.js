/** Runs a command and says what it took: wall time, CPU time and the largest memory of the process. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** GNU time asks the kernel when the process ends, so that nothing is missed and nothing is slowed down. */
const TIME = '/usr/bin/time'
export const exact = existsSync(TIME)
let runs = 0

/**
 * Never rejects: a command that cannot be started has the code 127. `peak` is in bytes, times in seconds; what could not be measured is
 * null. After `timeout` seconds the command and its children are ended, and `stopped` is true.
 */
export function measure([command, ...args], { cwd, env = {}, timeout }) {
  const report = join(tmpdir(), `tsmc-bench-${process.pid}-${runs++}.time`)
  // What the run cost is written to a file of its own, not between the lines of the command.
  const [program, ...rest] = exact ? [TIME, '-q', '-f', '%U %S %M', '-o', report, command, ...args] : [command, ...args]
  return new Promise((resolve) => {
    const started = process.hrtime.bigint()
    const child = spawn(program, rest, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const output = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr']) child[stream].setEncoding('utf8').on('data', (text) => (output[stream] += text))
    let stopped = false
    const timer = setTimeout(() => {
      stopped = true
      end(child)
    }, timeout * 1000)
    const forward = () => {
      end(child)
      process.exit(130)
    }
    process.once('SIGINT', forward)
    let polled = null
    const poll = exact ? undefined : setInterval(() => (polled = fromProc(child.pid) ?? polled), 5)
    const done = (code) => {
      const wall = Number(process.hrtime.bigint() - started) / 1e9
      clearTimeout(timer)
      clearInterval(poll)
      process.off('SIGINT', forward)
      const { cpu = null, peak = null } = (exact ? fromReport(report) : polled) ?? {}
      resolve({ ...output, code, wall, cpu, peak, stopped })
    }
    child.once('error', (error) => {
      output.stderr += error.message
      done(127)
    })
    child.once('close', (code) => done(code ?? 1))
  })
}

/** Ends a command together with its children: it leads a process group of its own. */
function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

function fromReport(report) {
  if (!existsSync(report)) return null
  const numbers = readFileSync(report, 'utf8').trim().split(/\s+/).map(Number)
  rmSync(report)
  if (numbers.length !== 3 || numbers.some(Number.isNaN)) return null
  const [user, system, kilobytes] = numbers
  return { cpu: user + system, peak: kilobytes * 1024 }
}

/** Without GNU time: what Linux says of a process that is running; what happens after the last look is missed. */
function fromProc(pid) {
  try {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    // The fields behind the name in parentheses; 100 ticks a second on every Linux of today.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return peak && { cpu: (Number(fields[11]) + Number(fields[12])) / 100, peak: Number(peak[1]) * 1024 }
  } catch {
    return null
  }
}
