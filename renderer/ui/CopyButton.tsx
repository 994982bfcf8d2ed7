import { ActionIcon, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { Icon } from './Icon.tsx'

const saidMs = 1500

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<string | null>(null)
  function say(words: string): void {
    setSaid(words)
    setTimeout(() => setSaid(null), saidMs)
  }
  return (
    <Tooltip label={said ?? label} {...(said !== null && { opened: true })}>
      <ActionIcon
        size="sm"
        aria-label={label}
        onClick={() =>
          void navigator.clipboard.writeText(text).then(
            () => say('Copied'),
            () => say('Cannot copy'),
          )
        }
      >
        <Icon name="copy" size={14} />
      </ActionIcon>
    </Tooltip>
  )
}
