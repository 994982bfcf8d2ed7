// Incidents and waves for people and for scripts.
import { countWords } from './plan-lines.ts'
import { columns, oneLine } from './paint.ts'
import type { Ink, Paint } from './paint.ts'
import { isoTime, localTime, plural } from './words.ts'
import { someOf } from '../../shared/pipeline/suggest.ts'
import { batchWords, waveRunWords } from '../../shared/run/wave-words.ts'
import type {
  Failure,
  Incident,
  IncidentList,
  Wave,
  WaveHead,
  WavePlan,
  WavePlanRun,
  WaveRun,
  WaveRunState,
  WaveState,
} from '../../shared/run/wave.ts'

/** Runs that are named; the rest are counted. */
const runsShownMax = 50
const wordsCharsMax = 100

export function incidentLines(
  paint: Paint,
  { incidents, unlike, unexplained, older }: IncidentList,
): string[] {
  const notes = [
    ...(unlike.length === 0
      ? []
      : [
          `${plural(unlike.length, 'failed run')} like no other: nothing tells why. See: sluice runs --state failed`,
        ]),
    ...(unexplained === 0
      ? []
      : [`${plural(unexplained, 'failed run')} not looked at yet: ask again.`]),
    ...(older === 0
      ? []
      : [
          `${plural(older, 'older failed run')} not looked at: narrow the list with --pipeline or --since.`,
        ]),
  ]
  if (incidents.length === 0 && notes.length === 0) return ['Nothing failed in that time.']
  return [
    ...incidents.flatMap((one) => linesOf(paint, one)),
    ...notes.map((note) => paint('dim', note)),
  ]
}

function linesOf(paint: Paint, incident: Incident): string[] {
  const { signature, words, runs, firstAt, lastAt } = incident
  const [last] = runs
  const pipelines = someOf([...new Set(runs.map(({ pipeline }) => oneLine(pipeline)))], 3)
  const when =
    runs.length === 1 ? localTime(lastAt) : `${localTime(firstAt)} to ${localTime(lastAt)}`
  return [
    `${paint('red', '✗')} ${paint('bold', signature)}  ${short(words)}`,
    `  ${plural(runs.length, 'run')} of ${pipelines}, ${when}`,
    paint(
      'dim',
      `  Recover ${runs.length === 1 ? 'it' : 'all'}: sluice wave start --like ${last?.run.slice(-8) ?? ''}`,
    ),
  ]
}

export function wavePlanLines(paint: Paint, plan: WavePlan): string[] {
  const { runs, sizes, unexplained } = plan
  const going = runs.filter(({ batch }) => batch !== null)
  const refused = runs.filter(({ batch }) => batch === null)
  const shown = runs.slice(0, runsShownMax)
  const head = `Wave of ${plural(going.length, 'run')} that failed alike: ${short(plan.words)}`
  const rest = runs.length - shown.length
  return [
    paint('bold', head),
    `  ${sizes.canary} first, and once ${sizes.canary === 1 ? 'it has' : 'they have'} recovered ${sizes.batch} at a time; stops when one fails for the same reason again, or after ${plural(sizes.otherMax, 'other failure')}`,
    ...columns(shown.map((one) => planCells(paint, one))).map((row) => `  ${row}`),
    ...(rest > 0 ? [paint('dim', `  … and ${plural(rest, 'more run')}; all of them: --json`)] : []),
    ...(refused.length > 0
      ? [paint('yellow', `  ${plural(refused.length, 'run')} left out.`)]
      : []),
    ...(unexplained > 0
      ? [
          paint(
            'yellow',
            `  ${plural(unexplained, 'failed run')} not looked at yet: plan again to have all.`,
          ),
        ]
      : []),
  ]
}

function planCells(paint: Paint, one: WavePlanRun): string[] {
  const what =
    one.batch === null
      ? one.why
      : [countWords(one.counts), ...one.refusals.map((each) => `${each.task} ${each.reason}`)].join(
          '; ',
        )
  return [
    one.batch === null
      ? paint('red', '✗ left out')
      : paint(one.batch === 0 ? 'cyan' : 'blue', batchWords(one.batch)),
    one.run,
    oneLine(one.pipeline),
    oneLine(one.task),
    paint('dim', oneLine(what)),
  ]
}

const stateLooks: Readonly<Record<WaveState, readonly [string, Ink]>> = {
  canary: ['▶', 'cyan'],
  going: ['▶', 'blue'],
  done: ['✓', 'green'],
  stopped: ['✗', 'red'],
  cancelled: ['■', 'yellow'],
}

const runLooks: Readonly<Record<WaveRunState, readonly [string, Ink]>> = {
  waiting: ['·', 'dim'],
  going: ['▶', 'blue'],
  recovered: ['✓', 'green'],
  failed_again: ['✗', 'red'],
  refused: ['⊘', 'yellow'],
  skipped: ['−', 'dim'],
}

export function waveHeadLine(paint: Paint, head: WaveHead): string {
  const [icon, ink] = stateLooks[head.state]
  const why = head.why === '' ? '' : `${oneLine(head.why)}; `
  return `${paint(ink, `${icon} ${head.state}`)}: ${why}${waveCounts(head)}`
}

/** `3 recovered, 1 failed again, 2 waiting`. */
export function waveCounts({ counts }: Pick<WaveHead, 'counts'>): string {
  const order = ['recovered', 'going', 'failed_again', 'refused', 'skipped', 'waiting'] as const
  return order
    .flatMap((state) =>
      (counts[state] ?? 0) === 0 ? [] : [`${counts[state]} ${waveRunWords(state)}`],
    )
    .join(', ')
}

export function waveLines(paint: Paint, wave: Wave): string[] {
  const shown = wave.runs.slice(0, runsShownMax)
  const rest = wave.runs.length - shown.length
  const reason = wave.reason === '' ? '' : `: ${oneLine(wave.reason)}`
  return [
    `Wave ${paint('bold', wave.wave)}  ${short(wave.words)}`,
    `  Started by ${oneLine(wave.by)}, ${localTime(wave.createdAt)}${reason}`,
    `  ${waveHeadLine(paint, wave)}`,
    ...columns(shown.map((one) => runCells(paint, one))).map((row) => `  ${row}`),
    ...(rest > 0 ? [paint('dim', `  … and ${plural(rest, 'more run')}; all of them: --json`)] : []),
  ]
}

export function waveRunLine(paint: Paint, one: WaveRun): string {
  return runCells(paint, one).join('  ').trimEnd()
}

function runCells(paint: Paint, one: WaveRun): string[] {
  const [icon, ink] = runLooks[one.state]
  return [
    paint(ink, `${icon} ${waveRunWords(one.state)}`),
    paint('dim', batchWords(one.batch)),
    one.run,
    oneLine(one.pipeline),
    paint('dim', oneLine(one.why)),
  ]
}

function short(words: string): string {
  const line = oneLine(words)
  return line.length > wordsCharsMax ? `${line.slice(0, wordsCharsMax - 1)}…` : line
}

const failureJson = ({ run, pipeline, environment, task, host, failedAt }: Failure): object => ({
  run,
  pipeline,
  env: environment,
  task,
  host,
  failedAt: isoTime(failedAt),
})

export function incidentsJson({ incidents, unlike, ...list }: IncidentList): object {
  return {
    since: isoTime(list.since),
    incidents: incidents.map(({ runs, firstAt, lastAt, ...rest }) => ({
      ...rest,
      firstAt: isoTime(firstAt),
      lastAt: isoTime(lastAt),
      runs: runs.map(failureJson),
    })),
    unlike: unlike.map(failureJson),
    unexplained: list.unexplained,
    older: list.older,
  }
}

export function wavePlanJson({ runs, ...plan }: WavePlan): object {
  return {
    ...plan,
    runs: runs.map((one) => {
      const { batch, planId, counts, refusals, why } = one
      return { ...failureJson(one), batch, planId, counts, refusals, why }
    }),
  }
}

export function waveJson({ runs, createdAt, endedAt, ...wave }: Wave): object {
  return {
    ...wave,
    createdAt: isoTime(createdAt),
    endedAt: isoTime(endedAt),
    runs: runs.map(({ environment, ...run }) => ({ ...run, env: environment })),
  }
}
