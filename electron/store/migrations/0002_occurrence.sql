-- Every planned firing of a trigger, with its decision: nothing is dropped silently.

create table occurrence (
  pipeline text not null,
  environment text not null,
  trigger_index integer not null,
  due_at integer not null,
  decision text not null check (decision in ('ran', 'skipped', 'missed', 'caught_up', 'held')),
  reason text not null,
  run text,                         -- derived, so it may name a run that does not exist yet
  settled integer not null check (settled in (0, 1)),
  primary key (pipeline, environment, trigger_index, due_at)
) strict, without rowid;

create index occurrence_by_due on occurrence (due_at);
create index occurrence_unsettled on occurrence (due_at) where settled = 0;

-- How far each armed trigger is decided.
create table trigger_watch (
  pipeline text not null,
  environment text not null,
  trigger_index integer not null,
  says text not null,
  through_at integer not null,
  primary key (pipeline, environment, trigger_index)
) strict, without rowid;
