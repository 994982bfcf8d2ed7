import type { HostCheck, HostFacts } from '../../../shared/api/views.ts'
import { CHECK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { countWords } from '../../ui/time-words.ts'
import css from './HostDetail.module.css'

const order: readonly HostCheck['level'][] = ['bad', 'note', 'good']

/** What the host has and lacks, the worst first, each with what it costs. */
export function CheckReport({ facts }: { facts: HostFacts }) {
  const { checks, lacks } = facts
  if (checks.length === 0) {
    if (lacks.length === 0) return null
    return (
      <section className={css['part']}>
        <h3>{countWords(lacks.length, 'thing')} this host lacks</h3>
        <ul className={css['lacks']}>
          {lacks.map((lack) => (
            <li key={lack}>{lack}</li>
          ))}
        </ul>
      </section>
    )
  }
  const sorted = order.flatMap((level) => checks.filter((each) => each.level === level))
  return (
    <section className={css['part']}>
      <h3>
        What was found
        <span className={css['tally']}>{tallyWords(checks)}</span>
      </h3>
      <ul className={css['checks']} aria-label="Checks">
        {sorted.map((each) => (
          <li key={each.id}>
            <StateIcon look={CHECK_LOOK[each.level]} size={13} />
            <span className={css['checkName']}>{each.id.replaceAll('_', ' ')}</span>
            <span className={css['found']}>
              {each.found}
              {each.cost !== '' && <span className={css['cost']}>{each.cost}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function tallyWords(checks: readonly HostCheck[]): string {
  const count = (level: HostCheck['level']) => checks.filter((each) => each.level === level).length
  const bad = count('bad')
  const notes = count('note')
  if (bad + notes === 0) return 'all good'
  return [bad > 0 ? `${bad} bad` : '', notes > 0 ? countWords(notes, 'note') : '']
    .filter((word) => word !== '')
    .join(', ')
}
