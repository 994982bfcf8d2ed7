import { expect, test } from 'vitest'
import { openFlow } from '../../electron/hosts/log-flow.ts'
import { openLogPuller, type ReadChannel } from '../../electron/hosts/log-pull.ts'
import { attemptKey, type RunId } from '../../shared/run/ids.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

const mebibyte = 1024 * 1024

test('where the store is slow the host waits for the next of its writes, not for all of them', async () => {
  const writes: { offset: number; end: () => void }[] = []
  const puller = openLogPuller({
    logs: {
      append: (_, offset) => new Promise((end) => writes.push({ offset, end: () => end() })),
    },
    clock: virtualClock(),
    onStoreError: (_, error) => expect.unreachable(String(error)),
  })
  const flow = openFlow(attemptKey('r1' as RunId, 'big', null, 1), null, 0)
  flow.offset = 0
  flow.hostBytes = flow.wantTo = 32 * mebibyte
  const pulled = puller.pull(hostOf(64 * 1024), true, [flow])

  await expect.poll(() => writes.length).toBe(9)
  // Eight may wait; nothing more is taken before one is stored, and then as much again.
  for (let done = 0; done + 9 < 32; done++) {
    await settled()
    expect(writes.length).toBe(done + 9)
    writes[done]!.end()
    await expect.poll(() => writes.length).toBe(done + 10)
  }
  for (const write of writes) write.end()
  await pulled
  expect(writes.map(({ offset }) => offset / mebibyte)).toEqual([...Array(32).keys()])
})

/** Gives what it is asked for in pieces, one request after the other, and waits where it is told to. */
function hostOf(pieceBytes: number): ReadChannel {
  let turn = Promise.resolve()
  return {
    async askStream(request, take) {
      const before = turn
      let end = (): void => undefined
      turn = new Promise((resolve) => (end = resolve))
      await before
      const bytes = Number(request.split(' ')[3])
      for (let at = 0; at < bytes; at += pieceBytes) {
        await take(new Uint8Array(Math.min(pieceBytes, bytes - at)))
      }
      end()
    },
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
