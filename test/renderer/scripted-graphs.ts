// Graphs that the scripted worlds share: that of the orders pipeline, and large ones from a seed.
import type { GraphNode } from '../../shared/api/views.ts'

/** Numbers in [0, 1), the same each time. */
export function seededDice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

const node = (name: string, host: string, needs: string[], run: string): GraphNode => ({
  name,
  host,
  needs,
  run,
  remedies: [],
})

export const ordersGraph: readonly GraphNode[] = [
  node('land_orders', 'edge', [], './land.sh orders "$DAY"'),
  node('land_customers', 'edge', [], './land.sh customers "$DAY"'),
  node('land_prices', 'edge', [], './land.sh prices "$DAY"'),
  node('validate_orders', 'onprem', ['land_orders'], './validate.sh orders.csv orders.schema'),
  node(
    'validate_customers',
    'onprem',
    ['land_customers'],
    './validate.sh customers.csv customers.schema',
  ),
  node('validate_prices', 'onprem', ['land_prices'], './validate.sh prices.csv prices.schema'),
  node('clean_orders', 'onprem', ['validate_orders'], 'awk -f clean.awk orders.csv > clean.csv'),
  node('join', 'onprem', ['clean_orders', 'validate_customers', 'validate_prices'], './join.sh'),
  node('revenue_by_region', 'cloud', ['join'], './aggregate.sh region'),
  node('revenue_by_product', 'cloud', ['join'], './aggregate.sh product'),
  node('late_orders', 'cloud', ['join'], './late.sh'),
  node(
    'publish_report',
    'cloud',
    ['revenue_by_region', 'revenue_by_product', 'late_orders'],
    './publish.sh',
  ),
]

/** A graph of `count` tasks in layers, each with one to three needs in the layers before. */
export function bigGraph(count: number, seed = 5): GraphNode[] {
  const dice = seededDice(seed)
  const width = Math.max(3, Math.round(Math.sqrt(count)))
  return Array.from({ length: count }, (_, index) => {
    const layer = Math.floor(index / width)
    const needs = new Set<string>()
    if (layer > 0) {
      const wanted = 1 + Math.floor(dice() * 2.2)
      for (let k = 0; k < wanted; k += 1) {
        const lane = (index % width) + Math.round((dice() - 0.5) * 4)
        const from = (layer - 1) * width + Math.min(Math.max(lane, 0), width - 1)
        needs.add(`task_${String(from).padStart(4, '0')}`)
      }
    }
    const host = ['edge', 'onprem', 'cloud'][index % 3] as string
    return node(`task_${String(index).padStart(4, '0')}`, host, [...needs], `./part.sh ${index}`)
  })
}
