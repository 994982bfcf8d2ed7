# What is removed, and when (H9).

release() { # keys
  # A program takes no list of any length.
  [ $# -lt 8 ] || [ $# -gt 200 ] || { release_ended "$@"; set -- $_rest; }
  _gone= _paths= _n=0
  for _key in "$@"; do
    state_of "$_key"
    case $_state in
    ended | rebooted | gone | reused | lost | absent)
      [ "$_state" = absent ] || _gone="$_gone own/$_key exit/$_key stop/$_key.fetch"
      work_of "$_key"
      [ -z "$_keep" ] || keep_folder
      [ "$_work" = - ] || _paths="$_paths work/$_work"
      _paths="$_paths script/$_key log/$_key values/$_key saved/$_key stop/$_key stop/$_key.times stop/$_key.fetch stop/$_key.snapshot stop/$_key.peak stop/$_key.saved stop/$_key.tar"
      # A shell looks at all of a text for each word that it adds.
      [ $((_n = _n + 1)) -lt 16 ] || { remove_released; _gone= _paths= _n=0; }
      ;;
    *) printf '+%s %s %s\n' "$_id" "$_key" "$_state" ;;
    esac
  done
  [ "$_n" -eq 0 ] || remove_released
}

# Of many most have ended. One awk finds their working folders, where the shell would read two records byte by byte for each;
# it leaves in _rest those whose end is not to be found here, and those that failed where their folders are kept.
release_ended() { # keys
  _rest=$*
  _paths=$(cd "$_dir" && exec awk -v keep="$_keep" 'BEGIN {
    for (i = 1; i < ARGC; i++) {
      key = ARGV[i]; end = "exit/" key; own = "own/" key
      if ((getline line < end) > 0 && line ~ / end$/ && (keep == "" || line !~ /^(exited [1-9]|signalled |timed_out |gone |reused |lost )/)) {
        paths = paths " script/" key " log/" key " values/" key " saved/" key " stop/" key " stop/" key ".times stop/" key ".fetch stop/" key ".snapshot stop/" key ".peak stop/" key ".saved stop/" key ".tar"
        gone = gone " own/" key " exit/" key " stop/" key ".fetch"
        if ((getline line < own) > 0 && split(line, o, " ") >= 5 && o[5] != "-" && o[5] !~ /[^A-Za-z0-9_.-]/) paths = paths " work/" o[5]
      } else rest = rest " " key
      close(end); close(own)
    }
    print paths "|" gone "|" rest
    exit }' "$@" 2>/dev/null) || return 0
  # Not cut by patterns: that costs the square of the length.
  IFS='|'
  set -- $_paths
  IFS=' '
  _paths=${1-} _gone=${2-} _rest=${3-}
  [ -z "$_gone" ] || remove_released
}

# own/ goes last, so that a release cut short is not taken for a key never seen; then what a `fetch` has left meanwhile.
remove_released() {
  (
    cd "$_dir" || exit 0
    rm -rf -- $_paths 2>/dev/null || { chmod -R u+rwX -- $_paths 2>/dev/null; rm -rf -- $_paths 2>/dev/null; }
    [ -z "$_gone" ] || rm -f -- $_gone
  )
}

# A release that keeps the working folders of those that failed, for who looks into it.
keep() { # days keys
  _keep=$1 _keptMax=
  shift
  ! keeps_any || look_for_room
  release "$@"
  [ -z "$_keptMax" ] || forget_kept "$_keptMax"
  _keep= _keptNow= _keptCount=0
}

# Without a process: most hosts keep nothing.
keeps_any() {
  for _path in "$_dir"/kept/*/*; do [ ! -e "$_path" ] || return 0; done
  return 1
}

keep_folder() {
  [ "$_work" != - ] && [ "$_keptMax" != 0 ] || return 0
  case $_state:$_record in
  ended:'exited 0 '*) return 0 ;;
  ended:exited\ * | ended:signalled\ * | ended:timed_out\ * | ended:gone\ * | ended:reused\ * | ended:lost\ * | rebooted:* | gone:* | reused:* | lost:*) ;;
  *) return 0 ;;
  esac
  ! rmdir "$_dir/work/$_work" 2>/dev/null || return 0
  [ -n "$_keptMax" ] || look_for_room
  [ "$_keptMax" != 0 ] || return 0
  [ -d "$_dir/kept/$_keep" ] || mkdir -p "$_dir/kept/$_keep" 2>/dev/null || return 0
  _kb=$(du -sk "$_dir/work/$_work" 2>/dev/null)
  _kb=${_kb%%[!0-9]*}
  [ "${_kb:-1048577}" -le 1048576 ] || return 0
  mv "$_dir/work/$_work" "$_dir/kept/$_keep/$_key" 2>/dev/null || return 0
  # Its days count from now.
  touch "$_dir/kept/$_keep/$_key"
  _keptNow="$_keptNow$_keep/$_key "
  # Times tell no two of one batch apart: of those what comes later is newer.
  if [ $((_keptCount = _keptCount + 1)) -gt "$_keptMax" ]; then
    _keptCount=$_keptMax
    remove_tree "kept/${_keptNow%% *}"
    _keptNow=${_keptNow#* }
  fi
}

# On a disk that is nearly full nothing is kept, nor what was.
look_for_room() {
  _full=$(df -P -k "$_dir" 2>/dev/null | while read -r _device _all _used _free _rest; do
    case $_rest in ([0-9]*%*) _rest=${_rest%%%*}; echo "${_rest##* }" ;; esac
  done)
  _keptMax=10
  case $_full in 9[0-9] | 1[0-9][0-9]) _keptMax=0 ;; esac
}

# Those whose days are over, and all but the newest; those of this batch are newer than what was there.
forget_kept() { # how many stay
  for _keptIn in "$_dir"/kept/*; do
    _age=${_keptIn##*/}
    case $_age in '' | *[!0-9]* | 0*) continue ;; esac
    for _path in $(old_in "kept/$_age" $((_age - 1))); do remove_tree "kept/$_age/${_path#./}"; done
  done
  _n=$_keptCount
  for _path in $(cd "$_dir/kept" 2>/dev/null && ls -td -- */* 2>/dev/null | tr '\n' ' '); do
    case " $_keptNow" in *" $_path "*) continue ;; esac
    [ $((_n = _n + 1)) -le "$1" ] || remove_tree "kept/$_path"
  done
}

# What a lost Sluice left: attempts that do not run and whose last sign of life is older than so many days, of whatever client,
# and what belongs to no attempt. A long task that ended yesterday is young, however long ago it began. `look`: what would
# go is named, and stays. KEY...: those that the client still wants.
sweep() { # days go|look key...
  _days=$1 _how=${2:-go}
  shift
  [ $# -eq 0 ] || shift
  _wanted=" $* "
  for _path in $(old_in own "$_days"); do
    _key=${_path#./}
    case $_wanted in *" $_key "*) continue ;; esac
    [ -z "$(find "$_dir/exit/$_key" "$_dir/log/$_key" ! -mtime "+$_days" 2>/dev/null)" ] || continue
    state_of "$_key"
    case $_state in running | starting | elsewhere) continue ;; esac
    _kb=$(du -sk "$_dir/log/$_key" 2>/dev/null)
    printf '+%s attempt %s %s\n' "$_id" "$_key" "${_kb%%[!0-9]*}"
    [ "$_how" = look ] || release "$_key" >/dev/null
  done
  for _sub in exit log script stop lease values saved; do
    for _path in $(old_in "$_sub" "$_days"); do
      _key=${_path#./} _key=${_key%.times} _key=${_key%.fetch} _key=${_key%.snapshot} _key=${_key%.peak} _key=${_key%.saved} _key=${_key%.tar}
      [ -e "$_dir/own/$_key" ] || sweep_one "$_sub/${_path#./}"
    done
  done
  # Of agents on other machines with this home.
  for _path in $(old_in inbox "$_days"); do
    ! is_elsewhere "${_path#*-*-*-*-}" || sweep_one "inbox/${_path#./}"
  done
  # Working folders that were made ahead, or that a release could not empty. One whose agent lives is a spare's, perhaps.
  for _path in $(cd "$_dir/work" && find . ! -name . -prune -type d -mtime "+$_days" 2>/dev/null | tr '\n' ' '); do
    _path=${_path#./}
    _rest=${_path#*-}
    start_of "${_path%%-*}"
    [ "$_start" != "${_rest%%.*}" ] || continue
    [ -z "$(find "$_dir/own" -type f -exec grep -lF " $_path own" {} + 2>/dev/null)" ] || continue
    sweep_one "work/$_path"
  done
  # Of those that are kept each has days of its own, counted when the host is visited.
  [ "$_how" = look ] || ! keeps_any || { look_for_room; forget_kept "$_keptMax"; }
  for _keptIn in "$_dir"/kept/*; do
    [ -d "$_keptIn" ] || continue
    for _path in $(old_in "kept/${_keptIn##*/}" "$_days"); do sweep_one "kept/${_keptIn##*/}/${_path#./}"; done
  done
  # Not below: a task's own files have any names.
  for _path in $(cd "$_dir" && find . ! -name . -prune \( -name 'agent-*' -o -name '.spare-*' -o -name '.box-*' -o -name '.gone-*' -o -name '.id-*' -o -name '.snapshot*' -o -name '.looking*' -o -name '.memory-*' \) \
    ! -type d -mtime "+$_days" 2>/dev/null | tr '\n' ' '); do sweep_one "${_path#./}"; done
  for _path in $(cd "$_dir/files" && find . ! -name . -prune -mtime "+$_days" 2>/dev/null | tr '\n' ' '); do sweep_one "files/${_path#./}"; done
  return 0
}

sweep_one() { # path below the folder
  printf '+%s file %s\n' "$_id" "$1"
  [ "$_how" = look ] || remove_tree "$1"
}

remove_tree() { # path below the folder
  rm -rf -- "$_dir/$1" 2>/dev/null || { chmod -R u+rwX -- "$_dir/$1" 2>/dev/null; rm -rf -- "$_dir/$1" 2>/dev/null; }
}

old_in() { # folder days
  (cd "$_dir/$1" && find . ! -name . -prune -mtime "+$2" 2>/dev/null | tr '\n' ' ')
}
