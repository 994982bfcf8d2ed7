# Requests as shell text. A shell reads a line from a socket byte by byte, each by a system call, and that was a third of what
# an agent did for a start. What it runs as a script from a pipe it reads in blocks.

# Of the shells that begin with a line before they have the next one: the others would wait for the end.
may_take_text() {
  _takes=
  [ -n "$_proc" ] && [ "$_mode" != shell ] || return 0
  for _file in /bin/dash /usr/bin/dash /bin/busybox /usr/bin/busybox; do
    [ "/proc/$$/exe" -ef "$_file" ] || continue
    # A here-document is a pipe there, and costs no process.
    exec 8<<_

_
    if [ -p /proc/self/fd/8 ]; then _takes=text; else exec 8<&-; fi
    return 0
  done
}

_isText=
# From here on each line is `{ ask VERB ID WORDS; }`, so that one which was cut short is no command. It never returns.
take_text() {
  [ -n "$_takes" ] || { printf '=%s error cannot\n' "$_id"; return 0; }
  exec 7<&0 0<&8 8>/proc/self/fd/8
  # Not `cat`, which may hand it on by sendfile: Linux holds the pipe's lock while that waits for the socket, so what came last
  # would be read only when something follows.
  dd bs=65536 <&7 >&8 7<&- 3>&- 5>&- 2>/dev/null &
  exec 7<&- 8>&-
  _isText=1
  printf '=%s ok\n' "$_id"
  . /proc/self/fd/0
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
