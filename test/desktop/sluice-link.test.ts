import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkAmong, linkOfRun, routeOfLink } from '../../electron/desktop/sluice-link.ts'

test('a link of each known form becomes the route of its screen', () => {
  expect(routeOfLink('sluice://run/20260112-021500-a1b2c3d4')).toBe(
    '#/runs/20260112-021500-a1b2c3d4',
  )
  expect(routeOfLink('sluice://pipeline/orders.eu')).toBe('#/pipelines/orders.eu')
  expect(routeOfLink('sluice://now')).toBe('#/now')
  // Browsers add the last slash.
  expect(routeOfLink('sluice://hosts/')).toBe('#/hosts')
})

test('the link of a run leads back to it', () => {
  expect(routeOfLink(linkOfRun('20260112-021500-a1b2c3d4'))).toBe('#/runs/20260112-021500-a1b2c3d4')
})

test.each([
  'sluice://run/latest',
  'sluice://run/20260112-021500-a1b2c3d4?task=load',
  'sluice://run/20260112-021500-a1b2c3d4/../../etc',
  'sluice://pipeline/../settings',
  'sluice://pipeline/a%2Fb',
  'sluice://pipeline/-rf',
  'sluice://cancel/20260112-021500-a1b2c3d4',
  'sluice://now/extra',
  'sluice:run/20260112-021500-a1b2c3d4',
  'SLUICE://now',
  'sluice://now#/runs',
  'https://now',
  ' sluice://now',
  `sluice://pipeline/${'a'.repeat(400)}`,
])('%s is dropped', (link) => {
  expect(routeOfLink(link)).toBeNull()
})

test('whatever a link says, its route is one of ours or none', () => {
  const tails = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 2000, seed: 1 })
  const routes = tails.map((tail) => routeOfLink(`sluice://${tail}`))
  const ours = /^#\/(runs|pipelines|now|hosts)(\/[\w.-]+)?$/
  expect(routes.filter((route) => route !== null && !ours.test(route))).toEqual([])
})

test('the link is found among the arguments that a system adds', () => {
  expect(linkAmong(['electron', '.', '--flag', 'sluice://now'])).toBe('sluice://now')
  expect(linkAmong(['electron', '.'])).toBeNull()
})
