// What every command is given: streams, the home, and the ways to an engine. `cli.ts` builds it; nothing here is heavy to load.
import type { StricliProcess } from '@stricli/core'
import type { OpenApp } from '../api/app-face.ts'
import type { Keyboard } from './keyboard.ts'
import type { Clock } from '../ports/clock.ts'
import type { HomePaths } from '../system/home.ts'
import type { Api, Client } from '../../shared/api/contract.ts'

export interface Terminal {
  /** Who reads us may go away; true: the command has more to do than to write. */
  outlivesReader: boolean
  /** Something could not be written, for example to a full disk. */
  isLost: boolean
  /** Text for people and scripts: nothing but our own colours acts on a terminal. */
  write(text: string): void
  /** Bytes as they are, whatever they do to a terminal; resolves when more may be written. */
  writeBytes(bytes: Uint8Array): Promise<void>
  isTTY: boolean
  columns: number
  rows: number
  color: boolean
  /** The window has another size; gives back its undo. */
  onResize(listener: () => void): () => void
}

export interface WebServer {
  url: string
  close(): Promise<void>
}

export interface CliContext {
  readonly process: StricliProcess
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly paths: HomePaths
  readonly clock: Clock
  readonly out: Terminal
  readonly err: Terminal
  readonly keyboard: Keyboard
  /** Root of the checkout or of the packaged app. */
  readonly root: string
  readonly version: string
  openApp: OpenApp
  /** The engine that has this home; null when none is up. */
  connect(): Promise<Client | null>
  openWeb(options: { api: Api; port: number; onBug: (error: unknown) => void }): Promise<WebServer>
  /** Ctrl-C, a closed terminal or a polite end: called each time until it is undone. */
  onInterrupt(listener: () => void): () => void
  exitCode: number
  /** `--workspace` as it was given; null: it was not. */
  workspaceAsked: string | null
}
