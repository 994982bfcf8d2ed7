# H10: what the host was like when an attempt failed. Raw text of the system in parts named by `@sluice`; the client reads it.
# None of it is needed for an end: a part that hangs (df on a dead NFS) or is not there costs itself only, and all of it
# 2 s at most. Processes by their names, never by their arguments: those may hold a stranger's secret.

# Kernel's kills for want of memory so far, here and in this control group. What is added later may explain a death.
_killsBase=- _groupBase=- _killsAt=
note_kills() {
  now
  [ -z "$_killsAt" ] || [ $((_now - _killsAt)) -ge 60000 ] || return 0
  _killsAt=$_now
  kills; _killsBase=$_kills
  find_group; group_kills; _groupBase=$_kills
}

kills() {
  _kills=$(grep '^oom_kill ' /proc/vmstat 2>/dev/null)
  _kills=${_kills#* }
  _kills=${_kills:--}
}

# The memory control group of this shell, in _group, and of which kind it is.
find_group() {
  _group= _groupKind=
  while IFS=: read -r _n _names _path; do
    case ,$_names, in
    *,memory,*) _groupKind=1 _groupTop=/sys/fs/cgroup/memory ;;
    ,,) [ -r /sys/fs/cgroup/cgroup.controllers ] || continue; _groupKind=2 _groupTop=/sys/fs/cgroup ;;
    *) continue ;;
    esac
    _group=$_groupTop${_path%/}
    # In a container the path may be the one that the machine outside sees.
    [ -d "$_group" ] || _group=$_groupTop
    [ "$_groupKind" = 2 ] || break
  done 2>/dev/null </proc/self/cgroup
}

group_kills() {
  _kills=-
  [ -n "$_group" ] || return 0
  for _events in "$_group/memory.events" "$_group/memory.oom_control"; do
    [ -r "$_events" ] || continue
    while read -r _name _value; do
      [ "$_name" != oom_kill ] || _kills=$_value
    done <"$_events"
    return 0
  done
}

# Writes stop/KEY.snapshot. Called by a supervisor before it tells the end, with the time of the end in _now. Of many that fail
# at once one looks, or the looking would be their host's next trouble; what was seen before an end says nothing about it.
take_snapshot() { # key
  _endedAt=$_now
  # A second order to stop must not cut the wait short.
  trap '' USR1 USR2 ALRM
  _waited=0
  until share_snapshot "$1" || be_the_one "$1"; do
    if [ "$_waited" -ge 1600 ]; then
      # Whoever looks was killed there, perhaps: the next ones must not wait for it too.
      rm -f "$_dir/.looking-$_place"
      break
    fi
    pause 0.2
    if [ -n "$_fraction" ]; then _waited=$((_waited + 200)); else _waited=$((_waited + 1000)); fi
  done
  _now=$_endedAt
}

be_the_one() { # key; false where another one looks
  set -C
  { printf '' >"$_dir/.looking-$_place"; } 2>/dev/null || { set +C; return 1; }
  set +C
  { bounded_snapshot $((1800 - _waited)) >"$_dir/stop/$1.snapshot"; } 2>/dev/null &&
    ln -f "$_dir/stop/$1.snapshot" "$_dir/.snapshot-$_place" 2>/dev/null
  rm -f "$_dir/.looking-$_place"
  return 0
}

share_snapshot() { # key
  _stamp=
  { read -r _skip _skip _skip _skip _stamp <"$_dir/.snapshot-$_place"; } 2>/dev/null
  case ${_stamp:-x} in *[!0-9]*) return 1 ;; esac
  [ "$_stamp" -ge "$_endedAt" ] && ln -f "$_dir/.snapshot-$_place" "$_dir/stop/$1.snapshot" 2>/dev/null
}

# The snapshot, cut off after so long. What still hangs then holds none of our files.
bounded_snapshot() { # ms
  snapshot_text </dev/null 2>/dev/null &
  _taker=$!
  {
    _sleep=
    trap '[ -z "$_sleep" ] || kill "$_sleep"; exit 0' TERM
    doze "$1"
    kill -KILL "$_taker"
  } </dev/null >/dev/null 2>&1 &
  _guard=$!
  _cut=
  wait "$_taker" || _cut=1
  kill "$_guard" 2>/dev/null
  [ -z "$_cut" ] || printf '\n@sluice cut\n'
  printf '@sluice end\n'
}

# What the loop answers: the attempt's own, or one taken now where none could be: a dead supervisor, a reboot, a full disk.
tell_snapshot() { # key
  _file=$_dir/stop/$1.snapshot _when=prompt
  case $(tail -n 1 "$_file" 2>/dev/null) in '@sluice end') ;; *) _when=late ;; esac
  printf '+%s @sluice told %s %s\n' "$_id" "$_when" "$(date +%s)"
  if [ "$_when" = prompt ]; then cat "$_file"; else bounded_snapshot 1800; fi | {
    _lines=0
    while IFS= read -r _line && [ "$_lines" -lt 150 ]; do
      _lines=$((_lines + 1))
      printf '+%s %.300s\n' "$_id" "$_line"
    done
  }
}

snapshot_text() {
  cd /
  LC_ALL=C
  export LC_ALL
  now
  printf '@sluice snapshot 1 %s %s\n' "$(date +%s)" "$_now"
  kills
  printf '@sluice kills %s %s\n' "$_kills" "$_killsBase"
  snapshot_machine
  snapshot_memory
  # The attempt's own file system first, while there is time; the others, which may hang, last.
  _seen= _mounts=
  snapshot_disk "$_dir/work"
  snapshot_group
  printf '@sluice limits\n'
  if [ -r /proc/self/limits ]; then grep -v '^Max [a-z ]* unlimited' </proc/self/limits; else ulimit -a; fi | head -n 32
  snapshot_processes
  snapshot_kernel
  snapshot_disks
}

snapshot_machine() {
  if [ -n "$_proc" ]; then
    read -r _line </proc/loadavg && printf '@sluice load %s\n' "$_line"
    read -r _line </proc/uptime && printf '@sluice uptime %s\n' "$_line"
  else
    printf '@sluice load %s\n' "$(sysctl -n vm.loadavg | tr -d '{}')"
    printf '@sluice boot %s\n' "$(sysctl -n kern.boottime)"
  fi
  _cores=$(getconf _NPROCESSORS_ONLN || nproc || grep -c '^processor' /proc/cpuinfo)
  printf '@sluice cores %s\n' "$_cores"
}

snapshot_memory() {
  if [ -r /proc/meminfo ]; then
    while read -r _name _value _unit; do
      case $_name in
      MemTotal: | MemFree: | MemAvailable: | Buffers: | Cached:) printf '@sluice memory %s %s\n' "$_name" "$_value" ;;
      SwapFree:) printf '@sluice memory %s %s\n' "$_name" "$_value"; break ;;
      esac
    done </proc/meminfo
  elif have vm_stat; then
    printf '@sluice memsize %s\n' "$(sysctl -n hw.memsize)"
    printf '@sluice vm_stat\n'
    vm_stat | head -n 6
  fi
}

# A limit of any group above counts too: the tightest is what an attempt meets.
snapshot_group() {
  find_group
  [ -n "$_group" ] || return 0
  group_kills
  printf '@sluice group %s %s\n' "$_kills" "$_groupBase"
  while :; do
    for _name in memory.max memory.peak memory.current memory.limit_in_bytes memory.max_usage_in_bytes pids.max pids.current; do
      [ -r "$_group/$_name" ] || continue
      read -r _value <"$_group/$_name" && printf '@sluice level %s %s\n' "$_name" "$_value"
    done
    [ "$_group" != "$_groupTop" ] || break
    _group=${_group%/*}
    printf '@sluice level above\n'
  done
}

snapshot_processes() {
  if [ -n "$_proc" ]; then
    read -r _up _rest </proc/uptime
    printf '@sluice pagesize %s\n' "$(getconf PAGESIZE || echo 4096)"
    # Percent of one core over a process's life, resident pages, pid, state, name.
    _all=$(cat /proc/[0-9]*/stat | awk -v up="$_up" '{
      rest = $0; sub(/^.*\) /, "", rest); split(rest, f, " ")
      name = substr($0, index($0, "(") + 1); name = substr(name, 1, length(name) - length(rest) - 2)
      age = up - f[20] / 100; if (age < 0.1) age = 0.1
      if ($1 ~ /^[0-9]+$/ && f[22] > 0) printf "%.1f %d %d %s %s\n", (f[12] + f[13]) / age, f[22], $1, f[1], name }')
    printf '@sluice processes\n'
    {
      printf '%s\n' "$_all" | sort -rnk2,2 | head -n 8
      printf '%s\n' "$_all" | sort -rnk1,1 | head -n 6
    } | {
      _owners=
      while read -r _cpu _pages _pid _state _name; do
        _owner=
        while IFS=: read -r _word _owner; do
          [ "$_word" != Uid ] || break
        done <"/proc/$_pid/status" || continue
        _owner=${_owner#?} _owner=${_owner%%[!0-9]*}
        _owners="$_owners $_owner "
        printf '%s %s %s %s %s %s\n' "$_cpu" "$_pages" "$_pid" "$_state" "$_owner" "$_name"
      done
      printf '@sluice users\n'
      awk -F: -v want="$_owners" 'index(want, " " $3 " ") { print $3, $1 }' /etc/passwd | head -n 14
    }
  else
    printf '@sluice ps\n'
    _all=$(ps -A -o pcpu= -o rss= -o pid= -o user= -o comm=)
    printf '%s\n' "$_all" | sort -rnk2,2 | head -n 8
    printf '%s\n' "$_all" | sort -rnk1,1 | head -n 6
  fi
}

# Only what may explain a death, and no line of the audit, which may hold arguments.
snapshot_kernel() {
  _words='out of memory|oom-kill|oom_reaper|killed process|segfault|general protection|traps: |trap (invalid|divide)|i/o error|remount.*(read-only| ro)|filesystem read-only|thrott|ext4-fs error|xfs .*(error|shut)|btrfs.*error|hung task|blocked for more than|soft lockup|hardware error|not responding|nvme.*(timeout|reset)|link is down'
  printf '@sluice kernel\n'
  for _file in dmesg /var/log/kern.log /var/log/messages; do
    case $_file in
    dmesg) dmesg >/dev/null || continue; _read=dmesg ;;
    *) [ -r "$_file" ] || continue; _read="tail -c 200000 $_file" ;;
    esac
    $_read | grep -aiE "$_words" | grep -av 'audit' | tail -n 12 | cut -c1-300
    printf '@sluice kernel-from %s\n' "$_file"
    return 0
  done
}

snapshot_disks() {
  snapshot_disk "${HOME:-/}"
  snapshot_disk "${TMPDIR:-/tmp}"
  printf '@sluice mounts\n'
  if [ -r /proc/mounts ]; then
    awk -v want="$_mounts" 'index(want, "|" $2 "|") { how[$2] = $4 } END { for (one in how) print substr(how[one], 1, 2), one }' /proc/mounts
  else
    mount | grep 'read-only' | head -n 8
  fi
}

snapshot_disk() { # a path on it
  case $_seen in *"|$1|"*) return 0 ;; esac
  _seen="$_seen|$1|"
  for _option in -Pk -Pi; do
    printf '@sluice df %s\n' "$_option"
    _all=$(df "$_option" "$1")
    _all=${_all##*$_nl}
    printf '%s\n' "$_all"
  done
  _mounts="$_mounts|/${_all#* /}|"
}
