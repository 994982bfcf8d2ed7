# The report as a page and as text, kept with the run and put into ~/published by a rename.
. ./scripts/lib.sh

say "writing report.txt"
{
  echo "Orders up to $DAY, region: $REGION, amounts in $CURRENCY"
  echo
  for table in by-region by-day top-customers; do
    echo "$table"
    awk -F, '{ for (at = 1; at < NF; at++) printf "  %-14s", $at; printf "%14s\n", $NF }' "$table.csv"
    echo
  done
} > report.txt
say "writing report.html"
title="Orders up to $DAY"
note=''
if [ -f "$HOME/site/note.txt" ]; then note=$(sed 1q "$HOME/site/note.txt"); fi
{
  echo '<!doctype html><html lang="en"><meta charset="utf-8">'
  echo "<title>$title</title>"
  echo '<style>body{font:15px system-ui,sans-serif;margin:2rem auto;max-width:46rem}td,th{padding:.2rem .8rem;text-align:left}'
  echo 'td:last-child,th:last-child{text-align:right}meter{width:12rem}</style>'
  echo "<h1>$title</h1><p>Region: $REGION. Amounts in $CURRENCY. $note</p>"
  for table in by-region by-day top-customers; do
    echo "<h2>$table</h2><table>"
    awk -F, '
      NR == 1 { row = "th" }
      { printf "<tr>"; for (at = 1; at <= NF; at++) printf "<%s>%s</%s>", row == "th" ? "th" : "td", $at, row == "th" ? "th" : "td"; print "</tr>"; row = "td" }' "$table.csv"
    echo '</table>'
  done
  echo '</html>'
} > report.html
mkdir -p "$HOME/published"
for file in report.html report.txt; do
  cp "$file" "$HOME/published/.$file.part"
  mv "$HOME/published/.$file.part" "$HOME/published/$file"
  say "published $file: $(wc -c < "$file" | tr -d ' ') bytes"
done
sed -n '3,9p' report.txt
say "done: $HOME/published/report.html"
