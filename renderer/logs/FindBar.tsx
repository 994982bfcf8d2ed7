import { ActionIcon, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Icon } from '../ui/Icon.tsx'
import css from './LogView.module.css'

interface Props {
  found: { index: number; count: number }
  onFind: (text: string, way: 'next' | 'previous') => void
  onClose: () => void
}

export function FindBar({ found, onFind, onClose }: Props) {
  const [text, setText] = useState('')
  const words =
    text === ''
      ? ''
      : found.count === 0
        ? 'Not found'
        : `${found.index < 0 ? '?' : found.index + 1} of ${found.count}`
  return (
    <div
      className={css['find']}
      role="search"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
        else if (event.key === 'Enter') onFind(text, event.shiftKey ? 'previous' : 'next')
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <TextInput
        autoFocus
        w={220}
        aria-label="Find in this log"
        placeholder="Find in this log"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          onFind(event.currentTarget.value, 'previous')
        }}
      />
      <span className={`${css['count']} num`} role="status">
        {words}
      </span>
      <ActionIcon size="sm" aria-label="Previous" onClick={() => onFind(text, 'previous')}>
        <Icon name="up" />
      </ActionIcon>
      <ActionIcon size="sm" aria-label="Next" onClick={() => onFind(text, 'next')}>
        <Icon name="down" />
      </ActionIcon>
      <ActionIcon size="sm" aria-label="Close" onClick={onClose}>
        <Icon name="close" />
      </ActionIcon>
    </div>
  )
}
