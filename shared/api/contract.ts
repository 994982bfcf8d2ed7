// Every call and stream of Sluice, once: the desktop, the server, the command line and the tests all speak it.
// Inputs are validated at the border by these schemas; outputs are our own and are only typed.
import { z } from 'zod'
import type {
  AsksWatch,
  AuditRow,
  EngineDrain,
  EngineWatch,
  HostRow,
  HostSweep,
  HostsWatch,
  LogInfo,
  NextFire,
  OccurrenceRow,
  PipelineDetail,
  PipelineRow,
  PlacementView,
  PoolRow,
  ResumePreview,
  RootCause,
  RunPreview,
  RunRow,
  RunsWatch,
  RunWatch,
  ShellWatch,
  SystemInfo,
} from './views.ts'
import type { Problem } from '../pipeline/problem.ts'
import type { RunEvent } from '../run/events.ts'
import type { RunView } from '../run/run-view.ts'
import type { Incident, IncidentList, Wave, WaveHead, WavePlan, WaveWatch } from '../run/wave.ts'

export interface Call<Input extends z.ZodType, Output> {
  kind: 'call'
  input: Input
  output?: Output
}
/** A stream of values, each a small plain object. Begins with a snapshot where it watches something. */
export interface Stream<Input extends z.ZodType, Item> {
  kind: 'stream'
  input: Input
  item?: Item
}

const call =
  <Output>() =>
  <Input extends z.ZodType>(input: Input): Call<Input, Output> => ({ kind: 'call', input })
const stream =
  <Item>() =>
  <Input extends z.ZodType>(input: Input): Stream<Input, Item> => ({ kind: 'stream', input })

const name = z.string().min(1).max(200)
/** A run id, a unique part of one, or `latest`. */
const runRef = z.string().min(1).max(64)
const params = z.record(name, z.union([z.string().max(10_000), z.number(), z.boolean()]))
const attempt = z.object({
  run: runRef,
  task: name,
  item: z.number().int().min(0).nullable().default(null),
  /** Null: the latest. */
  attempt: z.number().int().min(1).nullable().default(null),
})
const taskRun = z.object({
  run: runRef,
  task: name,
  item: z.number().int().min(0).nullable().default(null),
})
const none = z.object({})

export const resumeOptions = z.object({
  run: runRef,
  /** `pinned`: the version the run has. `fixed`: the workspace's present one. */
  version: z.enum(['pinned', 'fixed']).default('pinned'),
  /** Task runs (`load`, `load[3]`) to run again with all downstream of them, succeeded or not. Empty: from the failures. */
  from: z.array(name).max(10_000).default([]),
  /** Nothing but those in `from`, and what they held up. */
  only: z.boolean().default(false),
  /** What is upstream of those in `from` too. */
  upstream: z.boolean().default(false),
  /** What a person has changed in the plan. */
  forced: z
    .array(
      z.object({
        task: name,
        item: z.number().int().min(0).nullable().default(null),
        decision: z.enum(['run', 'leave']),
        reason: z.string().max(1000).default(''),
      }),
    )
    .max(10_000)
    .default([]),
  /** Params that are to be others than the run had. */
  params: params.default({}),
})

/** A wave id, a unique part of one, or `latest`. */
const waveRef = z.string().min(1).max(64)

export const waveOptions = z.object({
  /** A failed run that the others are like; or their signature. */
  like: runRef.nullable().default(null),
  signature: z.string().min(1).max(100).nullable().default(null),
  /** Failed since; ms since 1970 UTC. Null: the last 7 days. */
  since: z.number().int().min(0).nullable().default(null),
  pipeline: name.nullable().default(null),
  /** These go first; after them the newest. */
  first: z.array(runRef).max(1000).default([]),
  canary: z.number().int().min(1).max(100).default(1),
  batch: z.number().int().min(1).max(1000).default(5),
  /** So many failures for other reasons stop it. */
  otherMax: z.number().int().min(1).max(1000).default(1),
  version: resumeOptions.shape.version,
  params: resumeOptions.shape.params,
  /** For each run that has such a task. */
  forced: resumeOptions.shape.forced,
})

export const contract = {
  'system.info': call<SystemInfo>()(none),
  /** `draining`: nothing starts on any host until `open`; what runs goes on. Null: it starts what is due. */
  'engine.drain': call<EngineDrain | null>()(
    z.object({
      state: z.enum(['draining', 'open']),
      reason: z.string().max(1000).default(''),
    }),
  ),
  'engine.watch': stream<EngineWatch>()(none),

  'pipeline.list': call<readonly PipelineRow[]>()(none),
  'pipeline.get': call<PipelineDetail>()(z.object({ pipeline: name })),
  'pipeline.validate': call<readonly Problem[]>()(none),
  'pipeline.plan': call<RunPreview>()(
    z.object({
      pipeline: name,
      environment: name.nullable().default(null),
      params: params.default({}),
      logicalDate: z.string().max(40).nullable().default(null),
    }),
  ),

  'run.start': call<{ run: string }>()(
    z.object({
      pipeline: name,
      environment: name.nullable().default(null),
      params: params.default({}),
      logicalDate: z.string().max(40).nullable().default(null),
    }),
  ),
  'run.list': call<readonly RunRow[]>()(
    z.object({
      pipeline: name.nullable().default(null),
      state: z
        .enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
        .nullable()
        .default(null),
      /** Only runs that sort before this id. */
      before: runRef.nullable().default(null),
      limit: z.number().int().min(1).max(1000).default(50),
    }),
  ),
  'run.get': call<{ row: RunRow; view: RunView }>()(z.object({ run: runRef })),
  'run.events': call<readonly RunEvent[]>()(
    z.object({
      run: runRef,
      after: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(10_000).default(1000),
    }),
  ),
  'run.cancel': call<{ run: string }>()(
    z.object({ run: runRef, reason: z.string().max(1000).default('') }),
  ),
  'run.resumePlan': call<ResumePreview>()(resumeOptions),
  /** `plan`: the `planId` of the preview that was shown; throws `conflict` where the plan is another by now. */
  'run.resume': call<ResumePreview>()(
    resumeOptions.extend({ planId: z.string().max(64).nullable().default(null) }),
  ),
  /** Nothing starts until `run.unpause`; what runs goes on. */
  'run.pause': call<{ run: string }>()(
    z.object({ run: runRef, reason: z.string().max(1000).default('') }),
  ),
  'run.unpause': call<{ run: string }>()(z.object({ run: runRef })),
  /** What runs goes on to its end, then the run ends; `after`: only once that task has ended. */
  'run.stop': call<{ run: string }>()(
    z.object({
      run: runRef,
      after: name.nullable().default(null),
      reason: z.string().max(1000).default(''),
    }),
  ),
  'run.hold': call<{ run: string }>()(taskRun.extend({ reason: z.string().max(1000).default('') })),
  'run.unhold': call<{ run: string }>()(taskRun),
  /** A person answers an approval. */
  'run.approve': call<{ run: string }>()(
    taskRun.extend({
      decision: z.enum(['approved', 'rejected']),
      reason: z.string().max(1000).default(''),
      values: params.default({}),
    }),
  ),
  /** A person says how a task run counts. */
  'run.mark': call<{ run: string }>()(
    taskRun.extend({
      state: z.enum(['succeeded', 'skipped']),
      reason: z.string().min(1).max(1000),
    }),
  ),
  /** Null when nothing failed. */
  'run.explain': call<RootCause | null>()(z.object({ run: runRef })),
  /** Runs a remedy of a task on its host and waits for it. */
  'run.remedy': call<{ exit: number | null; output: string }>()(
    z.object({ run: runRef, task: name, index: z.number().int().min(0) }),
  ),
  'run.watch': stream<RunWatch>()(z.object({ run: runRef })),
  'runs.watch': stream<RunsWatch>()(
    z.object({ limit: z.number().int().min(1).max(500).default(100) }),
  ),

  /** Failed runs that are alike, last failure first. */
  'incident.list': call<IncidentList>()(
    z.object({
      /** Null: the last 7 days. */
      since: z.number().int().min(0).nullable().default(null),
      pipeline: name.nullable().default(null),
    }),
  ),
  /** Of the last 7 days, with this run. Null: it has not failed, or nothing tells why. `wave`: one that recovers it now. */
  'incident.of': call<{ incident: Incident | null; unexplained: number; wave: string | null }>()(
    z.object({ run: runRef }),
  ),
  'wave.plan': call<WavePlan>()(waveOptions),
  /** `planId`: of the plan that was shown; throws `conflict` where it is another by now. */
  'wave.start': call<{ wave: string }>()(
    waveOptions.extend({
      planId: z.string().max(64),
      reason: z.string().max(1000).default(''),
    }),
  ),
  /** Nothing more is resumed; what goes is left to end. */
  'wave.stop': call<{ wave: string }>()(
    z.object({ wave: waveRef, reason: z.string().max(1000).default('') }),
  ),
  'wave.get': call<{ wave: Wave; plan: WavePlan }>()(z.object({ wave: waveRef })),
  /** Newest first. */
  'wave.list': call<readonly WaveHead[]>()(
    z.object({ limit: z.number().int().min(1).max(1000).default(50) }),
  ),
  'wave.watch': stream<WaveWatch>()(z.object({ wave: waveRef })),

  'log.info': call<LogInfo>()(attempt),
  'log.read': call<Uint8Array>()(
    attempt.extend({
      offset: z.number().int().min(0),
      length: z
        .number()
        .int()
        .min(1)
        .max(1 << 20),
    }),
  ),
  /** Bytes from `offset` on, until the log is closed or a gap begins: `log.info` says which. */
  'log.follow': stream<Uint8Array>()(
    attempt.extend({ offset: z.number().int().min(0).default(0) }),
  ),

  'host.list': call<readonly HostRow[]>()(none),
  'host.watch': stream<HostsWatch>()(none),
  /** Connects now and gives what was found; a failure is in the row. */
  'host.check': call<HostRow>()(z.object({ host: name })),
  /** A person says that this key is right; it is written to Sluice's own known hosts. */
  'host.trust': call<HostRow>()(z.object({ host: name, fingerprint: z.string().max(100) })),

  /** `cordoned`: no new work. `draining`: the same, and says when nothing runs there any more. `open`: as before. */
  'host.cordon': call<HostRow>()(
    z.object({
      host: name,
      state: z.enum(['open', 'cordoned', 'draining']),
      reason: z.string().max(1000).default(''),
    }),
  ),
  /** Removes what nobody has needed there for so many days. `isPreview`: names it, and removes nothing. */
  'host.sweep': call<HostSweep>()(
    z.object({
      host: name,
      days: z.int().min(1).max(3650).default(30),
      isPreview: z.boolean(),
    }),
  ),
  'pool.list': call<readonly PoolRow[]>()(none),

  /** Questions of logins that wait for a person; each change sends the whole list, which is short. */
  'ask.watch': stream<AsksWatch>()(none),
  /** `answer` null: the person gives up. Throws `not-found` for a question that is no longer asked. */
  'ask.answer': call<null>()(
    z.object({
      id: z.string().max(64),
      answer: z.string().max(10_000).nullable(),
      remember: z.boolean().default(false),
    }),
  ),

  /** Why a task run waits; null when it does not. */
  'run.placement': call<PlacementView | null>()(
    z.object({
      run: runRef,
      task: name,
      item: z.number().int().min(0).nullable().default(null),
    }),
  ),
  /** A person decides about an attempt whose outcome is unknown. */
  'run.settle': call<{ run: string }>()(
    z.object({
      run: runRef,
      task: name,
      item: z.number().int().min(0).nullable().default(null),
      decision: z.enum(['wait', 'fail', 'failover']),
      reason: z.string().max(1000).default(''),
    }),
  ),

  /** A debug shell in the folder and environment of an attempt. Without `secrets` the values of secrets are left out. */
  'shell.open': call<{ shell: string; host: string; folder: string }>()(
    attempt.extend({
      columns: z.number().int().min(1).max(1000),
      rows: z.number().int().min(1).max(1000),
      secrets: z.boolean().default(false),
    }),
  ),
  /** Its output; ends with the shell. One watcher per shell: with it goes the shell. */
  'shell.watch': stream<ShellWatch>()(z.object({ shell: z.string().max(64) })),
  'shell.write': call<null>()(
    z.object({ shell: z.string().max(64), text: z.string().max(65_536) }),
  ),
  'shell.resize': call<null>()(
    z.object({
      shell: z.string().max(64),
      columns: z.number().int().min(1).max(1000),
      rows: z.number().int().min(1).max(1000),
    }),
  ),
  'shell.close': call<null>()(z.object({ shell: z.string().max(64) })),

  /** Newest first. */
  'audit.list': call<readonly AuditRow[]>()(
    z.object({
      before: z.number().int().min(1).nullable().default(null),
      limit: z.number().int().min(1).max(1000).default(100),
    }),
  ),
  /** Recomputes the chain. `brokenAt`: the first row that does not follow from those before it. */
  'audit.verify': call<{ rows: number; brokenAt: number | null }>()(none),

  'schedule.next': call<readonly NextFire[]>()(
    z.object({ limit: z.number().int().min(1).max(1000).default(50) }),
  ),
  'schedule.occurrences': call<readonly OccurrenceRow[]>()(
    z.object({
      pipeline: name.nullable().default(null),
      limit: z.number().int().min(1).max(1000).default(100),
    }),
  ),
} as const

export type Contract = typeof contract
export type CallName = {
  [K in keyof Contract]: Contract[K]['kind'] extends 'call' ? K : never
}[keyof Contract]
export type StreamName = Exclude<keyof Contract, CallName>
/** What a caller writes: fields with a default may be left out. */
export type InputOf<K extends keyof Contract> = z.input<Contract[K]['input']>
/** What a handler gets. */
export type CheckedInputOf<K extends keyof Contract> = z.output<Contract[K]['input']>
export type OutputOf<K extends CallName> =
  Contract[K] extends Call<z.ZodType, infer Output> ? Output : never
export type ItemOf<K extends StreamName> =
  Contract[K] extends Stream<z.ZodType, infer Item> ? Item : never

/** One handler per call; knows no transport. Streams end when `signal` is aborted. */
export type Api = {
  [K in CallName]: (input: CheckedInputOf<K>) => Promise<OutputOf<K>>
} & {
  [K in StreamName]: (input: CheckedInputOf<K>, signal: AbortSignal) => AsyncIterable<ItemOf<K>>
}

/** What every client holds, whatever the link. Errors come as `AppError`. */
export interface Client {
  call<K extends CallName>(name: K, input: InputOf<K>): Promise<OutputOf<K>>
  stream<K extends StreamName>(
    name: K,
    input: InputOf<K>,
    signal?: AbortSignal,
  ): AsyncIterable<ItemOf<K>>
  close(): void
}
