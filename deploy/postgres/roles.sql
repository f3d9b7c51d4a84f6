-- Two roles: the owner makes the tables (Silo -- migrate), the server only uses them. Run as a superuser in the server's database:
--   psql -v owner_password=... -v server_password=... -f roles.sql concert

create role concert_owner login password :'owner_password';
create role concert_server login password :'server_password';

select current_database() as database \gset
grant create, connect on database :"database" to concert_owner;
grant connect on database :"database" to concert_server;

-- The schema is made by the owner's first migration; what the server may do there follows by itself.
set role concert_owner;
create schema if not exists concert;
grant usage on schema concert to concert_server;
alter default privileges in schema concert grant select, insert, update, delete on tables to concert_server;
alter default privileges in schema concert grant usage on sequences to concert_server;
alter default privileges in schema concert grant execute on functions to concert_server;
reset role;
