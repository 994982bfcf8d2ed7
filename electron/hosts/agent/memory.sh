# The peak memory of attempts: only looking while they live can tell it. One process of a machine looks for all attempts,
# over /proc, and leaves the highest in stop/KEY.peak, which their supervisors put into the end record. What a process
# itself has reached the kernel keeps (VmHWM), so a late look misses little; what came and went between two looks is missed.
# It starts with the first attempt, outlives the channel, takes about 2 % of a processor at most and ends soon after the last of them.

_memory=$_dir/.memory-$_place
_lookMs=2000

# Called at each start: no process where it is looked at already.
watch_memory() {
  [ "$_mode" = main ] && [ ! -e "$_memory" ] || return 0
  set -C
  { printf '' >"$_memory"; } 2>/dev/null || { set +C; return 0; }
  set +C
  { exec </dev/null >/dev/null 2>&1 3>&- 5>&- 8<&-; memory_watcher; } &
}

# What a watcher that was killed has left must not stop the next one.
clear_memory() {
  [ -e "$_memory" ] || return 0
  _oldpid= _oldstart=
  { read -r _oldpid _oldstart <"$_memory"; } 2>/dev/null
  start_of "${_oldpid:-none}"
  [ -n "$_start" ] && [ "$_start" = "$_oldstart" ] || rm -f "$_memory"
}

memory_watcher() {
  trap '' HUP PIPE
  cd "$_dir" || exit 0
  self
  printf '%s %s\n' "$_self" "$_start" >"$_memory"
  pause 0.5
  _calm=0
  while :; do
    [ -z "$_uptime" ] || { uptime_ms; _since=$_uptime; }
    if look_at_memory; then _calm=0
    elif [ $((_calm = _calm + 1)) -gt 5 ]; then
      # A start that came meanwhile has seen this file, so it is looked once more without it.
      rm -f "$_memory"
      look_at_memory || exit 0
      printf '%s %s\n' "$_self" "$_start" >"$_memory"
    fi
    [ -e "$_memory" ] || exit 0
    _span=$_lookMs
    if [ -n "$_uptime" ]; then
      uptime_ms
      [ $(((_uptime - _since) * 50)) -le "$_span" ] || _span=$(((_uptime - _since) * 50))
      [ "$_span" -le 10000 ] || _span=10000
    fi
    doze "$_span"
  done
}

# False when no attempt runs here.
look_at_memory() {
  _keys=
  for _file in own/*; do
    _file=${_file#own/}
    [ -e "exit/$_file" ] || _keys="$_keys $_file"
  done
  case $_keys in '' | ' *') return 1 ;; esac
  for _file in $_keys; do [ ! -e "saved/$_file" ] || watch_saved "$_file"; done
  {
    printf 'k %s\n' $_keys
    if [ -n "$_proc" ]; then printf 'p %s\n' /proc/[0-9]*
    else ps -A -o pid= -o ppid= -o pgid= -o rss= 2>/dev/null | sed 's/^/s /'; fi
  } | memory_of | {
    _live=0
    while read -r _file _bytes; do
      case $_file in
      live) _live=$_bytes ;;
      # Fifteen digits, written over in place: its reader never finds it empty.
      *) [ ! -e "own/$_file" ] || printf '%s\n' "$_bytes" 1<>"stop/$_file.peak" ;;
      esac
    done 2>/dev/null
    [ "$_live" -gt 0 ]
  }
}

# Lines `k KEY` and `p /proc/PID` (or `s PID PPID GROUP KB`) to lines `KEY BYTES` where that is more than was known, and
# `live` with the number of those that run. Of an attempt are its session and all their children.
memory_of() {
  LC_ALL=C awk -v place="$_place" '
    function owner(p, n) {
      while (p > 1 && (p in parent) && n++ < 64) {
        if (p in top) return top[p]
        if (of[p] in top) return top[of[p]]
        p = parent[p] }
      return "" }
    $1 == "k" { keys[$2] = 1 }
    $1 == "s" { parent[$2] = $3; of[$2] = $4; now[$2] = $5 }
    $1 == "p" {
      pid = substr($2, 7); file = $2 "/stat"; text = ""
      while ((getline line < file) > 0) text = text " " line
      close(file)
      if (!sub(/^.*\) /, "", text)) next
      split(text, f, " ")
      if (f[1] !~ /^[ZX]/) { parent[pid] = f[2]; of[pid] = f[4]; start[pid] = f[20] } }
    END {
      for (key in keys) {
        file = "own/" key; task = ""
        if ((getline line < file) > 0 && split(line, f, " ") == 6 && f[1] == place && (f[2] in parent) &&
          (!(f[2] in start) || start[f[2]] == f[3])) {
          live++
          if ((getline line < file) > 0 && split(line, f, " ") >= 2 && f[2] == "task" && f[1] > 1) top[f[1]] = key }
        close(file) }
      for (p in parent) {
        key = owner(p)
        if (key == "") continue
        high = 0; file = "/proc/" p "/status"
        if (p in now) { high = now[p]; all[key] += high }
        else while ((getline line < file) > 0) {
          split(line, f, " ")
          if (f[1] == "VmHWM:") high = f[2]
          if (f[1] == "VmRSS:") { all[key] += f[2]; break } }
        close(file)
        if (high + 0 > peak[key] + 0) peak[key] = high + 0 }
      for (key in peak) {
        if (all[key] > peak[key]) peak[key] = all[key]
        file = "stop/" key ".peak"; known = 0
        if ((getline line < file) > 0) known = line + 0
        close(file)
        if (peak[key] * 1024 > known) printf "%s %015.0f\n", key, peak[key] * 1024 }
      print "live", live + 0 }'
}
