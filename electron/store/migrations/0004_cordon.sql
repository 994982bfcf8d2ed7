-- Hosts that take no new work because a person said so.
create table cordon (
  host text primary key,
  kind text not null check (kind in ('cordoned', 'draining')),
  by text not null,
  reason text not null,
  at integer not null
) strict;
