// What is wrong with a file a person wrote: where, what, and what to write instead.

export interface Problem {
  /** Relative to the workspace, with `/`. */
  file: string
  /** 1-based; 0 when the problem is about the whole file. */
  line: number
  /** 1-based, in UTF-16 code units; 0 when the problem is about the whole file. */
  column: number
  /** Where in the document: `tasks.load.needs[0]`. Empty for the whole file. */
  path: string
  /** One sentence: the thing, and what was found. */
  message: string
  /** What to write instead; empty when there is nothing better to say than the message. */
  hint: string
  /** A warning does not stop a run. */
  severity: 'error' | 'warning'
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error')
}
