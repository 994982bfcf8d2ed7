// MessageChannelMain: two ports that are joined in this process until one of them is sent to a page.
import { cloneCodec } from './clone-codec.ts'
import { StrictEmitter, missing } from './strict.ts'

export const codec = cloneCodec()

/** The far end of a port that was sent to a page. Data is text of the codec. */
export interface PageEnd {
  send(data: string): void
  close(): void
}

export class MessagePortMain extends StrictEmitter {
  #peer: MessagePortMain | null = null
  #page: PageEnd | null = null
  #started = false
  #closed = false
  #waiting: string[] = []

  constructor() {
    super('MessagePortMain', ['message', 'close'])
  }

  static join(one: MessagePortMain, other: MessagePortMain): void {
    one.#peer = other
    other.#peer = one
  }

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) missing('MessagePortMain.postMessage with ports')
    if (!this.#closed) this.#peer?.receive(codec.encode(message))
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    for (const data of this.#waiting.splice(0)) this.receive(data)
  }

  close(): void {
    if (this.#closed) return
    this.closeHere()
    this.#peer?.closeHere()
  }

  /** From the peer, on its way here or on to the page. */
  receive(data: string): void {
    if (this.#closed) return
    if (this.#page !== null) return this.#page.send(data)
    if (!this.#started) return void this.#waiting.push(data)
    setImmediate(() => {
      if (!this.#closed) this.emit('message', { data: codec.decode(data), ports: [] })
    })
  }

  closeHere(): void {
    if (this.#closed) return
    this.#closed = true
    this.#page?.close()
    setImmediate(() => this.emit('close'))
  }

  /** This port goes to a page. Gives what the page's messages and its closing do. */
  sendToPage(page: PageEnd): { receive(data: string): void; close(): void } {
    this.#page = page
    for (const data of this.#waiting.splice(0)) page.send(data)
    return { receive: (data) => this.#peer?.receive(data), close: () => this.close() }
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain()
  readonly port2 = new MessagePortMain()

  constructor() {
    MessagePortMain.join(this.port1, this.port2)
  }
}
