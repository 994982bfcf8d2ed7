# An attempt's records.

# _state, and in _record what follows it on the wire. absent, starting, running, ended, rebooted; elsewhere: only another
# machine with this home can tell; where the supervisor is no more: lost (it ended and could write that nowhere), reused (its number names another process), gone.
state_of() { # key
  _state=absent _record=
  if read_end "$1"; then return 0; fi
  [ -e "$_dir/own/$1" ] || return 0
  _o1= _o2= _o3= _o4= _o5= _o6=
  { read -r _o1 _o2 _o3 _o4 _o5 _o6 <"$_dir/own/$1"; } 2>/dev/null
  if [ "$_o6" != own ]; then read_own_end "$1" || _state=starting; return 0; fi
  _bootThen=${_o1%%@*}
  _record="$_bootThen $_o2 $_o3 $_o4"
  if [ "$_bootThen" != "$_boot" ]; then
    _state=rebooted
    is_elsewhere "$_o1" && _state=elsewhere _record="$_record ${_o1#*@}"
    return 0
  fi
  start_of "$_o2"
  if [ "$_start" = "$_o3" ]; then _state=running; return 0; fi
  _other=$_start
  # It may have ended between the two looks.
  if read_end "$1" || read_own_end "$1"; then return 0; fi
  _record="$_bootThen $_o2 $_o3 $_o4"
  # Two containers share a boot and have processes of their own.
  if is_elsewhere "$_o1"; then _state=elsewhere _record="$_record ${_o1#*@}"
  elif [ ! -e "$_dir/script/$1" ]; then _state=lost
  elif [ -n "$_other" ]; then _state=reused
  else _state=gone; fi
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

# Where the disk was full: own/KEY has a block already, so a few words more find room there.
read_own_end() {
  while read -r _record; do
    case $_record in *' end') _state=ended; return 0 ;; esac
  done 2>/dev/null <"$_dir/own/$1"
  _record=
  return 1
}

save_end() { # key record
  { printf '%s end\n' "$2" >"$_dir/exit/$1"; } 2>/dev/null && return 0
  { printf '\n%s end\n' "$2" >>"$_dir/own/$1"; } 2>/dev/null
}

tell_end() { # key record
  tell "ended $1 $2"
}

tell() { # notice
  # Those of agents on another machine would be written to in vain.
  for _box in "$_dir"/inbox/*-"$_boot"@*; do
    # Read-write, so that a box whose agent has died never blocks.
    [ -p "$_box" ] && printf '* %s\n' "$1" 1<>"$_box"
  done
}

write_end() { # key record
  notes_of "$1"
  set -- "$1" "$2$_notes"
  _tries=0 _saved=
  save_end "$1" "$2" && _saved=1
  tell_end "$1" "$2 end"
  [ -z "$_saved" ] || return 0
  # Not even that: the script goes, which makes room and is itself the sign that an end was reached. Whoever watches has heard it.
  rm -f "$_dir/script/$1" 2>/dev/null
  while ! save_end "$1" "$2" && [ "$_tries" -lt 600 ]; do
    sleep 1
    _tries=$((_tries + 1))
  done
  return 0
}
