-- Puts old rows of the journal elsewhere: into a table of its own, on a tablespace of its own where one is named. Run as the owner of the
-- tables, while servers run, as often as you like:
--   psql -v older_than='90 days' -v tablespace=cold -f archive.sql concert
-- concert.journal still shows every row, wherever it is: the archive is a part of it (it inherits), so that starts, histories, audits and
-- views find everything. Delete nothing: they read all that ever happened.

\set ON_ERROR_STOP on
\if :{?tablespace}
set default_tablespace = :'tablespace';
\endif

create table if not exists concert.journal_archive (primary key (stream, version), unique (position)) inherits (concert.journal);
comment on table concert.journal_archive is 'The old rows of concert.journal, which shows them too.';

set concert.older_than = :'older_than';
do $$
declare
  at_once constant integer := 10000;
  moved integer;
begin
  loop
    with oldest as (
      select position, at from only concert.journal order by position limit at_once
    ), taken as (
      delete from only concert.journal j using oldest o
      where j.position = o.position and o.at < now() - current_setting('concert.older_than')::interval
      returning j.*
    )
    insert into concert.journal_archive select * from taken;
    get diagnostics moved = row_count;
    commit;
    exit when moved < at_once;
  end loop;
end $$;

-- The room is used again by what comes; `vacuum full` would give it back, and keep everybody out meanwhile.
vacuum (analyze) concert.journal, concert.journal_archive;
