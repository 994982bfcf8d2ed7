// What `sluice` alone says: the commands by what one wants to do. The fields of each are in its own --help.
export interface Briefs {
  readonly [command: string]: { readonly brief: string }
}

const groups = {
  'RUN A PIPELINE': ['run', 'follow', 'runs', 'show', 'why', 'logs', 'approve', 'reject'],
  'HOLD IT BACK': ['pause', 'unpause', 'hold', 'unhold', 'stop', 'cancel', 'drain', 'undrain'],
  'WHEN IT FAILED': [
    'explain',
    'fix',
    'resume',
    'retry',
    'incidents',
    'wave',
    'mark',
    'settle',
    'shell',
    'events',
  ],
  'WORK ON PIPELINES': ['init', 'pipelines', 'validate', 'plan', 'schema'],
  'HOSTS AND ENGINE': ['hosts', 'pools', 'serve', 'start', 'demo', 'doctor', 'audit'],
  OTHER: ['completion', 'version'],
} as const

const examples = [
  ['sluice demo', 'the whole story, in this terminal'],
  ['sluice run orders -p day=2026-02-01', 'run, and wait for the end'],
  ['sluice explain', 'why the latest run failed'],
] as const

export function overviewText(briefs: Briefs): string {
  const sections = Object.entries(groups).map(
    ([title, names]) =>
      `${title}\n${names.map((name) => `  ${name.padEnd(12)}${briefs[name]?.brief ?? ''}\n`).join('')}`,
  )
  const shown = examples.map(([typed, why]) => `  ${typed.padEnd(38)}${why}\n`)
  return `Run data pipelines on your hosts over SSH, see why they fail, and resume them.

USAGE
  sluice COMMAND [FLAGS]

${sections.join('\n')}
EXAMPLES
${shown.join('')}
Every command has --help, and --json where it has an answer for scripts.
Exit codes: 0 ok, 1 the run failed, 2 bad input, 3 cancelled, 4 trouble with this machine.
SLUICE_HOME names the folder with the store, the logs and the socket.
`
}
