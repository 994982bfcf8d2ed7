# Files: what an attempt made, and what it is given.

# A file of the working folder with every link followed, in _file; why it is none that may be read, in _odd.
output_file() { # folder path
  _file=$1/$2 _odd= _hops=0
  while [ -h "$_file" ]; do
    [ $((_hops = _hops + 1)) -le 16 ] && have readlink || { _odd=link; return 0; }
    _to=$(readlink "$_file" && echo x) || { _odd=link; return 0; }
    _to=${_to%??}
    case $_to in /*) _file=$_to ;; *) _file=${_file%/*}/$_to ;; esac
  done
  [ -e "$_file" ] || { _odd=absent; return 0; }
  # Where it really is. The x keeps a line end that a folder's name ends in.
  _root=$(cd -P "$1" && pwd -P && echo x)
  _at=$(cd -P "${_file%/*}" 2>/dev/null && pwd -P && echo x)
  case ${_at%??}/ in
  "${_root%??}"/*) ;;
  *) _odd=outside; return 0 ;;
  esac
  odd_of_file
}

odd_of_file() {
  if [ -n "$_odd" ]; then return 0
  elif [ -d "$_file" ]; then _odd=folder
  elif [ ! -f "$_file" ]; then _odd=special
  elif [ ! -r "$_file" ]; then _odd=unreadable
  fi
}

size_of() { # file, in _size
  _size=0
  [ -f "$1" ] || return 0
  read -r _p _l _u _g _size _rest <<END
$(ls -lnL "$1")
END
}

# SHA-256 of a file of _size bytes, in _sum; `-` where nothing makes one. openssl starts slower and is twice as fast.
sum_of() { # file
  _sum=
  [ "$_size" -lt 8388608 ] || _sum=$(openssl dgst -sha256 -r <"$1" 2>/dev/null)
  [ -n "$_sum" ] || [ -z "$_hash" ] || _sum=$($_hash <"$1")
  _sum=${_sum%% *}
  [ -n "$_sum" ] || _sum=-
}

outputs() { # key paths
  _of=$1
  shift
  _index=0
  for _path in "$@"; do
    decode "$_path"
    if [ "$_text" = //checkpoint.tar ]; then pack_saved "$_of"; else attempt_file "$_of" "$_text"; fi
    case $_odd in
    '')
      size_of "$_file"
      sum_of "$_file"
      printf '+%s %s %s %s\n' "$_id" "$_index" "$_size" "$_sum"
      case $_text in //*) ;; *) keep_output ;; esac
      ;;
    absent) ;;
    *) printf '+%s %s - %s\n' "$_id" "$_index" "$_odd" ;;
    esac
    _index=$((_index + 1))
  done
}

# A copy by content, so that a task that gets it as input on this host needs no transfer. Not of large ones: they would
# fill a small disk for as long as files are kept.
keep_output() {
  [ "$_sum" != - ] && [ "$_size" -le 67108864 ] && [ ! -e "$_dir/files/$_sum" ] || return 0
  _temp=$_dir/files/.keep-$_sum.$$
  # The sum is made again: the task may have left somebody who writes.
  if cp "$_file" "$_temp" 2>/dev/null && _again=$($_hash <"$_temp") && [ "${_again%% *}" = "$_sum" ]; then
    mv -f "$_temp" "$_dir/files/$_sum"
  else rm -f "$_temp"; fi
}

# Of those that are missing: how much of each is here since an upload that was cut.
have_files() { # sums
  for _sha in "$@"; do
    shift
    if [ -e "$_dir/files/$_sha" ]; then set -- "$@" "$_dir/files/$_sha"
    else
      size_of "$_dir/files/.part-$_sha-$_client@$_machine"
      printf '+%s %s %s\n' "$_id" "$_sha" "$_size"
    fi
  done
  [ $# -eq 0 ] || touch "$@"
}

# Raw bytes come from stdin; the client sends nothing else until the answer. What came before a cut stays for the rest.
receive() { # sha length offset more; the length is of what follows, `more`: that is not the end
  _temp=$_dir/files/.part-$1-$_client@$_machine
  size_of "$_temp"
  if [ "$_size" -ne "${3:-0}" ]; then
    rm -f "$_temp"
    # What follows is still to be taken off the line.
    [ "${3:-0}" -eq 0 ] || { head -c "$2" >/dev/null; printf '=%s error offset\n' "$_id"; return 0; }
  fi
  # A full disk: the rest must not be taken for requests.
  head -c "$2" | { cat >>"$_temp" || { rm -f "$_temp"; cat >/dev/null; }; } 2>/dev/null
  [ -f "$_temp" ] || { printf '=%s error cannot_write\n' "$_id"; return 0; }
  size_of "$_temp"
  [ "$_size" -eq $((${3:-0} + $2)) ] || { printf '=%s error short\n' "$_id"; return 0; }
  [ "${4-}" != more ] || { printf '=%s ok\n' "$_id"; return 0; }
  sum_of "$_temp"
  case $_sum in
  "$1" | -) ;;
  *)
    rm -f "$_temp"
    printf '=%s error hash\n' "$_id"
    return 0
    ;;
  esac
  mv -f "$_temp" "$_dir/files/$1" && printf '=%s ok\n' "$_id" || printf '=%s error cannot_write\n' "$_id"
}

# Small files in one go, as a tar archive in which each has its sum for a name: four processes for all of them.
receive_many() { # sum:length,... of the files in it, in their order
  # Whoever listened may have gone; what is here is put away all the same.
  trap '' PIPE
  IFS=,
  set -- $1
  IFS=' '
  _many=$_dir/files/.many-$$@$_place _total=1024
  for _one in "$@"; do _total=$((_total + 512 + (${_one#*:} + 511) / 512 * 512)); done
  rm -rf "$_many"
  mkdir "$_many" 2>/dev/null
  # The rest must not be taken for requests, whatever becomes of a file.
  head -c "$_total" | {
    (cd "$_many" && unpack "$@") >/dev/null 2>&1
    cat >/dev/null
  }
  (cd "$_many" && $_hash -- * 2>/dev/null) | while read -r _sum _file; do
    [ "$_sum" = "${_file#\*}" ] || rm -f "$_many/${_file#\*}"
  done
  for _one in "$@"; do
    [ -e "$_many/${_one%%:*}" ] || printf '+%s %s\n' "$_id" "${_one%%:*}"
  done
  if mv -f "$_many"/* "$_dir/files/" 2>/dev/null && rmdir "$_many" 2>/dev/null; then printf '=%s ok\n' "$_id"
  else rm -rf "$_many"; printf '=%s error cannot_write\n' "$_id"; fi
}

unpack() { # sum:length,...
  if have tar; then tar -xmf -
  else
    for _one in "$@"; do
      _length=${_one#*:}
      head -c 512 >/dev/null
      head -c "$_length" >"${_one%%:*}"
      [ $((_length % 512)) -eq 0 ] || head -c $((512 - _length % 512)) >/dev/null
    done
  fi
}

# Of agents that were killed at it.
clear_many() {
  for _many in "$_dir"/files/.many-*@"$_place"; do
    [ -d "$_many" ] || continue
    _old=${_many##*/.many-}
    start_of "${_old%%@*}"
    [ -n "$_start" ] || rm -rf "$_many"
  done
}
