import { Menu } from '@mantine/core'
import type { TaskView } from '../../../shared/run/run-view.ts'
import { taskKey, type RunView } from '../../../shared/run/run-view.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { askOrder } from '../../state/orders.ts'
import { canBeHeld, canBeMarked, isAsking, isHeldBack } from '../../state/task-look.ts'
import { Icon } from '../../ui/Icon.tsx'
import { MenuTool } from '../../ui/MenuTool.tsx'
import { useKey } from '../../ui/use-key.ts'
import { useAct } from './use-act.ts'
import { useRun } from './run-context.ts'

/** What a person may do with a task run. */
export function TaskMenu({ task }: { task: TaskView }) {
  const view = useRun((state) => state.view) as RunView
  const act = useAct()
  const { item } = task
  const which = { task: task.task, item }
  const key = taskKey(task.task, item)
  const ended = isRunEnd(view.state)
  const isHeld = isHeldBack(task)
  const letGo = (): void => void act('run.unhold', { run: view.run, ...which })
  useKey('h', () => {
    if (ended) return
    if (isHeld) letGo()
    else if (canBeHeld(task)) askOrder({ kind: 'hold', ...which })
  })
  useKey('a', () => {
    if (isAsking(task)) askOrder({ kind: 'answer', ...which })
  })
  return (
    <MenuTool label={`More for ${key}`}>
      {isAsking(task) && (
        <Menu.Item
          leftSection={<Icon name="person" size={14} />}
          rightSection={<kbd>a</kbd>}
          onClick={() => askOrder({ kind: 'answer', ...which })}
        >
          Answer
        </Menu.Item>
      )}
      {!ended && isHeld && (
        <Menu.Item
          leftSection={<Icon name="play" size={14} />}
          rightSection={<kbd>h</kbd>}
          onClick={letGo}
        >
          Let it go
        </Menu.Item>
      )}
      {!ended && !isHeld && (
        <Menu.Item
          leftSection={<Icon name="hand" size={14} />}
          rightSection={<kbd>h</kbd>}
          disabled={!canBeHeld(task)}
          onClick={() => askOrder({ kind: 'hold', ...which })}
        >
          Hold it back
        </Menu.Item>
      )}
      {!ended && item === null && (
        <Menu.Item
          leftSection={<Icon name="stop" size={14} />}
          disabled={view.stopAsked !== undefined}
          onClick={() => askOrder({ kind: 'stop', after: task.task })}
        >
          Stop the run after it
        </Menu.Item>
      )}
      <Menu.Item
        leftSection={<Icon name="check" size={14} />}
        disabled={!canBeMarked(task, 'succeeded')}
        onClick={() => askOrder({ kind: 'mark', as: 'succeeded', ...which })}
      >
        Mark as succeeded
      </Menu.Item>
      <Menu.Item
        leftSection={<Icon name="skip" size={14} />}
        disabled={!canBeMarked(task, 'skipped')}
        onClick={() => askOrder({ kind: 'mark', as: 'skipped', ...which })}
      >
        Mark as skipped
      </Menu.Item>
      {ended && (
        <>
          <Menu.Divider />
          <Menu.Item
            leftSection={<Icon name="resume" size={14} />}
            onClick={() => askOrder({ kind: 'resume', from: [key], only: false })}
          >
            Run it and all after it again
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name="reset" size={14} />}
            onClick={() => askOrder({ kind: 'resume', from: [key], only: true })}
          >
            Run {item === null ? 'only this task' : 'only this item'} again
          </Menu.Item>
        </>
      )}
    </MenuTool>
  )
}
