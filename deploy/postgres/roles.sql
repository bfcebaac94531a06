-- Roles of least privilege for ChangeDetection's processes. Once for each server and database, as a superuser or as an account with CREATEROLE that owns the
-- database:   psql -v ON_ERROR_STOP=1 -d changedetection -f deploy/postgres/roles.sql
-- Then:       changedetection migrate     as a login of changedetection_migrator,
--             psql -v ON_ERROR_STOP=1 -d changedetection -f deploy/postgres/grants.sql     as the same; both again after every update of the program.
-- Roles here do not log in. Logins are yours, one for each process and person:
--             create role cd_worker login password '…' in role changedetection_worker;
--             create role cd_migrator login password '…' in role changedetection_migrator;
--             alter role cd_migrator set role = changedetection_migrator;     -- so that what it makes belongs to the role
do $$
declare
    wanted text;
begin
    foreach wanted in array array['migrator', 'scheduler', 'worker', 'dashboard', 'client'] loop
        if not exists (select 1 from pg_roles where rolname = 'changedetection_' || wanted) then
            execute format('create role changedetection_%s nologin', wanted);
        end if;
    end loop;
    -- The migrator alone makes schemas and tables; nobody makes anything in public, and nobody else connects.
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to changedetection_scheduler, changedetection_worker, changedetection_dashboard, changedetection_client',
                   current_database());
    execute format('grant connect, create, temporary on database %I to changedetection_migrator', current_database());
end $$;
revoke create on schema public from public;
