import { expect, test } from 'vitest'
import {
  fit,
  openAt,
  readableScale,
  reveal,
  scaleMax,
  scaleMin,
  zoomAt,
} from '../../renderer/graph/viewport.ts'

const screen = { width: 800, height: 600 }

test('fit shows all of a large drawing and never blows a small one up', () => {
  const large = fit({ width: 8000, height: 100 }, screen)
  expect(large.dx).toBeGreaterThanOrEqual(0)
  expect(8000 * large.scale + large.dx).toBeLessThanOrEqual(800)
  expect(fit({ width: 10, height: 10 }, screen).scale).toBe(1)
})

test('a zoom keeps the point under the mouse in its place', () => {
  const view = { scale: 0.5, dx: 40, dy: -10 }
  const zoomed = zoomAt(view, 1.7, 300, 200)
  const world = (300 - view.dx) / view.scale
  expect(world * zoomed.scale + zoomed.dx).toBeCloseTo(300)
})

test('zooming stops at both ends', () => {
  const view = { scale: 1, dx: 0, dy: 0 }
  expect(zoomAt(view, 1e9, 0, 0).scale).toBe(scaleMax)
  expect(zoomAt(view, 1e-9, 0, 0).scale).toBe(scaleMin)
})

test('reveal moves no further than it must', () => {
  const view = { scale: 1, dx: 0, dy: 0 }
  expect(reveal(view, { x: 100, y: 100, width: 50, height: 50 }, screen)).toEqual(view)
  const moved = reveal(view, { x: 900, y: 100, width: 50, height: 50 }, screen)
  expect(950 + moved.dx).toBeLessThanOrEqual(800)
  expect(moved.dy).toBe(0)
})

test('a drawing opens whole where that is readable', () => {
  const world = { width: 850, height: 300 }
  expect(openAt(world, screen, null)).toEqual(fit(world, screen))
})

test('a drawing too large to be read whole opens at its focus, without a margin beyond its ends', () => {
  const world = { width: 8000, height: 300 }
  const middle = openAt(world, screen, { x: 4000, y: 0, width: 120, height: 46 })
  expect(middle.scale).toBe(readableScale)
  expect(4060 * middle.scale + middle.dx).toBeCloseTo(400)
  const last = openAt(world, screen, { x: 7880, y: 0, width: 120, height: 46 })
  expect(8000 * last.scale + last.dx).toBeCloseTo(780)
  expect(openAt(world, screen, null).dx).toBe(20)
})
