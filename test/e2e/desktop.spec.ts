// The desktop app around its screens: what its window may not do, how it starts, links, remembers and ends.
import { expect, test } from './desktop-app.ts'

test('the page has no Node and only the three values of the preload', async ({ window }) => {
  const seen = await window.evaluate(
    '({ require: typeof require, process: typeof process, module: typeof module, sluice: Object.keys(window.sluice).sort(), frozen: Object.isFrozen(window.sluice) })',
  )
  expect(seen).toEqual({
    require: 'undefined',
    process: 'undefined',
    module: 'undefined',
    sluice: ['platform', 'requestPort', 'version'],
    frozen: true,
  })
})
