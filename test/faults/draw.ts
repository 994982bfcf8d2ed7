// Draws of a case from its dice.
import type { Dice } from '../../electron/ports/dice.ts'

export function many<One>(dice: Dice, least: number, most: number, make: () => One): One[] {
  return Array.from({ length: between(dice, least, most) }, make)
}

export function between(dice: Dice, least: number, most: number): number {
  return least + Math.floor(dice.roll() * (most - least + 1))
}

export function chance(dice: Dice, share: number): boolean {
  return dice.roll() < share
}

export function pick<T>(dice: Dice, all: readonly T[]): T {
  return all[Math.floor(dice.roll() * all.length)] as T
}
