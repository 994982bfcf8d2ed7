// sluice doctor
import { command, printJson } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { examine } from '../doctor-checks.ts'
import type { Finding } from '../doctor-checks.ts'
import { jsonFlag, workspaceFlag } from '../flags.ts'
import { columns, paintFor, printable } from '../paint.ts'
import type { Paint } from '../paint.ts'

interface Flags {
  workspace?: string
  hosts: boolean
  json: boolean
}

export const doctorCommand = command<Flags>(
  {
    docs: {
      brief: 'Check this machine, the home, the workspace and the hosts',
      fullDescription: 'Exit code 4 when something is wrong; what is only noted does not count.',
    },
    parameters: {
      flags: {
        workspace: workspaceFlag,
        hosts: {
          kind: 'boolean',
          default: true,
          brief: 'Connect to each host of the workspace',
        },
        json: jsonFlag,
      },
      aliases: { w: 'workspace' },
    },
  },
  async (context, flags) => {
    const findings = await examine(context, flags)
    const isBad = findings.some(({ verdict }) => verdict === 'bad')
    if (flags.json) printJson(context, { ok: !isBad, checks: findings })
    else {
      const paint = paintFor(context.out)
      const rows = findings.map((finding) => [
        markOf(paint, finding),
        finding.what,
        printable(finding.found),
      ])
      columns(rows).forEach((line, index) => {
        context.out.write(`${line}\n`)
        const hint = findings[index]?.hint ?? ''
        if (hint !== '') context.out.write(`    ${paint('dim', printable(hint))}\n`)
      })
    }
    return isBad ? EXIT.environment : EXIT.ok
  },
)

function markOf(paint: Paint, { verdict }: Finding): string {
  switch (verdict) {
    case 'good':
      return paint('green', '✓')
    case 'note':
      return paint('yellow', '!')
    case 'bad':
      return paint('red', '✗')
  }
}
