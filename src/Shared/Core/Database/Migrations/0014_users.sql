-- People who may use the dashboard, and the tokens that prove who they are. Without any user the dashboard's start-up token alone opens it.
create table users (
    name        text primary key check (name ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$'),
    role        text not null check (role in ('viewer', 'operator', 'admin')),
    created_at  timestamptz not null default clock_timestamp()
);

-- Of a token its SHA-256 alone is here: who reads the table or a copy of it cannot sign in with what stands there.
create table access_tokens (
    id            uuid primary key,
    user_name     text not null references users (name) on delete cascade,
    name          text,                        -- what it is for, as its owner says
    sha256        text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
    created_at    timestamptz not null default clock_timestamp(),
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    last_used_at  timestamptz                  -- to the minute
);
create index access_tokens_user on access_tokens (user_name);

-- Who did what. Written in the transaction of the act itself, never changed. Names stay when their user is removed.
create table audit (
    id         bigint generated always as identity primary key,
    at         timestamptz not null default clock_timestamp(),
    user_name  text not null,
    verified   boolean not null,               -- false: what a program said of itself over a direct connection
    means      text not null check (means in ('start-up token', 'token', 'openid', 'account')),
    address    text,                           -- the browser's; of a direct connection the client's as the database sees it
    action     text not null,
    object     text,                           -- the id or name of what it was done to
    detail     text
);
create index audit_object on audit (object);

-- The keys that protect the dashboard's cookies, so that several dashboards, and one that was restarted, understand each other's.
create table cookie_keys (
    name        text primary key,
    xml         text not null,
    created_at  timestamptz not null default clock_timestamp()
);

-- Whose a run is. Null: submitted before users were recorded.
alter table experiments
    add column user_name      text,
    add column user_verified  boolean not null default false;
alter table runs
    add column user_name      text,
    add column user_verified  boolean not null default false;
