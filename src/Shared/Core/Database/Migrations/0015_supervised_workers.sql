-- Workers that `up` keeps, by the names it gives them: a name stays when its process is another. One that was drained stays away until it is asked back here.
create table supervised_workers (
    worker_id           uuid primary key references workers (id) on delete cascade,
    name                text not null,
    start_requested_at  timestamptz
);
create index supervised_workers_name on supervised_workers (name);
