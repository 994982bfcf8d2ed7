// Archives that one host made are unpacked on another: nothing in them may lead out of the folder.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isSafeTar } from '../../electron/hosts/tar-check.ts'
import { tarEnd, tarHeader, tarPadding } from '../../electron/hosts/tar.ts'

const isSafe = (bytes: Uint8Array): Promise<boolean> =>
  isSafeTar({
    bytes: bytes.length,
    async *read(from, length) {
      yield bytes.subarray(from, from + length)
    },
  })

/** What the system's tar makes of a folder, in each of its formats. */
function packed(fill: (dir: string) => void, format: string): Uint8Array {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-tar-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'in'))
  fill(join(dir, 'in'))
  execFileSync('tar', ['-C', join(dir, 'in'), `--format=${format}`, '-cf', join(dir, 'x.tar'), '.'])
  return readFileSync(join(dir, 'x.tar'))
}

test.each(['gnu', 'pax', 'ustar'])(
  'what a task may well have in its folder is taken (%s)',
  async (format) => {
    const bytes = packed((dir) => {
      const deep = join(dir, 'a'.repeat(90), 'b'.repeat(format === 'ustar' ? 50 : 200))
      mkdirSync(deep, { recursive: true })
      writeFileSync(join(deep, 'x..y ü'), 'x'.repeat(1000))
      writeFileSync(join(dir, '...'), '')
      symlinkSync('a', join(dir, 'link'))
      execFileSync('ln', [join(dir, '...'), join(dir, 'hard')])
    }, format)
    expect(await isSafe(bytes)).toBe(true)
    // Cut anywhere, it is none.
    for (const end of [0, 511, 1024, 1536]) expect(await isSafe(bytes.subarray(0, end))).toBe(false)
  },
)

test.each([
  ['a link to an absolute path', '/etc'],
  ['a link that goes up', 'x/../../y'],
])('%s is refused, in every format', async (_what, target) => {
  for (const format of ['gnu', 'pax', 'ustar']) {
    const bytes = packed((dir) => symlinkSync(target, join(dir, 'link')), format)
    expect(await isSafe(bytes)).toBe(false)
    const long = packed((dir) => symlinkSync(`${'z/'.repeat(80)}${target}`, join(dir, 'l')), 'gnu')
    expect(await isSafe(long)).toBe(!target.includes('..'))
  }
})

const member = (name: string, body: string, type = '0'): Uint8Array[] => {
  const header = Buffer.from(tarHeader(name, body.length))
  header.write(type, 156)
  return [header, Buffer.from(body), tarPadding(body.length)]
}
const archive = (...members: Uint8Array[][]): Uint8Array =>
  Buffer.concat([...members.flat(), tarEnd()])
const pax = (text: string): string => {
  const length = text.length + 3
  return `${length + (length > 9 ? 1 : 0)} ${text}\n`
}

test.each([
  ['an absolute name', archive(member('/etc/x', 'x'))],
  ['a name that goes up', archive(member('a/../../x', 'x'))],
  ['a long name that goes up', archive(member('././@LongLink', '../x\0', 'L'), member('x', 'x'))],
  ['a PAX name that goes up', archive(member('p', '14 path=../x/y\n', 'x'), member('x', 'x'))],
  ['a PAX size', archive(member('p', pax('size=9'), 'x'), member('x', 'x'))],
  ['a header that is none', archive(member('p', '99 path=x\n', 'x'), member('x', 'x'))],
  ['a header for all that follow', archive(member('p', '14 path=../x/y\n', 'g'), member('x', 'x'))],
  ['a device', archive(member('x', '', '3'))],
  ['a size that is none', archive([Buffer.alloc(512, 'x')])],
])('%s is refused', async (_what, bytes) => {
  expect(await isSafe(bytes)).toBe(false)
})

test('a plain one is taken', async () => {
  expect(await isSafe(archive(member('./x', 'x'), member('d/', '', '5')))).toBe(true)
})
