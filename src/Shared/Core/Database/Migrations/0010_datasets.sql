-- Data sets that runs were submitted with. The hash of a dataset.json names every byte of a data set; one that was replaced at its address is another row.
create table datasets (
    uri              text not null,
    manifest_sha256  text not null,
    name             text not null,
    summary          jsonb not null,           -- as `dataset show --json` prints it
    recorded_at      timestamptz not null default clock_timestamp(),
    submitted_at     timestamptz not null default clock_timestamp(),  -- the last time
    verified_at      timestamptz,              -- by `dataset verify`, the last time
    verification     jsonb,                    -- what it found
    primary key (uri, manifest_sha256)
);

-- What a run reads, as it was when the run was submitted. A run of before this table has no row, and takes its data sets as they are.
create table run_datasets (
    run_id           uuid not null references runs (id),
    uri              text not null,
    manifest_sha256  text not null,
    primary key (run_id, uri),
    foreign key (uri, manifest_sha256) references datasets
);
create index run_datasets_of on run_datasets (uri, manifest_sha256);

-- An attempt that its machine could not begin, as another may: a mount or a credential that a worker lacks is no fault of the run.
alter table attempts drop constraint attempts_ending_check;
alter table attempts add constraint attempts_ending_check
    check (ending in ('succeeded', 'failed', 'died', 'preempted', 'cancelled', 'expired', 'refused'));
