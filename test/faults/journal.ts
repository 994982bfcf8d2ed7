// What a campaign has found so far, a line for each case, so that one that was killed goes on where it stood.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Verdict } from './worker.ts'

export interface Journal {
  verdicts: Verdict[]
  add(verdict: Verdict): void
}

/** `about`: what the verdicts are of. null: the file is of another campaign. */
export function openJournal(file: string | undefined, about: string): Journal | null {
  if (file === undefined) {
    const verdicts: Verdict[] = []
    return { verdicts, add: (verdict) => void verdicts.push(verdict) }
  }
  const [head, ...lines] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  if (head !== undefined && head !== '' && head !== about) return null
  if (head === undefined || head === '') appendFileSync(file, `${about}\n`)
  const verdicts = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Verdict]
    } catch {
      return [] // it was killed in the middle of the line
    }
  })
  if (lines.length > 0 && lines.at(-1) !== '') appendFileSync(file, '\n')
  return {
    verdicts,
    add(verdict) {
      verdicts.push(verdict)
      appendFileSync(file, `${JSON.stringify(verdict)}\n`)
    },
  }
}
