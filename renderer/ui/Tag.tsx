import css from './Tag.module.css'

/** A word about what stands before it; `why` says more to whoever points at it. */
export function Tag({ word, why }: { word: string; why?: string }) {
  return (
    <span className={css['tag']} title={why}>
      {word}
    </span>
  )
}
