-- Who this system is: the same id stands in its data folder (system.json) and in its store (the object system.json), so that a folder, a database and a
-- store of different systems are never taken for one. Exactly one row.
create table system (
    one         boolean primary key default true check (one),
    id          uuid not null default gen_random_uuid(),
    created_at  timestamptz not null default clock_timestamp(),
    marked_at   timestamptz                    -- since when the store bears the id: one that has lost it since is not taken for new
);
insert into system default values;
