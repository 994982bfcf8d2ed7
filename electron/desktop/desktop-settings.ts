// What the desktop app remembers between two starts. A file that is missing, torn or from a stranger means defaults.
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../system/replace-file.ts'

const coordinate = z.number().int().min(-100_000).max(100_000)
const length = z.number().int().min(1).max(100_000)

const settingsForm = z.object({
  bounds: z
    .object({ x: coordinate, y: coordinate, width: length, height: length })
    .nullable()
    .catch(null),
  maximized: z.boolean().catch(false),
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  /** The workspace folder that was open last. */
  workspace: z.string().max(4096).nullable().catch(null),
})

export type DesktopSettings = z.output<typeof settingsForm>

export interface SettingsFile {
  get(): DesktopSettings
  /** Written at once, by rename. A disk that refuses costs the memory, not the app. */
  set(change: Partial<DesktopSettings>): void
}

export function openSettings(file: string, onError: (error: unknown) => void): SettingsFile {
  let settings = read(file)
  return {
    get: () => settings,
    set(change) {
      settings = { ...settings, ...change }
      try {
        write(file, settings)
      } catch (error) {
        onError(error)
      }
    },
  }
}

function read(file: string): DesktopSettings {
  try {
    return settingsForm.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    // The first start, or a file that nobody can read: every field has its default.
    return settingsForm.parse({})
  }
}

function write(file: string, settings: DesktopSettings): void {
  mkdirSync(dirname(file), { recursive: true })
  replaceFile(file, `${JSON.stringify(settings, null, 2)}\n`)
}
