# A debug shell: an interactive shell where an attempt ran, as it ran.
#   H7  The environment comes over the terminal, with its echo off, into the one process that becomes the shell.
#   H9  It stands in what the attempt left, where that was kept. A folder that is made for it goes with it; what a killed one left goes with the next.

debug_shell() {
  trap : HUP INT QUIT
  _tty=$(stty -g 2>/dev/null) && stty raw -echo 2>/dev/null || { printf '! %s no_terminal\n' "$_nonce"; exit 1; }
  printf 'ready %s\r\n' "$_nonce"
  # Key, files, script; the rest of the line is shell text that exports the environment.
  IFS=' ' read -r _of _files _script _env || exit 1
  clear_shells
  work_of "$_of"
  _how=own _made= _key=- _id=- _t0=0 _locked=
  if { [ "$_work" = - ] || ! cd "$_dir/work/$_work" 2>/dev/null; } && ! enter_kept; then
    # Nothing was kept: the files that the attempt was given, in a folder of its own.
    self
    _how=fresh _work=shell-$_self-$_start@$_place _made=1
    mkdir -p "$_dir/work/$_work" && cd "$_dir/work/$_work" || { printf '! %s cannot_make_folder\r\n' "$_nonce"; exit 1; }
    _said=
    [ "$_files" = - ] || _said=$(place_files 2>&1) || _said="failed $_said"
    if [ -n "$_said" ]; then
      cd / && rm -rf "$_dir/work/$_work"
      printf '! %s cannot_place_files: %s\r\n' "$_nonce" "$_said"
      exit 1
    fi
  fi
  _copy=$_dir/script/shell-$$
  printf '%b' "$_script" >"$_copy"
  stty "$_tty"
  printf 'shell %s %s %s\n' "$_nonce" "$_how" "$(printf %s "$PWD" | tr -c 'A-Za-z0-9_./:=@%+^~-' ' ')"
  (
    umask "$_umask"
    if [ -n "$_lcset" ]; then LC_ALL=$_lc; else unset LC_ALL; fi
    unset IFS
    eval "$_env"
    export SLUICE_SCRIPT="$_copy" SLUICE_OUTPUT="$_copy.values" SLUICE_CHECKPOINT="$_copy.saved"
    _env= _script=
    [ -x "${SHELL-}" ] || SHELL=/bin/sh
    exec "$SHELL" -i
  )
  _code=$?
  rm -rf "$_copy" "$_copy.values" "$_copy.saved"
  cd /
  [ -z "$_made" ] || rm -rf "$_dir/work/$_work"
  exit "$_code"
}

# Looked at: its days begin anew.
enter_kept() {
  for _at in "$_dir"/kept/*/"$_of"; do
    cd "$_at" 2>/dev/null && touch "$_at" 2>/dev/null && return 0
  done
  return 1
}

clear_shells() {
  for _old in "$_dir"/work/shell-*; do
    [ -d "$_old" ] || continue
    _name=${_old##*/shell-}
    ! is_elsewhere "${_name#*@}" || continue
    start_of "${_name%%-*}"
    [ "$_start@$_place" = "${_name#*-}" ] || rm -rf "$_old" "$_dir/script/shell-${_name%%-*}" "$_dir/script/shell-${_name%%-*}".*
  done
}

[ "$_mode" != shell ] || debug_shell
