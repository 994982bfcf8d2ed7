import type { KeyboardEvent } from 'react'
import { Icon, type IconName } from './Icon.tsx'
import { numberWords } from './time-words.ts'
import css from './Tabs.module.css'

interface Tab<Name extends string> {
  name: Name
  word: string
  icon?: IconName
  count?: number
}

interface Props<Name extends string> {
  label: string
  tabs: readonly Tab<Name>[]
  chosen: Name
  onChoose: (name: Name) => void
}

export function Tabs<Name extends string>({ label, tabs, chosen, onChoose }: Props<Name>) {
  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    const at = tabs.findIndex((tab) => tab.name === chosen)
    const next = tabs[(at + step + tabs.length) % tabs.length] as Tab<Name>
    onChoose(next.name)
    const buttons = event.currentTarget.querySelectorAll('button')
    buttons[tabs.indexOf(next)]?.focus()
  }
  return (
    <div className={css['tabs']} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.name}
          type="button"
          role="tab"
          className={css['tab']}
          aria-selected={tab.name === chosen}
          tabIndex={tab.name === chosen ? 0 : -1}
          onClick={() => onChoose(tab.name)}
          data-quiet-focus
        >
          {tab.icon !== undefined && <Icon name={tab.icon} size={14} />}
          {tab.word}
          {tab.count !== undefined && (
            <span className={css['count']}>{numberWords(tab.count)}</span>
          )}
        </button>
      ))}
    </div>
  )
}
