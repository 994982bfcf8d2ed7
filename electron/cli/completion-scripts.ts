// What the shells load. Each asks `sluice __complete` for the words before the cursor, the last one unfinished,
// and gets lines of `word<TAB>what it is`.

export type Shell = 'bash' | 'zsh' | 'fish'

export function scriptFor(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash
    case 'zsh':
      return zsh
    case 'fish':
      return fish
  }
}

const bash = `_sluice() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(command sluice __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _sluice sluice
`

const zsh = `_sluice() {
  local line word
  local -a found
  while IFS= read -r line; do
    word="\${line%%$'\\t'*}"
    found+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
  done < <(command sluice __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe 'sluice' found
}
compdef _sluice sluice
`

const fish = `function __sluice_complete
  set -l words (commandline -opc) (commandline -ct)
  command sluice __complete $words[2..-1] 2>/dev/null
end
complete -c sluice -f -a '(__sluice_complete)'
`
