// How the desktop sees the engine: in this process, or in another one that has the home already.
import { AppError } from '../../shared/api/app-error.ts'
import type { Client } from '../../shared/api/contract.ts'
import { connectLink } from '../../shared/api/link.ts'
import type { Wire } from '../../shared/api/wire.ts'
import { sleep, type Clock } from '../ports/clock.ts'

export interface EngineFace {
  /** For the tray and the notifications. */
  client: Client
  /** Serves a window until its wire closes. */
  serve: (wire: Wire) => void
  /** The machine is awake again: links that are dead are made again at once. Absent for another process's engine. */
  wake?: () => void
  /** Tasks that run on hosts go on. */
  close: () => Promise<void>
}

export interface OtherEngine extends EngineFace {
  /** Resolves when that engine is gone: the home is free, and this process may take it. */
  lost: Promise<void>
}

export interface EngineWays {
  /** Throws AppError('engine-busy') when another process has the home. */
  open: () => Promise<EngineFace>
  /** Null when nobody listens. */
  connect: () => Promise<Wire | null>
  clock: Clock
}

/** An engine that starts up holds the home for a moment before it listens. */
const triesMax = 50
const againAfterMs = 100

export async function openEngineFace(ways: EngineWays): Promise<EngineFace | OtherEngine> {
  for (let tried = 1; ; tried++) {
    try {
      return await ways.open()
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'engine-busy') throw error
      const wire = await ways.connect()
      if (wire !== null) return otherEngine(wire, ways)
      if (tried === triesMax) throw error
    }
    await sleep(ways.clock, againAfterMs)
  }
}

function otherEngine(wire: Wire, { connect }: EngineWays): OtherEngine {
  const client = connectLink(wire)
  const lost = new Promise<void>((resolve) => wire.onClose(() => resolve()))
  return {
    client,
    lost,
    serve(window) {
      // Gone meanwhile: the window asks again when its wire closes.
      void connect()
        .catch(() => null)
        .then((engine) => (engine === null ? window.close() : joinWires(window, engine)))
    },
    close() {
      client.close()
      return Promise.resolve()
    },
  }
}

/** Frames pass unread, and either end closes both. What waits in between is bounded by the credit of the streams. */
export function joinWires(window: Wire, engine: Wire): void {
  engine.onMessage((frame) => window.send(frame))
  window.onMessage((frame) => engine.send(frame))
  window.onClose(() => engine.close())
  engine.onClose(() => window.close())
}

export interface EngineKeeper {
  /** The engine of the moment. Fails as its opening failed. */
  current(): Promise<EngineFace>
  close(): Promise<void>
}

/** Opens the engine, and again when it was another process's and that one is gone. */
export function keepEngine(open: () => Promise<EngineFace | OtherEngine>): EngineKeeper {
  let closed = false
  let engine = openAndFollow()
  async function openAndFollow(): Promise<EngineFace> {
    const face = await open()
    if ('lost' in face) void face.lost.then(() => (closed ? undefined : (engine = openAndFollow())))
    return face
  }
  return {
    current: () => engine,
    async close() {
      closed = true
      await (await engine).close()
    },
  }
}
