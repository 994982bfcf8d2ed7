# Turnover per region.
. ./scripts/lib.sh

say "summing $(rows joined.csv) orders by region"
echo region,orders,turnover > by-region.csv
awk -F, 'NR > 1 { count[$6]++; sum[$6] += $7 }
  END { for (region in sum) printf "%s,%d,%.2f\n", region, count[region], sum[region] }' joined.csv |
  sort >> by-region.csv
sed 1d by-region.csv | while IFS=, read -r region count sum; do
  say "  $region: $count orders, $sum"
done
say "wrote by-region.csv, $(rows by-region.csv) regions"
