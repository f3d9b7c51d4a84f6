-- Several servers may write: the silos of a cluster share the writer's lease, and each stream's fence is between them.

-- An epoch that others refer to: changing it waits for whoever keeps the row, renewing the lease does not.
create unique index if not exists writer_epoch on concert.writer (epoch);

comment on table concert.writer is
  'Who writes here: one server, or the silos of one cluster under its name. Their lease, by this database''s clock.';

-- Keeps the lease until the end of the transaction: nobody takes it over meanwhile; it is renewed all the same.
create or replace function concert.keep(lease bigint) returns void
language plpgsql as $$
begin
  perform from concert.writer where epoch = lease for key share;
  if not found then
    raise exception 'another server has the lease' using errcode = 'OC001';
  end if;
end $$;

-- The position behind the last entry, such that nothing is written before it any more: waits for the calls of append under way, and lets
-- new ones in only then. A moment, and only when it is asked.
create or replace function concert.journal_end(out last_position bigint)
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(340431031876);
  select coalesce(max(position), 0) into last_position from concert.journal;
end $$;

-- Makes one batch durable. A stream is given once, with all of the batch's events for it; where its head is not where the writer thought,
-- nothing of what belongs to it is written. Everything is given in order; an owner of 0 belongs to no stream and is always written.
-- Streams and keys are taken in the order of their names, so that the batches of two servers wait for each other, but not in a circle.
create or replace function concert.append(
  lease            bigint,
  streams          text[], expected bigint[], moved_to bigint[], unfinished_now boolean[],
  entry_owner      integer[], entry_stream text[], entry_version bigint[], entry_at timestamptz[], entry_text bytea[],
  answer_owner     integer[], answer_caller text[], answer_key text[], answer_fingerprint bytea[], answer_status integer[],
  answer_body      bytea[], answer_at timestamptz[],
  out won integer[], out last_position bigint)
language plpgsql as $$
declare
  taken integer;
begin
  -- Positions are taken below: journal_end waits until they are there.
  perform pg_advisory_xact_lock_shared(340431031876);
  perform concert.keep(lease);

  -- A row that somebody else is moving is waited for, and judged as it is then.
  perform from concert.streams s where s.stream = any (entry_stream) order by s.stream for no key update;

  with given as (
    select owner::integer, stream, from_head, to_head, is_unfinished
    from unnest(streams, expected, moved_to, unfinished_now) with ordinality as t (stream, from_head, to_head, is_unfinished, owner)
  ), moved as (
    update concert.streams s set head = g.to_head, unfinished = g.is_unfinished
    from given g where g.from_head > 0 and s.stream = g.stream and s.head = g.from_head
    returning g.owner
  ), begun as (
    insert into concert.streams (stream, head, unfinished)
    select stream, to_head, is_unfinished from given where from_head = 0 order by stream
    on conflict do nothing
    returning concert.streams.stream
  )
  select coalesce(array_agg(owner), '{}') into won
  from (select owner from moved union all select g.owner from begun join given g using (stream)) as winners;

  with given as (
    select * from unnest(answer_owner, answer_caller, answer_key, answer_fingerprint, answer_status, answer_body, answer_at)
      as t (owner, caller, key, fingerprint, status, body, at)
    where owner = 0 or owner = any (won)
  ), kept as (
    insert into concert.answers as a (caller, key, fingerprint, status, body, at)
    select caller, key, fingerprint, status, body, at from given order by caller, key
    on conflict (caller, key) do update
      set fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, at = excluded.at
      where a.at <= excluded.at - interval '24 hours'
    returning 1
  )
  select (select count(*) from given) - (select count(*) from kept) into taken;
  if taken > 0 then
    raise exception 'a key has an answer already' using errcode = 'OC002';
  end if;

  with entry as (
    select * from unnest(entry_owner, entry_stream, entry_version, entry_at, entry_text) with ordinality
      as t (owner, stream, version, at, text, place)
    where owner = 0 or owner = any (won)
  ), noted as (
    insert into concert.streams as s (stream, head, unfinished)
    select stream, count(*), false from entry where version is null group by stream order by stream
    on conflict (stream) do update set head = s.head + excluded.head
    returning s.stream, s.head
  ), placed as (
    select e.stream, e.at, e.text, e.version is null as is_note,
      coalesce(e.version, n.head + 1 - row_number() over (partition by e.stream, e.version is null order by e.place desc)) as version
    from entry e left join noted n on e.version is null and n.stream = e.stream
    order by e.place
  ), written as (
    insert into concert.journal (position, stream, version, is_note, at, text)
    select nextval('concert.position'), stream, version, is_note, at, convert_from(text, 'UTF8') from placed
    returning position
  )
  select max(position) into last_position from written;
end $$;

-- Replaces the snapshot of a stream by a newer one; its pieces follow in the same transaction. False where there is one as new.
create or replace function concert.begin_snapshot(lease bigint, of_stream text, at_version bigint) returns boolean
language plpgsql as $$
begin
  perform concert.keep(lease);

  insert into concert.snapshots as s (stream, version) values (of_stream, at_version)
  on conflict (stream) do update set version = excluded.version where s.version < excluded.version;
  if not found then
    return false;
  end if;

  delete from concert.snapshot_pieces where stream = of_stream;
  return true;
end $$;
