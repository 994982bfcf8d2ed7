# Starts tiny attempts by the agent's own supervisor, without Sluice: COUNT in all, WIDTH at once. Prints nothing.
# The task of each is `true`; start record, log and exit file are made as always.
agent=$1 folder=$2 count=$3 width=$4
mkdir -p "$folder"
mkfifo "$folder/to" "$folder/from"
sh "$agent" 0000000000000000 main "$folder/agent" bench <"$folder/to" >"$folder/from" &
exec 4>"$folder/to" 5<"$folder/from"
started=0 ended=0
read -r _hello <&5
while [ "$ended" -lt "$count" ]; do
  while [ "$started" -lt "$count" ] && [ $((started - ended)) -lt "$width" ]; do
    started=$((started + 1))
    printf 'start %s key.%s 0 5000 - - true\\n :\n' "$started" "$started" >&4
  done
  read -r star word rest <&5
  case "$star $word" in '* ended') ended=$((ended + 1)) ;; esac
done
printf 'bye\n' >&4
exec 4>&- 5<&-
wait
