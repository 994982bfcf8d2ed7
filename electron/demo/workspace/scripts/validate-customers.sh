# Checks the customer list: its columns, its keys, and that each region is one that the report knows.
. ./scripts/lib.sh

file=$HOME/landing/customers.csv
say "checking customers.csv: $(rows "$file") rows"
header=$(sed 1q "$file" | tr -d '\r')
if [ "$header" != customer_id,name,region ]; then
  echo "customers.csv: expected columns customer_id,name,region, found $header" >&2
  exit 65
fi
say "  columns ok"
awk -F, '
  NR > 1 && $1 !~ /^C[0-9]+$/ { printf "customers.csv:%d: no customer id: \"%s\"\n", NR, $1; bad++ }
  NR > 1 && $3 !~ /^ *(north|south|east|west) *\r?$/ { printf "customers.csv:%d: no region: \"%s\"\n", NR, $3; bad++ }
  END { exit bad > 0 }' "$file" >&2
say "  keys ok"
say "  regions ok"
for region in north south east west; do
  say "  $region: $(grep -c "$region" "$file") customers"
done
cp "$file" customers.csv
say "validated $(rows customers.csv) customers"
