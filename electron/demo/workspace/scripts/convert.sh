# All amounts in CURRENCY, by the day's rates.
. ./scripts/lib.sh

say "converting $(rows orders.csv) orders to $CURRENCY"
awk -F, -v to="$CURRENCY" '
  FNR == NR { sub(/\r$/, ""); rate[$1] = $2; next }
  FNR == 1 { print "store,order_id,day,customer_id,amount"; next }
  !($6 in rate) { printf "order %s: no rate for %s\n", $2, $6 | "cat >&2"; bad = 1; next }
  { printf "%s,%s,%s,%s,%.2f\n", $1, $2, $3, $4, $5 * rate[$6] / rate[to] }
  END { exit bad }' rates.csv orders.csv > converted.csv
for currency in EUR CHF GBP USD; do
  say "  $(awk -F, -v currency="$currency" '$6 == currency' orders.csv | wc -l | tr -d ' ') orders in $currency"
done
say "converted $(rows converted.csv) orders, $(awk -F, 'NR > 1 { sum += $5 } END { printf "%.2f", sum }' converted.csv) $CURRENCY in all"
