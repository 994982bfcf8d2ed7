# Files: what an attempt made, and what it is given.

outputs() { # key paths
  work_of "$1"
  shift
  _index=0
  for _path in "$@"; do
    decode "$_path"
    _file=$_dir/work/$_work/$_text
    if [ -f "$_file" ]; then
      read -r _p _l _u _g _size _rest <<END
$(ls -lnL -- "$_file")
END
      _sum=-
      [ -n "$_hash" ] && { _sum=$($_hash <"$_file"); _sum=${_sum%% *}; }
      printf '+%s %s %s %s\n' "$_id" "$_index" "$_size" "$_sum"
    fi
    _index=$((_index + 1))
  done
}

# Raw bytes come from stdin; the client sends nothing else until the answer.
receive() { # sha length
  _temp=$_dir/files/.$1.$$
  head -c "$2" >"$_temp" || { rm -f "$_temp"; printf '=%s error cannot_write\n' "$_id"; return 0; }
  if [ -n "$_hash" ]; then
    _sum=$($_hash <"$_temp"); _sum=${_sum%% *}
    if [ "$_sum" != "$1" ]; then
      rm -f "$_temp"
      printf '=%s error hash\n' "$_id"
      return 0
    fi
  fi
  mv -f "$_temp" "$_dir/files/$1" && printf '=%s ok\n' "$_id" || printf '=%s error cannot_write\n' "$_id"
}
