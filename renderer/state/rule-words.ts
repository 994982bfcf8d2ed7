// When a task starts and what it is for, where that is not the usual: a few words on its node, sentences in its pane.
import type { GraphNode } from '../../shared/api/views.ts'

/** Empty: it starts once all that it needs has succeeded, and has no other part in the run. */
export function ruleWords({ rule, part, when, isBranch }: GraphNode): string {
  if (part === 'setup') return 'set-up'
  if (part === 'teardown') return 'tear-down'
  if (part === 'final') return 'finally'
  if (rule !== undefined) return shortRules[rule] ?? (rule in sentences ? rule : 'condition')
  if (isBranch === true) return 'branch'
  return when === undefined ? '' : 'if'
}

/** Those that no node is wide enough for. */
const shortRules: Readonly<Record<string, string>> = {
  none_failed_min_one_success: 'none_failed +1',
  all_done_min_one_success: 'all_done +1',
}

/** What stands where a command has its host; null: it is a command. */
export function kindOf(node: GraphNode | undefined): string | null {
  if (node?.approval !== undefined) return 'asks a person'
  return node?.pipeline === undefined ? null : `runs ${node.pipeline}`
}

/** Names and meaning as in Airflow. */
const sentences: Readonly<Record<string, string>> = {
  all_failed: 'all that it needs has failed',
  all_done: 'all that it needs has ended, however that was',
  all_done_min_one_success: 'all that it needs has ended, and one of it has succeeded',
  all_skipped: 'all that it needs was skipped',
  one_success: 'one of what it needs has succeeded',
  one_failed: 'one of what it needs has failed',
  one_done: 'one of what it needs has succeeded or failed',
  none_failed: 'all that it needs has ended, and nothing of it has failed',
  none_failed_min_one_success:
    'all that it needs has ended, nothing of it has failed, and one of it has succeeded',
  none_skipped: 'all that it needs has ended, and nothing of it was skipped',
  always: 'the run starts, whatever becomes of what it needs',
}

/** How its start is decided, one sentence each; empty where nothing is unusual. */
export function startSentences(node: GraphNode): string[] {
  const { rule, part, when, undoes = [], isBranch, fanOut, mayFail } = node
  const words: string[] = []
  if (part === 'final') words.push('Starts once everything else has ended, however that was.')
  if (part === 'setup') words.push('Sets up what others use; a tear-down undoes it.')
  if (part === 'teardown')
    words.push(`Undoes ${undoes.join(', ')} once all that uses it has ended, however that was.`)
  if (rule !== undefined && part === undefined)
    words.push(
      rule in sentences ? `Starts when ${sentences[rule]} (${rule}).` : `Starts when ${rule}.`,
    )
  if (when !== undefined) words.push(`Runs only if ${when}.`)
  if (fanOut !== undefined) words.push(fanWords(fanOut))
  if (isBranch === true) words.push('Chooses which of those that need it go on.')
  if (mayFail === true) words.push('The run may succeed without it.')
  return words
}

function fanWords({ maxParallel, join }: NonNullable<GraphNode['fanOut']>): string {
  const most = maxParallel === null ? '' : `, ${maxParallel} at once`
  if (join === 'all') return `Runs once for each item${most}; all must succeed.`
  const share = join === 'any' ? 'one' : `${Math.round(join * 100)}%`
  return `Runs once for each item${most}; ${share} must succeed.`
}
