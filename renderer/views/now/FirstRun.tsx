import { Button } from '@mantine/core'
import { useStore } from 'zustand'
import { firstToTry, selectPipelineRows } from '../../state/pipelines.ts'
import { go, pipelineRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { Blank, Loading } from '../../ui/Blank.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { askToRun } from '../pipeline/start-run-store.ts'
import css from './NowPage.module.css'

/** A workspace in which nothing has run yet. */
export function FirstRun() {
  const { pipelines } = useStores()
  const rows = useStore(pipelines, selectPipelineRows)
  const kind = useStore(pipelines, (state) => state.rows.kind)
  const first = firstToTry(rows)
  if (kind === 'loading') return <Loading rows={3} />
  return (
    <Blank
      icon="play"
      title={first === undefined ? 'There is no pipeline yet' : 'Nothing has run yet'}
      action={
        first === undefined ? null : (
          <div className={css['firstButtons']}>
            <Button
              leftSection={<Icon name="play" size={13} />}
              onClick={() => askToRun(first.name)}
            >
              Run {first.name}
            </Button>
            <Button variant="default" onClick={() => go(pipelineRoute(first.name))}>
              Look at it first
            </Button>
          </div>
        )
      }
    >
      {first === undefined ? (
        <p>
          Put a file into <code>pipelines/</code> of the workspace. It appears here as you save it.
        </p>
      ) : (
        <p>
          A run carries the tasks of a pipeline out on their hosts. You see each of them live, and
          why one failed when it does.
        </p>
      )}
    </Blank>
  )
}
