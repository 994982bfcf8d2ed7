# Leases: a task that another host may be given is stopped here once this host has heard nothing for so long.
# All spans are this host's uptime. A client hands back the uptime that this host told it last, so what counts is when an
# answer left here that the client has heard: a line that lay in a dead connection for minutes renews and starts nothing.

# The latest such uptime of this client, in lease/CLIENT-PLACE: 15 digits and the boot id, written over in place, so that it
# needs no room on a full disk and is never empty for its readers.
renew() { # uptime
  uptime_ms
  case $1 in
  '' | *[!0-9]*) ;;
  *)
    _stamp=00000000000000$1
    printf '%s %s\n' "${_stamp#"${_stamp%???????????????}"}" "$_boot" 2>/dev/null 1<>"$_dir/lease/$_client-$_place"
    ;;
  esac
  printf '=%s ok %s\n' "$_id" "$_uptime"
}

# The options of a start: NAME=VALUE,... Unknown names are for other agents.
take_options() {
  IFS=,
  set -- $_options
  IFS=' '
  for _option in "$@"; do
    case $_option in
    checkpoint=*) _handed=${_option#checkpoint=} ;;
    lease=*.*) _lease=${_option#lease=}; _heard=${_lease#*.}; _lease=${_lease%%.*} ;;
    esac
  done
  case $_lease in '') return 0 ;; esac
  uptime_ms
  # Before the lock: a start that comes too late leaves no trace.
  [ -n "$_uptime" ] || late has_no_clock_that_could_hold_a_lease
  [ $((_uptime - _heard)) -lt "$_lease" ] || late got_the_order_after_its_lease_had_run_out
}

late() { # why
  printf '=%s refused %s\n' "$_id" "$1"
  [ "$_work" = "$_key" ] || rmdir "$_dir/work/$_work" 2>/dev/null
  exit 0
}

# As a child of the supervisor. It looks eight times a lease, because a sleep does not count while the host itself sleeps.
# Should the supervisor be killed, the task is stopped all the same.
watch_lease() {
  trap 'kill $_sleep 2>/dev/null; exit 0' TERM
  while :; do
    _stamp= _bootThen=
    { read -r _stamp _bootThen <"$_dir/lease/$_client-$_place"; } 2>/dev/null
    if [ "$_bootThen" = "$_boot" ]; then
      _stamp=${_stamp#"${_stamp%%[1-9]*}"}
      [ "${_stamp:-0}" -le "$_heard" ] || _heard=$_stamp
    fi
    uptime_ms
    _span=$((_heard + _lease - _uptime))
    [ "$_span" -gt 0 ] || break
    [ "$_span" -le $((_lease / 8)) ] || _span=$((_lease / 8))
    [ "$_span" -ge 50 ] || _span=50
    doze "$_span"
  done
  # It ends this child as soon as it is done, unless it is killed before.
  urge USR2 "$_me" "$_mestart" $((_grace + 10000))
  trap '' TERM
  reap lease_expired
}
