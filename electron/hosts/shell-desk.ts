// Debug shells of one host: over the link's own connection where that takes another channel, else over one of their own.
import type { Dice } from '../ports/dice.ts'
import type { StartOrder } from '../ports/hosts.ts'
import { readSecrets, type ReadSecrets, type Secrets } from '../ports/secrets.ts'
import type { TerminalSize } from '../ports/terminal.ts'
import { FilesRefused } from './courier.ts'
import { openDebugShell, type DebugShell, type DebugShellOptions } from './debug-shell.ts'
import type { HostLink } from './host-link.ts'
import type { Session } from './session.ts'
import { printfLacks } from './start-line.ts'
import { TransportError } from './transport.ts'

export interface OpenedShell extends DebugShell {
  /** In words, what is not as the attempt had it; empty where all is. */
  note: string
}

export class ShellDesk {
  readonly #link: HostLink
  readonly #dice: Dice
  readonly #client: string
  readonly #folder: string | null
  readonly #secrets: Secrets
  readonly #open = new Set<DebugShell>()
  #opening = 0

  constructor(options: {
    link: HostLink
    dice: Dice
    client: string
    folder: string | null
    secrets: Secrets
  }) {
    this.#link = options.link
    this.#dice = options.dice
    this.#client = options.client
    this.#folder = options.folder
    this.#secrets = options.secrets
  }

  /** A link that carries a shell is not idle. */
  get size(): number {
    return this.#open.size + this.#opening
  }

  /** Rejects with a TransportError, or the signal's reason. */
  async open(order: StartOrder, size: TerminalSize, signal: AbortSignal): Promise<OpenedShell> {
    this.#opening++
    try {
      const session = await this.#link.linked(signal)
      const { files, note } = await bring(order, session)
      const secrets = await this.#secretsFor(order, session)
      const env = { ...secrets.env, ...order.env }
      const shell = await this.#openOn(session, {
        order: { ...order, files, env },
        size,
        nonce: this.#dice.tail(20),
        client: this.#client,
        folder: this.#folder,
        signal,
      })
      this.#open.add(shell)
      shell.terminal.onClose(() => {
        this.#open.delete(shell)
        this.#link.rest()
      })
      const notes = [note, ...secrets.whys.map((why) => `${why}.`)]
      return { ...shell, note: notes.filter((text) => text !== '').join(' ') }
    } finally {
      this.#opening--
      this.#link.rest()
    }
  }

  close(): void {
    for (const { terminal } of this.#open) terminal.close()
  }

  async #secretsFor(order: StartOrder, session: Session): Promise<ReadSecrets> {
    const lacksPrintf = session.main.hello.lacks.includes('printf')
    if (lacksPrintf && order.secrets !== undefined)
      return { env: {}, whys: [`Without its secrets: ${printfLacks}`] }
    return await readSecrets(this.#secrets, order.secrets ?? {})
  }

  async #openOn(session: Session, options: DebugShellOptions): Promise<DebugShell> {
    // Bytes come first: a shell must not take the channel that logs need.
    await session.channel()
    try {
      return await session.budget.open(
        () => openDebugShell(session.connection, options),
        (shell, closed) => shell.terminal.onClose(closed),
      )
    } catch (error) {
      if (!(error instanceof TransportError && error.isFull)) throw error
    }
    const connection = await this.#link.connectApart(options.signal)
    try {
      const shell = await openDebugShell(connection, options)
      shell.terminal.onClose(() => connection.close())
      return shell
    } catch (error) {
      connection.close()
      throw error
    }
  }
}

async function bring(
  { files }: StartOrder,
  session: Session,
): Promise<{ files: StartOrder['files']; note: string }> {
  try {
    await session.courier.provide(files)
    return { files, note: '' }
  } catch (error) {
    if (!(error instanceof FilesRefused)) throw error
    return { files: [], note: `Without its files: ${error.message}` }
  }
}
