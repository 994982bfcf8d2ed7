# Shared by the scripts of the demo. Plain POSIX sh: the hosts need nothing that a router does not have.
set -eu
PAUSE=${PAUSE:-0}

# A line of the log, and a moment to read it.
say() {
  printf '%s\n' "$*"
  [ "$PAUSE" = 0 ] || sleep "$PAUSE" 2>/dev/null || :
}

# rows FILE: lines below the header.
rows() {
  awk 'END { print (NR > 0 ? NR - 1 : 0) }' "$1"
}
