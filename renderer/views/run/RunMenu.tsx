import { Menu } from '@mantine/core'
import type { RunView } from '../../../shared/run/run-view.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { askOrder } from '../../state/orders.ts'
import { Icon } from '../../ui/Icon.tsx'
import { MenuTool } from '../../ui/MenuTool.tsx'
import { useKey } from '../../ui/use-key.ts'
import { useAct } from './use-act.ts'

/** What a person may do with a run besides cancelling and resuming it. */
export function RunMenu({ view }: { view: RunView }) {
  const act = useAct()
  const ended = isRunEnd(view.state)
  const mayPause = !ended && view.cancelAsked === null
  // One that is paused with the run above it goes on with that.
  const goOn = (): void => void act('run.unpause', { run: view.paused?.through ?? view.run })
  useKey('p', () => {
    if (!mayPause) return
    if (view.paused === undefined) askOrder({ kind: 'pause' })
    else goOn()
  })
  if (ended)
    return (
      <MenuTool label="More for this run">
        <Menu.Item
          leftSection={<Icon name="resume" size={14} />}
          onClick={() => askOrder({ kind: 'resume', from: [], only: false })}
        >
          Run some of it again
        </Menu.Item>
      </MenuTool>
    )
  return (
    <MenuTool label="More for this run">
      {view.paused === undefined ? (
        <Menu.Item
          leftSection={<Icon name="pause" size={14} />}
          rightSection={<kbd>p</kbd>}
          disabled={!mayPause}
          onClick={() => askOrder({ kind: 'pause' })}
        >
          Pause
        </Menu.Item>
      ) : (
        <Menu.Item
          leftSection={<Icon name="play" size={14} />}
          rightSection={<kbd>p</kbd>}
          onClick={goOn}
        >
          {view.paused.through === undefined ? 'Let it go on' : 'Let it and the run above go on'}
        </Menu.Item>
      )}
      <Menu.Item
        leftSection={<Icon name="stop" size={14} />}
        disabled={view.stopAsked !== undefined || view.cancelAsked !== null}
        onClick={() => askOrder({ kind: 'stop', after: null })}
      >
        Stop after what runs
      </Menu.Item>
      <Menu.Item
        leftSection={<Icon name="resume" size={14} />}
        onClick={() => askOrder({ kind: 'resume', from: [], only: false })}
      >
        Run some of it again
      </Menu.Item>
    </MenuTool>
  )
}
