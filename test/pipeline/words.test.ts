// What a person reads: durations, suggestions, problems on a terminal, words of a shell.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { namedPaths } from '../../electron/pipeline/command-files.ts'
import { formatDuration, parseDuration } from '../../shared/pipeline/duration.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import { renderProblem } from '../../shared/pipeline/render-problem.ts'
import { didYouMean, nearest, someOf } from '../../shared/pipeline/suggest.ts'

test.each([
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['2d', 172_800_000],
  ['1m500ms', 60_500],
  ['0s', 0],
  ['3650d', 315_360_000_000],
])('the duration %s is %i ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs)
})

test.each(['', '10', 'm', '5 s', '-1s', '1.5h', '5m1h', '1s1s', '10minutes'])(
  '"%s" is no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull()
  },
)

test.each(['3650d1ms', '99999999999s', `${'9'.repeat(400)}d`])(
  'the duration "%s" is too long for any',
  (text) => {
    expect(parseDuration(text)).toBeNull()
  },
)

test('a duration that is written out reads back as the same', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), (durationMs) => {
      expect(parseDuration(formatDuration(durationMs))).toBe(durationMs)
    }),
  )
})

test('the nearest word is suggested, and none where nothing is near', () => {
  const known = ['extract', 'load', 'report']
  expect(nearest('extrct', known)).toBe('extract')
  expect(nearest('laod', known)).toBe('load')
  expect(nearest('LOAD', known)).toBe('load')
  expect(nearest('publish', known)).toBeNull()
  expect(nearest('', known)).toBeNull()
  expect(didYouMean('reprot', known)).toBe(' Did you mean "report"?')
  expect(someOf(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
})

const problem: Problem = {
  file: 'pipelines/sales.yaml',
  line: 2,
  column: 12,
  path: 'tasks.load.needs[0]',
  message: 'There is no task "extrct". Did you mean "extract"?',
  hint: 'Tasks of this pipeline: extract, load.',
  severity: 'error',
}

test('a problem is one line, the line of the file with a caret, and the hint', () => {
  expect(renderProblem(problem, 'tasks:\n  load: { n: extrct }\n')).toBe(
    [
      'pipelines/sales.yaml:2:12  tasks.load.needs[0]  There is no task "extrct". Did you mean "extract"?',
      '  2 |   load: { n: extrct }',
      '    |            ^',
      '  hint: Tasks of this pipeline: extract, load.',
    ].join('\n'),
  )
})

test('a problem of a whole file, or of a text that is not at hand, has no excerpt', () => {
  const whole = { ...problem, line: 0, column: 0, path: '', hint: '', severity: 'warning' } as const
  expect(renderProblem(whole, 'tasks:\n')).toBe(
    'pipelines/sales.yaml  warning: There is no task "extrct". Did you mean "extract"?',
  )
  expect(renderProblem(problem, null)).not.toContain('|')
})

test('a terminal escape in the file does not reach the terminal', () => {
  expect(renderProblem(problem, 'x\n\u001b[2J\u202eevil\n')).toContain('  2 | ?[2J?evil')
})

test('in a very long line the excerpt is cut around the caret', () => {
  const text = `x\n${'a'.repeat(1000)}!${'b'.repeat(1000)}\n`
  const [, line, caret] = renderProblem({ ...problem, column: 1001 }, text).split('\n')
  expect(line?.length).toBeLessThan(140)
  expect(line?.[caret?.indexOf('^') ?? 0]).toBe('!')
})

test.each([
  ['./extract.sh --all', ['extract.sh', '--all'].slice(0, 1)],
  ['sh scripts/a.sh "my file.txt" > out', ['sh', 'scripts/a.sh', 'my file.txt', 'out']],
  ['psql -f load.sql && python3 ./jobs/x.py', ['psql', 'load.sql', 'python3', 'jobs/x.py']],
  ['cat <in.csv|sort -k1,1 --file=b.sql', ['cat', 'in.csv', 'sort', '1', 'b.sql']],
  ['# a comment with x.sh\necho hi', ['echo', 'hi']],
  ['cat ../up.txt /etc/passwd a/../b', ['cat']],
  ["awk '{ print }' a\\ b.txt", ['awk', '{ print }', 'a b.txt']],
])('the command %s may name these files', (run, paths) => {
  expect(namedPaths(run)).toEqual(paths)
})
