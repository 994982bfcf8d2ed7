// Which folders on each host orders may have gone to. Where somebody removed one, or a host's name leads elsewhere by now, an
// attempt that is absent in the next folder may have been started in the one before (H1).
import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../system/error-code.ts'

export interface KnownFolders {
  /** Before an order goes to this folder; durable when it resolves, never rejects. True: some may have gone to another. */
  enter(host: string, folder: string): Promise<boolean>
  /** Everybody who may live elsewhere has been asked for. */
  settle(host: string, folder: string): Promise<void>
}

const foldersMax = 8

export function openKnownFolders(file: string): KnownFolders {
  const known = read(file)
  let writing: Promise<void> = Promise.resolve()
  let isSaved = true
  // Where this home's disk is full, it is known in this process only, until there is room.
  const save = (): Promise<void> => {
    isSaved = false
    writing = writing
      .then(() => write(file, known))
      .then(
        () => void (isSaved = true),
        () => undefined,
      )
    return writing
  }
  return {
    async enter(host, folder) {
      const before = known.get(host) ?? []
      if (!before.includes(folder)) {
        known.set(host, [...before, folder].slice(-foldersMax))
        await save()
      } else if (!isSaved) await save()
      return before.some((one) => one !== folder)
    },
    async settle(host, folder) {
      if (known.get(host)?.length === 1) return
      known.set(host, [folder])
      await save()
    },
  }
}

/** One that is damaged says nothing: it is made anew. */
function read(file: string): Map<string, string[]> {
  const known = new Map<string, string[]>()
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
    for (const [host, folders] of Object.entries(found ?? {}))
      if (Array.isArray(folders)) known.set(host, folders.map(String))
  } catch (error) {
    if (!(error instanceof SyntaxError) && errorCode(error) !== 'ENOENT') throw error
  }
  return known
}

async function write(file: string, known: ReadonlyMap<string, string[]>): Promise<void> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(`${file}.tmp`, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify(Object.fromEntries(known)))
    await handle.datasync()
  } finally {
    await handle.close()
  }
  renameSync(`${file}.tmp`, file)
}
