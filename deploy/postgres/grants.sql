-- What each role may do with each table. Run it as the migrator, after 'changedetection migrate'; it may be repeated. A table that has no line here is closed
-- to everybody but the migrator. docs/databases.md shows the same as a matrix.
begin;
revoke all on all tables in schema changedetection, hangfire
    from changedetection_scheduler, changedetection_worker, changedetection_dashboard, changedetection_client;
grant usage on schema changedetection to changedetection_scheduler, changedetection_worker, changedetection_dashboard, changedetection_client;
grant usage on schema hangfire to changedetection_scheduler, changedetection_worker, changedetection_dashboard, changedetection_client;
set local search_path = changedetection;

-- Takes expired leases back, releases what waited, writes queue jobs, and collects what nobody refers to.
grant select                         on schema_versions, experiments, artifacts to changedetection_scheduler;
grant select, update                 on runs, run_dependencies, attempts, workers, worker_slots, system, deleted_runs to changedetection_scheduler;
grant select, insert                 on events to changedetection_scheduler;
grant select, delete                 on uploads, strips to changedetection_scheduler;
grant select, update, delete         on checkpoints to changedetection_scheduler;
grant select, insert, update         on lease_watch to changedetection_scheduler;
grant select, insert, update, delete on orphans to changedetection_scheduler;

-- Claims runs, and writes everything that trainers report.
grant select                         on schema_versions, experiments, datasets, run_datasets, run_dependencies to changedetection_worker;
grant select, update                 on runs, system to changedetection_worker;
grant select, insert                 on events, metrics to changedetection_worker;
grant select, insert, update         on attempts, checkpoints, artifacts, strips, workers, worker_slots, lease_watch, supervised_workers
                                     to changedetection_worker;
grant select, insert, delete         on log_lines to changedetection_worker;

-- Shows, and asks: cancel, pause, retry, drain.
grant select                         on schema_versions, experiments, run_dependencies, attempts, metrics, checkpoints, artifacts, strips, worker_slots,
                                        log_lines, lease_watch, orphans, uploads, datasets, run_datasets, supervised_workers, system, deleted_runs, users
                                     to changedetection_dashboard;
grant select, update                 on runs, workers, access_tokens to changedetection_dashboard;
grant select, insert                 on events, audit, cookie_keys to changedetection_dashboard;

-- The command line of somebody who submits, watches and steers. Users and their tokens, 'audit', 'delete', 'archive', backups: as the migrator.
grant select                         on schema_versions, attempts, metrics, checkpoints, artifacts, strips, worker_slots, log_lines, lease_watch, orphans, system,
                                        deleted_runs, users to changedetection_client;
grant select, update                 on workers, supervised_workers, access_tokens to changedetection_client;
grant select, insert                 on experiments, run_dependencies, events, run_datasets to changedetection_client;
grant select, insert, update         on runs, datasets to changedetection_client;
grant select, insert, update, delete on uploads to changedetection_client;
grant insert                         on audit to changedetection_client;

-- The queue is Hangfire's own, and scheduler and workers are its servers; nobody else writes there.
grant select, insert, update, delete on all tables in schema hangfire to changedetection_scheduler, changedetection_worker;
revoke insert, update, delete        on hangfire.schema from changedetection_scheduler, changedetection_worker;
grant usage                          on all sequences in schema hangfire to changedetection_scheduler, changedetection_worker;
grant select                         on all tables in schema hangfire to changedetection_dashboard, changedetection_client;
commit;
