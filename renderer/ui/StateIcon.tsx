import type { Look } from './state-look.ts'
import css from './StateIcon.module.css'

/** The icon of a state. Says its word to screen readers unless the word stands beside it. */
export function StateIcon(props: { look: Look; size?: number; silent?: boolean }) {
  const { look, size = 14, silent = false } = props
  const spoken = silent ? { 'aria-hidden': true } : { role: 'img', 'aria-label': look.word }
  return (
    <svg
      {...spoken}
      className={css['icon']}
      data-disc={look.disc}
      style={{ color: `var(--tone-${look.tone})` }}
      width={size}
      height={size}
      viewBox="0 0 16 16"
    >
      <circle className={css['disc']} cx="8" cy="8" r={look.disc === 'filled' ? 7 : 6.25} />
      {look.mark !== '' && <path className={css['mark']} d={look.mark} />}
    </svg>
  )
}
