// The hosts of a plan as a few words: `edge, onprem and cloud`.
import type { RunPreview } from '../../../shared/api/views.ts'
import { numberWords } from '../../ui/time-words.ts'

const namesMax = 4

export function hostsOf({ tasks }: Pick<RunPreview, 'tasks'>): string {
  const names = [...new Set(tasks.flatMap((row) => row.hosts))]
  if (names.length > namesMax) return `${numberWords(names.length)} hosts`
  const last = names.at(-1) ?? 'no host'
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
