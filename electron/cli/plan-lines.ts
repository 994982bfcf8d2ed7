// A recovery plan for people: what becomes of each task, and why.
import { columns, oneLine } from './paint.ts'
import type { Ink, Paint } from './paint.ts'
import type { ResumePreview } from '../../shared/api/views.ts'
import type { ResumeDecision } from '../../shared/run/events.ts'
import { taskKey } from '../../shared/run/run-view.ts'

const looks: Readonly<Record<ResumeDecision['decision'], readonly [string, Ink]>> = {
  reuse: ['= reuse', 'green'],
  run: ['▶ run', 'blue'],
  attach: ['⇄ attach', 'cyan'],
  refuse: ['✗ refuse', 'red'],
}

export function planLines(paint: Paint, preview: ResumePreview): string[] {
  const rows = preview.plan.map(({ task, item, decision, reason }) => {
    const [word, ink] = looks[decision]
    return [paint(ink, word), taskKey(task, item), paint('dim', oneLine(reason))]
  })
  return [
    `Recovery plan of ${paint('bold', preview.run)}:`,
    ...columns(rows).map((row) => `  ${row}`),
  ]
}
