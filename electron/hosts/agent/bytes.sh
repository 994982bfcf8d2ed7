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

# A digest over a part of a log, by the first of the ways that this machine has. What the client chose anew as the key of
# a GMAC is no secret: it only must not be known before the log is written.
digest() { # key ways offset length; a length of `-` is all of it
  _key=$1 _at=$3 _length=$4
  IFS=,
  set -- $2
  IFS=' '
  for _way in "$@"; do
    case $_way in
    gmac:*)
      have openssl || continue
      _sum=$(of_part openssl mac -cipher AES-128-GCM -macopt "hexkey:${_way#gmac:}" -macopt hexiv:000000000000000000000001 GMAC 2>/dev/null) || continue
      ;;
    blake2b512)
      have b2sum || continue
      _sum=$(of_part b2sum 2>/dev/null) || continue
      ;;
    sha256)
      # openssl starts slower and is twice as fast, where it is.
      _sum=$(of_part openssl dgst -sha256 -r 2>/dev/null) || _sum=$(of_part $_hash 2>/dev/null) || continue
      ;;
    *) continue ;;
    esac
    _sum=${_sum%% *}
    case $_sum in '' | *[!0-9A-Fa-f]*) continue ;; esac
    printf '+%s %s %s %s\n' "$_id" "$_key" "${_way%%:*}" "$_sum"
    return 0
  done
}

of_part() { # command
  if [ "$_length" = - ]; then "$@" <"$_dir/log/$_key"
  else raw_part "$_dir/log/$_key" "$_at" "$_length" | "$@"; fi
}

# Gives the blocks of a part of a log back to the disk; its offsets stay. Not every system can.
free_part() { # key offset length
  if fallocate -p -o "$2" -l "$3" "$_dir/log/$1" 2>/dev/null; then printf '=%s ok\n' "$_id"
  else printf '=%s error cannot\n' "$_id"; fi
}
