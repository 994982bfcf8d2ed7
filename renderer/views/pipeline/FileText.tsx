import { useMemo } from 'react'
import type { Problem } from '../../../shared/pipeline/problem.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import { tintYaml } from './tint-yaml.ts'
import css from './FileText.module.css'

interface Props {
  file: string
  text: string
  problems: readonly Problem[]
}

type Row = { kind: 'line'; number: number; text: string } | { kind: 'problem'; problem: Problem }

const rowPx = 20

/** The file as it is on disk, each problem under its line. */
export function FileText({ file, text, problems }: Props) {
  const rows = useMemo(() => rowsOf(file, text, problems), [file, text, problems])
  return (
    <div className={css['file']}>
      <div className={css['bar']}>
        <code className="soft">{file}</code>
        <CopyButton text={text} label="Copy the file" />
      </div>
      <VirtualRows
        label={`Text of ${file}`}
        keys={rows.map((_, index) => String(index))}
        rowHeight={rowPx}
        row={(_, index) => {
          const row = rows[index]
          if (row === undefined) return null
          return row.kind === 'line' ? (
            <Line row={row} bad={isBad(problems, row.number)} />
          ) : (
            <Mark problem={row.problem} />
          )
        }}
      />
    </div>
  )
}

function rowsOf(file: string, text: string, problems: readonly Problem[]): Row[] {
  const byLine = new Map<number, Problem[]>()
  for (const problem of problems) {
    const line = problem.file === file ? problem.line : 0
    byLine.set(line, [...(byLine.get(line) ?? []), problem])
  }
  const marks = (line: number): Row[] =>
    (byLine.get(line) ?? []).map((problem) => ({ kind: 'problem', problem }))
  return [
    ...marks(0),
    ...text
      .split(/\r?\n/)
      .flatMap((line, index): Row[] => [
        { kind: 'line', number: index + 1, text: line },
        ...marks(index + 1),
      ]),
  ]
}

function isBad(problems: readonly Problem[], line: number): boolean {
  return problems.some((problem) => problem.line === line && problem.severity === 'error')
}

function Line({ row, bad }: { row: Extract<Row, { kind: 'line' }>; bad: boolean }) {
  return (
    <div className={css['line']} data-bad={bad || undefined}>
      <span className={css['number']}>{row.number}</span>
      <code>
        {tintYaml(row.text).map((part, index) => (
          <span key={index} data-part={part.kind}>
            {part.text}
          </span>
        ))}
      </code>
    </div>
  )
}

function Mark({ problem }: { problem: Problem }) {
  return (
    <div className={css['problem']} data-severity={problem.severity}>
      <span className={css['number']}>
        <Icon name="warning" size={12} />
      </span>
      <span className="cut" title={`${problem.message} ${problem.hint}`}>
        {problem.file !== '' && problem.line === 0 && `${problem.file}: `}
        <b>{problem.message}</b> {problem.hint}
      </span>
    </div>
  )
}
