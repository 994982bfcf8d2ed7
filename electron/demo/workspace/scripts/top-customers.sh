# The LIMIT customers who bought most.
. ./scripts/lib.sh

say "ranking the customers of $(rows joined.csv) orders"
echo customer_id,name,region,turnover > top-customers.csv
awk -F, 'NR > 1 { sum[$4] += $7; name[$4] = $5; home[$4] = $6 }
  END { for (id in sum) printf "%s,%s,%s,%.2f\n", id, name[id], home[id], sum[id] }' joined.csv |
  sort -t, -k4,4nr -k1,1 | sed "${LIMIT}q" >> top-customers.csv
place=0
sed 1d top-customers.csv | while IFS=, read -r id name region sum; do
  place=$((place + 1))
  say "  $place. $name ($region): $sum"
done
say "wrote top-customers.csv, $(rows top-customers.csv) customers"
