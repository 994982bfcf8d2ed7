# What this host has, for `hosts check`: lines `+ID NAME VALUE...`. What it costs to lack something is said by the client.
# Each thing is tried, not asked for: mount options and permissions lie.
look() {
  _login=${SHELL-}
  look_line login "${_login##*/}"
  look_line sh "$(shell_name)"
  look_line session "${_setsid##*/}"
  look_line sha256 "${_hash:--}"
  look_line proc "${_proc:--}"
  look_line boot "$_boot"
  look_line uptime "${_uptime:+1}"
  look_line wide "${_wide:--}"
  look_line printf "${_printf:--}"
  for _tool in awk dd df grep head mkfifo ps tr; do have "$_tool" || look_line missing "$_tool"; done
  # As the clock is by now: what now() says rests on a look at it when the agent came up.
  wall
  look_line clock "$_wall"
  look_folder folder "$_dir/stop"
  look_folder tmp "${TMPDIR:-/tmp}"
  look_line processes "$(ulimit -u 2>/dev/null || ulimit -p 2>/dev/null)"
  look_line files "$(ulimit -n 2>/dev/null)"
  # Ends all processes of an account with its last login, unless it lingers.
  if cat /etc/systemd/logind.conf /etc/systemd/logind.conf.d/*.conf 2>/dev/null | grep -q '^KillUserProcesses=\(yes\|true\|1\|on\)'; then
    [ -e "/var/lib/systemd/linger/$(id -un 2>/dev/null)" ] || look_line kills_at_logout 1
  fi
}

look_line() { # name value
  printf '+%s %s %s\n' "$_id" "$1" "$(printf %s "$2" | tr -c 'A-Za-z0-9_./:=@%+^~ -' _ | cut -c1-300)"
}

# Writable? May programs run from there? How much room is left?
look_folder() { # name folder
  _try=$2/.sluice-look-$$
  look_line "$1" "$2"
  _said=$({ mkdir "$_try" && printf '#!/bin/sh\nexit 0\n' >"$_try/x" && chmod 700 "$_try/x"; } 2>&1) ||
    look_line "$1.refuses" "${_said:-unknown}"
  if [ -s "$_try/x" ]; then
    "$_try/x" 2>/dev/null || look_line "$1.noexec" 1
  fi
  rm -rf "$_try" 2>/dev/null
  df -P -k "$2" 2>/dev/null | while read -r _device _all _used _free _rest; do
    case $_free in *[!0-9]* | '') ;; *) look_line "$1.free_kb" "$_free" ;; esac
  done
  df -P -i "$2" 2>/dev/null | while read -r _device _all _used _free _rest; do
    case $_all$_free in *[!0-9]* | '') ;; *) [ "$_all" = 0 ] || look_line "$1.free_inodes" "$_free" ;; esac
  done
}

# The shell that runs this agent.
shell_name() {
  if [ -n "${BASH_VERSION-}" ]; then echo "bash $BASH_VERSION"
  elif [ -n "${KSH_VERSION-}" ]; then echo "ksh ${KSH_VERSION##*)}"
  elif [ -n "${ZSH_VERSION-}" ]; then echo "zsh $ZSH_VERSION"
  elif [ -n "${YASH_VERSION-}" ]; then echo "yash $YASH_VERSION"
  else
    _exe=$(readlink "/proc/$$/exe" 2>/dev/null)
    echo "${_exe##*/}"
  fi
}
