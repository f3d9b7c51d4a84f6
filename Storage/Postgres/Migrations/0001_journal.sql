-- The journal: events of fenced streams and notes of unfenced ones, in one order.

create sequence if not exists concert.position;

create table if not exists concert.streams (
  stream     text    primary key check (length(stream) between 1 and 200),
  head       bigint  not null check (head >= 1),
  unfinished boolean not null
);
comment on table concert.streams is 'Where every stream ends: its fence. Nothing is appended to a stream that is elsewhere by now.';

create index if not exists streams_unfinished on concert.streams (stream) where unfinished;

create table if not exists concert.journal (
  position bigint      not null unique,
  stream   text        not null,
  version  bigint      not null,
  is_note  boolean     not null,
  at       timestamptz not null,
  text     text        not null,
  primary key (stream, version)
);
comment on table concert.journal is 'Everything that happened, in the order of position; never changed, never deleted by the server.';

create table if not exists concert.answers (
  caller      text        not null,
  key         text        not null,
  fingerprint bytea       not null,
  status      integer     not null,
  body        bytea       not null,
  at          timestamptz not null,
  primary key (caller, key)
);
comment on table concert.answers is 'The first answer to each request that may be repeated, for 24 hours.';

create index if not exists answers_at on concert.answers (at);

create table if not exists concert.snapshots (
  stream  text   primary key,
  version bigint not null
);

create table if not exists concert.snapshot_pieces (
  stream  text    not null references concert.snapshots on delete cascade,
  place   integer not null,
  piece   bytea   not null,
  primary key (stream, place)
);

create table if not exists concert.writer (
  one        boolean     primary key default true check (one),
  epoch      bigint      not null,
  owner      text,
  renewed_at timestamptz not null
);
comment on table concert.writer is 'Which server writes here, where one alone does: its lease, by this database''s clock.';

insert into concert.writer (epoch, owner, renewed_at) values (0, null, 'epoch') on conflict do nothing;

-- Makes one batch durable. A stream is given once, with all of the batch's events for it; where its head is not where the writer thought,
-- nothing of what belongs to it is written. Everything is given in order; an owner of 0 belongs to no stream and is always written.
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
  if lease is not null then
    perform from concert.writer where epoch = lease for share;
    if not found then
      raise exception 'another server has the lease' using errcode = 'OC001';
    end if;
  end if;

  -- A row that somebody else is moving is waited for, and judged as it is then.
  with given as (
    select owner::integer, stream, from_head, to_head, is_unfinished
    from unnest(streams, expected, moved_to, unfinished_now) with ordinality as t (stream, from_head, to_head, is_unfinished, owner)
  ), moved as (
    update concert.streams s set head = g.to_head, unfinished = g.is_unfinished
    from given g where g.from_head > 0 and s.stream = g.stream and s.head = g.from_head
    returning g.owner
  ), begun as (
    insert into concert.streams (stream, head, unfinished)
    select stream, to_head, is_unfinished from given where from_head = 0
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
    select caller, key, fingerprint, status, body, at from given
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
  if lease is not null then
    perform from concert.writer where epoch = lease for share;
    if not found then
      raise exception 'another server has the lease' using errcode = 'OC001';
    end if;
  end if;

  insert into concert.snapshots as s (stream, version) values (of_stream, at_version)
  on conflict (stream) do update set version = excluded.version where s.version < excluded.version;
  if not found then
    return false;
  end if;

  delete from concert.snapshot_pieces where stream = of_stream;
  return true;
end $$;
