import { expect, test, vi } from 'vitest'
import { openBridge, type Connected } from '../../renderer/bridge/bridge.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { RunsWatch } from '../../shared/api/views.ts'
import { scriptedApi, type ScriptedApi } from './scripted-api.ts'
import { makeFeeds } from './scripted-feeds.ts'

const now = Date.UTC(2026, 0, 12, 3)

function openLinks(failures = 0) {
  const clients: ScriptedApi[] = []
  const cuts: (() => void)[] = []
  let left = failures
  const bridge = openBridge(async (): Promise<Connected> => {
    if (left > 0) {
      left -= 1
      throw new AppError('link-closed', 'The engine does not answer.')
    }
    const client = scriptedApi({
      'schedule.next': () => [],
      'runs.watch': (_, signal) =>
        makeFeeds().open('runs', signal, [{ kind: 'snapshot' as const, rows: [] }]),
    })
    const closing = Promise.withResolvers<void>()
    clients.push(client)
    cuts.push(() => {
      client.cut()
      closing.resolve()
    })
    return { client, closed: closing.promise }
  })
  const linked = () =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (bridge.link().kind !== 'linked') return
        undo()
        resolve()
      }
      const undo = bridge.onLink(look)
      look()
    })
  return { bridge, clients, cuts, linked }
}

test('a watch is taken up again after a lost link, with a new snapshot', async () => {
  vi.useFakeTimers()
  const { bridge, clients, cuts, linked } = openLinks()
  const items: RunsWatch[] = []
  const seen = vi.fn<() => void>()
  const stop = bridge.watch(
    'runs.watch',
    { limit: 5 },
    { onItem: (item) => items.push(item), onError: seen },
  )
  await linked()
  await vi.waitFor(() => expect(items).toHaveLength(1))
  cuts[0]?.()
  await vi.waitFor(() => expect(bridge.link().kind).toBe('lost'))
  await vi.advanceTimersByTimeAsync(500)
  await vi.waitFor(() => expect(items).toHaveLength(2))
  expect(clients).toHaveLength(2)
  expect(seen).not.toHaveBeenCalled()
  stop()
  bridge.close()
  vi.useRealTimers()
})

test('the waits between tries grow, and a person can cut one short', async () => {
  vi.useFakeTimers({ now })
  const { bridge } = openLinks(3)
  await vi.advanceTimersByTimeAsync(0)
  expect(bridge.link()).toMatchObject({ kind: 'lost', retryAt: now + 400 })
  await vi.advanceTimersByTimeAsync(400)
  expect(bridge.link()).toMatchObject({ kind: 'lost', retryAt: now + 400 + 800, since: now })
  bridge.retry()
  await vi.advanceTimersByTimeAsync(0)
  expect(bridge.link()).toMatchObject({ kind: 'lost', retryAt: now + 400 + 1600 })
  bridge.retry()
  await vi.advanceTimersByTimeAsync(0)
  expect(bridge.link().kind).toBe('linked')
  bridge.close()
  vi.useRealTimers()
})

test('a call waits for the link, and says so when none comes', async () => {
  const { bridge, linked } = openLinks()
  await linked()
  await expect(bridge.call('schedule.next', {})).resolves.toEqual([])
  bridge.close()

  vi.useFakeTimers()
  const never = openBridge(() => new Promise<Connected>(() => {}))
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
  await expect(never.call('system.info', {})).rejects.toMatchObject({ code: 'link-closed' })
  timeout.mockRestore()
  never.close()
  vi.useRealTimers()
})

test('an error that is not a lost link ends the watch', async () => {
  const { bridge } = openLinks()
  const errors: string[] = []
  bridge.watch(
    'run.watch',
    { run: 'nope' },
    { onItem: () => {}, onError: (error) => errors.push(error.code) },
  )
  await vi.waitFor(() => expect(errors).toEqual(['not-found']))
  bridge.close()
})
