# Starts tiny attempts by the agent's own supervisor, without Sluice: COUNT in all, WIDTH at once. Prints nothing.
# The task of each is `true`; start record, log and exit file are made as always. ORDER is one of Sluice's own orders, in which
# @ stands for the number of the task: without it they are as short as can be, with nothing in their environment.
agent=$1 folder=$2 count=$3 width=$4 order=${5-}
[ -n "$order" ] || order='start key.@ 0 5000 - - true\0012 :'
mkdir -p "$folder"
mkfifo "$folder/to" "$folder/from"
sh "$agent" 0000000000000000 main "$folder/agent" bench <"$folder/to" >"$folder/from" &
exec 4>"$folder/to" 5<"$folder/from"
started=0 ended=0
read -r _hello <&5
# In pieces, so that what is put together for each start are built-ins alone.
IFS=@
set -f
set -- ${order#start }
IFS=' '
while [ "$ended" -lt "$count" ]; do
  while [ "$started" -lt "$count" ] && [ $((started - ended)) -lt "$width" ]; do
    started=$((started + 1))
    line=$1
    n=1
    for piece in "$@"; do
      [ $n = 1 ] || line=$line$started$piece
      n=2
    done
    printf 'start %s %s\n' "$started" "$line" >&4
  done
  read -r star word rest <&5
  case "$star $word" in '* ended') ended=$((ended + 1)) ;; esac
done
printf 'bye\n' >&4
exec 4>&- 5<&-
wait
