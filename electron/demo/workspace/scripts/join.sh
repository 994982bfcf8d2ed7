# Each order with its customer's name and region; only those of REGION, unless it is "all".
. ./scripts/lib.sh

say "joining $(rows orders.csv) orders with $(rows customers.csv) customers"
awk -F, -v region="$REGION" '
  FNR == NR { if (FNR > 1) { name[$1] = $2; home[$1] = $3 } next }
  FNR == 1 { print "store,order_id,day,customer_id,name,region,amount"; next }
  !($4 in name) { unknown++; next }
  region != "all" && home[$4] != region { next }
  { print $1 "," $2 "," $3 "," $4 "," name[$4] "," home[$4] "," $5 }
  END { printf "  %d orders of unknown customers left out\n", unknown | "cat >&2" }' \
  customers.csv orders.csv > joined.csv
# Where the host keeps the regions' managers, say whose report it is.
if [ -f "$HOME/reference/managers.csv" ]; then
  sed 1d "$HOME/reference/managers.csv" | while IFS=, read -r home manager; do
    say "  $home ($manager): $(awk -F, -v home="$home" '$6 == home' joined.csv | wc -l | tr -d ' ') orders"
  done
fi
say "joined $(rows joined.csv) orders"
