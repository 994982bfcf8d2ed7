// How frames travel between a client and the engine: a WebSocket, a MessagePort or a local socket. The link above knows none of them.

export interface Wire {
  /** Text or bytes, delivered whole and in order. After a close it does nothing. */
  send(frame: string | Uint8Array): void
  /** One listener, set before the first frame can arrive. */
  onMessage(listener: (frame: string | Uint8Array) => void): void
  /** Exactly once, `why` in words; at once when it is closed already. */
  onClose(listener: (why: string) => void): void
  close(): void
  /** Bytes that were sent and have not left yet; 0 where that cannot be told. */
  bufferedBytes(): number
}
