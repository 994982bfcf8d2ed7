// Real chance. Tails name things that must never collide, so they come from the system's generator.
import { randomInt } from 'node:crypto'
import type { Dice } from '../ports/dice.ts'

const letters = '0123456789abcdefghijklmnopqrstuvwxyz'

export const systemDice: Dice = {
  roll: () => Math.random(),
  tail: (length) =>
    Array.from({ length }, () => letters.charAt(randomInt(letters.length))).join(''),
}
