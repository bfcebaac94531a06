-- What runs take, and what of it goes.

-- A checkpoint's weights are for everybody; its optimizer's state is for a run that goes on from it. As with checkpoints, first the row says that it is no
-- longer kept, then the object goes. A row of before this migration does not know how much it is.
alter table checkpoints
    add column optimizer_bytes        bigint,       -- of bytes; null: not known; 0: there is none
    add column optimizer_released_at  timestamptz;  -- no run can go on from it any more
create index checkpoints_released on checkpoints (optimizer_released_at)
    where optimizer_released_at is not null and optimizer_bytes is distinct from 0;

-- Archived experiments are in no listing by default, and keep the weights of one checkpoint of each run.
alter table experiments add column archived_at timestamptz;

-- What a run was sent is no file of its own making, and goes when it has ended.
alter table uploads add column bytes bigint not null default 0;
alter table runs add column upload_bytes bigint not null default 0;

-- Runs that were deleted, with all their rows. Their objects are known by this, whenever they are found; so are late ones, of a trainer that nobody
-- could reach when its run was deleted.
create table deleted_runs (
    run_id         uuid primary key,
    experiment_id  uuid not null,
    name           text not null,
    kind           text not null,
    left_bytes     bigint not null,            -- of its objects, when it was deleted; 0: none is left
    deleted_at     timestamptz not null default clock_timestamp()
);
create index deleted_runs_experiment on deleted_runs (experiment_id);

-- The run whose weights a config names by their place in the store: of model.init, or of a prediction.
create function weights_run(config jsonb) returns uuid language sql immutable parallel safe as $$
    select coalesce(
        substring(config #>> '{model,init}' from 'runs/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/'),
        substring(config #>> '{checkpoint,prefix}' from 'runs/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/'))::uuid
$$;
alter table runs add column weights_of uuid generated always as (weights_run(config)) stored;

-- Who depends on a run is asked before it is deleted, and by the foreign keys while it is.
create index runs_source on runs (source_run) where source_run is not null;
create index runs_weights_of on runs (weights_of) where weights_of is not null;
create index run_dependencies_parent on run_dependencies (parent_id);
create index worker_slots_run on worker_slots (run_id) where run_id is not null;

-- A run that goes is news for those who watch it.
create function notify_run_deleted() returns trigger language plpgsql as $$
begin
    perform pg_notify('changedetection_runs', old.id::text);
    return null;
end $$;
create trigger runs_deleted after delete on runs for each row execute function notify_run_deleted();

-- Rows of strips whose run has ended name objects that were collected, or are about to be.
delete from strips s using runs r where r.id = s.run_id and r.state in ('succeeded', 'failed', 'cancelled');
