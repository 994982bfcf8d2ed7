# The supervisor: from the order to the end record.

# It was never started. Without room for a record the lock goes as well: `absent` is as true.
refuse() { # message: one word per _
  # Somebody removes the folder at this moment: it may be started once there is one again.
  [ -d "$_dir/own" ] || { printf '=%s absent\n' "$_id"; exit 0; }
  # What earlier ones left has no claim on room that work needs.
  case $1 in disk_full | quota_used_up | no_inodes) ! keeps_any || forget_kept 0 ;; esac
  # Recorded before it is told: a release that comes at once must find an end, not one that seems to run.
  if [ -n "$_locked" ] && ! save_end "$_key" "refused $1 $_t0 $_t0 - - -"; then
    rm -f "$_dir/script/$_key" "$_dir/log/$_key" "$_dir/exit/$_key" "$_dir/own/$_key"
  fi
  [ "$_work" = "$_key" ] || (cd "$_dir/work" && rmdir "$_work") 2>/dev/null
  printf '=%s refused %s\n' "$_id" "$1"
  exit 0
}

# Why a file cannot be written, in the words of a tool that tells: the shells do not.
refuse_to_write() { # file
  _said=$(LC_ALL=C dd if=/dev/zero of="$1.try" bs=4096 count=1 2>&1)
  rm -f "$1.try" 2>/dev/null
  case $_said in
  *[Nn]o\ space*)
    ! no_inodes "$_dir" || refuse no_inodes
    refuse disk_full
    ;;
  *[Rr]ead-only*) refuse read_only ;;
  *[Qq]uota*) refuse quota_used_up ;;
  *[Pp]ermission*) refuse may_not_write ;;
  *) refuse cannot_write ;;
  esac
}

place_files() {
  IFS=,
  set -- $_files
  IFS=' '
  _perms=
  for _file in "$@"; do
    file_word "$_file"
    [ -e "$_dir/files/$_sha" ] || refuse "file_$_sha"
    # A name may begin with a dash, hence the ./
    case $_file in */*) [ -d "./${_file%/*}" ] || mkdir -p "./${_file%/*}" || refuse_to_write "./f" ;; esac
    cp "$_dir/files/$_sha" "./$_file" || refuse_to_write "./f"
    case " $_perms " in *" $_perm "*) ;; *) _perms="$_perms $_perm" ;; esac
  done
  for _mode_of in $_perms; do set_mode "$@" || refuse_to_write "./f"; done
}

# A word of FILES: sum, mode and path, in _sha, _perm and _file.
file_word() {
  _sha=${1%%:*} _file=${1#*:}
  _perm=${_file%%:*} _file=${_file#*:}
  case $_file in *\\*) _file=$(printf '%bx' "$_file"); _file=${_file%x} ;; esac
}

# One process for all files of a mode.
set_mode() {
  for _file in "$@"; do
    shift
    file_word "$_file"
    [ "$_perm" != "$_mode_of" ] || set -- "$@" "./$_file"
  done
  chmod "$_mode_of" "$@"
}

# The channel may end at any time; that must not reach a supervisor. The traps stand before anyone can know its pid.
stand() {
  exec 2>/dev/null
  trap '' HUP PIPE
  _why=
  trap '_why=cancelled' USR1
  trap '_why=timed_out' ALRM
  trap '_why=lease_expired' USR2
  self; _me=$_self _mestart=$_start
  _ready=
}

# What a task's shell does at last. It reads the script itself: another shell to do so would be a third of the way to its
# first instruction. So `ps` does not name the attempt, nor does the shell's own environment (see reap).
_go='. "${SLUICE_OUTPUT%/values/*}/script/${SLUICE_OUTPUT##*/}"'

# What becomes the task: a session of its own where there is setsid, and nothing of this shell's ways.
task() { # words after the shell
  trap - HUP PIPE
  umask "$_umask"
  if [ -n "$_lcset" ]; then LC_ALL=$_lc; else unset LC_ALL; fi
  case $_setsid in
  '') set -- "$_sh" "$@" ;;
  *setsid) set -- "$_setsid" "$_sh" "$@" ;;
  perl) set -- perl -MPOSIX=setsid -e 'setsid(); exec { $ARGV[0] } @ARGV' "$_sh" "$@" ;;
  *) set -- "$_setsid" -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$_sh" "$@" ;;
  esac
  unset IFS
  [ -n "$_ready" ] || { eval "$_env"; export SLUICE_OUTPUT="$_dir/values/$_key" SLUICE_CHECKPOINT="$_dir/saved/$_key"; }
  exec "$@"
}

# A supervisor and its task's shell, forked and waiting before there is an order: a start then costs no fork and no
# setsid. The order comes by the loop's pipe, the task's part of it by one of their own; both end with their writers.
spare() { # stdin: a pipe that nobody else has
  exec 6>/proc/self/fd/0
  # As 7, because what goes to the background gets another stdin.
  exec 3>&- 8<&- 7<&0 </dev/null
  stand
  cd "$_dir/work/$_work" || exit 0
  _ready=1
  (
    exec 5>&- 6>&- <&7 7<&-
    task -s "$_dir" "$_nl"
  ) >/dev/null 2>&1 &
  _ready=$!
  exec 7<&-
  start_of "$_ready"
  _readystart=$_start
  if [ -n "$_asCome" ]; then
    # In blocks, where `read` takes a system call for each byte. It lets go of the pipe only as it reads: an agent that has gone
    # by now would leave nobody to wait for.
    printf 'exec 5>&-\n' >&5
    . /proc/self/fd/5
  else
    exec 4</proc/self/fd/5 5>&-
    read -r _order <&4 && eval "$_order"
  fi
  # The agent has gone.
  exec 4<&- 6>&- >/dev/null
  cd / && exec rmdir "$_dir/work/$_work"
}

supervise() {
  now; _t0=$_now
  _lease= _locked= _handed=
  [ "$_options" = - ] || take_options
  set -C
  # What stands in braces is done only where the file was made: that tells a key taken from a full disk.
  { _locked=1; own_record; } >"$_dir/own/$_key" || {
    set +C
    [ -z "$_locked" ] && [ -e "$_dir/own/$_key" ] || refuse_to_write "$_dir/own/$_key"
    settled_state_of "$_key"
    printf '=%s %s %s\n' "$_id" "$_state" "$_record"
    [ "$_work" = "$_key" ] || rmdir "$_dir/work/$_work"
    exit 0
  }
  set +C
  # H1: the agent that had this order has been followed by another, which may have said that there is no such attempt: then it
  # is for the other to start. Whose box is still there after the key was taken has no follower that could miss it.
  [ "$_mode" != main ] || [ -p "$_box" ] || { rm -f "$_dir/own/$_key"; [ "$_work" = "$_key" ] || rmdir "$_dir/work/$_work"; exit 0; }
  [ -d "$_dir/work/$_work" ] || mkdir "$_dir/work/$_work" || refuse_to_write "$_dir/work/$_work"
  printf '%b' "$_script" >"$_dir/script/$_key" || refuse_to_write "$_dir/script/$_key"
  cd "$_dir/work/$_work" || refuse cannot_enter_folder
  [ "$_files" = - ] || place_files
  [ -z "$_handed" ] || place_checkpoint "$_handed"
  printf '' >"$_dir/values/$_key"
  printf '' >>"$_dir/log/$_key" || refuse_to_write "$_dir/log/$_key"
  # Should the shell that was made ahead have been killed, another is made.
  # As its script, which most shells read in blocks, and not byte by byte. In one line, for it loses its stdin on the way.
  if [ -n "$_ready" ] && printf 'exec </dev/null >>"$1/log/%s" 2>&1; _nl=$2; %s; export SLUICE_OUTPUT="$1/values/%s" SLUICE_CHECKPOINT="$1/saved/%s"; set --; unset _nl; %s; exit\n' "$_key" "$_env" "$_key" "$_key" "$_go" >&6; then
    _task=$_ready
  else
    [ -z "$_ready" ] || { _ready=; own_record >"$_dir/own/$_key"; }
    { task -c "$_go" </dev/null >>"$_dir/log/$_key" 2>&1 & } || refuse cannot_fork
    _task=$!
  fi
  _timer=
  # Before anybody hears of it: from then on it must end without us, also when this supervisor is killed.
  if [ -n "$_lease" ]; then
    [ -n "$_ready" ] || printf '%s task\n' "$_task" >>"$_dir/own/$_key"
    { exec </dev/null >/dev/null 2>&1 4<&- 5>&- 6>&-; watch_lease; } &
    _timer=$!
  fi
  printf '=%s started %s %s %s %s\n' "$_id" "$_boot" "$_me" "$_mestart" "$_t0"
  exec </dev/null >/dev/null 4<&- 5>&- 6>&-
  [ -n "$_ready$_lease" ] || printf '%s task\n' "$_task" >>"$_dir/own/$_key"
  _env= _script= _files= _order=
  [ "$_timeout" -le 0 ] || { time_out & _timer="$_timer $!"; }

  # A trapped signal ends `wait` early, and its number looks like an end of the task.
  while :; do
    # One that came before the wait would not end it.
    [ -n "$_why" ] || { wait "$_task"; _code=$?; }
    [ -n "$_why" ] || break
    kill -0 "$_task" 2>/dev/null || { wait "$_task"; _code=$?; break; }
    if [ "$_why" = cancelled ]; then
      { read -r _graceNow <"$_dir/stop/$_key"; } 2>/dev/null && _grace=$_graceNow
    fi
    _did=$_why
    # From here on a second order to stop changes nothing.
    trap '' USR1 USR2 ALRM
    [ -n "$_setsid" ] && _session=$_task || _session=-
    start_of "$_task"
    _kin=$_task:${_start:--}
    # H10: who kept it from its end is seen before they are stopped.
    [ "$_did" != timed_out ] || { now; take_snapshot "$_key"; }
    stop_all "$_session" "$_key" "$_grace"
    case ",$_survivors" in *",$_task:"*) _code=0 ;; *) wait "$_task"; _code=$? ;; esac
    break
  done
  # Signals have other numbers on other systems; their names are the same.
  _how="exited $_code"
  if [ -z "${_did-}" ] && [ "$_code" -gt 128 ] && _signal=$(kill -l "$_code" 2>/dev/null); then
    case $_signal in
    *[!A-Z0-9]* | '' | [0-9]* | RT*) ;;
    *)
      _how="signalled ${_signal#SIG}"
      # Its leader was killed, as the kernel does for memory: nobody waits for the rest, and a retry would run beside it.
      trap '' USR1 USR2 ALRM
      _kin= _sids=
      [ -n "$_setsid" ] && _session=$_task || _session=-
      scan "$_key"
      [ -z "$_left" ] || stop_all "$_session" "$_key" "$_grace"
      ;;
    esac
  fi
  now
  [ -z "$_timer" ] || kill $_timer 2>/dev/null
  _cpu=-
  command times >"$_dir/stop/$_key.times" 2>/dev/null && cpu_of "$_dir/stop/$_key.times"
  # H10: what failed; a task that was cancelled did not.
  case ${_did:-$_code} in 0 | cancelled | timed_out) ;; *) take_snapshot "$_key" ;; esac
  _peak=
  { read -r _peak <"$_dir/stop/$_key.peak"; } 2>/dev/null
  _peak=${_peak#"${_peak%%[1-9]*}"}
  [ -z "${_did-}" ] || _how="$_did $_signal"
  write_end "$_key" "$_how $_t0 $_now $_cpu ${_peak:--} ${_survivors:--}"
  exit 0
}

# Line 1, and line 2 where the task's shell is there already.
own_record() {
  printf '%s %s %s %s %s own\n%s' "$_place" "$_me" "$_mestart" "$_t0" "$_work" "${_ready:+$_ready task $_readystart$_nl}"
}

# As a child: it sleeps and tells the supervisor; a TERM ends it and its sleep.
time_out() {
  trap 'kill $_sleep 2>/dev/null; exit 0' TERM
  doze "$_timeout"
  urge ALRM "$_me" "$_mestart" 60000
}

# A shell that runs its trap just before it begins to wait waits all the same, so it is told again until it has gone; once it
# acts, it hears no more. Somebody may have stopped it, too.
urge() { # signal pid start ms
  _urged=0
  while start_of "$2"; [ "$_start" = "$3" ]; do
    kill -"$1" "$2" 2>/dev/null
    kill -CONT "$2" 2>/dev/null
    [ "$_urged" -lt "$4" ] || return 0
    _urged=$((_urged + 250))
    doze 250
  done
}

doze() { # ms
  if [ -n "$_fraction" ]; then
    _ms=00$(($1 % 1000))
    sleep "$(($1 / 1000)).${_ms#"${_ms%???}"}" &
  else
    sleep "$((($1 + 999) / 1000))" &
  fi
  _sleep=$!
  wait "$_sleep"
  _sleep=
}

# Second line of `times`: user and system time of the children, as 0m1.234567s.
cpu_of() {
  { read -r _skip; read -r _user _sys; } <"$1" || return 0
  _cpu=0
  for _part in "$_user" "$_sys"; do
    _part=${_part%s}
    _min=${_part%m*} _sec=${_part#*m}
    _ms=${_sec#*.}000
    [ "$_sec" = "${_sec#*.}" ] && _ms=000
    _ms=${_ms%"${_ms#???}"}
    case $_min${_sec%.*}$_ms in *[!0-9]*) _cpu=-; return 0 ;; esac
    _cpu=$((_cpu + _min * 60000 + ${_sec%.*} * 1000 + 1$_ms - 1000))
  done
}
