-- How often another host of the pool took over since the last reset.
alter table task_run add column elsewhere integer not null default 0;

-- Attempts that were failed over or given up: their copies must be proved gone when their hosts are back.
create table fence (
  key text primary key,
  host text not null,
  grace_ms integer not null
) strict;

-- Hosts that take no new work because a person said so.
create table cordon (
  host text primary key,
  kind text not null check (kind in ('cordoned', 'draining')),
  by text not null,
  reason text not null,
  at integer not null
) strict;
