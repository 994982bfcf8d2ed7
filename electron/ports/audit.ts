// The seam to the audit: an append-only, hash-chained record of who did what, and why.

export interface AuditEntry {
  /** The account, or `engine` for what Sluice did by itself under a policy. */
  by: string
  /** Dotted, from the list in docs/security.md: `host_key.accepted`, `host.cordoned`, `shell.opened`, `unknown.settled`. */
  action: string
  /** What it was done to: a host, a run, a run and a task. */
  subject: string
  /** Plain facts, never a secret; 4 KB at most as JSON. */
  details: Readonly<Record<string, string | number | boolean | null>>
  /** In the person's words; may be empty. */
  reason: string
}

export interface Audit {
  /** On the disk when it returns. Throws where it cannot be written: what must be audited is then not done. */
  record(entry: AuditEntry): void
}
