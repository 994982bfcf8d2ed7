# What this machine has.

_lacks=
lack() { _lacks="$_lacks$1,"; }
have() { command -v "$1" >/dev/null 2>&1; }

_proc=
[ -r /proc/self/stat ] && [ -r /proc/uptime ] && _proc=1
# A session of its own for each task, by the first of these that there is. By its path: `exec` would search for it each time.
if have setsid; then _setsid=$(command -v setsid)
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

# Several machines may share one home folder, so what is bound to one of them says which: `BOOT@MACHINE`. The name and the
# id both, because clones have one id and containers one name. Empty where the name changes with the network.
_machine=
if [ -n "$_proc" ]; then
  { read -r _machine </proc/sys/kernel/hostname; } 2>/dev/null
  { read -r _id </etc/machine-id && _machine=$_machine.${_id%"${_id#????????}"}; } 2>/dev/null
else
  _machine=$(sysctl -n kern.hostuuid 2>/dev/null)
fi
case $_machine in *[!A-Za-z0-9_.-]*) _machine=$(printf %s "$_machine" | tr -c 'A-Za-z0-9_.-' _) ;; esac
_place=$_boot@$_machine

# Is that place on another machine? Not where one of the two has no name.
is_elsewhere() { # place
  case $1 in *@?*) ;; *) return 1 ;; esac
  [ -n "$_machine" ] && [ "${1#*@}" != "$_machine" ]
}

# Some shells count in 32 bits: sums over bytes and ms would wrap.
_wide=1
[ $((2147483647 + 1)) -gt 0 ] || { _wide=; lack wide; }

# H7: where printf is a program, what it prints is an argument that everybody sees.
_printf=1
case $(command -v printf) in /*) _printf=; lack printf ;; esac

# A clock that nobody steps, in ms. Without /proc: the kernels that have kern.boottime move it when their clock is stepped.
if [ -z "$_wide" ]; then
  uptime_ms() { _uptime=; }
elif [ -n "$_proc" ]; then
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
fi
uptime_ms
[ -n "$_uptime" ] || lack uptime

wall() { # ms since 1970, in _wall
  _wall=$(date +%s%3N 2>/dev/null)
  case $_wall in *[!0-9]* | '') _wall=$(date +%s)000 ;; esac
  [ "${#_wall}" -ge 13 ] || _wall=$(date +%s)000
}

# Wall clock in ms without a process per reading: the uptime plus a base taken once, seconds and ms apart.
if [ -n "$_proc" ]; then
  wall
  read -r _up _rest </proc/uptime
  _baseSec=$((${_wall%???} - ${_up%.*})) _baseMs=$((1${_wall#"${_wall%???}"} - 1${_up#*.}0))
  [ "$_baseMs" -ge 0 ] || _baseSec=$((_baseSec - 1)) _baseMs=$((_baseMs + 1000))
  now() {
    read -r _up _rest </proc/uptime
    _ms=$((_baseMs + 1${_up#*.}0 - 1000)) _sec=$((_baseSec + ${_up%.*}))
    [ "$_ms" -lt 1000 ] || _ms=$((_ms - 1000)) _sec=$((_sec + 1))
    _ms=00$_ms
    _now=$_sec${_ms#"${_ms%???}"}
  }
else
  now() { _now=$(date +%s)000; }
fi

# True where the file system of a path has no inode left. Some have no number of them: those say 0 of 0.
no_inodes() { # path
  df -Pi "$1" 2>/dev/null | {
    read -r _line
    read -r _device _all _used _free _rest
    [ "${_all:-0}" != 0 ] && [ "${_free:-1}" = 0 ]
  }
}
