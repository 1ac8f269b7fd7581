#!/usr/bin/env node
/**
 * The command `tsmc`: loads the rest, so that it can be told where even that fails. What Node.js says of an error that nobody catches ends with 1, which
 * would be the exit code of a verdict.
 */
import { writeSync } from 'node:fs'
import { begin } from './early.ts'

/** That of a fault (errors.ts). */
const FAULT = 4

try {
  begin()
  await import('./main.ts')
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  try {
    writeSync(2, `error: tsmc cannot be loaded: ${message}\n${code === 'EMFILE' ? '  hint: this process may open no more files (ulimit -n)\n' : ''}`)
  } catch {
    // There is nobody to tell.
  }
  process.exit(FAULT)
}
