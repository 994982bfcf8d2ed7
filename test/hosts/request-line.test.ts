// A request in the two forms that an agent takes, and what a shell makes of the second.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requestLine } from '../../electron/hosts/request-line.ts'
import { envText } from '../../electron/hosts/wire.ts'

const env = envText({ A: 'it\'s $HOME `id` "x" \\ *', B: 'line\nline', C: 'ümlaut ; exit 9 #' })
const order = ` k.1 0 5000 - - true\\0012 ${env.replaceAll("'", `'\\''`)}`

test('plain: the words as they are', () => {
  expect(requestLine('ping', '7', '', false)).toBe('ping 7\n')
  expect(requestLine('sizes', '8', ' a b', false)).toBe('sizes 8 a b\n')
})

test('as text: at most nine words, the last with the rest of the line, as the agent splits it', () => {
  expect(requestLine('ping', '7', '', true)).toBe("{ ask 'ping' '7'; }\n")
  const keys = ' a b c d e f g h i'
  expect(requestLine('release', '8', keys, true)).toBe(
    "{ ask 'release' '8' 'a' 'b' 'c' 'd' 'e' 'f' 'g h i'; }\n",
  )
})

// What each shell gives to `ask` must be what `read` gives it of the plain line.
test.each(['/bin/dash', '/bin/busybox'].filter((shell) => existsSync(shell)))(
  'H2: both forms say the same to %s',
  (shell) => {
    const show = `show() { printf '%s|' "$@"; }
    ask() { show "$1" "$2" "\${3-}" "\${4-}" "\${5-}" "\${6-}" "\${7-}" "\${8-}" "\${9-}"; }
    plain() { read -r a b c d e f g h i; show "$a" "$b" "$c" "$d" "$e" "$f" "$g" "$h" "$i"; }`
    const said = (script: string, input: string): string => {
      const words = shell.endsWith('busybox') ? ['sh', '-c', script] : ['-c', script]
      return execFileSync(shell, words, { input, encoding: 'utf8' })
    }
    for (const [verb, rest] of [
      ['start', order],
      ['release', ' a b c d e f g h i'],
      ['ping', ''],
    ] as const) {
      const byRead = said(`${show}\nplain`, requestLine(verb, '1', rest, false))
      const byText = said(
        `${show}\ncat | { . /proc/self/fd/0; }`,
        requestLine(verb, '1', rest, true),
      )
      expect(byText).toBe(byRead)
    }
  },
)

test('H1: a line that was cut short, wherever, runs nothing', { timeout: 60_000 }, () => {
  const line = requestLine('start', '1', order, true)
  const script = 'ask() { echo ran; }\ncat | { . /proc/self/fd/0; } 2>/dev/null'
  const cuts = Array.from({ length: line.length - 2 }, (_, index) => index + 1)
  // The closing brace is the last that matters; the line end after it is not.
  for (const cut of cuts) {
    const ran = run('/bin/sh', script, line.slice(0, cut))
    expect(`${cut}: ${ran}`).toBe(`${cut}: `)
  }
  expect(run('/bin/sh', script, line)).toBe('ran\n')
})

function run(shell: string, script: string, input: string): string {
  try {
    return execFileSync(shell, ['-c', script], { input, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return String((error as { stdout: unknown }).stdout)
  }
}
