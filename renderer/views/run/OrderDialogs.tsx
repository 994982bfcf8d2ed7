import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { RunView } from '../../../shared/run/run-view.ts'
import { taskKey } from '../../../shared/run/run-view.ts'
import { assertNever } from '../../../shared/run/states.ts'
import type { Bridge } from '../../bridge/bridge.ts'
import { dropOrder, orderStore, type Order } from '../../state/orders.ts'
import { useStores } from '../../state/stores.ts'
import { ReasonDialog, type ReasonWords } from '../../ui/ReasonDialog.tsx'
import { ApprovalDialog } from './ApprovalDialog.tsx'
import { ResumeDialog } from './ResumeDialog.tsx'
import { useRun } from './run-context.ts'

type Plain = Exclude<Order, { kind: 'answer' } | { kind: 'resume' }>

/** The one dialog that stands open over a run's page. */
export function OrderDialogs() {
  const { bridge } = useStores()
  const order = useStore(orderStore, (state) => state.order)
  const view = useRun((state) => state.view) as RunView
  const { run, pipeline } = view
  // Another run's page begins without one.
  useEffect(() => dropOrder, [run])
  const plain = order === null || order.kind === 'answer' || order.kind === 'resume' ? null : order
  return (
    <>
      <ReasonDialog
        words={plain === null ? null : orderWords(plain, pipeline)}
        act={async (reason) => {
          if (plain !== null) await give(bridge, run, { order: plain, reason })
        }}
        onClose={dropOrder}
      />
      <ApprovalDialog asked={order?.kind === 'answer' ? order : null} run={run} />
      <ResumeDialog asked={order?.kind === 'resume' ? order : null} run={run} />
    </>
  )
}

async function give(
  bridge: Bridge,
  run: string,
  { order, reason }: { order: Plain; reason: string },
): Promise<void> {
  switch (order.kind) {
    case 'cancel':
      return void (await bridge.call('run.cancel', { run, reason }))
    case 'pause':
      return void (await bridge.call('run.pause', { run, reason }))
    case 'stop':
      return void (await bridge.call('run.stop', { run, after: order.after, reason }))
    case 'hold': {
      const { task, item } = order
      return void (await bridge.call('run.hold', { run, task, item, reason }))
    }
    case 'mark': {
      const { task, item, as } = order
      return void (await bridge.call('run.mark', { run, task, item, state: as, reason }))
    }
    default:
      return assertNever(order)
  }
}

const kept = 'Kept with the run and in the audit. May be empty.'

function orderWords(order: Plain, pipeline: string): ReasonWords {
  switch (order.kind) {
    case 'cancel':
      return {
        title: `Cancel this run of ${pipeline}?`,
        text: 'Tasks that run are stopped on their hosts, and Sluice checks that nothing of them is left. What has succeeded is kept: a resume goes on from there.',
        kept: 'Kept with the run. May be empty.',
        leave: 'Keep it running',
        act: 'Cancel the run',
        grave: true,
      }
    case 'pause':
      return {
        title: `Pause this run of ${pipeline}?`,
        text: 'Nothing more starts until somebody lets it go on. What runs goes on to its end, and retries wait.',
        kept,
        example: 'The warehouse is being moved until noon',
        leave: 'Not now',
        act: 'Pause it',
      }
    case 'stop':
      return {
        title: order.after === null ? 'Stop after what runs?' : `Stop after ${order.after}?`,
        text:
          order.after === null
            ? 'Nothing more starts. What runs goes on to its end, then the run ends as cancelled. A resume goes on from there.'
            : `The run goes on until ${order.after} has ended. Then nothing more starts, and the run ends as cancelled once all that runs has ended. A resume goes on from there.`,
        kept,
        leave: 'Not now',
        act: 'Stop it there',
        grave: true,
      }
    case 'hold':
      return {
        title: `Hold ${taskKey(order.task, order.item)} back?`,
        text: 'It does not start until somebody lets it go, and what needs it waits. The rest of the run goes on.',
        kept,
        example: 'Until the new schema is in place',
        leave: 'Not now',
        act: 'Hold it',
      }
    case 'mark':
      return markWords(order)
    default:
      return assertNever(order)
  }
}

function markWords({ task, item, as }: Extract<Order, { kind: 'mark' }>): ReasonWords {
  return {
    title: `Mark ${taskKey(task, item)} as ${as}?`,
    text:
      as === 'succeeded'
        ? 'Nothing runs, but from here on it counts as if it had succeeded: what needs it goes on. It has no outputs that it has not written itself.'
        : 'Nothing runs. It counts as skipped, and what needs it is skipped or goes on as its own rule says.',
    kept: 'Kept with the run and in the audit, for whoever wonders why it did not run.',
    example: as === 'succeeded' ? 'Loaded by hand, see ticket 4711' : 'No data on a public holiday',
    needsReason: true,
    leave: 'Not now',
    act: `Mark as ${as}`,
  }
}
