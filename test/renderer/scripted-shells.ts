// Shells of a scripted client: they echo, run `exit`, and let `evil` do what a program could try with its escapes.
import type { Answers } from './scripted-api.ts'
import type { Feeds } from './scripted-feeds.ts'

const prompt = '\x1b[32metl@edge\x1b[0m:\x1b[34m~/.sluice/work/7f\x1b[0m$ '
const evil =
  '\r\n\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[8;2;2t\x1b]8;;https://evil.example\x07a link\x1b]8;;\x07'

const bytes = (words: string): Uint8Array => new TextEncoder().encode(words)

export function shellAnswers(feeds: Feeds): Answers {
  /** What was typed since the last line end. */
  const lineOf = new Map<string, string>()
  let count = 0
  return {
    'shell.open': ({ task }) => {
      count += 1
      return { shell: `shell-${count}`, host: 'edge', folder: `/home/etl/.sluice/work/${task}` }
    },
    'shell.watch': ({ shell }, signal) =>
      feeds.open(`shell ${shell}`, signal, [bytes(`Linux edge 6.1.0 x86_64\r\n${prompt}`)]),
    'shell.write': ({ shell, text }) => {
      const say = (words: string): void => feeds.tell(`shell ${shell}`, bytes(words))
      const typed = text.replaceAll('\x1b[200~', '').replaceAll('\x1b[201~', '')
      for (const part of typed.split(/(\r)/)) {
        const line = lineOf.get(shell) ?? ''
        if (part !== '\r') {
          lineOf.set(shell, line + part)
          say(part.replaceAll('\x1b', '^['))
          continue
        }
        lineOf.delete(shell)
        if (line === 'exit') {
          say('\r\nlogout\r\n')
          feeds.tell(`shell ${shell}`, {
            kind: 'ended',
            why: 'The shell ended with exit code 0.',
          })
          feeds.end(`shell ${shell}`)
          break
        }
        if (line === 'evil') say(evil)
        say(`\r\n${prompt}`)
      }
      return null
    },
    'shell.resize': () => null,
    'shell.close': ({ shell }) => {
      feeds.end(`shell ${shell}`)
      return null
    },
  }
}
