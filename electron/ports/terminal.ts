// An interactive terminal on a host: a debug shell. Bytes only; what they mean is xterm's business.

export interface TerminalSize {
  /** 1..1000. */
  columns: number
  rows: number
}

export interface Terminal {
  /** Resolves when more may be written. */
  write(bytes: Uint8Array): Promise<void>
  resize(size: TerminalSize): void
  onData(listener: (bytes: Uint8Array) => void): void
  /** Exactly once; at once when it is closed already. `why` in words, e.g. `the shell ended with exit code 0`. */
  onClose(listener: (why: string) => void): void
  /** Back-pressure. */
  pause(): void
  resume(): void
  close(): void
}
