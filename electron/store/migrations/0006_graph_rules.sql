-- What only some runs and task runs have (pause, fan-out, approval, checkpoint, ...), as JSON; null where there is nothing.
alter table run add column extra text;
alter table task_run add column extra text;
