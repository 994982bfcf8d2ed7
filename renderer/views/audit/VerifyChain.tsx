import { Button } from '@mantine/core'
import { useStore } from 'zustand'
import { useStores } from '../../state/stores.ts'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { countWords, numberWords } from '../../ui/time-words.ts'
import css from './AuditPage.module.css'

/** Has the engine follow every hash of the record, and says how that went. */
export function VerifyChain() {
  const { audit } = useStores()
  const verified = useStore(audit, (state) => state.verified)
  return (
    <>
      <span role="status" className={css['verdict']}>
        {verified.kind === 'done' && verified.brokenAt === null && (
          <>
            <StateIcon look={TASK_LOOK.succeeded} silent /> {countWords(verified.rows, 'row')}, and
            every one follows from the one before
          </>
        )}
        {verified.kind === 'done' && verified.brokenAt !== null && (
          <span className={css['broken']}>
            <StateIcon look={TASK_LOOK.failed} silent /> Broken at row{' '}
            {numberWords(verified.brokenAt)}: what stands there was changed or taken out after it
            was written
          </span>
        )}
        {verified.kind === 'error' && (
          <span className={css['broken']}>{verified.error.message}</span>
        )}
      </span>
      <Button
        variant="default"
        loading={verified.kind === 'busy'}
        onClick={() => void audit.verify()}
      >
        Verify the chain
      </Button>
    </>
  )
}
