# H10: what the host was like when an attempt failed.

# Writes the snapshot of a failed attempt to stop/KEY.snapshot. Called by its supervisor before the end is told.
take_snapshot() { # key
  :
}
