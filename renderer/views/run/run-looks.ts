// How the nodes of a run's graph look: tasks, fan-outs and folded groups.
import type { NodeLook } from '../../graph/scene.ts'
import type { RunStoreState } from '../../state/run.ts'
import { lookOfTask } from '../../state/task-look.ts'
import { taskDetail } from '../../state/task-facts.ts'
import {
  countsOfGroup,
  countsWords,
  groupOfKey,
  stateOfGroup,
  type Counts,
} from '../../state/task-rows.ts'
import { BAR_ORDER } from '../../ui/Progress.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { kindOf, ruleWords } from '../../state/rule-words.ts'

/** Asked for every node and every edge of a drawing, so a group is counted once per change of the run. */
export function nodeLooks(store: { getState(): RunStoreState }): (name: string) => NodeLook {
  const groups = new Map<string, NodeLook>()
  let countedAt = -1
  return (name) => {
    const state = store.getState()
    const group = groupOfKey(name)
    if (group === null) return lookOfNode(state, name)
    if (countedAt !== state.seq) groups.clear()
    countedAt = state.seq
    const known = groups.get(group) ?? lookOfGroup(state, group)
    groups.set(group, known)
    return known
  }
}

function lookOfGroup({ view, graph }: RunStoreState, group: string): NodeLook {
  const counts = countsOfGroup(graph, view?.tasks ?? {}, group)
  const look = TASK_LOOK[stateOfGroup(graph, view?.tasks ?? {}, group)]
  return { look, detail: () => countsWords(counts), attempts: 0, parts: partsOf(counts) }
}

function lookOfNode({ view, nodeByName }: RunStoreState, name: string): NodeLook {
  const task = view?.tasks[name]
  const node = nodeByName.get(name)
  const tag = node === undefined ? '' : ruleWords(node)
  return {
    look: lookOfTask(task),
    detail: () => taskDetail(task, node?.host ?? '', Date.now(), kindOf(node)),
    attempts: task?.fan === undefined ? (task?.attempts.length ?? 0) : 0,
    ...(tag !== '' && { tag }),
    ...(task?.fan !== undefined
      ? { parts: partsOf(task.fan.counts) }
      : node?.fanOut !== undefined && { parts: [] }),
  }
}

function partsOf(counts: Counts): { tone: (typeof TASK_LOOK)['failed']['tone']; share: number }[] {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return BAR_ORDER.filter((state) => state !== 'waiting' && (counts[state] ?? 0) > 0).map(
    (state) => ({ tone: TASK_LOOK[state].tone, share: (counts[state] ?? 0) / total }),
  )
}
