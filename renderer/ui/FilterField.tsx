import { TextInput } from '@mantine/core'

interface Props {
  label: string
  placeholder: string
  width: number
  value: string
  onChange: (value: string) => void
}

/** Narrows the list below it. `/` on the page leads here, Escape empties it and then leaves. */
export function FilterField({ label, placeholder, width, value, onChange }: Props) {
  return (
    <TextInput
      w={width}
      placeholder={placeholder}
      aria-label={label}
      aria-keyshortcuts="/"
      data-filter
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        // Not for what Escape would close on the page.
        event.preventDefault()
        event.stopPropagation()
        if (value === '') event.currentTarget.blur()
        else onChange('')
      }}
    />
  )
}
