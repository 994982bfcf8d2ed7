// One command to its end over a connection: what it said and how it ended.
import type { Connection } from '../../electron/hosts/transport.ts'

export interface Ran {
  out: string
  err: string
  why: string
}

export async function runCommand(connection: Connection, command: string): Promise<Ran> {
  const pipe = await connection.exec(command)
  const chunks: Uint8Array[] = []
  let err = ''
  pipe.onData((bytes) => chunks.push(bytes))
  pipe.onNoise((text) => {
    err += text
  })
  const why = await new Promise<string>((resolve) => pipe.onClose(resolve))
  return { out: Buffer.concat(chunks).toString('utf8'), err, why }
}
