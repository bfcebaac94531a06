-- What of a predict run is done: rows of the scene, and the object that holds what was found there. A run that is taken up again goes on behind them.
-- Their objects are kept while the run has not ended; then they are collected.
create table strips (
    run_id      uuid not null references runs (id),
    strip       int not null,
    attempt     int not null,
    first_row   int not null,
    rows        int not null,
    object_key  text not null,
    bytes       bigint not null,
    sha256      text not null,
    stored_at   timestamptz not null default clock_timestamp(),
    primary key (run_id, strip)
);
