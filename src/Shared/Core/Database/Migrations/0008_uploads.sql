-- Runs that a command is sending files for, noted before the first byte and forgotten when the run is queued or the command gives up. What a command
-- that was killed has left in the store is told by this from what belongs to another system.
create table uploads (
    run_id      uuid primary key,
    begun_at    timestamptz not null default clock_timestamp()
);

-- Such files are orphans of a run that never came to be.
alter table orphans drop constraint orphans_run_id_fkey;
