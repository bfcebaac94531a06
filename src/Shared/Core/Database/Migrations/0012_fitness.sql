-- A worker that is up and may not take runs says so, and why. Unfit: its last self-check failed, of one device or of what all of them need. Set aside:
-- two different runs died on the slot one after the other, and nobody knows yet whether it is sound.
alter table workers drop constraint workers_state_check;
alter table workers add constraint workers_state_check check (state in ('ready', 'unfit', 'set-aside', 'draining', 'stopped', 'lost'));
alter table workers
    add column reason             text,                            -- why it is not ready, or what it lacks although it is
    add column recheck_requested  boolean not null default false;  -- somebody wants what is unfit or set aside looked at now

alter table worker_slots
    add column state   text not null default 'ready' check (state in ('ready', 'unfit', 'set-aside')),
    add column reason  text;

-- An attempt that ended because its machine was found unfit: nothing is charged, and the run waits for a sound one.
alter table attempts drop constraint attempts_ending_check;
alter table attempts add constraint attempts_ending_check
    check (ending in ('succeeded', 'failed', 'died', 'preempted', 'cancelled', 'expired', 'refused', 'unfit'));
