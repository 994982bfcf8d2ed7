// The `sluice` command as a whole: its parts, its words for wrong usage, its exit codes.
import {
  buildApplication,
  buildRouteMap,
  ExitCode,
  proposeCompletions,
  run,
  text_en,
} from '@stricli/core'
import type { Application } from '@stricli/core'
import type { CliContext } from './context.ts'
import { reportError } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { overviewText } from './overview.ts'
import { safeJson } from './paint.ts'
import { usageWords } from './usage-words.ts'
import { didYouMean } from '../../shared/pipeline/suggest.ts'
import { approveCommand, rejectCommand } from './commands/approve.ts'
import { auditCommand } from './commands/audit.ts'
import { cancelCommand } from './commands/cancel.ts'
import { completionCommand } from './commands/completion.ts'
import { demoCommand } from './commands/demo.ts'
import { drainAllCommand, undrainCommand } from './commands/drain.ts'
import { doctorCommand } from './commands/doctor.ts'
import { eventsCommand } from './commands/events.ts'
import { explainCommand } from './commands/explain.ts'
import { fixCommand } from './commands/fix.ts'
import { holdCommand, unholdCommand } from './commands/hold.ts'
import { hostsCommand } from './commands/hosts.ts'
import { followCommand } from './commands/follow.ts'
import { incidentsCommand } from './commands/incidents.ts'
import { initCommand } from './commands/init.ts'
import { logsCommand } from './commands/logs.ts'
import { markCommand } from './commands/mark.ts'
import { pauseCommand, unpauseCommand } from './commands/pause.ts'
import { pipelinesCommand } from './commands/pipelines.ts'
import { planCommand } from './commands/plan.ts'
import { poolsCommand } from './commands/pools.ts'
import { resumeCommand } from './commands/resume.ts'
import { retryCommand } from './commands/retry.ts'
import { runCommand } from './commands/run.ts'
import { runsCommand } from './commands/runs.ts'
import { schemaCommand } from './commands/schema.ts'
import { serveCommand } from './commands/serve.ts'
import { settleCommand } from './commands/settle.ts'
import { shellCommand } from './commands/shell.ts'
import { showCommand } from './commands/show.ts'
import { startCommand } from './commands/start.ts'
import { stopCommand } from './commands/stop.ts'
import { validateCommand } from './commands/validate.ts'
import { versionCommand } from './commands/version.ts'
import { waveCommand } from './commands/wave.ts'
import { whyCommand } from './commands/why.ts'

const routes = {
  run: runCommand,
  follow: followCommand,
  runs: runsCommand,
  show: showCommand,
  why: whyCommand,
  logs: logsCommand,
  pause: pauseCommand,
  unpause: unpauseCommand,
  hold: holdCommand,
  unhold: unholdCommand,
  approve: approveCommand,
  reject: rejectCommand,
  stop: stopCommand,
  cancel: cancelCommand,
  resume: resumeCommand,
  retry: retryCommand,
  incidents: incidentsCommand,
  wave: waveCommand,
  mark: markCommand,
  settle: settleCommand,
  shell: shellCommand,
  explain: explainCommand,
  fix: fixCommand,
  events: eventsCommand,
  pipelines: pipelinesCommand,
  validate: validateCommand,
  plan: planCommand,
  hosts: hostsCommand,
  pools: poolsCommand,
  drain: drainAllCommand,
  undrain: undrainCommand,
  serve: serveCommand,
  start: startCommand,
  demo: demoCommand,
  init: initCommand,
  schema: schemaCommand,
  doctor: doctorCommand,
  audit: auditCommand,
  completion: completionCommand,
  version: versionCommand,
}

interface Subcommand {
  name: string
  brief: string
}

/** Of `hosts`, `audit` and `wave`; the others have none. */
function subcommandsOf(command: string | undefined): Subcommand[] {
  const route = Object.hasOwn(routes, command ?? '') ? routes[command as keyof typeof routes] : null
  if (route === null || !('getAllEntries' in route)) return []
  return route
    .getAllEntries()
    .map(({ name, target }) => ({ name: name.original, brief: target.brief }))
}

const namesOf = (commands: readonly Subcommand[]): string[] => commands.map(({ name }) => name)

/** `typed`: the words of the command line, for what was meant by them. */
export function sluiceCommand(
  version: string,
  typed: readonly string[] = [],
): Application<CliContext> {
  const root = buildRouteMap<keyof typeof routes, CliContext>({
    routes,
    docs: {
      brief: 'Run data pipelines on your hosts over SSH, see why they fail, and resume them.',
      fullDescription:
        'Run data pipelines on your hosts over SSH, see why they fail, and resume them.\nExit codes: 0 ok, 1 the run failed, 2 bad input, 3 cancelled, 4 trouble with this machine.\nSLUICE_HOME names the folder with the store, the logs and the socket.',
    },
  })
  return buildApplication(root, {
    name: 'sluice',
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { caseStyle: 'convert-camel-to-kebab' },
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input }) =>
          `sluice: There is no command "${input}".${didYouMean(input, Object.keys(routes))}`,
        exceptionWhileParsingArguments: (error) =>
          `sluice: ${usageWords(error, typed, namesOf(subcommandsOf(typed[0])))}`,
      },
    },
  })
}

/** Gives the exit code. */
export async function runSluice(context: CliContext, written: readonly string[]): Promise<number> {
  // Other tools have a command for it.
  const argv = written[0] === 'help' ? [...written.slice(1), '--help'] : written
  if (argv.length === 0 || (argv.length === 1 && helpWords.has(argv[0] as string))) {
    context.out.write(overviewText(routes))
    return EXIT.ok
  }
  const words = hoistOptions(argv)
  const said: string[] = []
  const stderr = {
    write(text: string): void {
      said.push(text)
      context.err.write(text)
    },
  }
  const watched = { ...context, process: { ...context.process, stderr } }
  try {
    await run(sluiceCommand(context.version, words), words, watched)
  } catch (error) {
    return reportError(context, error, argv.includes('--json'))
  }
  const code = Number(watched.process.exitCode ?? 0)
  switch (code) {
    case ExitCode.Success:
      return watched.exitCode
    case ExitCode.UnknownCommand:
    case ExitCode.InvalidArgument: {
      const [command = '', word = ''] = words
      const group = Object.hasOwn(routes, command) ? `${command} ` : ''
      const isCommand = namesOf(subcommandsOf(command)).includes(word)
      const hint = `See: sluice ${group}${isCommand ? `${word} ` : ''}--help`
      context.err.write(`${hint}\n`)
      // Scripts that asked for one document get one, whatever they did wrong.
      const message = said.join('').trim().replaceAll('sluice: ', '').replaceAll('\n', ' ')
      const error = { code: 'bad-input', message, hint }
      if (argv.includes('--json')) context.out.write(`${safeJson({ error })}\n`)
      return EXIT.badInput
    }
    default:
      return EXIT.environment
  }
}

const helpWords = new Set(['--help', '-h'])

export async function completeSluice(context: CliContext, words: readonly string[]): Promise<void> {
  const found = await proposeCompletions(sluiceCommand(context.version), words, context)
  // What lists without a word more is completed as a list: its other commands are named here.
  for (const { name, brief } of words.length === 2 ? subcommandsOf(words[0]) : []) {
    if (name.startsWith(words[1] ?? '')) context.out.write(`${name}\t${brief}\n`)
  }
  // Where a name is due, flags come up only once a dash is typed.
  const isNameDue = words.at(-1) === '' && found.some(({ completion }) => completion[0] !== '-')
  for (const { completion, brief } of found) {
    if (isNameDue && completion.startsWith('-')) continue
    // A word that the shell would read as more than a word is not put on anybody's command line.
    if (!/^[\w.,:=@%+/[\]-]+$/.test(completion)) continue
    context.out.write(`${completion}\t${brief.replace(/\s+/g, ' ')}\n`)
  }
}

const valued = new Set(['--workspace', '-w', '--env', '-e', '--param', '-p'])

/** `sluice --workspace DIR run x` means `sluice run x --workspace DIR`. */
function hoistOptions(argv: readonly string[]): string[] {
  const before: string[] = []
  let at = 0
  for (;;) {
    const word = argv[at] ?? ''
    if (valued.has(word) && argv[at + 1] !== undefined) {
      before.push(word, argv[at + 1] as string)
      at += 2
    } else if (word === '--json' || /^--(workspace|env|param)=/.test(word)) {
      before.push(word)
      at += 1
    } else break
  }
  const rest = argv.slice(at)
  const end = rest.indexOf('--')
  return end === -1 ? [...rest, ...before] : [...rest.slice(0, end), ...before, ...rest.slice(end)]
}
