import { Tooltip } from '@mantine/core'
import { useStore } from 'zustand'
import { selectAsks } from '../../state/asks.ts'
import { useStores } from '../../state/stores.ts'
import { CountMark } from '../../ui/CountMark.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { countWords } from '../../ui/time-words.ts'
import { showAsk } from './ask-view-store.ts'
import { askShort } from './ask-words.ts'
import css from './AskDialog.module.css'

/** Stays in the side bar for as long as a login waits for a person. */
export function AskBadge({ folded }: { folded: boolean }) {
  const { asks: store } = useStores()
  const asks = useStore(store, selectAsks)
  const [first] = asks
  const words =
    first === undefined ? '' : `${first.question.host} asks for ${askShort(first.question)}`
  return (
    <div role="status" aria-label="Questions that wait">
      {first !== undefined && (
        <Tooltip label={words} position="right" multiline maw={280}>
          <button
            type="button"
            className={css['badge']}
            data-folded={folded || undefined}
            aria-label={`${countWords(asks.length, 'question waits', 'questions wait')}: ${words}`}
            onClick={() => showAsk(first)}
          >
            <Icon name="key" size={15} />
            {!folded && (
              <span className={css['badgeWords']}>
                <span className="cut">{first.question.host} asks</span>
                <small className="cut">{askShort(first.question)}</small>
              </span>
            )}
            {(folded || asks.length > 1) && (
              <CountMark count={asks.length} tone="ask" atCorner={folded} />
            )}
          </button>
        </Tooltip>
      )}
    </div>
  )
}
