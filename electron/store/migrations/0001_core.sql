-- Runs. `run_event` is the truth; `run` and `task_run` are folds of it, written in the same transaction.

create table plan (
  hash text primary key,            -- sha256 of body
  body text not null                -- a RunPlan as JSON
) strict, without rowid;

create table run (
  run text primary key,
  pipeline text not null,
  environment text not null,
  version text not null,
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  cause text not null,              -- RunCause as JSON
  params text not null,
  logical_date text,
  created_at integer not null,
  started_at integer,
  ended_at integer,
  cancel_asked text,                -- JSON, or null
  resumes integer not null,
  seq integer not null,             -- last event folded in
  counts text not null              -- task runs per state, JSON
) strict, without rowid;

create index run_by_pipeline on run (pipeline, run);
create index run_by_state on run (state, run);

create table run_plan (
  run text not null references run (run) on delete cascade,
  version text not null,
  plan text not null references plan (hash),
  primary key (run, version)
) strict, without rowid;

create table run_event (
  run text not null references run (run) on delete cascade,
  seq integer not null,
  at integer not null,
  kind text not null,
  body text not null,               -- the rest of the event as JSON
  primary key (run, seq)
) strict, without rowid;

-- Only task runs that an event has touched; the others wait.
create table task_run (
  run text not null references run (run) on delete cascade,
  task text not null,
  item integer not null,            -- -1: no item
  state text not null,
  why text not null,
  queued_at integer,
  ended_at integer,
  due_at integer,
  attempts_before integer not null,
  attempts text not null,           -- AttemptView[] as JSON
  primary key (run, task, item)
) strict, without rowid;

-- Every saved content of a pipeline that a run was made of.
create table version (
  version text primary key,
  pipeline text not null,
  file text not null,
  text text not null,
  git_commit text,
  first_seen_at integer not null
) strict, without rowid;

-- One row; a write to it makes everything before it durable.
create table synced (
  one integer primary key check (one = 1),
  times integer not null
) strict;
insert into synced values (1, 0);
