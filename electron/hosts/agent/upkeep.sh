# What is removed, and when (H9).

release() { # keys; own/ goes last, so that a release cut short is not taken for a key never seen
  for _key in "$@"; do
    state_of "$_key"
    case $_state in
    ended | rebooted | gone | reused | lost)
      work_of "$_key"
      [ "$_work" = - ] || set -- "$@" "$_dir/work/$_work"
      set -- "$@" "$_dir/script/$_key" "$_dir/log/$_key" "$_dir/stop/$_key" "$_dir/stop/$_key.times" "$_dir/stop/$_key.fetch" "$_dir/stop/$_key.snapshot"
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
    case $_state in ended | rebooted | gone | reused | lost) set -- "$@" "$_dir/own/$_key" "$_dir/exit/$_key" ;; esac
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
