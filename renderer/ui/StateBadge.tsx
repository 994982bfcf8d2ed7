import type { Look } from './state-look.ts'
import { StateIcon } from './StateIcon.tsx'
import css from './StateBadge.module.css'

/** Icon and word together; `boxed` for a heading, bare in a list. */
export function StateBadge(props: { look: Look; boxed?: boolean; word?: string }) {
  const { look, boxed = false, word = look.word } = props
  return (
    <span className={css['badge']} data-boxed={boxed || undefined} data-tone={look.tone}>
      <StateIcon look={look} silent />
      <span>{word}</span>
    </span>
  )
}
