-- Why a run failed, found out once: for the failure after so many resumes.
create table failure (
  run text primary key references run (run) on delete cascade,
  resumes integer not null,
  signature text,                   -- null: nothing tells why
  class text not null,
  words text not null,
  task text not null,
  host text not null
) strict, without rowid;

create index run_failed on run (ended_at) where state = 'failed';

-- The recovery of runs with one signature, canary first.
create table wave (
  wave text primary key,
  signature text not null,
  class text not null,
  words text not null,
  state text not null check (state in ('canary', 'going', 'done', 'stopped', 'cancelled')),
  why text not null,
  by text not null,
  reason text not null,
  created_at integer not null,
  ended_at integer,
  plan text not null,               -- the WavePlan that was shown, as JSON, with what was asked
  unsettled integer not null check (unsettled in (0, 1)) -- it is not over, or something of it still goes
) strict, without rowid;

create index wave_unsettled on wave (wave) where unsettled = 1;

create table wave_run (
  wave text not null references wave (wave) on delete cascade,
  at integer not null,              -- its place in the order
  run text not null,
  batch integer not null,
  state text not null
    check (state in ('waiting', 'going', 'recovered', 'failed_again', 'refused', 'skipped')),
  why text not null,
  resumes integer not null,         -- how often the run had been resumed when the wave was made
  primary key (wave, at)
) strict, without rowid;

create index wave_run_busy on wave_run (run) where state in ('waiting', 'going');
