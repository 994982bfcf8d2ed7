// The nodes of a YAML document as plain values, with the place of each in the text.
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Node, Pair, ParsedNode, Scalar, YAMLMap } from 'yaml'

/** What is wrong at a place of a text. */
export interface Fault {
  /** null: the whole file. */
  offset: number | null
  message: string
  hint: string
}

export type Path = readonly (string | number)[]

export interface YamlTree {
  /** Objects without a prototype, arrays, text, numbers, booleans, null. */
  value: unknown
  root: YamlPlace
}

/** Where a value stands. */
export interface YamlPlace {
  offset: number
  /** Where its key stands; its own offset where it has none. */
  keyOffset: number
  /** A scalar as written, quotes and all; null for lists and mappings. */
  written: string | null
  /** A plain number or word, which a text field takes as written. */
  plain: boolean
  children: ReadonlyMap<string, YamlPlace>
}

/** Nodes that aliases may stand for, in all: what an alias bomb would multiply. */
const aliasNodesMax = 10_000
const faultsMax = 50

export function buildTree(
  root: ParsedNode | null,
  text: string,
): { tree: YamlTree | null; faults: Fault[] } {
  const build: Build = {
    text,
    faults: [],
    anchors: new Map(),
    open: new Set(),
    aliasNodes: 0,
    inAlias: 0,
  }
  const built = valueOf(build, root, 0)
  const faults = build.faults.slice(0, faultsMax)
  return { tree: { value: built.value, root: built.place }, faults }
}

/** The place of a value, or of the nearest thing around it that is there. */
export function placeAt(tree: YamlTree, path: Path): YamlPlace {
  let place = tree.root
  for (const part of path) {
    const child = place.children.get(String(part))
    if (child === undefined) return place
    place = child
  }
  return place
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(tree: YamlTree, path: Path): unknown {
  let value = tree.value
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[String(part)]
  }
  return value
}

interface Build {
  text: string
  faults: Fault[]
  anchors: Map<string, Node>
  /** Anchored nodes that are being built: an alias to one of them holds itself. */
  open: Set<Node>
  aliasNodes: number
  inAlias: number
}

interface Built {
  value: unknown
  place: YamlPlace
}

const noChildren: ReadonlyMap<string, YamlPlace> = new Map()

function valueOf(build: Build, node: Node | null, keyOffset: number): Built {
  const offset = node?.range?.[0] ?? keyOffset
  if (build.inAlias > 0) build.aliasNodes += 1
  const tagFault = node === null ? null : foreignTag(node.tag)
  if (tagFault !== null) build.faults.push({ offset, ...tagFault })
  if (isAlias(node)) return aliasValue(build, node.source, { offset, keyOffset })
  if (isScalar(node)) return scalarValue(build, node, { offset, keyOffset })
  const anchor = (node as { anchor?: string } | null)?.anchor
  if (node !== null && anchor !== undefined) build.anchors.set(anchor, node)
  if (node !== null) build.open.add(node)
  const built = isMap(node)
    ? mapValue(build, node)
    : isSeq(node)
      ? seqValue(build, node.items as Node[])
      : { value: null, children: noChildren }
  if (node !== null) build.open.delete(node)
  const place = { offset, keyOffset, written: null, plain: false, children: built.children }
  return { value: built.value, place }
}

const coreTags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'])

// The parser knows more tags than the core ones and gives sets, ordered maps and bytes that JSON would lose.
function foreignTag(tag: string | undefined): Omit<Fault, 'offset'> | null {
  if (tag === undefined || tag === '!' || tag === '?') return null
  const name = tag.replace(/^tag:yaml\.org,2002:/, '')
  if (coreTags.has(name) && name !== tag) return null
  return {
    message: `The tag ${name === tag ? tag : `!!${name}`} is not read.`,
    hint: 'Sluice reads plain values only: delete the tag.',
  }
}

type Offsets = Pick<YamlPlace, 'offset' | 'keyOffset'>

function aliasValue(build: Build, name: string, offsets: Offsets): Built {
  const nothing: Built = {
    value: null,
    place: { ...offsets, written: `*${name}`, plain: false, children: noChildren },
  }
  const target = build.anchors.get(name)
  if (target === undefined) {
    build.faults.push({
      offset: offsets.offset,
      message: `There is no anchor "&${name}" before this place.`,
      hint: 'A text that starts with * needs quotes.',
    })
    return nothing
  }
  if (build.open.has(target)) {
    build.faults.push({
      offset: offsets.offset,
      message: `"*${name}" stands inside the value that "&${name}" names: it would hold itself.`,
      hint: 'Write the value out.',
    })
    return nothing
  }
  if (build.aliasNodes > aliasNodesMax) return nothing
  build.inAlias += 1
  const built = valueOf(build, target, offsets.keyOffset)
  build.inAlias -= 1
  if (build.aliasNodes > aliasNodesMax && build.inAlias === 0) {
    build.faults.push({
      offset: offsets.offset,
      message: 'The aliases of this file stand for too many values.',
      hint: `At most ${aliasNodesMax.toLocaleString('en')} values may come from aliases.`,
    })
  }
  return { value: built.value, place: { ...built.place, ...offsets } }
}

function scalarValue(build: Build, node: Scalar, offsets: Offsets): Built {
  if (node.anchor !== undefined) build.anchors.set(node.anchor, node)
  const end = node.range?.[1] ?? offsets.offset
  const written = build.text.slice(offsets.offset, end)
  const plain = node.type === 'PLAIN'
  const { value } = node
  const fault =
    taggedFault(node.tag, value) ??
    (typeof value === 'number' ? numberFault(value, written) : textFault(value))
  if (fault !== null) build.faults.push({ offset: offsets.offset, ...fault })
  return { value, place: { ...offsets, written, plain, children: noChildren } }
}

// A tag that the value does not fit leaves it as text.
function taggedFault(tag: string | undefined, value: unknown): Omit<Fault, 'offset'> | null {
  const wanted = /^tag:yaml\.org,2002:(int|float|bool|null)$/.exec(tag ?? '')?.[1]
  if (wanted === undefined || typeof value !== 'string') return null
  return { message: `The value does not fit its tag !!${wanted}.`, hint: 'Delete the tag.' }
}

// Y2. The source is asked, because the value has been rounded already.
function numberFault(value: number, written: string): Omit<Fault, 'offset'> | null {
  const hint = 'Put it in quotes to keep it as text.'
  const shown = written.length > 40 ? `${written.slice(0, 37)}...` : written
  if (/^[-+]?\d+$|^0[xo]/.test(written) && !Number.isSafeInteger(value)) {
    return { message: `The integer ${shown} cannot be kept exactly.`, hint }
  }
  if (!Number.isFinite(value) && !/^[-+]?\.(inf|nan)$/i.test(written)) {
    return { message: `The number ${shown} is too large.`, hint }
  }
  return null
}

function textFault(value: unknown): Omit<Fault, 'offset'> | null {
  if (typeof value !== 'string') return null
  if (value.includes('\0')) {
    return {
      message: 'The text holds a NUL character, which no command can take.',
      hint: 'Delete \\0.',
    }
  }
  if (!value.isWellFormed()) {
    return {
      message: 'The text holds half of a character (a lone surrogate).',
      hint: 'Write the whole character.',
    }
  }
  return null
}

function seqValue(build: Build, items: readonly Node[]) {
  const children = new Map<string, YamlPlace>()
  const value = items.map((item, index) => {
    const built = valueOf(build, item, item.range?.[0] ?? 0)
    children.set(String(index), built.place)
    return built.value
  })
  return { value, children }
}

function mapValue(build: Build, map: YAMLMap) {
  const value = Object.create(null) as Record<string, unknown>
  const children = new Map<string, YamlPlace>()
  for (const pair of map.items as Pair<Node | null, Node | null>[]) {
    const keyOffset = pair.key?.range?.[0] ?? map.range?.[0] ?? 0
    const key = keyText(build, pair.key, keyOffset)
    const built = valueOf(build, pair.value, keyOffset)
    if (key === null) continue
    const earlier = children.get(key)
    if (earlier !== undefined) {
      if (build.faults.length > faultsMax) continue
      build.faults.push({
        offset: keyOffset,
        message: `"${key}" is given twice; it stands on line ${lineOf(build.text, earlier.keyOffset)} too.`,
        hint: 'Keep one of them.',
      })
      continue
    }
    value[key] = built.value
    children.set(key, built.place)
  }
  return { value, children }
}

/** null: a fault was reported. Keys that are no text are taken as written, so `1` and `"1"` are the same key. */
function keyText(build: Build, key: Node | null, offset: number): string | null {
  const { value, place } = valueOf(build, key, offset)
  const report = (message: string, hint: string): null => {
    build.faults.push({ offset, message, hint })
    return null
  }
  if (typeof value === 'object' && value !== null) {
    const isTemplate = build.text.startsWith('{{', offset - 1)
    const hint = isTemplate ? 'Write "${{ ... }}", in quotes.' : 'Write a text before the ":".'
    return report('A list or a mapping may not be a name.', hint)
  }
  if (value === null && (place.written === null || place.written === '')) {
    return report('A name is missing before the ":".', '')
  }
  const name = typeof value === 'string' ? value : (place.written ?? '')
  if (name === '<<' && place.plain) {
    return report(
      'Merge keys ("<<") are not read: YAML 1.2 has none.',
      'Write the fields out, or give the whole value by an alias.',
    )
  }
  if (name === '__proto__') return report('"__proto__" may not be a name.', 'Take another name.')
  return name
}

function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1))
    line += 1
  return line
}
