# Checks each store's orders and puts them into one file. Looks at all files before it gives up.
. ./scripts/lib.sh

columns=order_id,day,customer_id,amount,currency,status
bad=0
files=0
say "expected columns: $columns"
echo "store,$columns" > orders.csv
for file in "$HOME"/landing/orders-*.csv; do
  [ -f "$file" ] || { echo "no orders in $HOME/landing" >&2; exit 66; }
  name=${file##*/}
  store=${name#orders-}
  store=${store%.csv}
  files=$((files + 1))
  say "checking $name: $(rows "$file") rows"
  if ! awk -F, -v file="$name" -v want="$columns" '
    NR > 1 { exit }
    {
      sub(/\r$/, "")
      count = split(want, name, ",")
      for (at = 1; at <= count; at++) {
        if ($at == name[at]) continue
        nth = at (at == 1 ? "st" : at == 2 ? "nd" : at == 3 ? "rd" : "th")
        printf "%s: expected column \"%s\" (%s), found \"%s\"\n", file, name[at], nth, $at
        bad = 1
      }
      if (NF != count) { printf "%s: expected %d columns, found %d\n", file, count, NF; bad = 1 }
    }
    END { exit bad }' "$file" >&2; then
    bad=$((bad + 1))
    continue
  fi
  if ! awk -F, -v file="$name" '
    NR == 1 { next }
    $2 !~ /^20[0-9][0-9]-[01][0-9]-[0-3][0-9]$/ { printf "%s:%d: no date: \"%s\"\n", file, NR, $2; bad++ }
    $4 !~ /^-?[0-9]+(\.[0-9]+)?$/ { printf "%s:%d: no number: \"%s\"\n", file, NR, $4; bad++ }
    bad >= 10 { print file ": too many bad rows, giving up"; exit }
    END { exit bad > 0 }' "$file" >&2; then
    bad=$((bad + 1))
    continue
  fi
  awk -v store="$store" 'NR > 1 { sub(/\r$/, ""); print store "," $0 }' "$file" >> orders.csv
  say "  columns ok, numbers ok, dates ok"
done
if [ "$bad" -gt 0 ]; then
  echo "schema mismatch in $bad of $files files: nothing was passed on" >&2
  exit 65
fi
say "validated $files files, $(rows orders.csv) orders"
