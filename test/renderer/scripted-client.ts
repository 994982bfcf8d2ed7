// A client without an engine: answers from a world in memory and plays its live run on. For tests and for the harness.
import { AppError } from '../../shared/api/app-error.ts'
import type {
  CallName,
  Client,
  InputOf,
  ItemOf,
  OutputOf,
  StreamName,
} from '../../shared/api/contract.ts'
import type { AskRow, HostRow, PipelineRow, RunRow } from '../../shared/api/views.ts'
import type { AttemptEnd, RunEvent } from '../../shared/run/events.ts'
import { runIdAt, type VersionId } from '../../shared/run/ids.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import { endAttempt, newRun, startAttempt, tell, type ScriptedRun } from './scripted-run.ts'
import { ordersGraph, type World } from './scripted-world.ts'

export interface ScriptedClient extends Client {
  world: World
  /** Cuts every stream and call as a lost link would. */
  cut(): void
  /** Tells watchers what was told to a run. */
  publish(run: ScriptedRun, events: readonly RunEvent[]): void
  publishHost(row: HostRow): void
  publishAsks(asks: AskRow[]): void
  calls: { name: string; input: unknown }[]
  openStreams(): number
}

export function scriptedClient(world: World): ScriptedClient {
  const feeds = new Set<Feed>()
  const calls: ScriptedClient['calls'] = []
  let lost: AppError | null = null

  const find = (ref: string): ScriptedRun => {
    const found =
      ref === 'latest'
        ? newestFirst(world)[0]
        : world.runs.find((run) => run.view.run === ref || run.view.run.includes(ref))
    if (found === undefined)
      throw new AppError('not-found', `There is no run ${ref}.`, {
        hint: 'Look at the list of runs.',
      })
    return found
  }

  function publish(run: ScriptedRun, events: readonly RunEvent[]): void {
    for (const feed of feeds) {
      if (feed.kind === 'runs') feed.put({ kind: 'row', row: run.row })
      else if (feed.kind === `run ${run.view.run}`)
        feed.put({ kind: 'events', events: structuredClone(events) })
    }
  }
  function publishHost(row: HostRow): void {
    world.hosts = world.hosts.map((each) => (each.name === row.name ? row : each))
    for (const feed of feeds) if (feed.kind === 'hosts') feed.put({ kind: 'row', row })
  }

  function publishAsks(asks: AskRow[]): void {
    world.asks = asks
    for (const feed of feeds)
      if (feed.kind === 'asks') feed.put({ kind: 'snapshot', asks: structuredClone(asks) })
  }
  let shellCount = 0

  const answers: { [K in CallName]: (input: InputOf<K>) => OutputOf<K> } = {
    'system.info': () => ({
      version: '0.1.0',
      home: '/home/mara/.local/share/sluice',
      workspace: '/home/mara/work/shop-data',
      environments: ['dev', 'prod'],
      defaultEnvironment: 'dev',
      face: 'serve',
      pid: 4711,
    }),
    'pipeline.list': () => {
      const lastRuns = lastRunsOf(world)
      return world.pipelines.map((each) => pipelineRow(each, lastRuns.get(each.name) ?? []))
    },
    'pipeline.get': ({ pipeline }) => {
      const found = world.pipelines.find((each) => each.name === pipeline)
      if (found === undefined) throw new AppError('not-found', `There is no pipeline ${pipeline}.`)
      return { ...found, ...pipelineRow(found, lastRunsOf(world).get(pipeline) ?? []) }
    },
    'pipeline.validate': () => world.pipelines.flatMap((each) => each.problems),
    'pipeline.plan': ({ pipeline, environment, params }) => {
      const found = world.pipelines.find((each) => each.name === pipeline)
      if (found === undefined) throw new AppError('not-found', `There is no pipeline ${pipeline}.`)
      return {
        pipeline,
        environment: environment ?? 'dev',
        version: 'a41f09c2' as VersionId,
        params: params ?? {},
        tasks: found.graph.map(({ name, needs, host }) => ({
          task: name,
          needs,
          hosts: [host],
          why: '',
        })),
      }
    },
    'run.start': ({ pipeline, params }) => {
      const at = Date.now()
      const graph = world.pipelines.find((each) => each.name === pipeline)?.graph ?? ordersGraph
      const run = newRun({
        run: runIdAt(at, 'n3wrun00'),
        pipeline,
        environment: 'dev',
        at,
        graph,
        cause: { kind: 'person', by: 'mara' },
        params: { ...params },
      })
      world.runs.push(run)
      publish(run, [tell(run, at, { kind: 'run.started' })])
      return { run: run.view.run }
    },
    'run.list': ({ pipeline, state, before, limit }) =>
      newestFirst(world)
        .map((run) => run.row)
        .filter((row) => (pipeline ?? row.pipeline) === row.pipeline)
        .filter((row) => (state ?? row.state) === row.state)
        .filter((row) => before == null || row.run < before)
        .slice(0, limit ?? 50),
    'run.get': ({ run }) => ({ row: find(run).row, view: structuredClone(find(run).view) }),
    'run.events': ({ run }) => structuredClone(find(run).events),
    'run.cancel': ({ run, reason }) => {
      const found = find(run)
      const at = Date.now()
      publish(found, [
        tell(found, at, { kind: 'run.cancel_asked', by: 'mara', reason: reason ?? '' }),
      ])
      return { run: found.view.run }
    },
    'run.resumePlan': (input) => resumePreview(find(input.run)),
    'run.resume': (input) => {
      const run = find(input.run)
      const preview = resumePreview(run)
      const at = Date.now()
      const events = [
        tell(run, at, {
          kind: 'run.resumed',
          version: run.view.version,
          by: 'mara',
          decisions: [...preview.plan],
        }),
      ]
      for (const { task, decision } of preview.plan)
        if (decision === 'run') events.push(tell(run, at, { kind: 'task.reset', task, item: null }))
      publish(run, events)
      return preview
    },
    'run.explain': ({ run }) => world.causes.get(find(run).view.run) ?? null,
    'run.remedy': ({ run, task }) => {
      const found = find(run)
      const event = tell(found, Date.now(), {
        kind: 'remedy.ran',
        task,
        title: 'Rename the column back in the landed file',
        host: 'edge',
        by: 'mara',
        exit: 0,
        output: '1 line changed\n',
      })
      publish(found, [event])
      return { exit: 0, output: '1 line changed\n' }
    },
    'log.info': (input) => ({
      bytes: new TextEncoder().encode(logText(world, input.run, input.task)).length,
      closed: true,
      gaps: find(input.run).view.tasks[input.task]?.attempts.at(-1)?.log?.gaps ?? [],
    }),
    'log.read': ({ run, task, offset, length }) =>
      new TextEncoder().encode(logText(world, run, task)).subarray(offset, offset + length),
    'host.list': () => world.hosts,
    'host.check': ({ host }) => {
      const row = world.hosts.find((each) => each.name === host) as HostRow
      const checked: HostRow = {
        ...row,
        link: 'linked',
        why: '',
        lastSeenAt: Date.now(),
        roundTripMs: 4.2,
      }
      publishHost(checked)
      return checked
    },
    'host.trust': ({ host }) => {
      const row = world.hosts.find((each) => each.name === host) as HostRow
      const trusted: HostRow = { ...row, link: 'linked', why: '', askFingerprint: null }
      publishHost(trusted)
      return trusted
    },
    'host.cordon': ({ host, state, reason }) => {
      const row = world.hosts.find((each) => each.name === host) as HostRow
      const cordon =
        state === 'open' ? null : { kind: state, by: 'mara', reason: reason ?? '', at: Date.now() }
      publishHost({ ...row, cordon })
      return { ...row, cordon }
    },
    'pool.list': () => world.pools,
    'ask.answer': ({ id }) => {
      if (!world.asks.some((ask) => ask.id === id))
        throw new AppError('not-found', 'This is no longer asked.')
      publishAsks(world.asks.filter((ask) => ask.id !== id))
      return null
    },
    'run.placement': ({ run, task }) =>
      find(run).view.tasks[task]?.state === 'queued'
        ? {
            why: 'Every host of workers that takes work is full: it is number 2 of 3 in the queue.',
            hosts: [
              { host: 'worker1', verdict: 'busy', why: '8 of 8 slots in use' },
              { host: 'worker2', verdict: 'down', why: 'it has not answered for 25 s' },
              { host: 'worker3', verdict: 'closed', why: 'draining by mara: Kernel update' },
            ],
          }
        : null,
    'run.settle': ({ run: ref, task, decision, reason }) => {
      const run = find(ref)
      const number = run.view.tasks[task]?.attempts.length ?? 1
      const at = Date.now()
      const where = { task, item: null, number }
      publish(run, [
        tell(run, at, {
          kind: 'attempt.settled',
          ...where,
          decision,
          by: 'mara',
          reason: reason ?? '',
        }),
        ...(decision === 'fail'
          ? [
              tell(run, at, { kind: 'attempt.ended', ...where, end: givenUp(at) }),
              tell(run, at, {
                kind: 'task.ended',
                task,
                item: null,
                state: 'failed',
                why: 'given up by mara',
              }),
            ]
          : []),
      ])
      return { run: run.view.run }
    },
    'shell.open': ({ task }) => ({
      shell: `shell-${++shellCount}`,
      host: 'edge',
      folder: `/home/etl/.sluice/work/${task}`,
    }),
    'shell.write': ({ shell, text }) => {
      for (const feed of feeds) if (feed.kind === `shell ${shell}`) typeInto(feed, text)
      return null
    },
    'shell.resize': () => null,
    'shell.close': ({ shell }) => {
      for (const feed of feeds) if (feed.kind === `shell ${shell}`) feed.end()
      return null
    },
    'audit.list': ({ before, limit }) =>
      world.audit.filter((row) => before == null || row.seq < before).slice(0, limit ?? 100),
    'audit.verify': () => ({ rows: world.audit.length, brokenAt: null }),
    'schedule.next': () => world.fires,
    'schedule.occurrences': () => world.occurrences,
  }

  function open(name: StreamName, input: unknown): Feed {
    const feed = newFeed(nameOf(name, input), () => feeds.delete(feed))
    feeds.add(feed)
    switch (name) {
      case 'runs.watch': {
        const { limit } = input as InputOf<'runs.watch'>
        feed.put({
          kind: 'snapshot',
          rows: newestFirst(world)
            .slice(0, limit ?? 100)
            .map((run) => run.row),
        })
        break
      }
      case 'host.watch':
        feed.put({ kind: 'snapshot', rows: world.hosts })
        break
      case 'run.watch': {
        const run = find((input as InputOf<'run.watch'>).run)
        feed.kind = `run ${run.view.run}`
        feed.put(
          structuredClone({
            kind: 'snapshot',
            row: run.row,
            view: run.view,
            graph: run.graph,
            events: run.events,
          }),
        )
        break
      }
      case 'log.follow': {
        const { run, task, offset } = input as InputOf<'log.follow'>
        const bytes = new TextEncoder().encode(logText(world, run, task))
        const [gap] = find(run).view.tasks[task]?.attempts.at(-1)?.log?.gaps ?? []
        // One gap at most here; what stands behind it keeps its place.
        const missing = gap !== undefined && (offset ?? 0) > gap.offset ? (gap.bytes ?? 0) : 0
        const end = gap !== undefined && missing === 0 ? gap.offset : bytes.length
        const chunk = 16_384
        for (let at = (offset ?? 0) - missing; at < end; at += chunk)
          feed.put(bytes.subarray(at, Math.min(at + chunk, end)))
        const live = find(run).view.tasks[task]?.state === 'running'
        if (!live) feed.end()
        else playLog(feed)
        break
      }
      case 'ask.watch':
        feed.put({ kind: 'snapshot', asks: world.asks })
        break
      case 'shell.watch':
        typeInto(feed, '')
        break
    }
    return feed
  }

  return {
    world,
    calls,
    publish,
    publishHost,
    publishAsks,
    openStreams: () => feeds.size,
    async call(name, input) {
      if (lost !== null) throw lost
      calls.push({ name, input })
      await Promise.resolve()
      return structuredClone(answers[name](input))
    },
    stream: <K extends StreamName>(name: K, input: InputOf<K>, signal?: AbortSignal) => ({
      async *[Symbol.asyncIterator]() {
        if (lost !== null) throw lost
        const feed = open(name, input)
        signal?.addEventListener('abort', () => feed.end(), { once: true })
        try {
          yield* feed.items() as AsyncIterable<ItemOf<K>>
        } finally {
          feeds.delete(feed)
        }
      },
    }),
    cut() {
      lost = new AppError('link-closed', 'The link to the engine is closed.')
      for (const feed of feeds) feed.fail(lost)
    },
    close() {
      for (const feed of feeds) feed.end()
    },
  }
}

interface Feed {
  kind: string
  /** Of a shell: what was typed since the last line end. */
  line?: string
  put(item: unknown): void
  end(): void
  fail(error: Error): void
  items(): AsyncIterable<unknown>
}

function newFeed(kind: string, onEnd: () => void): Feed {
  const queue: unknown[] = []
  let ended = false
  let failure: Error | null = null
  let wake = () => {}
  return {
    kind,
    put(item) {
      queue.push(item)
      wake()
    },
    end() {
      ended = true
      wake()
    },
    fail(error) {
      failure = error
      wake()
    },
    async *items() {
      try {
        for (;;) {
          while (queue.length > 0) yield queue.shift()
          if (failure !== null) throw failure
          if (ended) return
          await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        onEnd()
      }
    },
  }
}

const nameOf = (name: StreamName, input: unknown): string =>
  name === 'runs.watch'
    ? 'runs'
    : name === 'host.watch'
      ? 'hosts'
      : name === 'ask.watch'
        ? 'asks'
        : name === 'shell.watch'
          ? `shell ${(input as { shell: string }).shell}`
          : name === 'run.watch'
            ? `run ${(input as { run: string }).run}`
            : 'log'

function newestFirst(world: World): ScriptedRun[] {
  return [...world.runs].sort((a, b) => (a.view.run < b.view.run ? 1 : -1))
}

function lastRunsOf(world: World): Map<string, RunRow[]> {
  const byPipeline = new Map<string, RunRow[]>()
  for (const { row } of world.runs.toReversed()) {
    const rows = byPipeline.get(row.pipeline) ?? []
    if (rows.length < 14) byPipeline.set(row.pipeline, [...rows, row])
  }
  return byPipeline
}

function pipelineRow(found: PipelineRow, lastRuns: readonly RunRow[]): PipelineRow {
  const { name, file, description, taskCount, problems, nextFireAt } = found
  return { name, file, description, taskCount, problems, nextFireAt, lastRuns }
}

function resumePreview(run: ScriptedRun): OutputOf<'run.resumePlan'> {
  return {
    run: run.view.run,
    version: run.view.version,
    fixedDiffers: true,
    plan: Object.values(run.view.tasks).map((task) => {
      const good = task.state === 'succeeded' || task.state === 'reused'
      return {
        task: task.task,
        item: task.item,
        decision: good ? ('reuse' as const) : ('run' as const),
        reason: good
          ? 'It succeeded, and neither its command nor its inputs changed.'
          : task.state === 'failed'
            ? 'It failed.'
            : 'What it needs runs again.',
      }
    }),
  }
}

function logText(world: World, run: string, task: string): string {
  const scripted = world.logs.get(`${run} ${task}`)
  if (scripted !== undefined) return scripted
  return Array.from(
    { length: 40 },
    (_, line) =>
      `2026-01-12T02:15:${String(line % 60).padStart(2, '0')}Z ${task}: part ${line + 1} of 40, ${(line * 1373) % 9000} rows`,
  ).join('\n')
}

const givenUp = (at: number): AttemptEnd => ({
  outcome: 'lost',
  cause: 'given_up',
  endedAt: at,
  hostStartedAt: null,
  hostEndedAt: null,
  cpuMs: null,
  peakBytes: null,
})

/** A shell that echoes, runs `exit`, and lets `evil` do what a program could try with its escapes. */
function typeInto(feed: Feed, text: string): void {
  const say = (words: string): void => feed.put(new TextEncoder().encode(words))
  const prompt = '\x1b[32metl@edge\x1b[0m:\x1b[34m~/.sluice/work/7f\x1b[0m$ '
  if (text === '') return say(`Linux edge 6.1.0 x86_64\r\n${prompt}`)
  const typed = text.replaceAll('\x1b[200~', '').replaceAll('\x1b[201~', '')
  for (const part of typed.split(/(\r)/)) {
    if (part !== '\r') {
      feed.line = (feed.line ?? '') + part
      say(part.replaceAll('\x1b', '^['))
      continue
    }
    const line = feed.line ?? ''
    feed.line = ''
    if (line === 'exit') {
      say('\r\nlogout\r\n')
      feed.put({ kind: 'ended', why: 'The shell ended with exit code 0.' })
      return feed.end()
    }
    if (line === 'evil')
      say(
        '\r\n\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[8;2;2t\x1b]8;;https://evil.example\x07a link\x1b]8;;\x07',
      )
    say(`\r\n${prompt}`)
  }
}

function playLog(feed: Feed): void {
  let line = 0
  const timer = setInterval(() => {
    line += 1
    const text = `\x1b[2m${new Date().toISOString().slice(0, 19)}Z\x1b[0m cleaning chunk ${line}: ${(line * 977) % 5000} rows kept, ${(line * 31) % 17} dropped\n`
    feed.put(new TextEncoder().encode(text))
    if (line > 2000) clearInterval(timer)
  }, 120)
}

/** Moves a live run on: a task every second or so. For the harness. */
export function playOn(client: ScriptedClient, run: ScriptedRun, everyMs = 1500): () => void {
  const timer = setInterval(() => {
    if (isRunEnd(run.view.state)) return clearInterval(timer)
    const at = Date.now()
    const tasks = run.graph.map((node) => ({ node, task: run.view.tasks[node.name] }))
    const events: RunEvent[] = []
    const running = tasks.filter(({ task }) => task?.state === 'running')
    const oldest = running[0]
    if (oldest !== undefined && running.length > 1)
      events.push(...endAttempt(run, oldest.node.name, at, 0))
    else if (oldest !== undefined && Math.random() < 0.5)
      events.push(...endAttempt(run, oldest.node.name, at, 0))
    const next = tasks.find(
      ({ node, task }) =>
        task?.state === 'waiting' &&
        node.needs.every((need) =>
          ['succeeded', 'reused'].includes(run.view.tasks[need]?.state ?? ''),
        ),
    )
    if (next !== undefined) events.push(...startAttempt(run, next.node.name, at))
    if (tasks.every(({ task }) => task?.state === 'succeeded' || task?.state === 'reused'))
      events.push(tell(run, at, { kind: 'run.ended', state: 'succeeded' }))
    if (events.length > 0) client.publish(run, events)
  }, everyMs)
  return () => clearInterval(timer)
}
