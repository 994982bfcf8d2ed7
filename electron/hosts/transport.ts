// How bytes reach a host. The channel above it neither knows nor cares whether that is ssh, an embedded server or this machine.
import type { Terminal, TerminalSize } from '../ports/terminal.ts'
import type { TransportCause } from '../../shared/run/events.ts'

/** One remote command's stdin and stdout. */
export interface Pipe {
  /** Resolves when more may be written. Rejects once the pipe is closed. */
  write(bytes: Uint8Array): Promise<void>
  /** The bytes are the listener's own: it may give their memory back. */
  onData(listener: (bytes: Uint8Array) => void): void
  /** stderr, for messages only; bounded by the implementation. */
  onNoise(listener: (text: string) => void): void
  /** Exactly once; `why` in words. Called at once when it is closed already. */
  onClose(listener: (why: string) => void): void
  /** Back-pressure: stops and continues `onData`. */
  pause(): void
  resume(): void
  close(): void
}

/** One authenticated connection to a host. */
export interface Connection {
  /** Runs a command line by the account's login shell. Rejects with a `TransportError`. */
  exec(command: string): Promise<Pipe>
  /** As `exec`, with a pseudo-terminal; absent where this transport has none. */
  terminal?(command: string, size: TerminalSize): Promise<Terminal>
  /** Signs of life below the commands; absent where a command's own bytes are the only ones. */
  readonly life?: ConnectionLife
  /** How it was made; absent where there is but one way. */
  readonly route?: ConnectionRoute
  onClose(listener: (why: string) => void): void
  close(): void
}

export interface ConnectionRoute {
  program: 'ssh2' | 'openssh'
  /** What chose the program, or what of the configuration is followed besides the usual; in words. */
  why: readonly string[]
}

export interface ConnectionLife {
  /** Resolves when the peer's transport has answered, however busy its commands are. Rejects once it is closed. */
  probe(): Promise<void>
  /** Called for every piece of bytes that comes. */
  onHeard(listener: () => void): void
  /** Of our bytes: whether some wait to leave this process, and how many have left it; only a growth means something. */
  outgoing(): { isWaiting: boolean; taken: number }
}

export interface Transport {
  /** `user@address:port`, for people. */
  readonly address: string
  /** Where the first TCP connection goes: hosts with the same answer share a gateway. Absent: the address. */
  gate?(): Promise<string>
  /** Rejects with a `TransportError`; safe to call again. */
  connect(signal: AbortSignal): Promise<Connection>
}

export class TransportError extends Error {
  readonly kind: TransportCause
  /** Trying again without a person's help cannot succeed. */
  readonly permanent: boolean
  /** The machine is there and takes nobody at this moment (sshd's MaxStartups): no reason to give anything up. */
  readonly isBusy: boolean
  /** The connection takes no further channel (sshd's MaxSessions); those that are open go on. */
  readonly isFull: boolean
  /** An unknown host key: what a person may accept, and the picture that OpenSSH draws of it. */
  readonly fingerprint: string | null
  readonly randomart: string
  /** A changed host key, both sides as `ed25519 SHA256:...`. */
  readonly changedKey: { known: readonly string[]; shown: string } | null

  constructor(kind: TransportCause, message: string, options: TransportErrorOptions = {}) {
    super(message, options.error === undefined ? undefined : { cause: options.error })
    this.name = 'TransportError'
    this.kind = kind
    this.permanent = options.permanent ?? false
    this.isBusy = options.isBusy ?? false
    this.isFull = options.isFull ?? false
    this.fingerprint = options.fingerprint ?? null
    this.randomart = options.randomart ?? ''
    this.changedKey = options.changedKey ?? null
  }
}

export interface TransportErrorOptions {
  permanent?: boolean
  isBusy?: boolean
  isFull?: boolean
  fingerprint?: string | null
  randomart?: string
  changedKey?: { known: readonly string[]; shown: string } | null
  error?: unknown
}
