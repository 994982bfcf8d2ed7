import { CopyButton } from '../../ui/CopyButton.tsx'
import css from './HostDetail.module.css'

/** What to type on a host's own console to see its key. */
export function KeyCommand({ text }: { text: string }) {
  return (
    <code className={css['command']}>
      <span>{text}</span>
      <CopyButton text={text} label="Copy the command" />
    </code>
  )
}
