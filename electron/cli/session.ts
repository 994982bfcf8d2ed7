// How a command reaches an engine: as the client of the one that has the home, or by being it for the time of the command.
import { realpathSync } from 'node:fs'
import type { CliContext } from './context.ts'
import { findWorkspace, needWorkspace } from './workspace-folder.ts'
import type { App } from '../api/app-face.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Client } from '../../shared/api/contract.ts'
import { sleep } from '../ports/clock.ts'

export interface Session {
  client: Client
  /** The engine of this process; null when it is another's. */
  own: App | null
  close(): Promise<void>
}

export interface SessionOptions {
  /** `engine`: something will be changed. `reader`: what is stored is enough. */
  need: 'engine' | 'reader'
  /** The command means the files of its workspace: an engine on another one will not do. */
  usesFiles?: boolean
  /** Done first: by the engine that is up, or before one that is opened for this lets anything go on. */
  first?: (client: Client) => Promise<void>
}

/** An engine that starts up holds the lock for a moment before it listens. */
const startUpWaitMs = 5000
const askAgainMs = 100

export async function openSession(context: CliContext, options: SessionOptions): Promise<Session> {
  const workspace = findWorkspace(context)
  const deadline = context.clock.monotonic() + startUpWaitMs
  for (;;) {
    const client = await context.connect()
    if (client !== null) {
      if (options.usesFiles === true) await assertSameWorkspace(client, workspace)
      const close = async (): Promise<void> => client.close()
      try {
        await options.first?.(client)
      } catch (error) {
        await close()
        throw error
      }
      return { client, own: null, close }
    }
    // Without files of its own it would mean those of some workspace that this home had before.
    if (options.usesFiles === true) needWorkspace(context)
    const { need, first = nothingFirst } = options
    const home = context.paths.home
    try {
      const { env } = context
      const own = await context.openApp({ home, workspace, face: 'cli', mode: need, env, first })
      return { client: own.client, own: need === 'engine' ? own : null, close: () => own.close() }
    } catch (error) {
      const busy = error instanceof AppError && error.code === 'engine-busy'
      if (!busy || context.clock.monotonic() > deadline) throw error
      await sleep(context.clock, askAgainMs)
    }
  }
}

const nothingFirst = async (): Promise<void> => {}

export async function withSession<Value>(
  context: CliContext,
  options: SessionOptions,
  use: (session: Session) => Promise<Value>,
): Promise<Value> {
  const session = await openSession(context, options)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}

/** How often an engine may leave under one command before that is an error. */
const enginesMax = 5

/** The same, and again with what is there then when the engine of another process ends under it, as after its last run. */
export async function withSessions<Value>(
  context: CliContext,
  options: SessionOptions,
  use: (session: Session) => Promise<Value>,
): Promise<Value> {
  for (let engines = 1; ; engines++) {
    try {
      return await withSession(context, options, use)
    } catch (error) {
      const hasLeft = error instanceof AppError && error.code === 'link-closed'
      if (!hasLeft || engines >= enginesMax) throw error
    }
  }
}

async function assertSameWorkspace(client: Client, workspace: string | null): Promise<void> {
  if (workspace === null) return
  const info = await client.call('system.info', {})
  if (info.workspace !== '' && realpathSync(info.workspace) === realpathSync(workspace)) return
  client.close()
  throw new AppError(
    'engine-busy',
    `The engine of this home (${info.face}, pid ${info.pid}) has the workspace ${info.workspace || 'none'}, not ${workspace}.`,
    { hint: 'Stop it, or give this workspace a home of its own by SLUICE_HOME.' },
  )
}
