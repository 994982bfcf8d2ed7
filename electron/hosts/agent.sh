# The host's end of Sluice: one POSIX sh file, no tools but those every system has. docs/host-protocol.md is its contract.
#   H1  A key is started once: the file own/KEY is made with O_EXCL (noclobber). Whoever loses answers with the state.
#   H2  Requests are lines on stdin, answers are lines on stdout, each one write. Raw bytes go alone, by one writer.
#   H3  A supervisor (a forked copy of this shell) outlives the channel: it enforces the timeout, writes exit/KEY as
#       one line that ends in `end` (a reader takes nothing less), then tells every agent in inbox/.
#   H4  Alive means: same boot id, same pid, same start time.
#   H5  A stop is TERM, KILL after the grace, then proof over /proc: session id, and SLUICE_ATTEMPT in the environment.
#   H7  A task's environment lives in this process and the task alone: never in a file, never in an argument.
#   H9  release KEY removes all of it; sweep removes what nobody released.
# Names begin with _ so that no variable of the account is changed under the task's feet.
set -u
_nonce=$1 _mode=$2 _dir=$3 _client=$4
_lc=${LC_ALL-} _lcset=${LC_ALL+x}
LC_ALL=C
_umask=$(umask)
umask 077
IFS=' '
_sh=/bin/sh
_nl='
' _spare= _sparing= _fresh=

# ---- what this machine has

_lacks=
lack() { _lacks="$_lacks$1,"; }
have() { command -v "$1" >/dev/null 2>&1; }

_proc=
[ -r /proc/self/stat ] && [ -r /proc/uptime ] && _proc=1
_setsid=$(command -v setsid) || { _setsid=; lack setsid; }
if have sha256sum; then _hash=sha256sum
elif have shasum; then _hash='shasum -a 256'
elif have openssl; then _hash='openssl dgst -sha256 -r'
else _hash=; lack sha256; fi
_fraction=
sleep 0.001 2>/dev/null && _fraction=1
[ -n "$_proc" ] || lack proc

_boot=
if [ -r /proc/sys/kernel/random/boot_id ]; then read -r _boot </proc/sys/kernel/random/boot_id
else _boot=$(sysctl -n kern.boottime 2>/dev/null | tr -cd '0-9' | cut -c1-20)
fi
[ -n "$_boot" ] || { _boot=unknown; lack bootid; }

# Wall clock in ms without a process per reading: the uptime plus a base taken once.
_base=
_wall=$(date +%s%3N 2>/dev/null)
case $_wall in *[!0-9]* | '') _wall=$(date +%s)000 ;; esac
[ "${#_wall}" -ge 13 ] || _wall=$(date +%s)000
uptime_ms() {
  read -r _up _rest </proc/uptime
  _uptime=$((${_up%.*} * 1000 + 1${_up#*.}0 - 1000))
}
if [ -n "$_proc" ]; then uptime_ms; _base=$((_wall - _uptime)); fi
now() {
  if [ -n "$_base" ]; then uptime_ms; _now=$((_base + _uptime))
  else _now=$(date +%s)000; fi
}

# ---- processes

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

# ---- an attempt's records

# _state: absent, starting, running, gone, rebooted, ended. _record: what follows it on the wire.
state_of() { # key
  _state=absent _record=
  if read_end "$1"; then return 0; fi
  [ -e "$_dir/own/$1" ] || return 0
  _o1= _o2= _o3= _o4= _o5= _o6=
  { read -r _o1 _o2 _o3 _o4 _o5 _o6 <"$_dir/own/$1"; } 2>/dev/null
  if [ "$_o6" != own ]; then _state=starting; return 0; fi
  _record="$_o1 $_o2 $_o3 $_o4"
  if [ "$_o1" != "$_boot" ]; then _state=rebooted; return 0; fi
  start_of "$_o2"
  if [ "$_start" = "$_o3" ]; then _state=running; return 0; fi
  # It may have ended between the two looks.
  if read_end "$1"; then return 0; fi
  _state=gone
}

# The working folder of a key seen, in _work.
work_of() {
  _work=-
  { read -r _o1 _o2 _o3 _o4 _work _o6 <"$_dir/own/$1"; } 2>/dev/null
  case ${_work:--} in - | *[!A-Za-z0-9_.-]*) _work=- ;; esac
}

# Between the making of own/KEY and its content lie microseconds; who died there started nothing, but that cannot
# be told from a full disk or a slow one, so after a second it counts as gone.
settled_state_of() {
  _tries=0
  while state_of "$1"; [ "$_state" = starting ] && [ "$_tries" -lt 10 ]; do pause 0.1; _tries=$((_tries + 1)); done
  if [ "$_state" = starting ]; then _state=gone; _record="$_boot 0 0 0"; fi
}

read_end() {
  _record=
  { read -r _record <"$_dir/exit/$1"; } 2>/dev/null
  case $_record in
  *' end') _state=ended; return 0 ;;
  *) _record=; return 1 ;;
  esac
}

write_end() { # key record
  _tries=0 _saved=
  { printf '%s end\n' "$2" >"$_dir/exit/$1"; } 2>/dev/null && _saved=1
  for _box in "$_dir"/inbox/*; do
    # Read-write, so that a box whose agent has died never blocks.
    [ -p "$_box" ] && printf '* ended %s %s end\n' "$1" "$2" 1<>"$_box"
  done
  # A full disk must not turn a known end into a lost one: whoever watches has heard it, the record follows.
  while [ -z "$_saved" ] && [ "$_tries" -lt 3600 ]; do
    sleep 1
    _tries=$((_tries + 1))
    { printf '%s end\n' "$2" >"$_dir/exit/$1"; } 2>/dev/null && _saved=1
  done
  return 0
}

# ---- start

refuse() { # message: one word per _
  printf '=%s refused %s\n' "$_id" "$1"
  [ -e "$_dir/own/$_key" ] && write_end "$_key" "refused $1 $_t0 $_t0 - - -" 2>/dev/null
  exit 0
}

place_files() {
  IFS=,
  set -- $_files
  IFS=' '
  for _file in "$@"; do
    _sha=${_file%%:*} _file=${_file#*:}
    _perm=${_file%%:*} _file=${_file#*:}
    case $_file in *\\*) _file=$(printf '%bx' "$_file"); _file=${_file%x} ;; esac
    [ -e "$_dir/files/$_sha" ] || refuse "file_$_sha"
    # A name may begin with a dash, hence the ./
    case $_file in */*) mkdir -p "./${_file%/*}" || refuse cannot_make_folders ;; esac
    cp "$_dir/files/$_sha" "./$_file" && chmod "$_perm" "./$_file" || refuse cannot_place_files
  done
}

# The channel may end at any time; that must not reach a supervisor. The traps stand before anyone can know its pid.
stand() {
  trap '' HUP PIPE
  _why=
  trap '_why=cancelled' USR1
  trap '_why=timed_out' ALRM
  self; _me=$_self _mestart=$_start
  _ready=
}

# What becomes the task: a session of its own where there is setsid, and nothing of this shell's ways.
task() { # words after the shell
  trap - HUP PIPE
  umask "$_umask"
  if [ -n "$_lcset" ]; then LC_ALL=$_lc; else unset LC_ALL; fi
  if [ -n "$_setsid" ]; then set -- "$_setsid" "$_sh" "$@"; else set -- "$_sh" "$@"; fi
  unset IFS
  [ -n "$_ready" ] || eval "$_env"
  exec "$@"
}

# A supervisor and its task's shell, forked and waiting before there is an order: a start then costs no fork and no
# setsid. The order comes by the loop's pipe, the task's part of it by one of their own; both end with their writers.
spare() { # stdin: a pipe that nobody else has
  exec 4</proc/self/fd/5 6>/proc/self/fd/0
  # As 7, because what goes to the background gets another stdin.
  exec 3>&- 5>&- 7<&0 </dev/null
  stand
  cd "$_dir/work/$_work" || exit 0
  _ready=1
  (
    exec 4<&- 6>&- <&7 7<&-
    task -c 'IFS=" " read -r _key _env || exit 0
_nl="
"
exec </dev/null >>"$1/log/$_key" 2>&1
_file=$1/script/$_key
eval "$_env"
exec "$0" "$_file"' "$_sh" "$_dir"
  ) >/dev/null 2>&1 &
  _ready=$!
  exec 7<&-
  read -r _id _key _timeout _grace _files _script _env <&4 || {
    # The agent has gone.
    exec 6>&- >/dev/null 2>&1
    cd / && exec rmdir "$_dir/work/$_work"
  }
  exec 4<&-
  supervise
}

supervise() {
  now; _t0=$_now
  set -C
  # Not by `:`, a special built-in: where its redirection fails, the shell exits.
  { printf '' >"$_dir/own/$_key"; } 2>/dev/null || {
    set +C
    [ -e "$_dir/own/$_key" ] || refuse cannot_write
    settled_state_of "$_key"
    printf '=%s %s %s\n' "$_id" "$_state" "$_record"
    [ "$_work" = "$_key" ] || rmdir "$_dir/work/$_work" 2>/dev/null
    exit 0
  }
  set +C
  printf '%s %s %s %s %s own\n' "$_boot" "$_me" "$_mestart" "$_t0" "$_work" >"$_dir/own/$_key" || refuse disk_full
  [ -d "$_dir/work/$_work" ] || mkdir "$_dir/work/$_work" || refuse cannot_make_folder
  printf '%b' "$_script" >"$_dir/script/$_key" || refuse disk_full
  cd "$_dir/work/$_work" || refuse cannot_enter_folder
  [ "$_files" = - ] || place_files
  { printf '' >>"$_dir/log/$_key"; } 2>/dev/null || refuse cannot_write_log
  # Should the shell that was made ahead have been killed, another is made.
  if [ -n "$_ready" ] && printf '%s %s\n' "$_key" "$_env" 2>/dev/null >&6; then
    _task=$_ready
  else
    _ready=
    { task "$_dir/script/$_key" </dev/null >>"$_dir/log/$_key" 2>&1 & } || refuse cannot_write_log
    _task=$!
  fi
  printf '=%s started %s %s %s %s\n' "$_id" "$_boot" "$_me" "$_mestart" "$_t0"
  exec </dev/null >/dev/null 2>&1 6>&-
  printf '%s task\n' "$_task" >>"$_dir/own/$_key"
  _env= _script= _files=
  _timer=
  if [ "$_timeout" -gt 0 ]; then
    if [ -n "$_fraction" ]; then
      _ms=00$((_timeout % 1000))
      _span=$((_timeout / 1000)).${_ms#"${_ms%???}"}
    else
      _span=$(((_timeout + 999) / 1000))
    fi
    (
      trap 'kill $_sleep 2>/dev/null; exit 0' TERM
      sleep "$_span" &
      _sleep=$!
      wait "$_sleep"
      kill -ALRM "$_me"
    ) &
    _timer=$!
  fi

  # A trapped signal ends `wait` early, and its number looks like an end of the task.
  while :; do
    wait "$_task"
    _code=$?
    [ -n "$_why" ] || break
    kill -0 "$_task" 2>/dev/null || break
    if [ "$_why" = cancelled ]; then
      { read -r _graceNow <"$_dir/stop/$_key"; } 2>/dev/null && _grace=$_graceNow
    fi
    _did=$_why
    # From here on a second order to stop changes nothing.
    trap '' USR1 ALRM
    [ -n "$_setsid" ] && _session=$_task || _session=-
    [ -n "$_setsid" ] || kill -TERM "$_task" 2>/dev/null
    stop_all "$_session" "$_key" "$_grace"
    case ",$_survivors" in *",$_task:"*) _code=0 ;; *) wait "$_task"; _code=$? ;; esac
    break
  done
  now
  [ -n "$_timer" ] && kill "$_timer" 2>/dev/null
  _cpu=-
  command times >"$_dir/stop/$_key.times" 2>/dev/null && cpu_of "$_dir/stop/$_key.times" "$_dir/stop/$_key.fetch"
  case ${_did-} in
  '') write_end "$_key" "exited $_code $_t0 $_now $_cpu - -" ;;
  *) write_end "$_key" "$_did $_signal $_t0 $_now $_cpu - ${_survivors:--}" ;;
  esac
  exit 0
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

# ---- cancel

cancel() {
  settled_state_of "$_key"
  case $_state in
  absent)
    # A start of this key that is still on its way must find it taken.
    set -C
    if { printf '%s 0 0 0 - own\n' "$_boot" >"$_dir/own/$_key"; } 2>/dev/null; then
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
    ;;
  gone)
    printf '=%s stopping\n' "$_id"
    ( ( reap </dev/null >/dev/null 2>&1 3>&- 5>&- & ) )
    ;;
  *) printf '=%s %s %s\n' "$_id" "$_state" "$_record" ;;
  esac
}

# The supervisor is dead: its task may live on. Whatever it does, its end can no longer be known.
reap() {
  trap '' HUP PIPE
  _session=-
  { read -r _skip; read -r _session _skip; } <"$_dir/own/$_key" || _session=-
  if [ "$_session" != - ]; then
    # The number may name a stranger's session by now: trust it only where a member bears the mark.
    scan - "$_key"
    [ -n "$_left" ] || _session=-
  fi
  stop_all "${_session:--}" "$_key" "$_grace"
  write_end "$_key" "reaped $_signal - - - - ${_survivors:--}"
  exit 0
}

# ---- bytes

# Exactly length bytes of a file from offset, which is a multiple of 4096. Less comes out only where the file has shrunk.
raw_part() { # file offset length
  _big=65536
  [ $(($2 % _big)) -eq 0 ] || _big=4096
  _whole=$(($3 / _big))
  [ "$_whole" -eq 0 ] || dd if="$1" bs=$_big skip=$(($2 / _big)) count="$_whole" 2>/dev/null
  _at=$(($2 + _whole * _big)) _rest=$(($3 - _whole * _big))
  [ "$_rest" -eq 0 ] && return 0
  if [ "$_rest" -ge 4096 ]; then
    dd if="$1" bs=4096 skip=$((_at / 4096)) count=$((_rest / 4096)) 2>/dev/null
    _at=$((_at + _rest / 4096 * 4096)) _rest=$((_rest % 4096))
    [ "$_rest" -eq 0 ] && return 0
  fi
  dd if="$1" bs=4096 skip=$((_at / 4096)) count=1 2>/dev/null | dd bs="$_rest" count=1 2>/dev/null
}

raw() { # id file offset length
  printf '#%s %s\n' "$1" "$4"
  raw_part "$2" "$3" "$4"
  printf '\n%s %s\n' "$_nonce" "$1"
}

# Notices and raw bytes have one writer: in the mode `main` the notifier, in the mode `bulk` this loop.
give() { # id file offset length
  if [ "$_mode" = main ]; then printf 'raw %s %s %s %s\n' "$1" "$2" "$3" "$4" >&3
  else raw "$@"; fi
}

notifier() {
  trap '' HUP
  exec </dev/null
  while read -r _word _rest <&3; do
    case $_word in
    '*') printf '* %s\n' "$_rest" || break ;;
    raw)
      set -- $_rest
      raw "$@" || break
      ;;
    bye) break ;;
    esac
  done
  exit 0
}

decode() { # text -> _text
  case $1 in
  *\\*) _text=$(printf '%bx' "$1"); _text=${_text%x} ;;
  *) _text=$1 ;;
  esac
}

sizes() { # keys; `-` where there is no log
  for _key in "$@"; do
    shift
    if [ -e "$_dir/log/$_key" ]; then set -- "$@" "$_key"; else printf '+%s %s -\n' "$_id" "$_key"; fi
  done
  [ $# -gt 0 ] || return 0
  (cd "$_dir/log" && ls -ln -- "$@" 2>/dev/null) | while read -r _p _l _u _g _size _rest; do
    printf '+%s %s %s\n' "$_id" "${_rest##* }" "$_size"
  done
}

hashes() { # keys
  [ -n "$_hash" ] || return 0
  (cd "$_dir/log" && $_hash -- "$@" 2>/dev/null) | while read -r _sum _rest; do
    printf '+%s %s %s\n' "$_id" "${_rest#\*}" "$_sum"
  done
}

# openssl starts slower and hashes twice as fast, where it is.
hash_big() { # key
  _sum=$(openssl dgst -sha256 -r "$_dir/log/$1" 2>/dev/null) || { hashes "$1"; return 0; }
  printf '+%s %s %s\n' "$_id" "$1" "${_sum%% *}"
}

outputs() { # key paths
  work_of "$1"
  shift
  _index=0
  for _path in "$@"; do
    decode "$_path"
    _file=$_dir/work/$_work/$_text
    if [ -f "$_file" ]; then
      read -r _p _l _u _g _size _rest <<END
$(ls -lnL -- "$_file")
END
      _sum=-
      [ -n "$_hash" ] && { _sum=$($_hash <"$_file"); _sum=${_sum%% *}; }
      printf '+%s %s %s %s\n' "$_id" "$_index" "$_size" "$_sum"
    fi
    _index=$((_index + 1))
  done
}

# Raw bytes come from stdin; the client sends nothing else until the answer.
receive() { # sha length
  _temp=$_dir/files/.$1.$$
  head -c "$2" >"$_temp" || { rm -f "$_temp"; printf '=%s error cannot_write\n' "$_id"; return 0; }
  if [ -n "$_hash" ]; then
    _sum=$($_hash <"$_temp"); _sum=${_sum%% *}
    if [ "$_sum" != "$1" ]; then
      rm -f "$_temp"
      printf '=%s error hash\n' "$_id"
      return 0
    fi
  fi
  mv -f "$_temp" "$_dir/files/$1" && printf '=%s ok\n' "$_id" || printf '=%s error cannot_write\n' "$_id"
}

release() { # keys; own/ goes last, so that a release cut short is not taken for a key never seen
  for _key in "$@"; do
    state_of "$_key"
    case $_state in
    ended | rebooted | gone)
      work_of "$_key"
      [ "$_work" = - ] || set -- "$@" "$_dir/work/$_work"
      set -- "$@" "$_dir/script/$_key" "$_dir/log/$_key" "$_dir/stop/$_key" "$_dir/stop/$_key.times" "$_dir/stop/$_key.fetch"
      ;;
    *) printf '+%s %s %s\n' "$_id" "$_key" "$_state" ;;
    esac
    set -- "$@" "=$_key"
    shift
  done
  # "$@" holds the paths now, and =KEY for each key.
  _n=$#
  _keys=
  while [ "$_n" -gt 0 ]; do
    _n=$((_n - 1))
    case $1 in
    =*) _keys="$_keys ${1#=}" ;;
    *) set -- "$@" "$1" ;;
    esac
    shift
  done
  [ $# -eq 0 ] && return 0
  rm -rf -- "$@" 2>/dev/null || { chmod -R u+rwX -- "$@" 2>/dev/null; rm -rf -- "$@" 2>/dev/null; }
  set --
  for _key in $_keys; do
    state_of "$_key"
    case $_state in ended | rebooted | gone) set -- "$@" "$_dir/own/$_key" "$_dir/exit/$_key" ;; esac
  done
  [ $# -eq 0 ] || rm -f -- "$@"
}

# Attempts that nobody released for so many days and that do not run; files that no start used; boxes of dead agents.
sweep() { # days
  for _path in $(cd "$_dir/own" && find . -type f -mtime "+$1" | tr '\n' ' '); do
    release "${_path#./}" >/dev/null
  done
  # Working folders that were made ahead by an agent that was killed.
  for _path in $(find "$_dir"/work/* -prune -type d -mtime "+$1" 2>/dev/null | tr '\n' ' '); do
    grep -qsF " ${_path##*/} own" "$_dir"/own/* || rmdir "$_path" 2>/dev/null
  done
  find "$_dir/files" -type f -mtime "+$1" -exec rm -f {} + 2>/dev/null
  find "$_dir" \( -name 'agent-*' -o -name '.spare-*' \) -mtime "+$1" -exec rm -f {} + 2>/dev/null
  return 0
}

# ---- the loop

# What may take long is done beside a main loop, so that starts go on and a ping is always answered.
aside() {
  if [ "$_mode" = main ]; then answered "$@" </dev/null &
  else answered "$@"; fi
}
answered() {
  "$@"
  printf '=%s ok\n' "$_id"
}

hello() {
  for _sub in own exit log work script stop files inbox; do
    [ -d "$_dir/$_sub" ] || mkdir -p "$_dir/$_sub" || {
      echo "! $_nonce cannot_make_folder $_dir/$_sub"
      exit 1
    }
  done
  if [ "$_mode" = main ]; then
    self
    clear_boxes
    _boxnew=$_dir/.box-$_self
    rm -f "$_boxnew"
    mkfifo "$_boxnew" || { echo "! $_nonce cannot_make_fifo $_boxnew"; exit 1; }
    exec 3<>"$_boxnew"
    notifier &
    _notifier=$!
    _box=$_dir/inbox/$_self-$_start-$_notifier-$_client
    _folderPrefix=$_self-$_start
    mv "$_boxnew" "$_box"
  fi
  now
  printf 'hello %s 1 boot=%s pid=%s now=%s hash=%s lacks=%s system=%s\n' \
    "$_nonce" "$_boot" "$$" "$_now" "${_hash%% *}" "$_lacks" "$(uname -sm | tr ' ' /)"
  make_folders
  may_spare && make_spare
}

# Boxes of agents that died without a farewell, and of earlier channels of this same client: half-open connections
# would keep them for hours, and a notifier whose reader has gone fills its box until supervisors wait on it.
clear_boxes() {
  for _old in "$_dir"/inbox/*; do
    [ -p "$_old" ] || continue
    _name=${_old##*/}
    IFS=-
    set -- $_name
    IFS=' '
    [ $# -ge 4 ] || continue
    _oldpid=$1 _oldstart=$2 _oldnotifier=$3 _oldclient=$4
    start_of "$_oldpid"
    if [ "$_start" = "$_oldstart" ]; then
      [ "$_oldclient" = "$_client" ] || continue
      kill -KILL "$_oldpid" 2>/dev/null
    fi
    mv "$_old" "$_dir/.gone-$_oldpid" 2>/dev/null || continue
    printf 'bye\n' 1<>"$_dir/.gone-$_oldpid"
    rm -f "$_dir/.gone-$_oldpid"
  done
  self
}

# Working folders are made sixteen at a time: a process per attempt is saved on the way to its first instruction.
_folders= _foldersMade=0 _started=0
make_folders() {
  [ "$_mode" = main ] || return 0
  set --
  _n=0
  while [ "$_n" -lt 16 ]; do
    _n=$((_n + 1)) _foldersMade=$((_foldersMade + 1))
    set -- "$@" "$_folderPrefix.$_foldersMade"
  done
  (cd "$_dir/work" && mkdir "$@") 2>/dev/null && _folders="$* "
}

# Can a pipe be opened again by its number? Linux can.
may_spare() {
  [ "$_mode" = main ] && [ -n "$_proc" ] && [ -n "$_setsid" ] || return 1
  spare_pipe || return 1
  : | (exec 4</proc/self/fd/5 6>/proc/self/fd/0) 2>/dev/null || { exec 5>&-; return 1; }
  _sparing=1
}

# Each spare has a pipe of its own: one that still reads its order must not meet the next one's.
spare_pipe() {
  _pipe=$_dir/.spare-$_self
  rm -f "$_pipe"
  mkfifo "$_pipe" 2>/dev/null || return 1
  exec 5<>"$_pipe"
  rm -f "$_pipe"
  _fresh=1
}

# One spare at most, made when the client says that starts come one by one: in a crowd it would cost what it saves.
make_spare() {
  [ -n "$_sparing" ] && [ -z "$_spare" ] || return 0
  [ -n "$_folders" ] || make_folders
  [ -n "$_folders" ] || return 0
  [ -n "$_fresh" ] || spare_pipe || return 0
  _fresh=
  _work=${_folders%% *} _folders=${_folders#* }
  : | spare &
  _spare=$!
}

start() {
  if [ -n "$_spare" ] && [ $((${#_env} + ${#_script} + ${#_files})) -lt 3500 ] && kill -0 "$_spare" 2>/dev/null; then
    printf '%s\n' "$_id $_key $_timeout $_grace $_files $_script $_env" >&5
    _spare=
  else
    # A folder made ahead, so that no process stands between the order and the task.
    if [ -n "$_folders" ]; then _work=${_folders%% *} _folders=${_folders#* }; else _work=$_key; fi
    { exec 3>&- 5>&-; stand; supervise; } &
    [ -n "$_folders" ] || make_folders
  fi
  # Lets go of those that have ended: the shell would remember each of them for ever.
  [ $((_started = _started + 1)) -lt 32 ] || { _started=0; jobs >/dev/null; }
}

farewell() {
  if [ "$_mode" = main ]; then
    # A spare that waits for an order leaves, and takes its folder along.
    exec 5>&-
    [ -z "$_folders" ] || (cd "$_dir/work" && rmdir $_folders) 2>/dev/null
    # The box goes last: whoever is killed here leaves it to the next agent, which tells the notifier.
    printf 'bye\n' >&3
    kill "$_notifier" 2>/dev/null
    rm -f "$_box"
  fi
  exit 0
}

trap '' HUP
hello
# Fields by `read`, not by cutting a string: that costs the square of the length in some shells.
while read -r _verb _id _key _timeout _grace _files _script _env; do
  case $_verb in
  # Key, timeout and grace in ms, files, script; the rest of the line is shell text that exports the environment.
  start)
    start
    continue
    ;;
  esac
  _rest="$_key $_timeout $_grace $_files $_script $_env"
  case $_verb in
  probe)
    for _key in $_rest; do
      settled_state_of "$_key"
      printf '+%s %s %s %s\n' "$_id" "$_key" "$_state" "$_record"
    done
    printf '=%s ok\n' "$_id"
    ;;
  cancel)
    _grace=$_timeout
    cancel
    ;;
  sizes) sizes $_rest; printf '=%s ok\n' "$_id" ;;
  hash) aside hashes $_rest ;;
  hashbig) aside hash_big "$_key" ;;
  read)
    set -- $_rest
    give "$_id" "$_dir/log/$1" "$2" "$3"
    ;;
  outputs) aside outputs $_rest ;;
  fetch)
    # Key, offset, length, path. The notifier's line cannot carry odd paths, so it gets a link in stop/.
    set -- $_rest
    decode "$4"
    work_of "$1"
    ln -sf "$_dir/work/$_work/$_text" "$_dir/stop/$1.fetch" 2>/dev/null
    give "$_id" "$_dir/stop/$1.fetch" "$2" "$3"
    ;;
  have)
    set --
    for _sha in $_rest; do
      if [ -e "$_dir/files/$_sha" ]; then set -- "$@" "$_dir/files/$_sha"; else printf '+%s %s\n' "$_id" "$_sha"; fi
    done
    [ $# -eq 0 ] || touch "$@"
    printf '=%s ok\n' "$_id"
    ;;
  put) receive $_rest ;;
  release) aside release $_rest ;;
  sweep) aside sweep "$_key" ;;
  ready) printf '=%s ok\n' "$_id"; make_spare ;;
  ping) printf '=%s pong\n' "$_id" ;;
  bye) break ;;
  *) printf '=%s error unknown_verb\n' "$_id" ;;
  esac
done
farewell
