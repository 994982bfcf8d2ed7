# Bytes of logs, and who may write them.

# Exactly length bytes of a file from offset, which is a multiple of 4096. Less comes out only where the file has shrunk.
raw_part() { # file offset length
  _big=65536
  [ $(($2 % _big)) -eq 0 ] || _big=4096
  _whole=$(($3 / _big))
  [ "$_whole" -eq 0 ] || dd if="$1" bs=$_big skip=$(($2 / _big)) count="$_whole" 2>/dev/null
  _at=$(($2 + _whole * _big)) _rest=$(($3 - _whole * _big))
  [ "$_rest" -eq 0 ] && return 0
  if [ "$_rest" -ge 4096 ]; then
    dd if="$1" bs=4096 skip=$((_at / 4096)) count=$((_rest / 4096)) 2>/dev/null
    _at=$((_at + _rest / 4096 * 4096)) _rest=$((_rest % 4096))
    [ "$_rest" -eq 0 ] && return 0
  fi
  dd if="$1" bs=4096 skip=$((_at / 4096)) count=1 2>/dev/null | dd bs="$_rest" count=1 2>/dev/null
}

raw() { # id file offset length
  printf '#%s %s\n' "$1" "$4"
  raw_part "$2" "$3" "$4"
  printf '\n%s %s\n' "$_nonce" "$1"
}

# Notices and raw bytes have one writer: in the mode `main` the notifier, in the mode `bulk` this loop.
give() { # id file offset length
  if [ "$_mode" = main ]; then printf 'raw %s %s %s %s\n' "$1" "$2" "$3" "$4" >&3
  else raw "$@"; fi
}

notifier() {
  trap '' HUP
  exec </dev/null
  while read -r _word _rest <&3; do
    case $_word in
    '*') printf '* %s\n' "$_rest" || break ;;
    raw)
      set -- $_rest
      raw "$@" || break
      ;;
    bye) break ;;
    esac
  done
  exit 0
}

decode() { # text -> _text
  case $1 in
  *\\*) _text=$(printf '%bx' "$1"); _text=${_text%x} ;;
  *) _text=$1 ;;
  esac
}

sizes() { # keys; `-` where there is no log
  for _key in "$@"; do
    shift
    if [ -e "$_dir/log/$_key" ]; then set -- "$@" "$_key"; else printf '+%s %s -\n' "$_id" "$_key"; fi
  done
  [ $# -gt 0 ] || return 0
  (cd "$_dir/log" && ls -ln -- "$@" 2>/dev/null) | while read -r _p _l _u _g _size _rest; do
    printf '+%s %s %s\n' "$_id" "${_rest##* }" "$_size"
  done
}

hashes() { # keys
  [ -n "$_hash" ] || return 0
  (cd "$_dir/log" && $_hash -- "$@" 2>/dev/null) | while read -r _sum _rest; do
    printf '+%s %s %s\n' "$_id" "${_rest#\*}" "$_sum"
  done
}

# openssl starts slower and hashes twice as fast, where it is.
hash_big() { # key
  _sum=$(openssl dgst -sha256 -r "$_dir/log/$1" 2>/dev/null) || { hashes "$1"; return 0; }
  printf '+%s %s %s\n' "$_id" "$1" "${_sum%% *}"
}
