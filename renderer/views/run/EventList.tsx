import { useMemo } from 'react'
import type { RunEvent } from '../../../shared/run/events.ts'
import { turn } from '../../state/route.ts'
import { selectSeq } from '../../state/run.ts'
import { eventWords } from '../../state/run-words.ts'
import { Blank } from '../../ui/Blank.tsx'
import { RowButton } from '../../ui/RowButton.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { clockWords, exactWords } from '../../ui/time-words.ts'
import { useRun, useRunStore } from './run-context.ts'
import type { RunRoute } from '../../state/route.ts'
import css from './EventList.module.css'

export function EventList({ route }: { route: RunRoute }) {
  const store = useRunStore()
  const seq = useRun(selectSeq)
  const events = useRun((state) => state.events)
  // The list of events grows in place; `seq` tells that it has.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const keys = useMemo(() => events.map((event) => String(event.seq)), [events, seq])
  if (keys.length === 0) return <Blank icon="events" title="No events are kept for this run" />
  return (
    <Table
      label="Events"
      line={css['line']}
      keys={keys}
      rowHeight={28}
      follow
      head={
        <>
          <span className={table['right']}>#</span>
          <span>Time</span>
          <span>Task</span>
          <span>What happened</span>
        </>
      }
      row={(_, index) => {
        const event = store.getState().events[index]
        return event === undefined ? null : <EventRow event={event} route={route} />
      }}
    />
  )
}

function EventRow({ event, route }: { event: RunEvent; route: RunRoute }) {
  const { tone, task, words } = eventWords(event)
  return (
    <RowButton
      line={css['line']}
      isIdle={task === null}
      onPress={() => {
        if (task === null) return
        turn({
          ...route,
          task,
          item: 'item' in event ? event.item : null,
          attempt: 'number' in event ? event.number : null,
          line: null,
        })
      }}
    >
      <span className={`${table['right']} num faint`}>{event.seq}</span>
      <time className="num soft" title={exactWords(event.at)}>
        {clockWords(event.at)}
      </time>
      <span className="cut" title={task ?? undefined}>
        {task ?? <span className="faint">run</span>}
      </span>
      <span className={css['words']}>
        <i style={{ background: `var(--tone-${tone})` }} />
        <span className="cut" title={words}>
          {words}
        </span>
      </span>
    </RowButton>
  )
}
