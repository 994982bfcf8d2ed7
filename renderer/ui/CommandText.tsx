import css from './CommandText.module.css'

/** What a task runs, as it is written. */
export function CommandText({ text }: { text: string }) {
  return <pre className={css['command']}>{text}</pre>
}
