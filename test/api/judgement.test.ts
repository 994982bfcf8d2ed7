import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openJudgement } from '../../electron/api/judgement.ts'
import { openLogFiles } from '../../electron/logs/log-files.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const key = '20260101-000000-aaaaaaaa.load.x.1' as AttemptKey
const exit1: AttemptEnd = {
  outcome: 'exited',
  exit: 1,
  endedAt: 1,
  hostStartedAt: 1,
  hostEndedAt: 1,
  cpuMs: null,
  peakBytes: null,
}

async function judgeOf(
  text: string,
  limitBytes: number | null = null,
): Promise<{ judgement: ReturnType<typeof openJudgement>; errors: unknown[] }> {
  const logsDir = mkdtempSync(join(tmpdir(), 'sluice-judge-'))
  folders.push(logsDir)
  const logs = openLogFiles(logsDir, systemClock)
  const bytes = Buffer.from(text)
  if (limitBytes !== null) {
    const { headBytes, tailBytes } = logs.limit(key, limitBytes)
    await logs.append(key, 0, bytes.subarray(0, headBytes))
    const from = bytes.length - tailBytes
    await logs.skip(key, from)
    await logs.append(key, from, bytes.subarray(from))
  } else if (bytes.length > 0) await logs.append(key, 0, bytes)
  await logs.close(key, [])
  await logs.closeFiles()
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  return { judgement: openJudgement({ logsDir, attempt: () => null, onError }), errors }
}

const chatter = (lines: number): string => 'a row was loaded into the table\n'.repeat(lines)

test('the first pattern that a line matches is found, each looked for in single lines', async () => {
  const { judgement } = await judgeOf('starting\nERROR 40001: deadlock found\nbye\n')
  expect(judgement.matching(key, ['no such', '^ERROR \\d+: deadlock'])).toBe(
    '^ERROR \\d+: deadlock',
  )
  expect(judgement.matching(key, ['starting\\s+ERROR', '^bye$'])).toBe('^bye$')
  expect(judgement.matching(key, ['nothing of the kind'])).toBeNull()
})

test('of a long log its beginning and its last MiB are looked at', async () => {
  const rows = 60_000
  const text = `first line\n${chatter(rows)}in the middle\n${chatter(rows)}last line\n`
  const { judgement } = await judgeOf(text)
  expect(judgement.matching(key, ['^first line$'])).not.toBeNull()
  expect(judgement.matching(key, ['^last line$'])).not.toBeNull()
  expect(judgement.matching(key, ['in the middle'])).toBeNull()
})

test('of a log with a limit what is kept is looked at, wherever it stood', async () => {
  const text = `first line\n${chatter(60_000)}last line\n`
  const { judgement } = await judgeOf(text, 256 * 1024)
  expect(judgement.matching(key, ['^first line$'])).not.toBeNull()
  expect(judgement.matching(key, ['^last line$'])).not.toBeNull()
})

test('the class of a cause is that of the root cause, as the attempt alone shows it', async () => {
  const { judgement } = await judgeOf('cp: error writing out.csv: No space left on device\n')
  expect(judgement.causeOf(key, exit1)).toBe('disk_full')
  const quiet = await judgeOf('')
  expect(quiet.judgement.causeOf(key, exit1)).toBe('unknown')
})

test('what cannot be judged is unknown, and never stops the engine', async () => {
  const { judgement, errors } = await judgeOf('a line\n')
  expect(judgement.matching(key, ['(', 'a line'])).toBe('a line')
  expect(judgement.matching('../x' as AttemptKey, ['a'])).toBeNull()
  expect(judgement.causeOf('../x' as AttemptKey, exit1)).toBe('unknown')
  expect(errors).toHaveLength(3)
})
