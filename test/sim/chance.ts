// Dice with the questions that makers of random cases ask.
import { seededDice } from '../helpers/world.ts'

export interface Chance {
  /** 0 <= int < below. */
  int(below: number): number
  roll(): number
  of<T>(list: readonly T[]): T
}

export function seededChance(seed: number): Chance {
  const dice = seededDice(seed)
  const int = (below: number): number => Math.floor(dice.roll() * below)
  return {
    int,
    roll: () => dice.roll(),
    of<T>(list: readonly T[]): T {
      return list[int(list.length)] as T
    },
  }
}
