// What is in a folder, also while an agent that leaves takes its own out of it.
import { readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'

export interface Entry {
  path: string
  isFolder: boolean
}

/** Folders too, each before what is in it. */
export function entriesBelow(folder: string): Entry[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name)
    const isFolder = entry.isDirectory()
    return [{ path, isFolder }, ...(isFolder ? entriesBelow(path) : [])]
  })
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
