-- Checkpoints are retired first and collected later: whoever found one in the list has a grace time to open it, and a collector that is
-- killed between an object and its row finds both again.

alter table checkpoints
    add column damaged_at  timestamptz,        -- a resume found it damaged; it does not count as kept
    add column retired_at  timestamptz;        -- no longer kept; its objects go after the grace time
create index checkpoints_retired on checkpoints (retired_at) where retired_at is not null;

-- Objects that no row refers to and that no attempt can publish any more, and since when that is known.
create table orphans (
    prefix    text primary key,
    run_id    uuid not null references runs (id),
    attempt   int not null,                    -- the one that wrote them
    bytes     bigint not null,
    found_at  timestamptz not null default clock_timestamp(),
    seen_at   timestamptz not null default clock_timestamp()
);
