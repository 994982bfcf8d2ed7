import css from './CountMark.module.css'

interface Props {
  count: number
  tone: 'bad' | 'live' | 'ask'
  /** What it counts, for those who do not see where it stands; without it the place says so. */
  label?: string
  /** Over the corner of an icon. */
  atCorner: boolean
}

const shownMax = 99

/** How many of something wait behind a link or button. */
export function CountMark({ count, tone, label, atCorner }: Props) {
  return (
    <span
      className={css['mark']}
      data-tone={tone}
      data-corner={atCorner || undefined}
      aria-label={label}
    >
      {count > shownMax ? `${shownMax}+` : count}
    </span>
  )
}
