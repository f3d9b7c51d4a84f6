-- Who is in the cluster, and which grains are to be woken when: what the engine of a cluster keeps. It asks with the texts in orleansquery,
-- by key, with parameters and columns of its own names; the tables behind them are ours. Where a text answers with a count, 0 is a no.

create table if not exists concert.clusters (
  id         text        primary key,
  version    integer     not null,
  changed_at timestamptz not null default now()
);
comment on table concert.clusters is
  'Each cluster and the version of its list of silos. Every change of the list names the version it was decided on: of two, one wins.';

create table if not exists concert.silos (
  cluster      text        not null references concert.clusters on delete cascade,
  address      text        not null,
  port         integer     not null,
  generation   integer     not null,
  name         text        not null,
  host         text        not null,
  status       integer     not null,
  gateway_port integer     not null,
  suspicions   text,
  started_at   timestamptz not null,
  alive_at     timestamptz not null,
  primary key (cluster, address, port, generation)
);
comment on table concert.silos is
  'Every silo of a cluster, once a start of it (generation). status: 1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead.';

-- Of all reminders together, so that what was removed and put again is told from what was there before.
create sequence if not exists concert.reminder_version as integer cycle;

create table if not exists concert.reminders (
  service    text        not null,
  grain      text        not null,
  name       text        not null,
  hash       integer     not null,
  starts_at  timestamptz not null,
  period_ms  bigint      not null,
  version    integer     not null,
  primary key (service, grain, name)
);
comment on table concert.reminders is
  'Which grain is to be woken from when on and how often. hash: the grain''s place on the ring that the silos share, as a signed integer.';

create index if not exists reminders_hash on concert.reminders (service, hash);

create table if not exists concert.orleansquery (
  querykey  text primary key,
  querytext text not null
);
comment on table concert.orleansquery is 'What the engine of a cluster asks, by key; it reads them at its start.';

insert into concert.orleansquery (querykey, querytext) values

-- Begins the list of a cluster. 1 for whoever began it, 0 where it is there.
('InsertMembershipVersionKey', $$
with begun as (
  insert into concert.clusters (id, version) values (@DeploymentId, 0) on conflict do nothing returning id
)
select count(*) from begun
$$),

-- Adds a silo, and raises the version. Both or neither: 0 where the list has another version by now, or has the silo.
('InsertMembershipKey', $$
with raised as (
  update concert.clusters set version = version + 1, changed_at = now()
  where id = @DeploymentId and version = @Version and not exists (
    select from concert.silos where cluster = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
  returning id
), added as (
  insert into concert.silos (cluster, address, port, generation, name, host, status, gateway_port, started_at, alive_at)
  select id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime from raised
  returning cluster
)
select count(*) from added
$$),

-- Changes what is known of a silo, and raises the version. 0 where the list has another version by now, or has no such silo.
('UpdateMembershipKey', $$
with raised as (
  update concert.clusters set version = version + 1, changed_at = now()
  where id = @DeploymentId and version = @Version and exists (
    select from concert.silos where cluster = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
  returning id
), changed as (
  update concert.silos set status = @Status, suspicions = @SuspectTimes, alive_at = @IAmAliveTime
  from raised where cluster = raised.id and address = @Address and port = @Port and generation = @Generation
  returning cluster
)
select count(*) from changed
$$),

-- A silo says that it lives. That raises no version: nobody decides on it alone.
('UpdateIAmAlivetimeKey', $$
update concert.silos set alive_at = @IAmAliveTime
where cluster = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$$),

-- One silo and the version of the list, as of one instant. The version comes also where there is no such silo.
('MembershipReadRowKey', $$
select c.id as DeploymentId, s.address as Address, s.port as Port, s.generation as Generation, s.name as SiloName, s.host as HostName,
  s.status as Status, s.gateway_port as ProxyPort, s.suspicions as SuspectTimes, s.started_at as StartTime, s.alive_at as IAmAliveTime,
  c.version as Version
from concert.clusters c
left join concert.silos s on s.cluster = c.id and s.address = @Address and s.port = @Port and s.generation = @Generation
where c.id = @DeploymentId
$$),

-- All silos and the version of the list, as of one instant. The version comes also where there is none.
('MembershipReadAllKey', $$
select c.id as DeploymentId, s.address as Address, s.port as Port, s.generation as Generation, s.name as SiloName, s.host as HostName,
  s.status as Status, s.gateway_port as ProxyPort, s.suspicions as SuspectTimes, s.started_at as StartTime, s.alive_at as IAmAliveTime,
  c.version as Version
from concert.clusters c left join concert.silos s on s.cluster = c.id
where c.id = @DeploymentId
$$),

-- Where clients of a cluster may connect: the silos of that status (it asks for the active ones) that have a gateway.
('GatewaysQueryKey', $$
select address as Address, gateway_port as ProxyPort, generation as Generation
from concert.silos where cluster = @DeploymentId and status = @Status and gateway_port > 0
$$),

-- Forgets silos that were not active any more at that instant. Nobody who is active goes, however long not heard of.
('CleanupDefunctSiloEntriesKey', $$
delete from concert.silos
where cluster = @DeploymentId and status <> 3 and greatest(started_at, alive_at) < @IAmAliveTime
$$),

-- Forgets a cluster.
('DeleteMembershipTableEntriesKey', $$
delete from concert.clusters where id = @DeploymentId
$$),

-- Puts a reminder, over the one that is there. Its version is new among all that were ever put.
('UpsertReminderRowKey', $$
insert into concert.reminders as r (service, grain, name, hash, starts_at, period_ms, version)
values (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, nextval('concert.reminder_version'))
on conflict (service, grain, name) do update
  set hash = excluded.hash, starts_at = excluded.starts_at, period_ms = excluded.period_ms, version = excluded.version
returning r.version as Version
$$),

-- The reminders of a grain.
('ReadReminderRowsKey', $$
select grain as GrainId, name as ReminderName, starts_at as StartTime, period_ms as Period, version as Version
from concert.reminders where service = @ServiceId and grain = @GrainId
$$),

-- One reminder.
('ReadReminderRowKey', $$
select grain as GrainId, name as ReminderName, starts_at as StartTime, period_ms as Period, version as Version
from concert.reminders where service = @ServiceId and grain = @GrainId and name = @ReminderName
$$),

-- The reminders of a part of the ring: behind its begin, up to its end.
('ReadRangeRows1Key', $$
select grain as GrainId, name as ReminderName, starts_at as StartTime, period_ms as Period, version as Version
from concert.reminders where service = @ServiceId and hash > @BeginHash and hash <= @EndHash
$$),

-- The same of a part that goes over the end of the numbers; of one that begins where it ends, all.
('ReadRangeRows2Key', $$
select grain as GrainId, name as ReminderName, starts_at as StartTime, period_ms as Period, version as Version
from concert.reminders where service = @ServiceId and (hash > @BeginHash or hash <= @EndHash)
$$),

-- Removes a reminder where it still is the one that was read. 0 where it is not.
('DeleteReminderRowKey', $$
with removed as (
  delete from concert.reminders where service = @ServiceId and grain = @GrainId and name = @ReminderName and version = @Version
  returning name
)
select count(*) from removed
$$),

-- Removes all reminders.
('DeleteReminderRowsKey', $$
delete from concert.reminders where service = @ServiceId
$$)

on conflict (querykey) do update set querytext = excluded.querytext;
