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
  mkdirSync(join(home, 'folder'))
  execFileSync('mkfifo', [join(home, 'pipe')])
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const read = (source: { env: string } | { file: string }) =>
  openSecrets({ SET: 'value\n', EMPTY: '' }, home).read(source)

test('a value is what the variable or the file holds, without the line end at its end of a file', async () => {
  expect(await read({ env: 'SET' })).toEqual({ ok: true, value: 'value\n' })
  expect(await read({ file: '~/token' })).toEqual({ ok: true, value: 'two\nlines' })
  expect(await read({ file: join(home, 'token') })).toEqual({ ok: true, value: 'two\nlines' })
  expect(await read({ file: '~/most' })).toEqual({ ok: true, value: 'x'.repeat(65_536) })
})

test.each([
  [{ env: 'UNSET' }, 'UNSET is not set where Sluice runs'],
  [{ env: 'EMPTY' }, 'EMPTY is empty'],
  [{ file: '~/empty' }, 'HOME/empty is empty'],
  [{ file: '~/none' }, 'HOME/none cannot be read (ENOENT)'],
  [{ file: '~/folder' }, 'HOME/folder is no file'],
  [{ file: '~/pipe' }, 'HOME/pipe is no file'],
  [{ file: '~/binary' }, 'HOME/binary is no text'],
  [{ file: '~/nul' }, 'HOME/nul is no text'],
  [{ file: '~/large' }, 'HOME/large has more than 64 KB'],
])('%j: %s', async (source, why) => {
  const found = await read(source)
  expect(found).toEqual({ ok: false, why: why.replace('HOME', home) })
})
