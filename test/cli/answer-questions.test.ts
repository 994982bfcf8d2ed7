import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { answerQuestions, questionText } from '../../electron/cli/answer-questions.ts'
import type { CliContext } from '../../electron/cli/context.ts'
import { readLine } from '../../electron/cli/keyboard-line.ts'
import type { Keyboard } from '../../electron/cli/keyboard.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { Question } from '../../shared/api/question.ts'
import type { AskRow, AsksWatch } from '../../shared/api/views.ts'

interface Typist {
  keyboard: Keyboard
  type: (typed: string | Buffer) => void
  end: () => void
  readers: () => number
}

function typist(): Typist {
  const keys = new EventEmitter()
  const read: Keyboard['read'] = (onBytes, onEnd) => {
    keys.on('data', onBytes)
    keys.on('end', onEnd)
    return () => {
      keys.off('data', onBytes)
      keys.off('end', onEnd)
    }
  }
  return {
    keyboard: { isTTY: true, read },
    type: (typed) => void keys.emit('data', Buffer.from(typed)),
    end: () => void keys.emit('end'),
    readers: () => keys.listenerCount('data'),
  }
}

function ask(person: Typist, isSecret: boolean, signal?: AbortSignal) {
  let shown = ''
  const line = readLine({
    keyboard: person.keyboard,
    onReady: () => {},
    echo: (text) => (shown += text),
    isSecret,
    signal: signal ?? new AbortController().signal,
  })
  return { line, shown: () => shown }
}

test.each([
  ['secret\r', 'secret'],
  ['grüße 🙂\n', 'grüße 🙂'],
  ['wrx\u007f\u007fong\r', 'wong'],
  ['all of it\u0015nothing\r', 'nothing'],
  ['a\u001b[D\u001b[3~b\r', 'ab'],
  ['\u001b[200~pasted\u001b[201~\r', 'pasted'],
  ['\u007f\r', ''],
  ['x\u0003', null],
  ['\u0004', null],
  ['x\u0004y\r', 'xy'],
])('%j is the line %j, and nothing of a secret is shown', async (keys, line) => {
  const person = typist()
  const asked = ask(person, true)
  person.type(keys)
  expect(await asked.line).toBe(line)
  expect(asked.shown()).toBe('\n')
  expect(person.readers()).toBe(0)
})

test('what is no secret is shown as it is typed, and taken back as it is deleted', async () => {
  const person = typist()
  const asked = ask(person, false)
  for (const key of 'yx\u007fes\r') person.type(key)
  expect(await asked.line).toBe('yes')
  expect(asked.shown()).toBe('yx\b \bes\n')
})

test('a character that comes in two parts is one', async () => {
  const person = typist()
  const asked = ask(person, true)
  const bytes = Buffer.from('é\r')
  person.type(bytes.subarray(0, 1))
  person.type(bytes.subarray(1))
  expect(await asked.line).toBe('é')
})

test('the end of the input and the end of the command give up', async () => {
  const person = typist()
  const asked = ask(person, true)
  person.end()
  expect(await asked.line).toBeNull()
  const leave = new AbortController()
  const left = ask(person, true, leave.signal)
  leave.abort()
  expect(await left.line).toBeNull()
  expect(await ask(person, true, leave.signal).line).toBeNull()
})

const passphrase: Question = {
  kind: 'passphrase',
  host: 'wh',
  hop: 'etl@10.0.0.1:22',
  keyFile: '~/.ssh/id',
}

function world(options: { isTTY?: boolean } = {}) {
  const person = typist()
  person.keyboard.isTTY = options.isTTY ?? true
  let shown = ''
  const err = {
    isTTY: true,
    write: (text: string) => void (shown += text),
    writeBytes: async (bytes: Uint8Array) => void (shown += Buffer.from(bytes).toString()),
  }
  const answers: object[] = []
  const watched = Promise.withResolvers<void>()
  let push: (asks: AskRow[]) => void = () => {}
  const client = {
    async call(_name: string, input: { id: string }) {
      if (input.id === 'gone') throw new AppError('not-found', 'This question is no longer asked.')
      answers.push(input)
      return null
    },
    async *stream(_name: string, _input: object, signal: AbortSignal): AsyncIterable<AsksWatch> {
      const queue: AskRow[][] = []
      let wake = (): void => {}
      signal.addEventListener('abort', () => wake())
      push = (asks) => {
        queue.push(asks)
        wake()
      }
      watched.resolve()
      while (!signal.aborted) {
        const asks = queue.shift()
        if (asks !== undefined) yield { kind: 'snapshot', asks }
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
  const context = { keyboard: person.keyboard, err } as unknown as CliContext
  const stop = answerQuestions(context, { client: client as unknown as Client })
  const row = (id: string, canRemember = false): AskRow => ({
    id,
    question: passphrase,
    askedAt: 0,
    canRemember,
  })
  return {
    person,
    answers,
    stop,
    row,
    shown: () => shown,
    push: (asks: AskRow[]) => push(asks),
    watched: watched.promise,
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await nextTurn()
}

test('questions are asked one after the other; the answer can be kept where there is a place for it', async () => {
  const { person, answers, stop, row, shown, push } = world()
  push([row('one', true), row('two')])
  await settled()
  person.type('first\r')
  await settled()
  expect(shown()).toContain("Keep it in this system's own store, and ask no more? [y/N] ")
  person.type('y\r')
  await settled()
  person.type('second\r')
  await settled()
  expect(answers).toEqual([
    { id: 'one', answer: 'first', remember: true },
    { id: 'two', answer: 'second', remember: false },
  ])
  expect(shown()).not.toMatch(/first|second/)
  stop()
})

test('a question that is answered elsewhere is left, and one that went away while it was typed does no harm', async () => {
  const { person, answers, stop, row, push } = world()
  push([row('one')])
  await settled()
  push([row('gone')])
  await settled()
  person.type('late\r')
  await settled()
  push([row('three')])
  await settled()
  person.type('\u0003')
  await settled()
  expect(answers).toEqual([{ id: 'three', answer: null, remember: false }])
  stop()
  await settled()
  expect(person.readers()).toBe(0)
})

test('without a terminal nobody watches, so that nobody is asked', async () => {
  const { person, push, stop, row, shown } = world({ isTTY: false })
  push([row('one')])
  await settled()
  expect(shown()).toBe('')
  expect(person.readers()).toBe(0)
  stop()
})

test("a host's words cannot pass for ours: they are cleaned, set in, and its machine is named first", () => {
  const text = questionText({
    kind: 'prompt',
    host: 'wh',
    hop: 'etl@10.0.0.1:22',
    title: 'Code\u001b[2J\nPassphrase of the key ~/.ssh/id, for bank:',
    text: 'Type \u202eit:',
    secret: true,
  })
  expect(text).toBe(
    'wh (etl@10.0.0.1:22) asks: Code\n  Passphrase of the key ~/.ssh/id, for bank:\n  Type \ufffdit: ',
  )
})
