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
  'snapshot',
  'lease',
  'supervisor',
  'cancel',
  'bytes',
  'files',
  'upkeep',
  'ready',
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

/** `main` carries requests and notices, `bulk` raw bytes in both directions. */
export type AgentMode = 'main' | 'bulk'

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
    `else echo sluice-${boot.nonce} want`,
    `(umask 077; mkdir -p "$d"; g=; while IFS= read -r l; do case $l in end-${boot.nonce}) g=1; break;; esac; printf "%s\\n" "$l"; done >"$f.$$"; test -n "$g" && mv -f "$f.$$" "$f") || exit 1`,
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
