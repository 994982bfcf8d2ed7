import { SegmentedControl } from '@mantine/core'
import css from './VersionChoice.module.css'

export type Version = 'pinned' | 'fixed'

interface Props {
  value: Version
  /** Of several runs, each with a file of its own. */
  many?: boolean
  onChange: (value: Version) => void
}

/** Whether what is resumed keeps its pipeline file or takes the present one. */
export function VersionChoice({ value, many = false, onChange }: Props) {
  return (
    <div>
      <div className={css['label']}>{many ? 'Pipeline files' : 'Pipeline file'}</div>
      <SegmentedControl
        value={value}
        onChange={(next) => onChange(next as Version)}
        data={[
          { value: 'pinned', label: many ? 'As each run has it' : 'As this run has it' },
          { value: 'fixed', label: many ? 'As they are now' : 'As it is now' },
        ]}
      />
    </div>
  )
}
