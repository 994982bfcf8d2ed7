# What this machine has.

_lacks=
lack() { _lacks="$_lacks$1,"; }
have() { command -v "$1" >/dev/null 2>&1; }

_proc=
[ -r /proc/self/stat ] && [ -r /proc/uptime ] && _proc=1
# A session of its own for each task, by the first of these that there is.
if have setsid; then _setsid=setsid
elif have perl && perl -MPOSIX=setsid -e 1 2>/dev/null; then _setsid=perl
elif have python3; then _setsid=python3
else _setsid=; lack setsid; fi
if have sha256sum; then _hash=sha256sum
elif have shasum; then _hash='shasum -a 256'
elif have openssl; then _hash='openssl dgst -sha256 -r'
else _hash=; lack sha256; fi
_fraction=
sleep 0.001 2>/dev/null && _fraction=1
[ -n "$_proc" ] || {
  lack proc
  # The letter that makes ps show environments.
  case $(uname -s) in Darwin) _psEnv=E ;; *) _psEnv=e ;; esac
}

_boot=
if [ -r /proc/sys/kernel/random/boot_id ]; then read -r _boot </proc/sys/kernel/random/boot_id
else
  # The second is moved when the clock is stepped, so it is the last resort.
  _boot=$(sysctl -n kern.bootsessionuuid 2>/dev/null || sysctl -n kern.boot_id 2>/dev/null || sysctl -n kern.boottime 2>/dev/null)
  _boot=$(printf %s "${_boot%%\}*}" | tr -cd '0-9A-Fa-f-' | cut -c1-40)
fi
[ -n "$_boot" ] || { _boot=unknown; lack bootid; }

# Wall clock in ms without a process per reading: the uptime plus a base taken once.
_base=
_wall=$(date +%s%3N 2>/dev/null)
case $_wall in *[!0-9]* | '') _wall=$(date +%s)000 ;; esac
[ "${#_wall}" -ge 13 ] || _wall=$(date +%s)000
# A clock that nobody steps. Without /proc: the kernels that have kern.boottime move it when their clock is stepped.
if [ -n "$_proc" ]; then
  uptime_ms() {
    read -r _up _rest </proc/uptime
    _uptime=$((${_up%.*} * 1000 + 1${_up#*.}0 - 1000))
  }
else
  uptime_ms() {
    _uptime=$(sysctl -n kern.boottime 2>/dev/null)
    case $_uptime in *sec\ =*) _uptime=${_uptime#*sec = } _uptime=${_uptime%%,*} ;; esac
    case $_uptime in '' | *[!0-9]*) _uptime=; return 0 ;; esac
    _uptime=$((($(date +%s) - _uptime) * 1000))
  }
  uptime_ms
  [ -n "$_uptime" ] || lack uptime
fi
if [ -n "$_proc" ]; then uptime_ms; _base=$((_wall - _uptime)); fi
now() {
  if [ -n "$_base" ]; then uptime_ms; _now=$((_base + _uptime))
  else _now=$(date +%s)000; fi
}
