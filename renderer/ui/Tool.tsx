import { ActionIcon, Tooltip } from '@mantine/core'
import { Icon, type IconName } from './Icon.tsx'

interface Props {
  icon: IconName
  /** Its name, and its tooltip. */
  label: string
  /** Of a tool that stays pressed. */
  on?: boolean
  /** Where its tooltip stands. */
  side?: 'top' | 'left'
  onClick: () => void
}

/** A small button with an icon, as bars and heads hold them. */
export function Tool({ icon, label, on, side = 'top', onClick }: Props) {
  return (
    <Tooltip label={label} position={side}>
      <ActionIcon
        size="sm"
        aria-label={label}
        aria-pressed={on}
        {...(on !== undefined && {
          variant: on ? 'light' : 'subtle',
          color: on ? 'accent' : 'gray',
        })}
        onClick={onClick}
      >
        <Icon name={icon} size={14} />
      </ActionIcon>
    </Tooltip>
  )
}
