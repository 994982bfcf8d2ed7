// sluice init
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { command, printJson } from '../command.ts'
import { jsonFlag } from '../flags.ts'
import { paintFor } from '../paint.ts'

interface Flags {
  json: boolean
}

export const initCommand = command<Flags, [string?]>(
  {
    docs: {
      brief: 'Write a first workspace: sluice.yaml and one pipeline',
      fullDescription: 'Writes what is not there yet and never changes a file.',
    },
    parameters: {
      flags: { json: jsonFlag },
      positional: {
        kind: 'tuple',
        parameters: [
          {
            brief: 'Folder; else the current one',
            parse: String,
            placeholder: 'DIR',
            optional: true,
          },
        ],
      },
    },
  },
  async (context, flags, dir = '.') => {
    const { starterFiles } = await import('../../pipeline/starter.ts')
    const folder = resolve(context.cwd, dir)
    const written: string[] = []
    const kept: string[] = []
    for (const { path, text, mode } of starterFiles) {
      const file = join(folder, path)
      if (existsSync(file)) {
        kept.push(path)
        continue
      }
      await mkdir(dirname(file), { recursive: true })
      // `wx`: should somebody make it in this moment, it is theirs.
      await writeFile(file, text, { flag: 'wx', mode })
      written.push(path)
    }
    if (flags.json) return printJson(context, { folder, written, kept })
    const paint = paintFor(context.out)
    for (const path of written) context.out.write(`${paint('green', '+')} ${path}\n`)
    for (const path of kept) context.out.write(paint('dim', `= ${path} is there already\n`))
    context.out.write(`\nNext, in ${folder}:\n  sluice validate\n  sluice run hello\n`)
  },
)
