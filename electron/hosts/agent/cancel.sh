# Cancel, and the clearing up after a dead supervisor.

cancel() {
  settled_state_of "$_key"
  case $_state in
  absent)
    # A start of this key that is still on its way must find it taken.
    set -C
    if { printf '%s 0 0 0 - own\n' "$_place" >"$_dir/own/$_key"; } 2>/dev/null; then
      set +C
      write_end "$_key" "cancelled - - - - - -"
      printf '=%s ended cancelled - - - - - - end\n' "$_id"
    else
      set +C
      printf '=%s retry\n' "$_id"
    fi
    ;;
  running)
    printf '%s\n' "$_grace" >"$_dir/stop/$_key"
    kill -USR1 "$_o2" 2>/dev/null
    printf '=%s stopping\n' "$_id"
    ( ( trap '' HUP PIPE; urge USR1 "$_o2" "$_o3" 60000 </dev/null >/dev/null 2>&1 3>&- 5>&- & ) )
    ;;
  gone | reused | lost)
    printf '=%s stopping\n' "$_id"
    ( ( reap "$_state" </dev/null >/dev/null 2>&1 3>&- 5>&- & ) )
    ;;
  *) printf '=%s %s %s\n' "$_id" "$_state" "$_record" ;;
  esac
}

# The supervisor is dead: its task may live on. Whatever it does, its end can no longer be known.
reap() { # how
  trap '' HUP PIPE
  work_of "$_key"
  _session=- _kin= _sids=
  { read -r _skip; read -r _session _skip; } <"$_dir/own/$_key" || _session=-
  if [ "$_session" != - ]; then
    # The number may name a stranger's session by now: trust it only where a member bears the mark.
    scan "$_key"
    [ -n "$_left" ] || _session=-
  fi
  stop_all "${_session:--}" "$_key" "$_grace"
  # Asked twice, the first to be done has said what it took.
  read_end "$_key" || write_end "$_key" "$1 $_signal - - - - ${_survivors:--}"
  exit 0
}
