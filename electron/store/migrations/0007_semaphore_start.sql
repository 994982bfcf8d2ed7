-- When attempts that hold a semaphore with a rate have started: its window looks back over restarts, and at runs that have
-- ended. What no window can hold any more is removed with the next start.
create table semaphore_start (
  semaphore text not null,
  at integer not null,                -- engine clock, ms since 1970 UTC
  starts integer not null,            -- in that very millisecond
  primary key (semaphore, at)
) strict, without rowid;
