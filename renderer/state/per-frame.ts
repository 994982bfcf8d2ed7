// Collects what streams bring and hands it over once per frame: a burst of 500 events costs one render.

export type Later = (work: () => void) => void

const waitingMax = 5_000

/** A hidden page has no frames; its changes still have to be taken in, or the queue grows for hours. */
export const onNextFrame: Later = (work) => {
  if (document.visibilityState === 'hidden') setTimeout(work, 250)
  else requestAnimationFrame(work)
}

export function perFrame<Item>(
  apply: (items: Item[]) => void,
  later: Later = onNextFrame,
): (item: Item) => void {
  let waiting: Item[] = []
  let planned = false
  const flush = () => {
    planned = false
    const items = waiting
    waiting = []
    if (items.length > 0) apply(items)
  }
  return (item) => {
    waiting.push(item)
    if (waiting.length >= waitingMax) return flush()
    if (planned) return
    planned = true
    later(flush)
  }
}
