# Cancel, and the clearing up after a dead supervisor.

cancel() {
  settled_state_of "$_key"
  case $_state in
  absent)
    # Its client knows that it ran, so its records were removed.
    if [ "$_how" = vanished ]; then
      printf '=%s stopping\n' "$_id"
      ( ( { let_go; forsaken; } & ) )
      return 0
    fi
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
    ( ( { let_go; urge USR1 "$_o2" "$_o3" 60000; } & ) )
    ;;
  gone | reused | lost)
    printf '=%s stopping\n' "$_id"
    ( ( { let_go; reap "$_state"; } & ) )
    ;;
  *) printf '=%s %s %s\n' "$_id" "$_state" "$_record" ;;
  esac
}

# Outlives the channel, and holds nothing of it. By `exec`, for the shell keeps what another redirection replaces.
let_go() {
  trap '' HUP PIPE
  exec </dev/null >/dev/null 2>&1 3>&- 5>&- 8<&-
}

# A supervisor whose task has ended writes that down as soon as there is a folder to write to. One whose task runs is ended with
# it: nothing that it could write would be believed any more, and it would stay behind.
forsaken() {
  _tries=0
  until read_end "$_key" || [ "$_tries" -ge 100 ]; do pause 0.1; _tries=$((_tries + 1)); done
  if read_end "$_key"; then tell_end "$_key" "$_record"; exit 0; fi
  set -C
  { printf '%s 0 0 0 - own\n' "$_place" >"$_dir/own/$_key"; } 2>/dev/null
  set +C
  _kin= _sids=
  [ -z "$_proc" ] || kin_by_log
  _seed=$_kin
  scan "$_key"
  if [ -n "$_proc" ]; then
    for _pid in $_left; do
      start_of "$_pid"
      set -- ${_stat:-}
      case " $_left" in *" ${2:-0} "*) continue ;; esac
      grep -qsF "$_dir/agent-" "/proc/${2:-0}/cmdline" && kill -KILL "$2"
    done
  fi
  reap vanished
}

# Who still writes to the log that was removed, in _kin: a task's shell itself bears no mark.
kin_by_log() {
  for _pid in $(ls -l /proc/[0-9]*/fd/[12] 2>/dev/null | grep -F "/log/$_key (deleted)" | sed 's|.* /proc/\([0-9]*\)/fd/. -> .*|\1|' | tr '\n' ' '); do
    start_of "$_pid"
    [ -z "$_start" ] || _kin="$_kin$_pid:$_start "
  done
}

# The supervisor is dead: its task may live on. Whatever it does, its end can no longer be known.
reap() { # how
  trap '' HUP PIPE
  work_of "$_key"
  _session=- _kin=${_seed-} _sids=
  { read -r _skip; read -r _session _skip _taskstart; } <"$_dir/own/$_key" || _session=-
  if [ "$_session" != - ]; then
    # The number may name a stranger's session by now: trust it only where its first process is still the one that began
    # it, or a member bears the mark.
    start_of "$_session"
    if [ -z "$_taskstart" ] || [ "$_start" != "$_taskstart" ]; then
      scan "$_key"
      [ -n "$_left" ] || _session=-
    fi
  fi
  stop_all "${_session:--}" "$_key" "$_grace"
  # Asked twice, the first to be done has said what it took.
  read_end "$_key" || write_end "$_key" "$1 $_signal - - - - ${_survivors:--}"
  exit 0
}
