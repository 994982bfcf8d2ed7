# The loop.

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
  [ -d "$_dir/own" ] || rm -f "$_dir/.id"
  for _sub in own exit log work script stop files inbox lease values saved; do
    [ -d "$_dir/$_sub" ] || _said=$(LC_ALL=C mkdir -p "$_dir/$_sub" 2>&1) || no_hello "$_said"
  done
  if [ "$_mode" = main ]; then
    clear_memory
    clear_many
    self
    clear_boxes
    _boxnew=$_dir/.box-$_self
    rm -f "$_boxnew"
    _said=$(LC_ALL=C mkfifo "$_boxnew" 2>&1) || no_hello "$_said"
    # It reads only: when the agent is killed, nobody has the box open to write, and the notifier leaves with it. By `exec`,
    # for the shell keeps what another redirection replaces.
    exec 3<>"$_boxnew" 4<"$_boxnew"
    { exec 3<&4 4<&-; notifier; } &
    _notifier=$!
    exec 4<&-
    _box=$_dir/inbox/$_self-$_start-$_notifier-$_client-$_place
    _folderPrefix=$_self-$_start
    mv "$_boxnew" "$_box"
  fi
  name_folder
  now
  uptime_ms
  may_take_text
  printf 'hello %s 1 boot=%s pid=%s now=%s up=%s hash=%s lacks=%s folder=%s takes=%s system=%s\n' \
    "$_nonce" "$_boot" "$$" "$_now" "$_uptime" "${_hash%% *}" "$_lacks" "$_folderId" "$_takes" "$(uname -sm | tr ' ' /)"
  note_kills
  make_folders
  may_spare && make_spare
}

# A word that is as old as the records (own/): where it is another one, what is absent may have been here before.
name_folder() {
  _folderId=
  { read -r _folderId <"$_dir/.id"; } 2>/dev/null && return 0
  _idnew=$_dir/.id-$_nonce
  # Of two that make one at once the first stands.
  { printf '%s\n' "$_nonce" >"$_idnew"; } 2>/dev/null && { ln "$_idnew" "$_dir/.id" 2>/dev/null || [ -e "$_dir/.id" ] || mv "$_idnew" "$_dir/.id"; } 2>/dev/null
  rm -f "$_idnew"
  { read -r _folderId <"$_dir/.id"; } 2>/dev/null
}

no_hello() { # what a tool said
  case $1 in *[Nn]o\ space*) ! no_inodes "$_dir" || set -- "$1: no inodes left" ;; esac
  printf '! %s %s: %s\n' "$_nonce" "$_dir" "$(printf %s "$1" | tr '\n' ' ')"
  exit 1
}

# Boxes of agents that died without a farewell, and of earlier channels of this same client: half-open connections
# would keep them for hours, and a notifier whose reader has gone fills its box until supervisors wait on it. Not those of
# another machine, whose processes cannot be seen here.
clear_boxes() {
  for _old in "$_dir"/inbox/*; do
    [ -p "$_old" ] || continue
    _name=${_old##*/}
    IFS=-
    set -- $_name
    IFS=' '
    [ $# -ge 4 ] || continue
    _oldpid=$1 _oldstart=$2 _oldclient=$4 _oldplace=${_name#*-*-*-*-}
    case $_oldplace in
    "$_boot"@*)
      start_of "$_oldpid"
      if [ "$_start" = "$_oldstart" ]; then
        [ "$_oldclient" = "$_client" ] || continue
        kill -KILL "$_oldpid" 2>/dev/null
      elif is_elsewhere "$_oldplace"; then continue; fi
      ;;
    *) ! is_elsewhere "$_oldplace" || continue ;;
    esac
    mv "$_old" "$_dir/.gone-$_oldpid" 2>/dev/null || continue
    printf 'bye\n' 1<>"$_dir/.gone-$_oldpid"
    rm -f "$_dir/.gone-$_oldpid"
  done
  self
}

start() {
  if [ -n "$_spare" ] && [ $((${#_env} + ${#_script} + ${#_files} + ${#_options})) -lt 3500 ] && kill -0 "$_spare" 2>/dev/null; then
    # As shell text, which most shells take in one piece.
    printf "_id=%s _key=%s _timeout=%s _grace=%s _options='%s' _files='%s' _script='%s' _env='%s';supervise\n" \
      "$_id" "$_key" "$_timeout" "$_grace" "$_options" "$_files" "$_script" "$_env" >&5
    _spare=
  else
    # A folder made ahead, so that no process stands between the order and the task.
    if [ -n "$_folders" ]; then _work=${_folders%% *} _folders=${_folders#* }; else _work=$_key; fi
    { exec 3>&- 5>&- 8<&-; eval "_env='$_env'"; stand; supervise; } &
    [ -n "$_folders" ] || make_folders
  fi
  [ -e "$_memory" ] || watch_memory
  # Lets go of those that have ended: the shell would remember each of them for ever.
  [ $((_started = _started + 1)) -lt 32 ] || { _started=0; jobs >/dev/null; }
}

# Without its notifier an agent is deaf: the client connects again. Not by `kill -0`, which a corpse answers too.
hears() {
  [ -n "$_notifier" ] || return 0
  start_of "$_notifier"
  [ -n "$_start" ]
}

farewell() {
  [ -z "$_relay" ] || kill "$_relay" 2>/dev/null
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

handle() {
  # Somebody has removed the folder: a new agent makes it again, and whoever asked this one asks that.
  { [ "$_mode" != main ] || [ -p "$_box" ]; } && [ -d "$_dir/own" ] || farewell
  case $_verb in
  # Key, timeout and grace in ms, options, files, script; the rest of the line is shell text that exports the environment,
  # in the form that it has between two quotes.
  start)
    start
    return
    ;;
  esac
  _rest="$_key $_timeout $_grace $_options $_files $_script $_env"
  case $_verb in
  probe)
    # A client that asks again and again would never learn that it hears of no end in between.
    hears || farewell
    probe_many $_rest
    [ -z "$_lives" ] || [ -e "$_memory" ] || watch_memory
    for _key in $_rest; do
      settled_state_of "$_key"
      printf '+%s %s %s %s\n' "$_id" "$_key" "$_state" "$_record"
      [ "$_state" != running ] || [ -e "$_memory" ] || watch_memory
    done
    printf '=%s ok\n' "$_id"
    ;;
  cancel)
    _how=$_grace _grace=$_timeout
    cancel
    ;;
  sizes) sizes $_rest; printf '=%s ok\n' "$_id" ;;
  hash) aside hashes $_rest ;;
  digest) aside digest $_rest ;;
  free) free_part $_rest ;;
  read)
    set -- $_rest
    give "$_id" "$_dir/log/$1" "$2" "$3"
    ;;
  outputs) aside outputs $_rest ;;
  fetch)
    # Key, offset, length, path. The notifier's line cannot carry odd paths, so it gets a link in stop/.
    set -- $_rest
    decode "$4"
    attempt_file "$1" "$_text"
    [ -z "$_odd" ] || _file=$_dir/none
    ln -sf "$_file" "$_dir/stop/$1.fetch" 2>/dev/null
    # H9: one that comes late, of an attempt that was released, must leave nothing.
    [ -e "$_dir/own/$1" ] || rm -f "$_dir/stop/$1.fetch"
    give "$_id" "$_dir/stop/$1.fetch" "$2" "$3"
    ;;
  saved) aside saved $_rest ;;
  have) have_files $_rest; printf '=%s ok\n' "$_id" ;;
  put) let_bytes_come; receive $_rest ;;
  puts) let_bytes_come; receive_many "$_key" ;;
  snapshot) aside tell_snapshot "$_key" ;;
  release) aside release $_rest ;;
  keep) aside keep $_rest ;;
  sweep) aside sweep $_rest ;;
  ready) printf '=%s ok\n' "$_id"; note_kills; make_spare ;;
  look) aside look ;;
  renew) renew "$_key" ;;
  ping)
    hears || farewell
    printf '=%s pong\n' "$_id"
    ;;
  text) take_text ;;
  bye) farewell ;;
  *) printf '=%s error unknown_verb\n' "$_id" ;;
  esac
}

trap '' HUP
hello
# Fields by `read`, not by cutting a string: that costs the square of the length in some shells.
while read -r _verb _id _key _timeout _grace _options _files _script _env; do handle; done
farewell
