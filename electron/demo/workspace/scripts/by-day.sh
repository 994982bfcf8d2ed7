# Turnover per day.
. ./scripts/lib.sh

say "summing $(rows joined.csv) orders by day"
echo day,orders,turnover > by-day.csv
awk -F, 'NR > 1 { count[$3]++; sum[$3] += $7 }
  END { for (day in sum) printf "%s,%d,%.2f\n", day, count[day], sum[day] }' joined.csv |
  sort >> by-day.csv
sed 1d by-day.csv | while IFS=, read -r day count sum; do
  say "  $day: $count orders, $sum"
done
say "wrote by-day.csv, $(rows by-day.csv) days"
