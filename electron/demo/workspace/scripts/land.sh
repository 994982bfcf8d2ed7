# Copies the files of the inbox to the landing folder, each by a rename, so that nobody reads half a file.
. ./scripts/lib.sh

mkdir -p "$HOME/landing"
say "inbox $HOME/inbox"
count=0
for file in "$HOME"/inbox/*.csv; do
  [ -f "$file" ] || { echo "no files in $HOME/inbox" >&2; exit 66; }
  name=${file##*/}
  say "landing $name"
  cp "$file" "$HOME/landing/.$name.part"
  mv "$HOME/landing/.$name.part" "$HOME/landing/$name"
  say "landed  $name: $(rows "$file") rows, $(wc -c < "$file" | tr -d ' ') bytes"
  count=$((count + 1))
done
say "landed $count files in $HOME/landing"
