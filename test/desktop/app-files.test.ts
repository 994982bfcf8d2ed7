import * as fc from 'fast-check'
import { sep } from 'node:path'
import { expect, test } from 'vitest'
import { contentSecurityPolicy, fileOfUrl, isAppPage } from '../../electron/desktop/app-files.ts'

const folder = `${sep}opt${sep}renderer`

test('a file of the renderer is found with its type', () => {
  expect(fileOfUrl('app://sluice/', folder)?.path).toBe(`${folder}${sep}index.html`)
  const script = fileOfUrl('app://sluice/assets/main-1a2b.js?v=1#x', folder)
  expect(script?.path).toBe([folder, 'assets', 'main-1a2b.js'].join(sep))
  expect(script?.type).toContain('text/javascript')
})

test.each([
  'app://sluice/../secret.json',
  'app://sluice/%2e%2e/secret.json',
  'app://sluice/assets/%2e%2e%2f%2e%2e%2fsecret.json',
  'app://sluice/..%5csecret.json',
  'app://sluice/a%00.js',
  'app://sluice/%zz.js',
  'app://other/index.html',
  'app://sluice.example/index.html',
  'file:///etc/passwd',
  'app://sluice/notes.txt',
])('%s is refused', (url) => {
  expect(fileOfUrl(url, folder)).toBeNull()
})

test('no address leads out of the folder', () => {
  const part = fc.oneof(fc.constantFrom('..', '%2e%2e', '.', '%2f', '%5c', 'a.js'), fc.string())
  const addresses = fc.sample(fc.array(part), { numRuns: 2000, seed: 1 })
  const files = addresses.map((parts) => fileOfUrl(`app://sluice/${parts.join('/')}`, folder))
  const outside = files.filter((file) => file !== null && !file.path.startsWith(folder + sep))
  expect(outside).toEqual([])
})

test('only our own page is our page', () => {
  expect(isAppPage('app://sluice/index.html#/runs')).toBe(true)
  expect(isAppPage('app://sluice/index.html.evil')).toBe(false)
  expect(isAppPage('https://sluice/index.html')).toBe(false)
})

test('the policy lets no inline script in', () => {
  const policy = contentSecurityPolicy('bm9uY2U=')
  expect(policy).toContain("script-src 'self';")
  expect(policy).not.toMatch(/unsafe-eval|style-src [^;]*unsafe-inline/)
})
