# How a host is. With STUMBLE set it fails on the first attempt of each run and succeeds on the next.
. ./scripts/lib.sh

say "asking $NAME"
if [ -n "${STUMBLE:-}" ]; then
  mkdir -p "$HOME/.heartbeat"
  if mkdir "$HOME/.heartbeat/stumbled" 2>/dev/null; then
    echo "$NAME: connection reset by peer" >&2
    exit 75
  fi
  rmdir "$HOME/.heartbeat/stumbled"
fi
say "  system: $(uname -sm)"
say "  shell time: $(date -u +%H:%M:%S) UTC"
say "  disk: $(df -P "$HOME" | awk 'NR == 2 { print $5 " used" }')"
printf '%s %s\n' "$NAME" "$(uname -sm)" > facts.txt
say "$NAME is well"
