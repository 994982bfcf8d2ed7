// Files on their way, where a person sees a run or a host.
import { oneLine } from './paint.ts'
import { byteWords } from '../../shared/run/byte-words.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { Transfer } from '../../shared/api/views.ts'

export interface HostTransfer {
  host: string
  transfer: Transfer
}

/** `→ data.csv to edge, 45% of 1.2 GB`. */
export function transferText({ host, transfer }: HostTransfer): string {
  const { path, direction, bytes, totalBytes } = transfer
  const [arrow, word] = direction === 'to' ? ['→', 'to'] : ['←', 'from']
  const share = totalBytes <= 0 ? 100 : Math.min(100, Math.floor((bytes / totalBytes) * 100))
  return `${arrow} ${oneLine(path)} ${word} ${oneLine(host)}, ${share}% of ${byteWords(totalBytes)}`
}

/** All that is under way, after each change; until the signal is aborted. */
export async function watchTransfers(
  client: Client,
  onChange: (transfers: readonly HostTransfer[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const byHost = new Map<string, readonly Transfer[]>()
  for await (const message of client.stream('host.watch', {}, signal)) {
    const rows = message.kind === 'snapshot' ? message.rows : [message.row]
    for (const { name, transfers } of rows) {
      if (transfers.length > 0) byHost.set(name, transfers)
      else byHost.delete(name)
    }
    onChange([...byHost].flatMap(([host, all]) => all.map((transfer) => ({ host, transfer }))))
  }
}
