// The agent as it travels: its text, its name by hash, and the command line that finds or installs it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface AgentText {
  text: string
  /** sha256, 64 hex digits. */
  hash: string
}

/** One file at the host, in this order; the loop comes last because it never returns. */
const agentParts = [
  'head',
  'machine',
  'processes',
  'records',
  'probe',
  'snapshot',
  'handed',
  'lease',
  'memory',
  'supervisor',
  'cancel',
  'bytes',
  'files',
  'upkeep',
  'look',
  'ready',
  'shell',
  'text',
  'loop',
]

let loaded: AgentText | null = null

export function agentText(): AgentText {
  if (loaded === null) {
    const text = agentParts
      .map((part) => readFileSync(new URL(`./agent/${part}.sh`, import.meta.url), 'utf8'))
      .join('\n')
    loaded = { text, hash: createHash('sha256').update(text).digest('hex') }
  }
  return loaded
}

/** `main` carries requests and notices, `bulk` raw bytes in both directions, `shell` a person's terminal. */
export type AgentMode = 'main' | 'bulk' | 'shell'

export interface Bootstrap {
  agentHash: string
  nonce: string
  mode: AgentMode
  /** Names this Sluice home, so that its own earlier channels can be ended. `[0-9a-z]`. */
  client: string
  /** null: `~/.sluice`, or what SLUICE_FOLDER says there. */
  folder: string | null
  /** Send the agent even where it seems to be there. */
  force: boolean
}

export function isFolderAllowed(folder: string): boolean {
  return /^(~\/|\/)?[A-Za-z0-9_.@+ /-]{1,200}$/.test(folder)
}

/**
 * One line without `'`, `!` or a line end inside the quotes: login shells as different as sh, zsh, fish and csh hand it on unchanged.
 * What it prints before the marker is not ours: banners and rc files.
 */
export function bootstrapCommand(boot: Bootstrap): string {
  const name = `agent-${boot.agentHash.slice(0, 16)}.sh`
  const find = boot.force ? 'false' : 'test -r "$f"'
  const script = [
    `d=${folderText(boot.folder)}`,
    `f=$d/${name}`,
    'echo',
    `if ${find}`,
    `then echo sluice-${boot.nonce} have`,
    'else',
    `m=$( (umask 077; LC_ALL=C mkdir -p "$d" && true >"$f.$$") 2>&1) || { echo sluice-${boot.nonce} no "$d:" $m; exit 1; }`,
    `echo sluice-${boot.nonce} want`,
    `g=; while IFS= read -r l; do case $l in end-${boot.nonce}) g=1; break;; esac; printf "%s\\n" "$l" || break; done >"$f.$$" 2>/dev/null`,
    // The shells do not say why a write failed; dd does.
    `test -n "$g" && mv -f "$f.$$" "$f" || { m=$(LC_ALL=C dd if=/dev/zero bs=99999 count=1 2>&1 >"$f.$$" | head -n 1); rm -f "$f.$$"; echo sluice-${boot.nonce} no "$d:" $m; exit 1; }`,
    'fi',
    `exec "\${SLUICE_SH:-/bin/sh}" "$f" ${boot.nonce} ${boot.mode} "$d" ${boot.client}`,
  ].join('; ')
  // `then;` and `else;` are no shell.
  return `exec /bin/sh -c '${script.replaceAll('then;', 'then').replaceAll('else;', 'else')}'`
}

function folderText(folder: string | null): string {
  if (folder === null) return '"${SLUICE_FOLDER:-$HOME/.sluice}"'
  if (!isFolderAllowed(folder)) throw new Error(`Not a folder name for a host: ${folder}`)
  if (folder.startsWith('/')) return `"${folder}"`
  return `"$HOME/${folder.replace(/^~\//, '')}"`
}

/** What the bootstrap reads when it said `want`. */
export function agentUpload(agent: AgentText, nonce: string): Uint8Array {
  return Buffer.from(`${agent.text}${agent.text.endsWith('\n') ? '' : '\n'}end-${nonce}\n`)
}
