// One line that a person types: an answer to a question of a login, a yes.
import type { CliContext } from './context.ts'
import type { Keyboard } from './keyboard.ts'

/** Somebody is there to read a question and to answer it. */
export function canAsk({ keyboard, err }: CliContext): boolean {
  return keyboard.isTTY && err.isTTY
}

/** On stderr: stdout is for the answer of the command. null: given up. */
export async function askLine(
  context: CliContext,
  question: string,
  options: { isSecret?: boolean; signal?: AbortSignal } = {},
): Promise<string | null> {
  const { err, keyboard } = context
  return await readLine({
    keyboard,
    // Only once nothing is echoed: who is quick, or is a program, types as soon as it is asked.
    onReady: () => err.write(question),
    echo: (text) => void err.writeBytes(Buffer.from(text)),
    isSecret: options.isSecret ?? false,
    signal: options.signal ?? new AbortController().signal,
  })
}

export interface LineOptions {
  keyboard: Keyboard
  /** What is typed from here on is taken. */
  onReady: () => void
  /** Shows what is typed, and the line's end. */
  echo: (text: string) => void
  isSecret: boolean
  signal: AbortSignal
}

const lineLengthMax = 10_000
// Arrow keys and the like are no characters; a paste in brackets is its text.
// eslint-disable-next-line no-control-regex
const notTyped = /\u001b\[[0-9;]*[ -/]*[@-~]/g

/** A line as it was typed; null: given up, by Ctrl-C, Ctrl-D, the end of the input or the signal. */
export function readLine(options: LineOptions): Promise<string | null> {
  const { keyboard, onReady, echo, isSecret, signal } = options
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null)
    const decoder = new TextDecoder()
    let typed: string[] = []
    const finish = (line: string | null): void => {
      signal.removeEventListener('abort', onAbort)
      stop()
      echo('\n')
      resolve(line)
    }
    const onAbort = (): void => finish(null)
    const show = (text: string): void => {
      if (!isSecret) echo(text)
    }
    const stop = keyboard.read(
      (bytes) => {
        const text = decoder.decode(bytes, { stream: true }).replace(notTyped, '')
        for (const key of text) {
          if (key === '\r' || key === '\n') return finish(typed.join(''))
          if (key === '\u0003') return finish(null)
          if (key === '\u0004' && typed.length === 0) return finish(null)
          if (key === '\u007f' || key === '\b') {
            if (typed.pop() !== undefined) show('\b \b')
          } else if (key === '\u0015') {
            show('\b \b'.repeat(typed.length))
            typed = []
          } else if (key >= ' ' && typed.length < lineLengthMax) {
            typed.push(key)
            show(key)
          }
        }
      },
      () => finish(null),
    )
    signal.addEventListener('abort', onAbort, { once: true })
    onReady()
  })
}
