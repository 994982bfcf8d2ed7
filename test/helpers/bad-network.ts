// A small TCP proxy on loopback that behaves like a bad network: it delays, stands still, forgets or cuts.
//   What a proxy cannot do is lose packets: a lossy line is played by delays like those of TCP's retransmissions.
import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'

export interface BadNetwork {
  port: number
  /** Connections through it that are open. */
  open(): number
  /** Ever made. */
  made: number
  /** From the client to the server, and back. */
  bytesUp: number
  bytesDown: number
  /** Of each piece on its way, ms; pieces keep their order. */
  delayOf: () => number
  /** Everything stands still, also new connections. Nobody is told. */
  freeze(): void
  /** All goes on where it stood. */
  thaw(): void
  /** As when a router forgets: connections that are open stand still for ever, new ones work. */
  forget(): void
  /** Open connections end with a reset. */
  cut(): void
  close(): Promise<void>
}

interface Pair {
  client: Socket
  server: Socket
  isForgotten: boolean
}

export async function openBadNetwork(target: { port: number; host?: string }): Promise<BadNetwork> {
  const pairs = new Set<Pair>()
  let isFrozen = false
  const settle = (pair: Pair): void => {
    for (const socket of [pair.client, pair.server]) {
      if (isFrozen || pair.isForgotten) socket.pause()
      else socket.resume()
    }
  }
  const settleAll = (): void => {
    for (const pair of pairs) settle(pair)
  }
  const listener = createServer({ noDelay: true }, (client) => {
    const { port, host = '127.0.0.1' } = target
    const server = createConnection({ port, host, noDelay: true })
    const pair = { client, server, isForgotten: false }
    pairs.add(pair)
    network.made++
    const end = (): void => {
      // The end of a connection travels by packets too.
      if (isFrozen || pair.isForgotten) return
      pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    pass(pair, client, server, (count) => (network.bytesUp += count))
    pass(pair, server, client, (count) => (network.bytesDown += count))
    settle(pair)
  })
  const pass = (pair: Pair, from: Socket, to: Socket, count: (bytes: number) => void): void => {
    // One timer at a time: two of different lengths may fire in any order, and the bytes would change places.
    const onTheWay: { bytes: Buffer | null; dueAt: number }[] = []
    let isWaiting = false
    const send = (): void => {
      isWaiting = false
      for (let next = onTheWay[0]; next !== undefined; next = onTheWay[0]) {
        const ms = next.dueAt - performance.now()
        // Still under way when the network stood still: it is kept.
        const isStill = isFrozen || pair.isForgotten
        if (isStill || ms > 0) {
          isWaiting = true
          const timer = setTimeout(send, isStill ? 20 : ms)
          if (isStill) timer.unref()
          return
        }
        onTheWay.shift()
        if (to.destroyed) continue
        if (next.bytes === null) to.end()
        else to.write(next.bytes)
      }
    }
    const take = (bytes: Buffer | null): void => {
      const freeAt = onTheWay.at(-1)?.dueAt ?? 0
      onTheWay.push({ bytes, dueAt: Math.max(freeAt, performance.now() + network.delayOf()) })
      if (!isWaiting) send()
    }
    from.on('data', (bytes) => {
      count(bytes.length)
      take(bytes)
    })
    from.on('end', () => take(null))
  }
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const network: BadNetwork = {
    port: (listener.address() as AddressInfo).port,
    open: () => [...pairs].filter((pair) => !pair.isForgotten).length,
    made: 0,
    bytesUp: 0,
    bytesDown: 0,
    delayOf: () => 0,
    freeze() {
      isFrozen = true
      settleAll()
    },
    thaw() {
      isFrozen = false
      settleAll()
    },
    forget() {
      for (const pair of pairs) pair.isForgotten = true
      settleAll()
    },
    cut() {
      for (const { client, server } of pairs) {
        client.resetAndDestroy()
        server.resetAndDestroy()
      }
      pairs.clear()
    },
    async close() {
      listener.close()
      for (const { client, server } of pairs) {
        client.destroy()
        server.destroy()
      }
      pairs.clear()
    },
  }
  return network
}
