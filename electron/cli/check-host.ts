// One look at a host, as long as a person may take to answer its login.
import { canAsk } from './keyboard-line.ts'
import type { CliContext } from './context.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { HostRow } from '../../shared/api/views.ts'

export async function checkHost(
  context: CliContext,
  client: Client,
  host: string,
): Promise<HostRow> {
  let row = await client.call('host.check', { host })
  // A check waits for a host, not for a person who looks for a token.
  while (row.link === 'connecting' && canAsk(context)) {
    row = await client.call('host.check', { host })
  }
  return row
}
