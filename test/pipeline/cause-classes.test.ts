import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rules } from '../../electron/insight/rules.ts'
import { causeClasses } from '../../shared/pipeline/cause-classes.ts'

test('what a retry or a remedy may name is what root cause names, and what its page lists', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/root-cause.md'), 'utf8')
  const from = page.indexOf('## Classes')
  const chapter = page.slice(from, page.indexOf('\n## ', from + 1))
  const listed = [...chapter.matchAll(/`([a-z][a-z0-9_]+)`/g)].map(([, word]) => word)
  const known = new Set(causeClasses)
  expect(
    listed.filter((word) => !known.has(word ?? '') && word !== 'cause' && word !== 'remedies'),
  ).toEqual([])
  expect(rules.map(({ cause }) => cause).filter((cause) => !known.has(cause))).toEqual([])
})
