import { useMemo } from 'react'
import { useStore } from 'zustand'
import { someOf } from '../../../shared/pipeline/suggest.ts'
import { namesOf, selectWaveOf } from '../../state/incidents.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { RowButton } from '../../ui/RowButton.tsx'
import { WAVE_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { dateWords, distanceWords, exactWords, numberWords } from '../../ui/time-words.ts'
import { classWords } from '../run/class-words.ts'
import css from './Incidents.module.css'

interface Props {
  /** Signatures. */
  keys: readonly string[]
  chosen: string | null
  onChoose: (signature: string | null) => void
}

const pipelinesNamed = 2

export function IncidentList({ keys, chosen, onChoose }: Props) {
  return (
    <Table
      label="Incidents"
      line={css['line']}
      keys={keys}
      rowHeight={46}
      shown={chosen}
      head={
        <>
          <span>What failed</span>
          <span className={table['right']}>Runs</span>
          <span className={css['middle']}>Pipelines</span>
          <span className={css['wide']}>First seen</span>
          <span>Last seen</span>
          <span className={css['middle']}>Recovery</span>
        </>
      }
      row={(signature) => (
        <Row
          signature={signature}
          chosen={signature === chosen}
          onChoose={() => onChoose(signature === chosen ? null : signature)}
        />
      )}
    />
  )
}

function Row(props: { signature: string; chosen: boolean; onChoose: () => void }) {
  const { signature, chosen, onChoose } = props
  const { incidents } = useStores()
  const one = useStore(incidents, (state) => state.bySignature.get(signature))
  const wave = useStore(incidents, selectWaveOf(signature))
  const pipelines = useMemo(() => (one === undefined ? [] : namesOf(one, 'pipeline')), [one])
  const nowMs = useNow()
  if (one === undefined) return null
  return (
    <RowButton line={css['line']} isChosen={chosen} onPress={onChoose}>
      <span className={table['twofold']}>
        <span className={`${table['strong']} cut`}>{classWords(one.class)}</span>
        <code className="faint cut" title={one.words}>
          {one.words}
        </code>
      </span>
      <span className={`${table['right']} num`}>{numberWords(one.runs.length)}</span>
      <span className={`${css['middle']} soft cut`} title={pipelines.join(', ')}>
        {someOf(pipelines, pipelinesNamed)}
      </span>
      <time className={`${css['wide']} num soft`} title={exactWords(one.firstAt)}>
        {dateWords(one.firstAt)}
      </time>
      <time className="num soft" title={exactWords(one.lastAt)}>
        {distanceWords(one.lastAt, nowMs)}
      </time>
      <span className={css['middle']}>
        {wave !== null && <StateBadge look={WAVE_LOOK[wave.state]} />}
      </span>
    </RowButton>
  )
}
