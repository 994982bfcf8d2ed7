// sluice completion bash|zsh|fish
import { command } from '../command.ts'
import { scriptFor } from '../completion-scripts.ts'
import type { Shell } from '../completion-scripts.ts'

export const completionCommand = command<Readonly<Record<never, unknown>>, [Shell]>(
  {
    docs: {
      brief: 'Print the completion script of a shell',
      fullDescription:
        'bash: eval "$(sluice completion bash)"\nzsh:  eval "$(sluice completion zsh)"\nfish: sluice completion fish | source',
    },
    parameters: {
      positional: {
        kind: 'tuple',
        parameters: [
          {
            brief: 'bash, zsh or fish',
            parse: parseShell,
            placeholder: 'SHELL',
            proposeCompletions: (partial) => shells.filter((shell) => shell.startsWith(partial)),
          },
        ],
      },
    },
  },
  async (context, _flags, shell) => context.out.write(scriptFor(shell)),
)

const shells = ['bash', 'zsh', 'fish'] as const

function parseShell(text: string): Shell {
  const shell = shells.find((name) => name === text)
  if (shell === undefined) throw new Error(`Expected bash, zsh or fish, found "${text}".`)
  return shell
}
