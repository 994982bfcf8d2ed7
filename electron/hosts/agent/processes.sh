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
    _start=$(ps -o stat= -o lstart= -p "$1" 2>/dev/null)
    case $_start in *[!\ ]*) ;; *) _start=; return 0 ;; esac
    set -- $_start
    case $1 in Z* | X*) _start=; return 0 ;; esac
    shift
    _start=$(printf %s "$*" | tr -cd '0-9A-Za-z')
  fi
}

# Own pid, start time and session. One look at /proc: the shell reads it byte by byte.
self() {
  if [ -n "$_proc" ]; then
    read -r _stat </proc/self/stat
    _self=${_stat%% *}
    _stat=${_stat##*) }
    set -- $_stat
    _ourSid=$4 _start=${20}
  else
    _self=$(exec /bin/sh -c 'echo $PPID')
    start_of "$_self"
    _ourSid=$(ps -o pgid= -p "$_self" 2>/dev/null | tr -cd 0-9)
  fi
}

pause() { if [ -n "$_fraction" ]; then sleep "$1"; else sleep 1; fi; }

# Who belongs to an attempt (H5): the members of its sessions, who bears its mark, whose output is its log, who works in its
# folder without a terminal, and all children of these. Remembered from look to look, so that an orphan stays known.
# Leaves `PID:START ...` in _kin, their sessions in _sids, their pids in _left. Takes _kin and _sids as it finds them.
scan() { # key
  _marked=
  if [ -n "$_proc" ]; then
    _logOf=$_dir/log/$1 _folderOf=$_dir/work/$_work _idle=
    for _file in $(IFS=$_nl; LC_ALL=C grep -lsF "SLUICE_ATTEMPT=$1" /proc/[0-9]*/environ 2>/dev/null | tr '\n' ' '); do
      tr '\000' '\n' <"$_file" 2>/dev/null | grep -qxF "SLUICE_ATTEMPT=$1" || continue
      _file=${_file#/proc/}
      _marked="$_marked${_file%/environ} "
    done
    for _file in /proc/[0-9]*; do
      if [ "$_file/fd/1" -ef "$_logOf" ] || [ "$_file/fd/2" -ef "$_logOf" ]; then _marked="$_marked${_file#/proc/} "
      elif [ "$_file/cwd" -ef "$_folderOf" ]; then _idle="$_idle${_file#/proc/} "; fi
    done 2>/dev/null
    # grep puts the file before each line: a name of a program may hold a line end.
    _found=$(LC_ALL=C grep -s '' /proc/[0-9]*/stat /dev/null 2>/dev/null | awk '{
      pid = substr($0, 7) + 0; sub(/^[^:]*:/, ""); stat[pid] = stat[pid] " " $0 }
      END { for (pid in stat) { sub(/^.*\) /, "", stat[pid]); split(stat[pid], f, " ")
        print pid, f[1], f[2], f[4], f[20], (f[5] == 0) } }' | kin)
  else
    for _file in $(ps "ax${_psEnv}ww" -o pid= -o command= 2>/dev/null | awk -v mark="SLUICE_ATTEMPT=$1" '{
      for (i = 2; i <= NF; i++) if ($i == mark) { print $1; next } }' | tr '\n' ' '); do _marked="$_marked$_file "; done
    _idle=
    _found=$(ps -A -o pid= -o stat= -o ppid= -o pgid= 2>/dev/null | awk '{ print $1, $2, $3, $4, "-", 0 }' | kin)
  fi
  _sids=${_found#*,} _kin=${_found%%,*} _left=
  for _file in $_kin; do _left="$_left${_file%%:*} "; done
}

# Lines of `PID STATE PPID SESSION START NO_TERMINAL` to `PID:START ...,SESSION ...`. Our own session is never theirs.
kin() {
  awk -v kin="$_kin" -v sids="$_sids" -v marked="$_marked" -v idle="$_idle" -v ours="$_ourSid" -v self="$_self" '
    BEGIN { split(sids, s, " "); for (i in s) if (s[i] != ours && s[i] > 1) session[s[i]] = 1
      split(kin, s, " "); for (i in s) known[s[i]] = 1
      split(marked, s, " "); for (i in s) is[s[i]] = 1
      split(idle, s, " "); for (i in s) works[s[i]] = 1 }
    $2 !~ /^[ZX]/ && $1 != self { parent[$1] = $3; of[$1] = $4; start[$1] = $5; alone[$1] = $6 }
    END { do { more = 0
        for (p in parent) if (!(p in all) && p > 1 && ((p in is) || ((p ":" start[p]) in known) || (of[p] in session) ||
          (parent[p] in all) || ((p in works) && alone[p] && of[p] != ours))) {
          all[p] = 1; more = 1
          if (of[p] != ours && of[p] > 1) session[of[p]] = 1 } } while (more)
      for (p in all) printf "%s:%s ", p, start[p]
      printf ","; for (p in session) printf "%s ", p }'
}

# TERM, KILL after the grace, proof. Leaves the signal that did it in _signal (`-`: nothing was alive) and pid:command of who
# is left in _survivors.
stop_all() { # session key grace-ms
  _signal=TERM _survivors= _waited=0 _sids=
  [ "$1" = - ] || _sids=$1
  [ -z "$_uptime" ] || { uptime_ms; _since=$_uptime; }
  scan "$2"
  [ -n "$_left" ] || _signal=-
  # Who is stopped can die of a TERM only when it goes on.
  for _sig in TERM CONT; do
    [ "$1" = - ] || kill -"$_sig" "-$1" 2>/dev/null
    for _pid in $_left; do kill -"$_sig" "$_pid" 2>/dev/null; done
  done
  while scan "$2"; [ -n "$_left" ]; do
    if [ "$_waited" -ge "$3" ]; then
      if [ "$_signal" = KILL ] && [ "$_waited" -ge $(($3 + 5000)) ]; then break; fi
      _signal=KILL
      [ "$1" = - ] || kill -KILL "-$1" 2>/dev/null
      for _pid in $_left; do kill -KILL "$_pid" 2>/dev/null; done
    fi
    pause 0.1
    if [ -n "$_uptime" ]; then uptime_ms; _waited=$((_uptime - _since))
    elif [ -n "$_fraction" ]; then _waited=$((_waited + 120))
    else _waited=$((_waited + 1000)); fi
  done
  for _pid in $_left; do
    _comm=
    if [ -n "$_proc" ]; then { read -r _comm <"/proc/$_pid/comm"; } 2>/dev/null
    else _comm=$(ps -o comm= -p "$_pid" 2>/dev/null); fi
    case $_comm in *[!A-Za-z0-9_./-]*) _comm=$(printf %s "$_comm" | tr -c 'A-Za-z0-9_./-' _) ;; esac
    _survivors="$_survivors$_pid:$_comm,"
  done
}
