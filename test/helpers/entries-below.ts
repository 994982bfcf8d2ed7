// What is in a folder, also while an agent that leaves takes its own out of it.
import { readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'

export interface Entry {
  path: string
  kind: 'file' | 'folder' | 'link' | 'other'
}

/** Folders too, each before what is in it. */
export function entriesBelow(folder: string): Entry[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name)
    const kind = kindOf(entry)
    return [{ path, kind }, ...(kind === 'folder' ? entriesBelow(path) : [])]
  })
}

function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isDirectory()) return 'folder'
  if (entry.isSymbolicLink()) return 'link'
  return entry.isFile() ? 'file' : 'other'
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
