-- Attempts that a host may forget and has not yet confirmed to have forgotten (H9). Written with the end that allows it,
-- so that an engine killed in between says it again.
create table release (
  key text primary key,
  host text not null
) strict, without rowid;
