-- A pause that is asked for or taken back is news as well: the reconciler and the pages hear of it at once.
drop trigger runs_changed on runs;
create trigger runs_changed after update of state, waits_for, cancel_requested, pause_requested, hangfire_job on runs for each row
    when (old.state is distinct from new.state or old.waits_for is distinct from new.waits_for
          or old.cancel_requested is distinct from new.cancel_requested or old.pause_requested is distinct from new.pause_requested
          or (new.hangfire_job is null and old.hangfire_job is not null))
    execute function notify_run();
