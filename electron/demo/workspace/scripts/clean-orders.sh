# Orders up to DAY, once each, without the cancelled ones.
. ./scripts/lib.sh

mkdir -p clean
say "cleaning $(rows orders.csv) orders up to $DAY"
awk -F, -v last="$DAY" '
  NR == 1 { print; next }
  $3 > last { later++; next }
  $7 == "cancelled" { cancelled++; next }
  seen[$2]++ { twice++; next }
  { print }
  END {
    printf "  %d after the day, %d cancelled, %d duplicates\n", later, cancelled, twice | "cat >&2"
  }' orders.csv > clean/orders.csv
for store in $(awk -F, 'NR > 1 { print $1 }' clean/orders.csv | sort -u); do
  say "  $store: $(grep -c "^$store," clean/orders.csv) orders kept"
done
if [ "$(rows clean/orders.csv)" -eq 0 ]; then
  echo "no orders up to $DAY" >&2
  exit 65
fi
say "kept $(rows clean/orders.csv) of $(rows orders.csv) orders"
