// What a face gets when Sluice is open on a home, and how it asks for it. `app.ts` is the one that builds it.
import type { SecretStore } from '../ports/asks.ts'
import type { Api, Client } from '../../shared/api/contract.ts'
import type { AppError } from '../../shared/api/app-error.ts'
import type { SystemInfo } from '../../shared/api/views.ts'
import type { Wire } from '../../shared/api/wire.ts'

export interface OpenAppOptions {
  home: string
  /** Folder with `sluice.yaml`, absolute; null: none, only what the store holds can be seen. */
  workspace: string | null
  face: SystemInfo['face']
  /** `engine`: the only one of its home. `reader`: looks at what is stored, starts nothing. */
  mode: 'engine' | 'reader'
  /** Start the embedded hosts and let the workspace use them. */
  demo?: boolean
  /** The operating system's keeping place; else what this machine has without Electron. */
  secrets?: SecretStore
  env: Readonly<Record<string, string | undefined>>
  /** Done before unfinished runs go on: what must hold before anything of them starts. */
  first?: (client: Client) => Promise<void>
}

export interface App {
  api: Api
  client: Client
  /** Unfinished runs that were found and go on. */
  recovered: number
  /** The store failed: this engine decides nothing more and must be closed. At most once; at once when it is so already. */
  onFatal: (listener: (error: AppError) => void) => void
  /** For links that a face serves itself. */
  onBug: (error: unknown) => void
  /** The machine is awake again or its network changed: links that are dead are made again at once. */
  wake: () => void
  /** Serves one client until its wire closes. */
  serve: (wire: Wire) => void
  /** Newest first; tasks on hosts go on. */
  close: () => Promise<void>
}

export type OpenApp = (options: OpenAppOptions) => Promise<App>
