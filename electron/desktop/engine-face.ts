// How the desktop sees the engine, wherever it runs: in this process, or in another that holds the home.
import type { Client } from '../../shared/api/contract.ts'
import type { Wire } from '../../shared/api/wire.ts'

export interface EngineFace {
  /** For the tray and the notifications. */
  client: Client
  /** Serves a window until its wire closes. */
  attach(wire: Wire): void
  /** Tasks that run on hosts go on. */
  close(): Promise<void>
}

/** Joins a window to an engine in another process: frames pass unread, and either end closes both. */
export function joinWires(window: Wire, engine: Wire): void {
  window.onMessage((frame) => engine.send(frame))
  engine.onMessage((frame) => window.send(frame))
  window.onClose(() => engine.close())
  engine.onClose(() => window.close())
}
