# Processes: start times, who is left, stopping them.

# Start time of a pid, or empty when there is no such process (or only its corpse).
start_of() {
  _start=
  if [ -n "$_proc" ]; then
    { read -r _stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    _stat=${_stat##*) }
    set -- $_stat
    case $1 in Z | X) return 0 ;; esac
    _start=${20}
  else
    _start=$(ps -o lstart= -p "$1" 2>/dev/null | tr -cd '0-9A-Za-z')
  fi
}

# Own pid and start time. One look at /proc: the shell reads it byte by byte.
self() {
  if [ -n "$_proc" ]; then
    read -r _stat </proc/self/stat
    _self=${_stat%% *}
    _stat=${_stat##*) }
    set -- $_stat
    _start=${20}
  else
    _self=$(exec /bin/sh -c 'echo $PPID')
    start_of "$_self"
  fi
}

pause() { if [ -n "$_fraction" ]; then sleep "$1"; else sleep 1; fi; }

# Pids of a session or bearing an attempt's mark, without corpses, in _left.
scan() { # session key
  _left=
  if [ -z "$_proc" ]; then
    [ "$1" = - ] || _left=$(ps -A -o pid= -o pgid= 2>/dev/null | awk -v g="$1" '$2 == g { printf "%s ", $1 }')
    return 0
  fi
  _left=$(
    [ "$1" = - ] || cat /proc/[0-9]*/stat 2>/dev/null | awk -v s="$1" '{
      pid = $1; sub(/^.*\) /, ""); if ($4 == s && $1 != "Z" && $1 != "X") printf "%s ", pid }'
    for _file in $(IFS=$_nl; grep -lsF "SLUICE_ATTEMPT=$2" /proc/[0-9]*/environ 2>/dev/null | tr '\n' ' '); do
      tr '\000' '\n' <"$_file" 2>/dev/null | grep -qxF "SLUICE_ATTEMPT=$2" || continue
      _file=${_file#/proc/}
      printf '%s ' "${_file%/environ}"
    done
  )
}

# TERM, KILL after the grace, proof. Leaves the signal that did it in _signal and pid:command of who is left in _survivors.
stop_all() { # session key grace-ms
  _signal=TERM _survivors= _waited=0
  [ "$1" = - ] || kill -TERM "-$1" 2>/dev/null
  scan "$1" "$2"
  for _pid in $_left; do kill -TERM "$_pid" 2>/dev/null; done
  while scan "$1" "$2"; [ -n "$_left" ]; do
    if [ "$_waited" -ge "$3" ]; then
      if [ "$_signal" = KILL ] && [ "$_waited" -ge $(($3 + 5000)) ]; then break; fi
      _signal=KILL
      [ "$1" = - ] || kill -KILL "-$1" 2>/dev/null
      for _pid in $_left; do kill -KILL "$_pid" 2>/dev/null; done
    fi
    if [ -n "$_fraction" ]; then sleep 0.1; _waited=$((_waited + 120)); else sleep 1; _waited=$((_waited + 1000)); fi
  done
  for _pid in $_left; do
    _comm=
    { read -r _comm <"/proc/$_pid/comm"; } 2>/dev/null
    case $_comm in *[!A-Za-z0-9_./-]*) _comm=$(printf %s "$_comm" | tr -c 'A-Za-z0-9_./-' _) ;; esac
    _survivors="$_survivors$_pid:$_comm,"
  done
}
