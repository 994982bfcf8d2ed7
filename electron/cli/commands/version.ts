// sluice version
import { command, printJson } from '../command.ts'
import { jsonFlag } from '../flags.ts'

interface Flags {
  json: boolean
}

export const versionCommand = command<Flags>(
  {
    docs: { brief: 'Print the version' },
    parameters: { flags: { json: jsonFlag } },
  },
  async (context, flags) => {
    const { version } = context
    const node = process.versions.node
    if (flags.json) printJson(context, { version, node, platform: process.platform })
    else context.out.write(`sluice ${version} (Node ${node})\n`)
  },
)
