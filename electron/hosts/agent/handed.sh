# What a task hands back: values/KEY is its $SLUICE_OUTPUT, saved/KEY its $SLUICE_CHECKPOINT, a file of lines or a folder.
# Where a task writes neither, both cost a start one empty file and an end two looks of the shell.

# What there is to be had of an attempt that ends, in _notes.
notes_of() { # key
  _notes=
  [ ! -s "$_dir/values/$1" ] || _notes=,values
  [ ! -e "$_dir/saved/$1" ] || _notes=$_notes,saved
  _notes=${_notes:+ ${_notes#,}}
}

# What an earlier attempt had saved. `text.ESCAPED`, or `folder.SHA256` of a tar archive.
place_checkpoint() {
  case $1 in
  text.*) printf '%b' "${1#text.}" >"$_dir/saved/$_key" || refuse_to_write "$_dir/saved/$_key" ;;
  folder.*)
    have tar || refuse no_tar_to_unpack_its_checkpoint
    [ -e "$_dir/files/${1#folder.}" ] || refuse "file_${1#folder.}"
    mkdir "$_dir/saved/$_key" || refuse_to_write "$_dir/saved/$_key"
    # The owner is whoever we are here.
    (cd "$_dir/saved/$_key" && tar -xof "$_dir/files/${1#folder.}") || refuse_to_write "$_dir/saved/$_key/f"
    ;;
  esac
}

# What stands for a checkpoint as it is at this moment, in _mark; false where there is none.
_longTime=?
mark_of() { # key
  _saved=$_dir/saved/$1
  if [ -d "$_saved" ]; then
    if [ "$_longTime" = ? ]; then
      _longTime=
      ! ls --full-time -d / >/dev/null 2>&1 || _longTime=--full-time
    fi
    set -- folder $( (cd "$_saved" && ls -lanR $_longTime . 2>/dev/null) | ${_hash:-cksum} 2>/dev/null)
  elif [ -f "$_saved" ] && [ -s "$_saved" ]; then
    # One more than is taken, so that a file of any size is looked at soon.
    set -- file $(head -c 65537 "$_saved" 2>/dev/null | ${_hash:-cksum} 2>/dev/null)
  else return 1; fi
  # With no tool for sums the first is told, and the last when the attempt ends.
  _mark=$1.${2-}
}

# stop/KEY.saved: what was told last, since when, and what was seen of a folder that is still being written.
known_of() { # key
  _known= _knownAt=0 _seen=
  { read -r _known _knownAt _seen <"$_dir/stop/$1.saved"; } 2>/dev/null
  case $_knownAt in '' | *[!0-9]* | ? | ?? | ???) _knownAt=0 ;; esac
}

know_mark() { # key
  now
  [ "$_known" = "$_mark" ] || _knownAt=$_now
  _known=$_mark
  printf '%s %s -\n' "$_known" "$_knownAt" >"$_dir/stop/$1.saved"
}

# By the watcher. Each one told is kept for ever in the history of its run, so they are some time apart: 10 s, a folder a minute
# and a second more for each MB that was packed of it.
apart() { # key, in _gap
  _gap=10
  [ -d "$_dir/saved/$1" ] || return 0
  _gap=60
  [ ! -f "$_dir/stop/$1.tar" ] || { size_of "$_dir/stop/$1.tar"; _gap=$((60 + _size / 1000000)); }
}

# A folder is told when two looks have found it alike: who unpacks half of one has nothing.
watch_saved() { # key
  known_of "$1"
  now
  # In seconds, which fit shells that count in 32 bits. A clock that was stepped back holds nothing up.
  _ago=$((${_now%???} - ${_knownAt%???}))
  if [ "$_knownAt" != 0 ] && [ "$_ago" -ge 0 ]; then
    [ "$_ago" -ge 10 ] || return 0
    apart "$1"
    [ "$_ago" -ge "$_gap" ] || return 0
  fi
  mark_of "$1" || return 0
  [ "$_mark" != "$_known" ] || return 0
  case $_mark in
  folder.*)
    if [ "$_mark" != "$_seen" ]; then
      printf '%s %s %s\n' "${_known:--}" "$_knownAt" "$_mark" >"$_dir/stop/$1.saved"
      return 0
    fi
    ;;
  esac
  know_mark "$1"
  tell "saved $1 $_knownAt $_mark"
}

# Of those that run: what was told last. Of the others: what there is.
saved() { # keys
  for _key in "$@"; do
    state_of "$_key"
    known_of "$_key"
    if [ "$_state" = running ]; then
      case ${_known:--} in -) continue ;; esac
    else
      mark_of "$_key" || continue
      know_mark "$_key"
    fi
    printf '+%s %s %s %s\n' "$_id" "$_key" "$_knownAt" "$_known"
  done
}

# A folder as one file, stop/KEY.tar; why not in _odd.
pack_saved() { # key
  _odd=absent
  mark_of "$1" || return 0
  case $_mark in folder.*) ;; *) return 0 ;; esac
  have tar || { _odd=no_tar; return 0; }
  _kb=$(du -sk "$_saved" 2>/dev/null)
  _kb=${_kb%%[!0-9]*}
  [ "${_kb:-0}" -le 1048576 ] || { _odd=large; return 0; }
  _before=$_mark
  (cd "$_saved" && tar -cf "$_dir/stop/$1.tar" .) >/dev/null 2>&1 || { rm -f "$_dir/stop/$1.tar"; _odd=unreadable; return 0; }
  mark_of "$1" && [ "$_mark" = "$_before" ] || { rm -f "$_dir/stop/$1.tar"; _odd=changing; return 0; }
  _file=$_dir/stop/$1.tar _odd=
}

# A file of an attempt by the client's word for it, in _file; why it is none that may be read, in _odd.
attempt_file() { # key word
  case $2 in
  //values) _file=$_dir/values/$1 ;;
  //checkpoint) _file=$_dir/saved/$1 ;;
  //checkpoint.tar) _file=$_dir/stop/$1.tar ;;
  *)
    work_of "$1"
    output_file "$_dir/work/$_work" "$2"
    return 0
    ;;
  esac
  _odd=
  [ -e "$_file" ] || _odd=absent
  odd_of_file
}
