import { expect, test } from 'vitest'
import { fitBounds, sizeMin } from '../../electron/desktop/window-bounds.ts'

const laptop = { x: 0, y: 0, width: 1440, height: 875 }
const left = { x: -1920, y: 0, width: 1920, height: 1040 }

test('a window opens where it was, also on a display to the left', () => {
  const saved = { x: -1800, y: 40, width: 1200, height: 800 }
  expect(fitBounds(saved, [laptop, left])).toEqual(saved)
})

test('a window whose display is gone is centred on the primary one', () => {
  const saved = { x: -1800, y: 40, width: 1200, height: 800 }
  expect(fitBounds(saved, [laptop])).toEqual({ width: 1200, height: 800 })
})

test('a window is no larger than the display that it opens on', () => {
  const saved = { x: 10, y: 10, width: 4000, height: 3000 }
  expect(fitBounds(saved, [laptop])).toEqual({ x: 10, y: 10, width: 1440, height: 875 })
})

test('a window whose title bar is out of reach is centred', () => {
  const above = { x: 100, y: -200, width: 1200, height: 800 }
  const nearlyOff = { x: 1400, y: 100, width: 1200, height: 800 }
  expect(fitBounds(above, [laptop])).not.toHaveProperty('y')
  expect(fitBounds(nearlyOff, [laptop])).not.toHaveProperty('x')
})

test('the first window fits a small display, and is never tiny', () => {
  expect(fitBounds(null, [{ x: 0, y: 0, width: 1024, height: 700 }])).toEqual({
    width: 1024,
    height: 700,
  })
  expect(fitBounds({ x: 0, y: 0, width: 1, height: 1 }, [laptop])).toMatchObject(sizeMin)
})
