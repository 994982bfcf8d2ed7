// The pipe to this machine's own agent.
import { expect, onTestFinished, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'

test('many writers may wait for one that reads slowly, each is told in the end, and Node has nothing to warn of', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const connection = await localTransport().connect(new AbortController().signal)
  const pipe = await connection.exec('sleep 0.3; head -c 6400000 >/dev/null; echo read; sleep 60')
  const said = new Promise<string>((resolve) => {
    pipe.onData((bytes) => resolve(Buffer.from(bytes).toString()))
  })
  const piece = new Uint8Array(64_000)
  await Promise.all(Array.from({ length: 100 }, () => pipe.write(piece)))
  expect(await said).toBe('read\n')
  // Those that still wait when it closes hear so.
  const late = Promise.allSettled(Array.from({ length: 100 }, () => pipe.write(piece)))
  connection.close()
  expect((await late).at(-1)?.status).toBe('rejected')
  await new Promise((resolve) => setImmediate(resolve))
  expect(warnings).toEqual([])
})
