# Checks the exchange rates: every currency that the stores use, each within a plausible range.
. ./scripts/lib.sh

file=$HOME/landing/rates.csv
say "checking rates.csv: $(rows "$file") currencies"
for currency in EUR CHF GBP USD; do
  rate=$(awk -F, -v currency="$currency" '$1 == currency { sub(/\r$/, ""); print $2 }' "$file")
  [ -n "$rate" ] || { echo "rates.csv: no rate for $currency" >&2; exit 65; }
  awk -v rate="$rate" 'BEGIN { exit !(rate > 0.1 && rate < 10) }' || {
    echo "rates.csv: the rate of $currency is not plausible: $rate" >&2
    exit 65
  }
  say "  1 $currency = $rate EUR"
done
cp "$file" rates.csv
say "validated $(rows rates.csv) rates"
