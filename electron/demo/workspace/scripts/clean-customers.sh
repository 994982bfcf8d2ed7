# One row per customer, fields without stray spaces; the last row of a customer wins.
. ./scripts/lib.sh

mkdir -p clean
say "cleaning $(rows customers.csv) customers"
awk -F, '
  { sub(/\r$/, "") }
  NR == 1 { print; next }
  {
    for (at = 1; at <= 3; at++) gsub(/^ +| +$/, "", $at)
    if (!($1 in row)) order[++count] = $1
    row[$1] = $1 "," $2 "," $3
  }
  END { for (at = 1; at <= count; at++) print row[order[at]] }' customers.csv > clean/customers.csv
sed -n '2,6p' clean/customers.csv | while IFS=, read -r id name region; do
  say "  $id  $name ($region)"
done
say "  ..."
say "kept $(rows clean/customers.csv) of $(rows customers.csv) rows"
