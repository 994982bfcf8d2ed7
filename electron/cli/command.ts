// One command: its flags, and what becomes of an error. A failure that we expect is one sentence and the way out on
// stderr, and with --json also one document on stdout.
import { buildCommand } from '@stricli/core'
import type { CommandBuilderArguments, Command } from '@stricli/core'
import type { CliContext } from './context.ts'
import { workspaceFlag } from './flags.ts'
import { EXIT, exitOfError } from './exit-codes.ts'
import { paintFor, printable, safeJson } from './paint.ts'
import { errorShape } from '../../shared/api/app-error.ts'

/** What stricli needs to know, less the function. */
type Description<F extends Readonly<Record<string, unknown>>, A extends readonly unknown[]> = Omit<
  Extract<CommandBuilderArguments<F, A, CliContext>, { func: unknown }>,
  'func'
>

export function command<
  const F extends Readonly<Partial<Record<keyof F, unknown>>>,
  const A extends readonly unknown[] = [],
>(
  description: Description<F, A>,
  run: (context: CliContext, flags: F, ...args: A) => Promise<number | void>,
): Command<CliContext> {
  return buildCommand<F, A, CliContext>({
    ...withWorkspace(description),
    async func(this: CliContext, flags: F, ...args: A): Promise<void> {
      try {
        this.workspaceAsked = (flags as { workspace?: string }).workspace ?? null
        const exit = await run(this, flags, ...args)
        this.exitCode = this.out.isLost ? EXIT.environment : (exit ?? EXIT.ok)
      } catch (error) {
        this.exitCode = reportError(this, error, (flags as { json?: unknown }).json === true)
      }
    },
  } as CommandBuilderArguments<F, A, CliContext>)
}

// A global option: also a command that needs no workspace takes it, so that a script can always give it.
function withWorkspace<D extends { parameters: object }>(description: D): D {
  const { flags = {}, ...parameters } = description.parameters as { flags?: object }
  const all = { workspace: { ...workspaceFlag, hidden: true }, ...flags }
  return { ...description, parameters: { ...parameters, flags: all } }
}

/** Gives the exit code. */
export function reportError(context: CliContext, error: unknown, json: boolean): number {
  const shape = errorShape(error)
  if (json) context.out.write(`${safeJson({ error: shape })}\n`)
  const paint = paintFor(context.err)
  context.err.write(`${paint('red', 'sluice:')} ${printable(shape.message)}\n`)
  if (shape.hint !== '') context.err.write(`${printable(shape.hint)}\n`)
  if (shape.code === 'internal' && context.env['SLUICE_DEBUG'] && error instanceof Error) {
    context.err.write(`${error.stack}\n`)
  }
  return exitOfError(shape.code)
}

export function printLines(context: CliContext, lines: readonly string[]): void {
  context.out.write(lines.map((line) => `${line}\n`).join(''))
}

export function printJson(context: CliContext, value: unknown): void {
  context.out.write(`${safeJson(value, context.out.isTTY ? 2 : undefined)}\n`)
}
