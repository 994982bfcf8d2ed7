import { expect, test } from 'vitest'
import { ChannelClosed, LiveChannel } from '../../electron/hosts/channel.ts'
import { queueMax, RequestQueue, underWayMax } from '../../electron/hosts/request-queue.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

/** A queue, and the names of what left it, in that order. */
function openQueue() {
  const queue = new RequestQueue()
  const sent: string[] = []
  const refused: string[] = []
  return {
    queue,
    sent,
    refused,
    enter: (name: string, alone = false): void =>
      queue.enter({
        alone,
        send: () => sent.push(name),
        reject: (error) => refused.push(`${name}: ${error.message}`),
      }),
    settled: async (count = 1): Promise<void> => {
      for (let index = 0; index < count; index++) queue.settled()
      await Promise.resolve()
    },
  }
}

test('E5: 512 requests are under way at once, and each answer lets the oldest of the others go', async () => {
  const { sent, enter, settled } = openQueue()
  for (let index = 0; index < underWayMax + 3; index++) enter(`${index}`)
  expect(sent).toHaveLength(512)
  await settled()
  expect(sent.slice(512)).toEqual(['512'])
  await settled(2)
  expect(sent.slice(512)).toEqual(['512', '513', '514'])
})

test('E5: 100,000 wait behind them, the next is refused, and an answer makes room for one', async () => {
  const { queue, sent, refused, enter, settled } = openQueue()
  for (let index = 0; index < underWayMax + queueMax; index++) enter(`${index}`)
  expect(refused).toEqual([])
  enter('too many')
  expect(refused).toEqual(['too many: 100000 requests wait for one host.'])
  await settled()
  enter('last')
  expect(refused).toHaveLength(1)
  // All of them, in order, in a time that grows with their number alone.
  for (let left = underWayMax + queueMax; left > 0; left--) await settled()
  expect(sent).toHaveLength(underWayMax + queueMax + 1)
  expect(sent.slice(0, -1).every((name, index) => name === `${index}`)).toBe(true)
  expect(sent.at(-1)).toBe('last')
  expect(queue.empty()).toEqual([])
})

test('H2: what goes alone waits for silence, and nobody overtakes it', async () => {
  const { queue, sent, enter, settled } = openQueue()
  enter('a')
  enter('b')
  enter('raw', true)
  enter('c')
  await settled()
  expect(sent).toEqual(['a', 'b'])
  await settled()
  expect(sent).toEqual(['a', 'b', 'raw'])
  expect(queue.isAlone).toBe(true)
  await settled()
  expect(sent).toEqual(['a', 'b', 'raw', 'c'])
  expect(queue.isAlone).toBe(false)
})

test('E5: a channel that ends rejects what is under way and what waits, each once', async () => {
  let written = 0
  const pipe = {
    write: async (bytes: Uint8Array) => void (written += linesIn(bytes)),
    onData: () => undefined,
    onNoise: () => undefined,
    onClose: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  }
  const greeting = { shellMs: 0, noiseBytes: 0 }
  const facts = { bootId: 'b', hostNow: 0, now: 0, uptimeMs: 0, canHash: true, lacks: [] }
  const hello = { ...facts, takesText: false, folderId: 'f', system: '', greeting }
  const channel = new LiveChannel(pipe, hello, { clock: virtualClock(), isBulk: false })
  const asked = Array.from({ length: underWayMax + 100 }, () => channel.ask('ping'))
  const ends = Promise.allSettled(asked)
  await Promise.resolve()
  expect(written).toBe(underWayMax)
  channel.end('cut')
  for (const end of await ends) expect(end).toMatchObject({ reason: new ChannelClosed('cut') })
  await expect(channel.ask('ping')).rejects.toThrow('cut')
  expect(written).toBe(underWayMax)
})

const linesIn = (bytes: Uint8Array): number => bytes.filter((byte) => byte === 10).length
