import { expect, test } from 'vitest'
import { signatureOf } from '../../electron/insight/signature.ts'
import type { OwnNames } from '../../electron/insight/signature.ts'

const names: OwnNames = {
  run: '20260112-021500-a1b2c3d4',
  pipeline: 'orders',
  host: 'edge-1',
  tasks: ['load', 'load_all', 'clean.orders'],
  item: 'berlin',
}
const others: OwnNames = {
  run: '20260113-031501-zz99xx88',
  pipeline: 'prices',
  host: 'edge-2',
  tasks: ['convert', 'fetch'],
  item: 'madrid',
}

function signed(text: string, own: OwnNames = names, cause = 'missing_input_file') {
  const evidence = text === '' ? [] : [{ task: 'load', line: 3, text }]
  return signatureOf(
    { class: cause, evidence, exitWords: 'exit code 1', summary: 'It failed.' },
    own,
  )
}

test.each([
  [
    'S1: the run, the task, the item and the host do not tell two failures apart',
    '2026-01-12T02:15:10Z [load_all] edge-1: cannot read /data/berlin/20260112-021500-a1b2c3d4.csv',
    '2026-01-13T03:15:11Z [convert] edge-2: cannot read /data/madrid/20260113-031501-zz99xx88.csv',
  ],
  [
    'S1: nor do times, numbers and ids',
    'row 4711 of 9000: bad hash 9f3ac201',
    'row 12 of 80: bad hash 77b0cd42',
  ],
  [
    'S1: nor do the names of temporary folders and files',
    'cat: /tmp/tmpx3f_q2/in/rates.csv: No such file; /tmp/tmp.SWnJKqO97k; /tmp/tmpqwzxab.csv',
    'cat: /tmp/build-77/rates.csv: No such file; /tmp/tmp.aaBBccDDee; /tmp/tmpab_1f.csv',
  ],
  ['S1: nor does white space', 'no   such  file ', 'no such file'],
])('%s', (_name, a, b) => {
  expect(signed(a)?.signature).toBe(signed(b, others)?.signature)
})

test.each([
  [
    'S1: another file is another failure',
    'cat: /data/rates.csv: No such file',
    'cat: /data/fx.csv: No such file',
  ],
  [
    'S1: another file in a temporary folder, too',
    'cat: /tmp/a1/rates.csv: gone',
    'cat: /tmp/a1/fx.csv: gone',
  ],
  ['S1: a zero is no count', 'rows=0', 'rows=4711'],
])('%s', (_name, a, b) => {
  expect(signed(a)?.signature).not.toBe(signed(b, others)?.signature)
})

test('S1: another class is another failure, and the class stands in front', () => {
  const found = signed('denied')?.signature ?? ''
  expect(found).toMatch(/^missing_input_file-[0-9a-f]{10}$/)
  expect(signed('denied', names, 'permission_denied')?.signature).not.toBe(found)
})

test('a plain word is a name only where it stands as one', () => {
  expect(signed('cannot load the file')?.words).toBe('cannot load the file')
  expect(signed('task "load" failed')?.words).toBe('task "<name>" failed')
  expect(signed('/srv/load/in.csv is gone')?.words).toBe('/srv/<name>/in.csv is gone')
  expect(signed('upload/x and clean.orders')?.words).toBe('upload/x and <name>')
})

test('S2: without a line the way it ended must do; of an unknown cause nothing tells', () => {
  const oom = signed('', names, 'out_of_memory')
  expect(oom).toMatchObject({ words: 'exit code #' })
  expect(oom).toEqual(signed('', others, 'out_of_memory'))
  expect(signed('', names, 'unknown')).toBeNull()
  expect(signed('Segmentation fault', names, 'unknown')?.signature).toMatch(/^unknown-/)
})

test('names and lines of any shape are taken, and what is kept is short', () => {
  const odd = { ...names, host: 'a.*b(', tasks: ['[x', '\\', '$&', '(?<y>'], item: '' }
  expect(signed('host a.*b( said $& to \\', odd)?.words.length).toBeGreaterThan(0)
  expect(signed('x'.repeat(100_000))?.words.length).toBeLessThanOrEqual(200)
})
