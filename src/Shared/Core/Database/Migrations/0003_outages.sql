-- A lease runs out only while somebody looks. Whoever takes leases back notes here when he last looked, and since when the looks have followed each
-- other without a gap: during a gap (the server was frozen, or out of reach of everybody) nobody could renew, so nobody's silence counts.
create table lease_watch (
    only_row        boolean primary key default true check (only_row),
    seen_at         timestamptz not null default clock_timestamp(),
    unbroken_since  timestamptz not null default clock_timestamp()
);
