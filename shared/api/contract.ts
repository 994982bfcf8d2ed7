// Every call and stream of Sluice, once: the desktop, the server, the command line and the tests all speak it.
// Inputs are validated at the border by these schemas; outputs are our own and are only typed.
import { z } from 'zod'
import type {
  HostRow,
  HostsWatch,
  LogInfo,
  NextFire,
  OccurrenceRow,
  PipelineDetail,
  PipelineRow,
  ResumePreview,
  RootCause,
  RunPreview,
  RunRow,
  RunsWatch,
  RunWatch,
  SystemInfo,
} from './views.ts'
import type { Problem } from '../pipeline/problem.ts'
import type { RunEvent } from '../run/events.ts'
import type { RunView } from '../run/fold.ts'

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
const none = z.object({})

export const resumeOptions = z.object({
  run: runRef,
  /** `pinned`: the version the run has. `fixed`: the workspace's present one. */
  version: z.enum(['pinned', 'fixed']).default('pinned'),
  /** Run this task and all downstream of it again, succeeded or not. Null: from the point of failure. */
  from: name.nullable().default(null),
})

export const contract = {
  'system.info': call<SystemInfo>()(none),

  'pipeline.list': call<readonly PipelineRow[]>()(none),
  'pipeline.get': call<PipelineDetail>()(z.object({ pipeline: name })),
  'pipeline.validate': call<readonly Problem[]>()(none),
  'pipeline.plan': call<RunPreview>()(
    z.object({
      pipeline: name,
      environment: name.nullable().default(null),
      params: params.default({}),
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
  'run.resume': call<ResumePreview>()(resumeOptions),
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
  /** Bytes from `offset` on, until the log is closed. */
  'log.follow': stream<Uint8Array>()(
    attempt.extend({ offset: z.number().int().min(0).default(0) }),
  ),

  'host.list': call<readonly HostRow[]>()(none),
  'host.watch': stream<HostsWatch>()(none),
  /** Connects now and gives what was found; a failure is in the row. */
  'host.check': call<HostRow>()(z.object({ host: name })),
  /** A person says that this key is right; it is written to Sluice's own known hosts. */
  'host.trust': call<HostRow>()(z.object({ host: name, fingerprint: z.string().max(100) })),

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
