import { expect, test, vi } from 'vitest'
import { needsWord, pasteText } from '../../renderer/shell/paste-text.ts'
import { openShellWriter, waitingCharsMax } from '../../renderer/shell/shell-writer.ts'

test('a paste keeps its text, and loses what could end the brackets of a paste', () => {
  expect(pasteText('a\tb\r\nc\rd\n')).toEqual({ text: 'a\tb\nc\nd\n', lines: 3, dropped: 0 })
  const evil = pasteText('ls\x1b[201~\nrm -r x\x03\x9b31m')
  expect(evil.text).toBe('ls[201~\nrm -r x31m')
  expect(evil.dropped).toBe(3)
  expect(pasteText('prix: 12 €, 日本 👍🏽').dropped).toBe(0)
})

test('a paste is asked about when it could run something, or was changed', () => {
  expect(needsWord(pasteText('ls -l'))).toBe(false)
  expect(needsWord(pasteText('ls -l\n'))).toBe(true)
  expect(needsWord(pasteText('a\nb'))).toBe(true)
  expect(needsWord(pasteText('a\x07'))).toBe(true)
})

test('what is typed goes out in order, one call at a time, and never half of a character', async () => {
  const sent: string[] = []
  let open = 0
  const turns: (() => void)[] = []
  const writer = openShellWriter(
    (text) => {
      expect(++open).toBe(1)
      sent.push(text)
      return new Promise<void>((resolve) =>
        turns.push(() => {
          open -= 1
          resolve()
        }),
      )
    },
    (error) => {
      throw error
    },
  )
  writer.write('a')
  writer.write('b')
  const long = `${'x'.repeat(16_382)}👍`
  writer.write(long)
  for (let turn = 0; turn < 3; turn += 1) {
    await vi.waitFor(() => expect(turns.length).toBeGreaterThan(turn))
    turns[turn]?.()
  }
  await vi.waitFor(() => expect(sent.join('')).toBe(`ab${long}`))
  expect(sent[0]).toBe('a')
  for (const part of sent) expect(part.isWellFormed()).toBe(true)
})

test('more than may wait is refused whole, and a failed call drops what waits', async () => {
  const errors: unknown[] = []
  const writer = openShellWriter(
    () => Promise.reject(new Error('gone')),
    (error) => errors.push(error),
  )
  expect(writer.write('y'.repeat(waitingCharsMax + 1))).toBe(false)
  expect(writer.write('y'.repeat(100_000))).toBe(true)
  await vi.waitFor(() => expect(errors).toHaveLength(1))
  writer.close()
  expect(writer.write('z')).toBe(false)
})
