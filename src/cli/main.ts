/** The command `tsmc`. The only place that ends the process. */
import { EXIT, EXIT_MEANING } from '../errors.ts'
import { Command, CommanderError, Option } from 'commander'
import type { Order } from './channel.ts'
import { describe } from './errors.ts'
import { version } from '../host/version.ts'
import { REPORTER_NAMES } from '../report/names.ts'
import { collect, runCount, seconds, seedNumber, stepCount, wholeNumber, workerCount } from './arguments.ts'
import { die, end, Supervisor } from './supervise.ts'

process.on('uncaughtException', die)

/** Colours: `--no-color` and NO_COLOR forbid them, FORCE_COLOR asks for them, otherwise a terminal decides. */
function colours(flag: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (!flag || (NO_COLOR ?? '') !== '') return false
  if ((FORCE_COLOR ?? '') !== '') return FORCE_COLOR !== '0'
  return process.stdout.isTTY === true && TERM !== 'dumb'
}

interface AnyFlags {
  readonly color?: boolean
  readonly verbose?: boolean
  readonly strict?: boolean
}

let code: number = EXIT.expected

async function run(command: Order['command'], args: readonly string[], flags: AnyFlags): Promise<void> {
  const width = process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY
  const terminal = { width, colours: colours(flags.color ?? true), verbose: flags.verbose ?? false, strict: flags.strict ?? false }
  code = await new Supervisor({ command, args, flags: { ...flags }, terminal, began: performance.timeOrigin }).run()
}

const program = new Command('tsmc')
  .description('Checks models written in TypeScript: explores every reachable state, and shows the shortest way to what goes wrong.')
  .version(version(), '-V, --version')
  .showHelpAfterError('(tsmc --help and tsmc check --help list what there is)')
  .exitOverride()

program
  .command('check')
  .description('check every instance of every spec in the files and compare with what each is expected to give')
  .argument('<file...>', 'spec files (.ts, .mts, .js, .mjs), or directories with spec files')
  .addOption(new Option('-i, --instance <name>', 'only this instance; several: repeat the option').argParser(collect))
  .addOption(new Option('-s, --set <name=value>', 'override a constant, without any expectation; several: repeat the option').argParser(collect))
  .addOption(new Option('-r, --reporter <name>', 'how results are written to stdout').choices(REPORTER_NAMES).default('terminal'))
  .option('-o, --out <dir>', 'directory of the diagrams', 'tsmc-out')
  .option('--no-diagrams', 'write no diagrams')
  .option('--max-states <n>', 'stop beyond this many distinct states', wholeNumber)
  .option('--max-depth <n>', 'do not expand states at this depth (initial states: 1)', wholeNumber)
  .option('--timeout <seconds>', 'stop an instance after this time', seconds)
  .option('--store <dir>', 'keep the layers on disk, in a directory; needs the package @duckdb/node-api')
  .option('--resume <dir>', 'go on with the store in a directory, from its last complete level')
  .option('--store-memory <mb>', "megabytes that the store's engine may use, besides the search (a quarter of the machine's)", wholeNumber)
  .option('--keep-going', 'go on after a violation; report one per property')
  .option('--strict', 'fail on checks that are vacuous: actions never enabled, properties that never look at the state')
  .option('--replay <path>', 'show one trace, given as a report prints it, taken by the reference checker')
  .option('--confirm', 'have the reference checker check each instance as well, and compare')
  .option('--confirm-states <n>', 'the same for instances of up to this many distinct states (20,000)', wholeNumber)
  .option('--no-color', 'no colours')
  .option('-v, --verbose', 'whole states in traces, figures per action, how the engine worked')
  .option('--profile', 'tell where the time goes, and which reads make the learned trees large')
  .addOption(new Option('--keys <kind>', 'how states longer than 64 bits are told apart').choices(['exact', 'fingerprint']).default('exact'))
  .option('-w, --workers <n>', 'threads that explore large levels together, or auto: one per processor', workerCount, 1)
  .addOption(new Option('--workers-from <states>', 'levels of so many states are shared').argParser(wholeNumber).hideHelp())
  .option('--no-learning', "call the spec's functions for every state")
  .option('--no-batching', 'look up successors one by one')
  .option('--no-symmetry', 'tell interchangeable ids apart')
  .option('--no-reuse', 'evaluate everything anew for every state')
  .option('--no-compiling', 'walk learned trees, do not compile them')
  .addHelpText(
    'after',
    `
Examples:
  tsmc check specs/write-batch.ts                       all instances, each against its expectation
  tsmc check specs/write-batch.ts --instance fixed      one of them
  tsmc check specs/write-batch.ts --set regions=3       other constants
  tsmc check specs/ --reporter json > results.json      for other programs (see result.schema.json)
  tsmc check large.ts --store layers                    with the states on disk; after a crash: --resume layers

Exit codes:
${Object.entries(EXIT)
  .map(([name, code]) => `  ${code}  ${EXIT_MEANING[name as keyof typeof EXIT]}`)
  .join('\n')}`,
  )
  .action((files: string[], flags: AnyFlags) => run('check', files, flags))

program
  .command('simulate')
  .description('follow random behaviours, for state spaces too large to check: what is found is true, what is not found may still be there')
  .argument('<file...>', 'spec files (.ts, .mts, .js, .mjs), or directories with spec files')
  .addOption(new Option('-i, --instance <name>', 'only this instance; several: repeat the option').argParser(collect))
  .addOption(new Option('-s, --set <name=value>', 'override a constant, without any expectation; several: repeat the option').argParser(collect))
  .option('--seed <n>', 'decides all choices; without it one is drawn and printed', seedNumber)
  .addOption(new Option('--runs <n>', 'how many behaviours').argParser(runCount).default(1000))
  .addOption(new Option('--depth <n>', 'steps per behaviour').argParser(stepCount).default(100))
  .option('--timeout <seconds>', 'stop an instance after this time', seconds)
  .option('--no-shrink', 'show a violation as it was found, not shortened')
  .option('--no-color', 'no colours')
  .option('-v, --verbose', 'whole states in traces')
  .addHelpText('after', '\nExample:\n  tsmc simulate specs/write-batch.ts --instance fixed --runs 10000 --depth 200 --seed 1')
  .action((files: string[], flags: AnyFlags) => run('simulate', files, flags))

program
  .command('render')
  .description('draw a DOT file as SVG, beside it or in --out')
  .argument('<file>', 'a graph in the DOT language')
  .option('-o, --out <dir>', 'directory of the picture')
  .addHelpText('after', '\nExample:\n  tsmc render tsmc-out/write-batch.issue-17700.dot')
  .action((file: string, flags: AnyFlags) => run('render', [file], flags))

try {
  if (process.argv.length <= 2) {
    program.outputHelp({ error: true })
    code = EXIT.usage
  } else await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) code = error.exitCode === 0 ? EXIT.expected : EXIT.usage
  else {
    const { text, code: fault } = describe(error)
    process.stderr.write(text)
    code = fault
  }
}
// What has been written reaches its reader first.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {})
  await new Promise<void>((resolve) => stream.write('', () => resolve()))
}
end(code)
