import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSecrets } from '../../electron/system/secret-sources.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-secrets-'))
  writeFileSync(join(home, 'token'), 'two\nlines\r\n')
  writeFileSync(join(home, 'empty'), '\n')
  writeFileSync(join(home, 'binary'), Buffer.from([104, 0xff, 0xfe]))
  writeFileSync(join(home, 'nul'), 'a\0b')
  writeFileSync(join(home, 'most'), 'x'.repeat(65_536))
  writeFileSync(join(home, 'large'), 'x'.repeat(65_537))
  writeFileSync(join(home, 'most.dos'), `${'x'.repeat(65_536)}\r\n`)
  writeFileSync(join(home, 'longer'), `${'x'.repeat(65_536)}\nand more`)
  writeFileSync(join(home, 'longer.dos'), `${'x'.repeat(65_536)}\r\nmore`)
  mkdirSync(join(home, 'folder'))
  execFileSync('mkfifo', [join(home, 'pipe')])
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const env = {
  SET: 'value\n',
  EMPTY: '',
  get BROKEN(): string {
    throw new Error('as the value of nobody')
  },
}
const read = (source: { env: string } | { file: string }) => openSecrets(env, home).read(source)

test('a value is what the variable or the file holds, without the line end at its end of a file', async () => {
  expect(await read({ env: 'SET' })).toEqual({ ok: true, value: 'value\n' })
  expect(await read({ file: '~/token' })).toEqual({ ok: true, value: 'two\nlines' })
  expect(await read({ file: join(home, 'token') })).toEqual({ ok: true, value: 'two\nlines' })
  for (const file of ['~/most', '~/most.dos'])
    expect(await read({ file })).toEqual({ ok: true, value: 'x'.repeat(65_536) })
})

test.each([
  [{ env: 'UNSET' }, 'UNSET is not set where Sluice runs'],
  [{ env: 'toString' }, 'toString is not set where Sluice runs'],
  [{ env: 'BROKEN' }, 'BROKEN cannot be read'],
  [{ env: 'EMPTY' }, 'EMPTY is empty'],
  [{ file: '~/empty' }, 'HOME/empty is empty'],
  [{ file: '~/none' }, 'HOME/none cannot be read (ENOENT)'],
  [{ file: '~/folder' }, 'HOME/folder is no file'],
  [{ file: '~/pipe' }, 'HOME/pipe is no file'],
  [{ file: '~/binary' }, 'HOME/binary is no text'],
  [{ file: '~/nul' }, 'HOME/nul is no text'],
  [{ file: '~/large' }, 'HOME/large has more than 64 KB'],
  [{ file: '~/longer' }, 'HOME/longer has more than 64 KB'],
  [{ file: '~/longer.dos' }, 'HOME/longer.dos has more than 64 KB'],
  [{ file: '/a\0b' }, '/a\0b cannot be read (ERR_INVALID_ARG_VALUE)'],
])('%j: %s', async (source, why) => {
  const found = await read(source)
  expect(found).toEqual({ ok: false, why: why.replace('HOME', home) })
})
