// The files that `sluice init` writes into an empty folder: small, commented, and they run as they are.

export interface StarterFile {
  /** Relative to the workspace, with `/`. */
  path: string
  text: string
  mode: number
}

export const starterFiles: readonly StarterFile[] = [
  {
    path: 'sluice.yaml',
    mode: 0o644,
    text: `# The workspace: machines, and what the names in pipelines mean in each environment.
# All fields: sluice schema workspace

hosts:
  local: { slots: 4 }                              # this machine; it is always there
  # Others are reached over SSH, and nothing is installed on them:
  # wh: { ssh: wh }                                # an entry of ~/.ssh/config
  # edge: { address: edge.example.org, user: etl, slots: 2 }

# Hosts that stand in for each other; a task may name a pool as its host:
# pools: { crunch: { hosts: [wh, edge], pick: least_busy } }

environments:
  # The first one is the default; another is chosen by --env NAME.
  dev:
    hosts: { worker: local }                       # "worker" in a pipeline means this machine in dev
    vars: { GREETING: Hello }
`,
  },
  {
    path: 'pipelines/hello.yaml',
    mode: 0o644,
    text: `# A pipeline: tasks, and what each one needs. Run it:  sluice run hello --param name=Ada
# All fields: sluice schema pipeline

name: hello
description: A first pipeline

params:
  name: { type: string, default: world, description: Whom to greet }

# A schedule, in the wall-clock time of a place:
# triggers: [{ cron: "15 2 * * *", timezone: Europe/Berlin }]

tasks:
  greet:
    host: worker
    # Values reach a command as environment variables.
    env: { GREETING: "\${{ vars.GREETING }}", NAME: "\${{ params.name }}" }
    # A file of the workspace that a command names travels with it.
    run: sh scripts/greet.sh > greeting.txt
    outputs: { greeting: greeting.txt }
    timeout: 1m

  count:
    needs: [greet]
    host: worker
    inputs: { greeting.txt: greet.greeting }
    run: |
      cat greeting.txt
      echo "$(wc -c < greeting.txt) bytes"
    retries: { max: 2, delay: 5s, backoff: exponential }
`,
  },
  {
    path: 'scripts/greet.sh',
    mode: 0o755,
    text: `#!/bin/sh
set -eu
echo "$GREETING, $NAME, from $(uname -n)"
`,
  },
  {
    path: '.gitignore',
    mode: 0o644,
    text: `# Keys and secrets have no place in a workspace.
*.pem
*.key
.env
`,
  },
]
