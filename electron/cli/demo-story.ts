// `sluice demo`: the whole story in one terminal, on a home of its own that is gone afterwards. It checks what it shows:
// what differs from the promise is said, and the exit code is not 0.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { followRun } from './follow-run.ts'
import { causeLines } from './outcome.ts'
import { paintFor, printable, stateWord } from './paint.ts'
import type { Paint } from './paint.ts'
import { planLines } from './plan-lines.ts'
import { openProgress } from './progress.ts'
import { plural } from './words.ts'
import type { App } from '../api/app-face.ts'
import { demoWorkspace } from '../demo/demo.ts'
import type { ResumePreview, RootCause } from '../../shared/api/views.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'

interface Story {
  context: CliContext
  app: App
  paint: Paint
  signal: AbortSignal
}

const pipeline = 'orders'

export async function runDemo(context: CliContext): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-demo-'))
  const stop = new AbortController()
  const stopListening = context.onInterrupt(() => stop.abort())
  const paint = paintFor(context.out)
  try {
    const workspace = await demoWorkspace(join(home, 'demo'))
    const { env } = context
    const options = { home, workspace, face: 'demo', mode: 'engine', demo: true, env } as const
    const app = await context.openApp(options)
    try {
      return await tell({ context, app, paint, signal: stop.signal })
    } finally {
      await app.close()
    }
  } finally {
    stopListening()
    await rm(home, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function tell(story: Story): Promise<number> {
  const { context, app, paint, signal } = story
  const { client } = app
  const { out } = context
  const hosts = (await client.call('host.list', {})).filter(({ kind }) => kind === 'ssh')
  out.write(`${paint('bold', 'Sluice')}: a pipeline over ${plural(hosts.length, 'SSH host')}\n`)
  for (const { name, address } of hosts) out.write(`  ${name.padEnd(8)} ${paint('dim', address)}\n`)

  heading(story, '1', 'Run it', `sluice run ${pipeline}`)
  const { run } = await client.call('run.start', { pipeline })
  const failed = await follow(story, run)
  if (failed === null) return EXIT.cancelled

  heading(story, '2', 'Why did it fail?', 'sluice explain')
  const cause = await client.call('run.explain', { run })
  if (cause !== null) out.write(`${causeLines(paint, cause).join('\n')}\n`)

  heading(story, '3', 'Fix it where it is broken', 'sluice fix')
  const isFixed = cause !== null && (await fix(story, run, cause))

  heading(story, '4', 'Resume', 'sluice resume')
  const preview = await client.call('run.resumePlan', { run })
  out.write(`${planLines(paint, preview).join('\n')}\n\n`)
  if (signal.aborted) return EXIT.cancelled
  await client.call('run.resume', { run })
  const done = await follow(story, run)
  if (done === null) return EXIT.cancelled

  const broken = brokenPromises({ failed, cause, isFixed, preview, done })
  heading(story, '5', broken.length === 0 ? 'Done' : 'This is not what was promised', '')
  if (broken.length === 0) out.write(`${praise(paint, done, preview).join('\n')}\n`)
  for (const words of broken) out.write(`${paint('red', '✗')} ${words}\n`)
  return broken.length === 0 ? EXIT.ok : EXIT.runFailed
}

function heading({ context, paint }: Story, number: string, title: string, typed: string): void {
  const command = typed === '' ? '' : `  ${paint('dim', `$ ${typed}`)}`
  context.out.write(`\n${paint('cyan', number)} ${paint('bold', title)}${command}\n`)
}

async function follow(story: Story, run: string): Promise<RunView | null> {
  const { app, signal } = story
  const progress = openProgress(story.context, story.context.clock.now())
  try {
    const onChange = progress.show
    const followed = await followRun({ client: app.client, run, onChange, signal })
    return signal.aborted || followed === null ? null : followed.view
  } finally {
    progress.close()
  }
}

async function fix(story: Story, run: string, cause: RootCause): Promise<boolean> {
  const { context, app, paint } = story
  const remedy = cause.remedies[0]
  if (remedy === undefined) return false
  const { title, host, index } = remedy
  context.out.write(`${paint('bold', title)} ${paint('dim', `on ${host}`)}\n`)
  const input = { run, task: cause.rootTask, index }
  const { exit, output } = await app.client.call('run.remedy', input)
  const lines = printable(output).trimEnd().split('\n')
  for (const line of lines) context.out.write(`  ${line}\n`)
  return exit === 0
}

interface Told {
  failed: RunView
  cause: RootCause | null
  isFixed: boolean
  preview: ResumePreview
  done: RunView
}

function brokenPromises({ failed, cause, isFixed, preview, done }: Told): string[] {
  const broken: string[] = []
  if (failed.state !== 'failed') broken.push(`The first run should fail; it ${failed.state}.`)
  if (cause === null || cause.class === 'unknown') broken.push('The cause was not found.')
  if (!isFixed) broken.push('The remedy did not work.')
  if (done.state !== 'succeeded') broken.push(`The resumed run should succeed; it ${done.state}.`)
  const reused = preview.plan.filter(({ decision }) => decision === 'reuse')
  if (reused.length === 0) broken.push('Nothing was reused.')
  for (const { task, item } of reused) {
    const count = done.tasks[taskKey(task, item)]?.attempts.length ?? 0
    if (count !== 1) broken.push(`Task ${task} was to be reused, and has ${count} attempts.`)
  }
  for (const { task, attempts } of Object.values(done.tasks)) {
    if (attempts.length === 0) broken.push(`Task ${task} never ran.`)
  }
  return broken
}

function praise(paint: Paint, done: RunView, preview: ResumePreview): string[] {
  const { reuse: reused = 0 } = preview.counts
  const tasks = Object.values(done.tasks)
  const once = tasks.filter(({ attempts }) => attempts.length === 1).length
  const again = tasks.filter(({ attempts }) => attempts.length > 1).map(({ task }) => task)
  return [
    `${stateWord(paint, done.state)}: ${plural(tasks.length, 'task')}, ${once} of them ran exactly once.`,
    `The resume reused ${reused}, and ran again only ${again.join(', ')} and what waited for it.`,
    '',
    `Yours: ${paint('cyan', 'npm start')} opens the same with its screens; ${paint('cyan', 'sluice init')} begins with your own hosts.`,
  ]
}
