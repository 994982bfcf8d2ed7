-- Who did what, and why. Rows are only ever added, each with the hash over itself and the one before.
create table audit (
  seq integer primary key,
  at integer not null,
  by text not null,
  action text not null,
  subject text not null,
  details text not null,            -- JSON, keys sorted: hashed as it stands here
  reason text not null,
  hash text not null
) strict;

create trigger audit_is_not_changed before update on audit
begin
  select raise(abort, 'the audit is append-only');
end;

create trigger audit_is_not_deleted before delete on audit
begin
  select raise(abort, 'the audit is append-only');
end;

-- Also against `insert or replace`, which fires no delete trigger.
create trigger audit_has_no_gap before insert on audit
when new.seq is not (select coalesce(max(seq), 0) + 1 from audit)
begin
  select raise(abort, 'the audit is append-only');
end;
