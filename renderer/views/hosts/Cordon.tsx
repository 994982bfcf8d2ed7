import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { HostRow } from '../../../shared/api/views.ts'
import type { HostsStore } from '../../state/hosts.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { Icon } from '../../ui/Icon.tsx'
import { ReasonDialog, type ReasonWords } from '../../ui/ReasonDialog.tsx'
import { CORDON_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { countWords, distanceWords, exactWords } from '../../ui/time-words.ts'
import css from './HostDetail.module.css'

type Asked = 'cordoned' | 'draining'

const undoMs = 10_000

/** Why it takes no new work, since when, and the way back. */
export function CordonBar({ row }: { row: HostRow }) {
  const { hosts } = useStores()
  const nowMs = useNow(row.cordon !== null)
  if (row.cordon === null) return null
  const { kind, by, reason, at } = row.cordon
  const words = {
    cordoned: 'Takes no new work. What runs there goes on.',
    draining: `Takes no new work, and ${countWords(row.used, 'attempt')} there must end first.`,
    drained: 'Takes no new work, and nothing of Sluice runs there any more.',
  }[kind]
  return (
    <div className={css['cordon']} role="status">
      <p>
        <StateIcon look={CORDON_LOOK[kind]} silent />
        <strong>{CORDON_LOOK[kind].word}</strong>
        <span className="soft" title={exactWords(at)}>
          by {by}, {distanceWords(at, nowMs)}
        </span>
      </p>
      <p>{words}</p>
      {reason !== '' && <p className={css['reason']}>{reason}</p>}
      <Button
        mt={8}
        variant="default"
        onClick={() => void change(hosts, row, 'open', '').catch(sayFailure)}
      >
        Open it again
      </Button>
    </div>
  )
}

export function CordonButtons({ row }: { row: HostRow }) {
  const { hosts } = useStores()
  const [asked, setAsked] = useState<Asked | null>(null)
  const kind = row.cordon?.kind ?? null
  return (
    <>
      {kind === null && (
        <Button
          variant="default"
          leftSection={<Icon name="pause" size={13} />}
          onClick={() => setAsked('cordoned')}
        >
          Cordon
        </Button>
      )}
      {(kind === null || kind === 'cordoned') && (
        <Button variant="default" onClick={() => setAsked('draining')}>
          Drain
        </Button>
      )}
      <ReasonDialog
        words={asked === null ? null : cordonWords(row, asked)}
        act={async (reason) => {
          if (asked !== null) await change(hosts, row, asked, reason)
        }}
        onClose={() => setAsked(null)}
      />
    </>
  )
}

function cordonWords(row: HostRow, asked: Asked): ReasonWords {
  const drains = asked === 'draining'
  const there =
    row.used === 0
      ? 'Nothing of Sluice runs there now.'
      : drains
        ? `${countWords(row.used, 'attempt')} there go on to the end, and Sluice says when the last has ended.`
        : `${countWords(row.used, 'attempt')} there go on.`
  const share =
    row.pools.length > 0
      ? `Other hosts of ${row.pools.join(' and ')} take its share.`
      : 'It is in no pool: tasks bound to it wait.'
  return {
    title: drains ? `Drain ${row.name}?` : `Cordon ${row.name}?`,
    text: `It takes no new work until you open it again. ${there} ${share}`,
    kept: 'Shown beside the host, and kept in the audit.',
    example: 'Kernel update until 16:00',
    leave: 'Leave it open',
    act: drains ? 'Drain it' : 'Cordon it',
  }
}

const saidWords = {
  open: 'takes work again.',
  cordoned: 'takes no new work.',
  draining: 'takes no new work and drains.',
} as const

/** Says what was done, with a way back. */
async function change(
  hosts: HostsStore,
  { name, cordon: before }: HostRow,
  state: 'open' | Asked,
  reason: string,
): Promise<void> {
  await hosts.cordon(name, state, reason)
  const id = `cordon ${name}`
  const undo = async (): Promise<void> => {
    notifications.hide(id)
    const kind = before === null ? 'open' : before.kind === 'cordoned' ? 'cordoned' : 'draining'
    await hosts.cordon(name, kind, before?.reason ?? '')
  }
  notifications.hide(id)
  notifications.show({
    id,
    autoClose: undoMs,
    message: (
      <span className={css['said']}>
        {name} {saidWords[state]}
        <button type="button" onClick={() => void undo().catch(sayFailure)}>
          Undo
        </button>
      </span>
    ),
  })
}

function sayFailure(error: unknown): void {
  notifications.show({ color: 'red', message: errorShape(error).message })
}
