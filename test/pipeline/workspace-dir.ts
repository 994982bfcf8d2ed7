// A workspace folder for one test, gone after it.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** `files`: path -> content; a path that ends in `.sh` may be executed. */
export function workspaceDir(files: Readonly<Record<string, string | Uint8Array>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-workspace-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
    if (path.endsWith('.sh')) chmodSync(join(dir, path), 0o755)
  }
  return dir
}

/** The example that scripts rely on. */
export const exampleFiles = {
  'sluice.yaml': `hosts:
  wh: { ssh: wh }                                             # an entry of the OpenSSH config, or:
  edge: { address: 127.0.0.1, port: 2201, user: etl, key: ~/.ssh/id_ed25519, labels: [edge], slots: 8 }
environments:
  dev: { hosts: { warehouse: wh }, vars: { REGION: eu } }     # what the names in pipelines mean here
`,
  'pipelines/orders.yaml': `name: orders
params: { day: { type: date, default: "2026-01-01" } }
triggers: [{ cron: "15 2 * * *", timezone: Europe/Berlin }]
tasks:
  extract: { host: edge, run: ./extract.sh, env: { DAY: "\${{ params.day }}" }, timeout: 10m, retries: { max: 2, delay: 5s, backoff: exponential } }
  load: { needs: [extract], host: warehouse, run: "psql -f load.sql" }
`,
  'extract.sh': '#!/bin/sh\necho "$DAY"\n',
  'load.sql': 'select 1;\n',
} as const
