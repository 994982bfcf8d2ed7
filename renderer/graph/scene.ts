// What is drawn of a graph at one moment, and how each node of it looks.
import type { Look, Tone } from '../ui/state-look.ts'
import type { Colours } from './graph-colours.ts'
import type { Layout } from './layout.ts'
import type { Size, Viewport } from './viewport.ts'

export interface NodeLook {
  look: Look
  /** Second line: host, time, exit. Asked for only where it is drawn. */
  detail: () => string
  /** Attempts so far; shown from 2 on. */
  attempts: number
  /** Of many in one node: a strip along its foot, each part by its share of 1. */
  parts?: readonly { tone: Tone; share: number }[]
  /** A word on its upper edge: its rule, its part in the run. */
  tag?: string
}

export interface Scene {
  layout: Layout
  lookOf: (name: string) => NodeLook
  view: Viewport
  screen: Size
  colours: Colours
  chosen: string | null
  hovered: string | null
  /** Names beside the chosen node: its needs and what needs it. */
  near: ReadonlySet<string>
  /** Ms; stands still where motion is unwelcome. */
  clock: number
}
