# What is made ahead of a start: working folders and a spare supervisor.

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
  # H7: the shell of a task takes the environment in there, and may be another than this one.
  case ${SLUICE_SH:+$("$_sh" -c 'command -v printf')} in /*) return 1 ;; esac
  spare_pipe || return 1
  echo 'exec 6>/proc/self/fd/0 && exit' | (exec 4</proc/self/fd/5; . /proc/self/fd/0; exit 1) 2>/dev/null || { exec 5>&-; return 1; }
  _sparing=1
  # These begin with what they are told to read only when they have all of it, or are not known to begin sooner.
  case ${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}${YASH_VERSION-} in '') _asCome=1 ;; *) _asCome= ;; esac
}

# Each spare has a pipe of its own: one that still reads its order must not meet the next one's.
spare_pipe() {
  # A here-document is a pipe in some shells, and costs no process. Others have a file there.
  exec 5<<_
_
  if [ -p /proc/self/fd/5 ]; then
    exec 5<>/proc/self/fd/5
    _fresh=1
    return 0
  fi
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
