// Logs of a scripted client: those of its world, and a plain one for every other attempt.
import type { TaskView } from '../../shared/run/run-view.ts'
import type { Answers } from './scripted-api.ts'
import type { Feeds, Topic } from './scripted-feeds.ts'
import type { World } from './scripted-world.ts'

const chunkBytes = 16_384
const liveLines = 2000
const liveMs = 120

export function logAnswers(
  world: World,
  feeds: Feeds,
  taskOf: (run: string, task: string) => TaskView | undefined,
): Answers {
  const bytesOf = (run: string, task: string): Uint8Array =>
    new TextEncoder().encode(logText(world, run, task))
  const gapsOf = (run: string, task: string) => taskOf(run, task)?.attempts.at(-1)?.log?.gaps ?? []
  return {
    'log.info': ({ run, task }) => ({
      bytes: bytesOf(run, task).length,
      closed: true,
      gaps: gapsOf(run, task),
    }),
    'log.read': ({ run, task, offset, length }) =>
      bytesOf(run, task).subarray(offset, offset + length),
    'log.follow': ({ run, task, offset }, signal) => {
      const bytes = bytesOf(run, task)
      const [gap] = gapsOf(run, task)
      // One gap at most here; what stands behind it keeps its place.
      const missing = gap !== undefined && offset > gap.offset ? (gap.bytes ?? 0) : 0
      const end = gap !== undefined && missing === 0 ? gap.offset : bytes.length
      const chunks: Uint8Array[] = []
      for (let at = offset - missing; at < end; at += chunkBytes)
        chunks.push(bytes.slice(at, Math.min(at + chunkBytes, end)))
      if (taskOf(run, task)?.state !== 'running')
        return (async function* once() {
          yield* chunks
        })()
      const topic: Topic = `log ${run} ${task}`
      playLog(feeds, topic, signal)
      return feeds.open(topic, signal, chunks)
    },
  }
}

function logText(world: World, run: string, task: string): string {
  const scripted = world.logs.get(`${run} ${task}`)
  if (scripted !== undefined) return scripted
  return Array.from(
    { length: 40 },
    (_, line) =>
      `2026-01-12T02:15:${String(line % 60).padStart(2, '0')}Z ${task}: part ${line + 1} of 40, ${(line * 1373) % 9000} rows`,
  ).join('\n')
}

function playLog(feeds: Feeds, topic: Topic, signal: AbortSignal): void {
  let line = 0
  const timer = setInterval(() => {
    line += 1
    const text = `\x1b[2m${new Date().toISOString().slice(0, 19)}Z\x1b[0m cleaning chunk ${line}: ${(line * 977) % 5000} rows kept, ${(line * 31) % 17} dropped\n`
    feeds.tell(topic, new TextEncoder().encode(text))
    if (line > liveLines || signal.aborted) clearInterval(timer)
  }, liveMs)
}
