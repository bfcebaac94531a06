-- The system of record. Text enumerations are lower case and checked here, so that no process can write a state another does not know.

create table experiments (
    id           uuid primary key,
    name         text not null,
    config       jsonb not null,              -- every default filled in
    source       text not null,               -- the document as submitted, for people
    digest       text not null,               -- of everything in it that can change a result
    created_at   timestamptz not null default clock_timestamp()
);
create index experiments_digest on experiments (digest);

create table runs (
    id                uuid primary key,
    experiment_id     uuid not null references experiments (id),
    name              text not null,
    kind              text not null check (kind in ('train', 'evaluate', 'predict', 'import')),
    state             text not null default 'queued' check (state in ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
    reason            text,                   -- why it waits, failed or was cancelled
    priority          smallint not null check (priority between 0 and 9),
    device            text not null check (device in ('any', 'cpu', 'gpu')),
    config            jsonb not null,         -- this run's own: a trial of a sweep differs from its experiment
    digest            text not null,
    source_run        uuid references runs (id),  -- the run whose checkpoint this one reads
    waits_for         int not null default 0, -- unsatisfied rows of run_dependencies
    -- the fence
    attempt           int not null default 0,
    claim_id          uuid,
    worker_id         uuid,
    slot              text,
    lease_until       timestamptz,
    cancel_requested  boolean not null default false,
    pause_requested   boolean not null default false,
    -- three budgets, never mixed
    deaths            int not null default 0,
    errors            int not null default 0,
    preemptions       int not null default 0,
    -- the transport's ticket; null: to be enqueued
    hangfire_job      bigint,
    -- progress of the present attempt
    epoch             int,
    step              bigint,
    total_steps       bigint,
    progress          double precision not null default 0,
    eta_seconds       double precision,
    samples_per_second double precision,
    data_wait_seconds double precision,
    log_bytes         bigint not null default 0,
    created_at        timestamptz not null default clock_timestamp(),
    started_at        timestamptz,
    finished_at       timestamptz,
    constraint running_has_lease check ((state = 'running') = (lease_until is not null and worker_id is not null))
);
create index runs_experiment on runs (experiment_id);
create index runs_unfinished on runs (state) where state in ('queued', 'running', 'paused');
create index runs_to_enqueue on runs (priority desc, id) where state = 'queued' and waits_for = 0 and hangfire_job is null;

create table run_dependencies (
    run_id     uuid not null references runs (id),
    parent_id  uuid not null references runs (id),
    satisfied  boolean not null default false,
    primary key (run_id, parent_id)
);
create index run_dependencies_open on run_dependencies (parent_id) where not satisfied;

create table attempts (
    run_id      uuid not null references runs (id),
    attempt     int not null,
    worker_id   uuid not null,
    host        text not null,
    slot        text not null,
    trainer_pid int,
    numerics    jsonb,
    started_at  timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    ending      text check (ending in ('succeeded', 'failed', 'died', 'preempted', 'cancelled', 'expired')),
    detail      text,
    primary key (run_id, attempt)
);

create table events (
    id       bigint generated always as identity primary key,
    run_id   uuid not null references runs (id),
    attempt  int,
    at       timestamptz not null default clock_timestamp(),
    type     text not null,
    detail   text,
    seq      bigint                            -- the trainer's own numbering: a repeated write is noticed
);
create index events_run on events (run_id, id);
create unique index events_once on events (run_id, attempt, seq) where seq is not null;

create table metrics (
    run_id   uuid not null references runs (id),
    name     text not null,
    step     bigint not null,
    epoch    int not null,
    value    double precision not null,
    attempt  int not null,
    at       timestamptz not null default clock_timestamp(),
    primary key (run_id, name, step)
);

create table checkpoints (
    run_id           uuid not null references runs (id),
    step             bigint not null,
    attempt          int not null,
    epoch            int not null,
    prefix           text not null,
    weights_sha256   text not null,
    manifest_sha256  text not null,
    bytes            bigint not null,
    best             boolean not null,         -- best so far when it was published; the newest of these is the best
    metrics          jsonb not null,
    published_at     timestamptz not null default clock_timestamp(),
    primary key (run_id, step, attempt)
);

create table artifacts (
    run_id        uuid not null references runs (id),
    name          text not null,
    attempt       int not null,
    object_key    text not null,
    content_type  text not null,
    bytes         bigint not null,
    sha256        text not null,
    metrics       jsonb not null,
    created_at    timestamptz not null default clock_timestamp(),
    primary key (run_id, name)
);

create table workers (
    id               uuid primary key,
    host             text not null,
    pid              int not null,
    version          text not null,
    state            text not null check (state in ('ready', 'draining', 'stopped', 'lost')),
    drain_requested  boolean not null default false,
    started_at       timestamptz not null default clock_timestamp(),
    seen_at          timestamptz not null default clock_timestamp()
);

create table worker_slots (
    worker_id    uuid not null references workers (id),
    name         text not null,                -- cuda:0, cpu
    device       text not null check (device in ('cpu', 'gpu')),
    device_name  text not null,
    trainer_pid  int,
    run_id       uuid references runs (id),
    attempt      int,
    primary key (worker_id, name)
);

create table log_lines (
    id       bigint generated always as identity primary key,
    run_id   uuid not null references runs (id),
    attempt  int not null,
    seq      bigint not null,
    at       timestamptz not null default clock_timestamp(),
    level    text not null check (level in ('info', 'warning', 'error')),
    text     text not null,
    unique (run_id, attempt, seq)
);
create index log_lines_run on log_lines (run_id, id);

-- Whoever waits for a run to change listens; nobody who changes one has to remember to say so.
create function notify_run() returns trigger language plpgsql as $$
begin
    perform pg_notify('changedetection_runs', new.id::text);
    return null;
end $$;
create trigger runs_inserted after insert on runs for each row execute function notify_run();
create trigger runs_changed after update of state, waits_for, cancel_requested, hangfire_job on runs for each row
    when (old.state is distinct from new.state or old.waits_for is distinct from new.waits_for
          or old.cancel_requested is distinct from new.cancel_requested or (new.hangfire_job is null and old.hangfire_job is not null))
    execute function notify_run();
