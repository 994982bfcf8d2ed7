# Requests as shell text. A shell reads a line from a socket byte by byte, each by a system call, and that was a third of what
# an agent did for a start. What it runs as a script from a pipe it reads in blocks.

# Of the shells that begin with a line before they have the next one: the others would wait for the end.
may_take_text() {
  _takes=
  [ -n "$_proc" ] && [ "$_mode" != shell ] && [ -z "${HUSH_VERSION-}" ] && have dd || return 0
  for _file in /bin/dash /usr/bin/dash /bin/busybox /usr/bin/busybox; do
    [ "/proc/$$/exe" -ef "$_file" ] || continue
    # Where a here-document is a pipe, that costs no process.
    exec 8<<_

_
    if [ -p /proc/self/fd/8 ] && { printf '' >/proc/self/fd/8; } 2>/dev/null; then _takes=text; else exec 8<&-; fi
    return 0
  done
}

_relay= _isText=
# From here on each line is `{ ask VERB ID WORDS; }`, so that one which was cut short is no command.
take_text() {
  [ -n "$_takes" ] || { printf '=%s error cannot\n' "$_id"; return 0; }
  exec 7<&0 0<&8 8>/proc/self/fd/8
  # Not `cat`, which may hand it on by sendfile: Linux holds the pipe's lock while that waits for the socket, so what came last
  # would be read only when something follows.
  { exec <&7 >&8 2>/dev/null 3>&- 5>&- 7<&- 8>&-; exec dd bs=65536; } &
  _relay=$! _isText=1 _takes=
  exec 7<&- 8>&-
  printf '=%s ok\n' "$_id"
  . /proc/self/fd/0
  # It has ended by itself, and its number may be another's.
  _relay=
  farewell
}

# What was sent ahead of this would have been read as commands.
let_bytes_come() {
  [ -z "$_isText" ] || printf '+%s go\n' "$_id"
}

ask() { # verb id words
  _verb=$1 _id=$2 _key=${3-} _timeout=${4-} _grace=${5-} _options=${6-} _files=${7-} _script=${8-} _env=${9-}
  handle
}
