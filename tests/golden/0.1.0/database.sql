--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: changedetection; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA changedetection;


--
-- Name: notify_run(); Type: FUNCTION; Schema: changedetection; Owner: -
--

CREATE FUNCTION changedetection.notify_run() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('changedetection_runs', new.id::text);
    return null;
end $$;


--
-- Name: notify_run_deleted(); Type: FUNCTION; Schema: changedetection; Owner: -
--

CREATE FUNCTION changedetection.notify_run_deleted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('changedetection_runs', old.id::text);
    return null;
end $$;


--
-- Name: weights_run(jsonb); Type: FUNCTION; Schema: changedetection; Owner: -
--

CREATE FUNCTION changedetection.weights_run(config jsonb) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select coalesce(
        substring(config #>> '{model,init}' from 'runs/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/'),
        substring(config #>> '{checkpoint,prefix}' from 'runs/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/'))::uuid
$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: access_tokens; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.access_tokens (
    id uuid NOT NULL,
    user_name text NOT NULL,
    name text,
    sha256 text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT access_tokens_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);


--
-- Name: artifacts; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.artifacts (
    run_id uuid NOT NULL,
    name text NOT NULL,
    attempt integer NOT NULL,
    object_key text NOT NULL,
    content_type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    metrics jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: attempts; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.attempts (
    run_id uuid NOT NULL,
    attempt integer NOT NULL,
    worker_id uuid NOT NULL,
    host text NOT NULL,
    slot text NOT NULL,
    trainer_pid integer,
    numerics jsonb,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    ending text,
    detail text,
    loader jsonb,
    CONSTRAINT attempts_ending_check CHECK ((ending = ANY (ARRAY['succeeded'::text, 'failed'::text, 'died'::text, 'preempted'::text, 'cancelled'::text, 'expired'::text, 'refused'::text, 'unfit'::text])))
);


--
-- Name: audit; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.audit (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    user_name text NOT NULL,
    verified boolean NOT NULL,
    means text NOT NULL,
    address text,
    action text NOT NULL,
    object text,
    detail text,
    CONSTRAINT audit_means_check CHECK ((means = ANY (ARRAY['start-up token'::text, 'token'::text, 'openid'::text, 'account'::text])))
);


--
-- Name: audit_id_seq; Type: SEQUENCE; Schema: changedetection; Owner: -
--

ALTER TABLE changedetection.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changedetection.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: checkpoints; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.checkpoints (
    run_id uuid NOT NULL,
    step bigint NOT NULL,
    attempt integer NOT NULL,
    epoch integer NOT NULL,
    prefix text NOT NULL,
    weights_sha256 text NOT NULL,
    manifest_sha256 text NOT NULL,
    bytes bigint NOT NULL,
    best boolean NOT NULL,
    metrics jsonb NOT NULL,
    published_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    damaged_at timestamp with time zone,
    retired_at timestamp with time zone,
    optimizer_bytes bigint,
    optimizer_released_at timestamp with time zone
);


--
-- Name: cookie_keys; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.cookie_keys (
    name text NOT NULL,
    xml text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: datasets; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.datasets (
    uri text NOT NULL,
    manifest_sha256 text NOT NULL,
    name text NOT NULL,
    summary jsonb NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    submitted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    verified_at timestamp with time zone,
    verification jsonb
);


--
-- Name: deleted_runs; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.deleted_runs (
    run_id uuid NOT NULL,
    experiment_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    left_bytes bigint NOT NULL,
    deleted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: events; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.events (
    id bigint NOT NULL,
    run_id uuid NOT NULL,
    attempt integer,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    type text NOT NULL,
    detail text,
    seq bigint
);


--
-- Name: events_id_seq; Type: SEQUENCE; Schema: changedetection; Owner: -
--

ALTER TABLE changedetection.events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changedetection.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: experiments; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.experiments (
    id uuid NOT NULL,
    name text NOT NULL,
    config jsonb NOT NULL,
    source text NOT NULL,
    digest text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    archived_at timestamp with time zone,
    user_name text,
    user_verified boolean DEFAULT false NOT NULL
);


--
-- Name: lease_watch; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.lease_watch (
    only_row boolean DEFAULT true NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    unbroken_since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT lease_watch_only_row_check CHECK (only_row)
);


--
-- Name: log_lines; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.log_lines (
    id bigint NOT NULL,
    run_id uuid NOT NULL,
    attempt integer NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    level text NOT NULL,
    text text NOT NULL,
    CONSTRAINT log_lines_level_check CHECK ((level = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text])))
);


--
-- Name: log_lines_id_seq; Type: SEQUENCE; Schema: changedetection; Owner: -
--

ALTER TABLE changedetection.log_lines ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME changedetection.log_lines_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: metrics; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.metrics (
    run_id uuid NOT NULL,
    name text NOT NULL,
    step bigint NOT NULL,
    epoch integer NOT NULL,
    value double precision NOT NULL,
    attempt integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: orphans; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.orphans (
    prefix text NOT NULL,
    run_id uuid NOT NULL,
    attempt integer NOT NULL,
    bytes bigint NOT NULL,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: run_datasets; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.run_datasets (
    run_id uuid NOT NULL,
    uri text NOT NULL,
    manifest_sha256 text NOT NULL
);


--
-- Name: run_dependencies; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.run_dependencies (
    run_id uuid NOT NULL,
    parent_id uuid NOT NULL,
    satisfied boolean DEFAULT false NOT NULL
);


--
-- Name: runs; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.runs (
    id uuid NOT NULL,
    experiment_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    reason text,
    priority smallint NOT NULL,
    device text NOT NULL,
    config jsonb NOT NULL,
    digest text NOT NULL,
    source_run uuid,
    waits_for integer DEFAULT 0 NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    claim_id uuid,
    worker_id uuid,
    slot text,
    lease_until timestamp with time zone,
    cancel_requested boolean DEFAULT false NOT NULL,
    pause_requested boolean DEFAULT false NOT NULL,
    deaths integer DEFAULT 0 NOT NULL,
    errors integer DEFAULT 0 NOT NULL,
    preemptions integer DEFAULT 0 NOT NULL,
    hangfire_job bigint,
    epoch integer,
    step bigint,
    total_steps bigint,
    progress double precision DEFAULT 0 NOT NULL,
    eta_seconds double precision,
    samples_per_second double precision,
    data_wait_seconds double precision,
    log_bytes bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    upload_bytes bigint DEFAULT 0 NOT NULL,
    weights_of uuid GENERATED ALWAYS AS (changedetection.weights_run(config)) STORED,
    user_name text,
    user_verified boolean DEFAULT false NOT NULL,
    CONSTRAINT running_has_lease CHECK (((state = 'running'::text) = ((lease_until IS NOT NULL) AND (worker_id IS NOT NULL)))),
    CONSTRAINT runs_device_check CHECK ((device = ANY (ARRAY['any'::text, 'cpu'::text, 'gpu'::text]))),
    CONSTRAINT runs_kind_check CHECK ((kind = ANY (ARRAY['train'::text, 'evaluate'::text, 'predict'::text, 'import'::text]))),
    CONSTRAINT runs_priority_check CHECK (((priority >= 0) AND (priority <= 9))),
    CONSTRAINT runs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'paused'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])))
);


--
-- Name: schema_versions; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.schema_versions (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    requires_drain boolean DEFAULT false NOT NULL,
    program text
);


--
-- Name: strips; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.strips (
    run_id uuid NOT NULL,
    strip integer NOT NULL,
    attempt integer NOT NULL,
    first_row integer NOT NULL,
    rows integer NOT NULL,
    object_key text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    stored_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: supervised_workers; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.supervised_workers (
    worker_id uuid NOT NULL,
    name text NOT NULL,
    start_requested_at timestamp with time zone
);


--
-- Name: system; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.system (
    one boolean DEFAULT true NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    marked_at timestamp with time zone,
    CONSTRAINT system_one_check CHECK (one)
);


--
-- Name: uploads; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.uploads (
    run_id uuid NOT NULL,
    begun_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL
);


--
-- Name: users; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.users (
    name text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT users_name_check CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$'::text)),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text])))
);


--
-- Name: worker_slots; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.worker_slots (
    worker_id uuid NOT NULL,
    name text NOT NULL,
    device text NOT NULL,
    device_name text NOT NULL,
    trainer_pid integer,
    run_id uuid,
    attempt integer,
    state text DEFAULT 'ready'::text NOT NULL,
    reason text,
    CONSTRAINT worker_slots_device_check CHECK ((device = ANY (ARRAY['cpu'::text, 'gpu'::text]))),
    CONSTRAINT worker_slots_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'unfit'::text, 'set-aside'::text])))
);


--
-- Name: workers; Type: TABLE; Schema: changedetection; Owner: -
--

CREATE TABLE changedetection.workers (
    id uuid NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    version text NOT NULL,
    state text NOT NULL,
    drain_requested boolean DEFAULT false NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    reason text,
    recheck_requested boolean DEFAULT false NOT NULL,
    CONSTRAINT workers_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'unfit'::text, 'set-aside'::text, 'draining'::text, 'stopped'::text, 'lost'::text])))
);


--
-- Data for Name: access_tokens; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.access_tokens VALUES
	('01a22cc4-1f26-7509-89ad-4c6dade06281', 'golden', 'golden', 'de3ba95a94d428e740311bbfcb128df0ed4a91df10576c00074eb419380008b4', '2026-11-30 14:03:00.28798+00', '2027-02-28 14:03:00.287976+00', NULL, NULL);


--
-- Data for Name: artifacts; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.artifacts VALUES
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', '000000-00004', 1, 'runs/01a22cc3-fd0c-7523-9eed-b50c07d8ca49/pictures/000000-00004-a1.png', 'image/png', 12233, 'c8d1e003e028498ef0e889c785499e87ab15f3c6aaed83dc12ccb80e2ac9241d', '{"sample/f1": 0.17131147540983607, "sample/iou": 0.09367996414164052, "sample/kappa": -0.14284592845830332, "sample/recall": 0.5588235294117647, "sample/accuracy": 0.12239583333333333, "sample/precision": 0.10116166505324298}', '2026-11-30 14:02:53.778205+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'worst-1-00004', 1, 'runs/01a22cc3-fd0c-7523-9eed-b50c07d8ca49/pictures/000000-00004-a1.png', 'image/png', 12233, 'c8d1e003e028498ef0e889c785499e87ab15f3c6aaed83dc12ccb80e2ac9241d', '{"sample/f1": 0.17131147540983607, "sample/iou": 0.09367996414164052, "sample/kappa": -0.14284592845830332, "sample/recall": 0.5588235294117647, "sample/accuracy": 0.12239583333333333, "sample/precision": 0.10116166505324298}', '2026-11-30 14:02:53.793219+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'best-1-00004', 1, 'runs/01a22cc3-fd0c-7523-9eed-b50c07d8ca49/pictures/000000-00004-a1.png', 'image/png', 12233, 'c8d1e003e028498ef0e889c785499e87ab15f3c6aaed83dc12ccb80e2ac9241d', '{"sample/f1": 0.17131147540983607, "sample/iou": 0.09367996414164052, "sample/kappa": -0.14284592845830332, "sample/recall": 0.5588235294117647, "sample/accuracy": 0.12239583333333333, "sample/precision": 0.10116166505324298}', '2026-11-30 14:02:53.793561+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'report.json', 1, 'runs/01a22cc3-fd0c-7523-9eed-b50c07d8ca49/reports/report-a1.json', 'application/json', 28433, '753626c952ae6e0796bc0c1965779c23115b614b446c282133d413004a22fa2c', '{}', '2026-11-30 14:02:53.820448+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'report.html', 1, 'runs/01a22cc3-fd0c-7523-9eed-b50c07d8ca49/reports/report-a1.html', 'text/html', 50475, '059a7d7b9f34463172c2db527189e404aa9507d9b2c5e4c9db3546a395d123f3', '{}', '2026-11-30 14:02:53.839478+00'),
	('01a22cc4-0c23-7212-91ac-c71a0d41db75', 'overlay.png', 1, 'runs/01a22cc4-0c23-7212-91ac-c71a0d41db75/outputs/overlay-a1.png', 'image/png', 4409, 'fdb740050da6c9f979c51d54ec0540e822ce00dc90a513bf1be6b65cf7d5de3e', '{}', '2026-11-30 14:02:56.247499+00'),
	('01a22cc4-0c23-7212-91ac-c71a0d41db75', 'change.tif', 1, 'runs/01a22cc4-0c23-7212-91ac-c71a0d41db75/outputs/change-a1.tif', 'image/tiff', 2938, 'fde0b7d36546cd11b59dc2443b5e1061519bac394528c4531befde04ead9db9d', '{"valid_pixels": 2304, "changed_share": 0.8967013888888888, "changed_pixels": 2066}', '2026-11-30 14:02:56.250116+00');


--
-- Data for Name: attempts; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.attempts VALUES
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 1, '01a22cc3-f746-779a-b259-9ef9e71ad2d1', 'host', 'cpu', 32633, '{"isa": "avx512", "device": "cpu", "threads": 1, "libtorch": "2.10.0.0"}', '2026-11-30 14:02:51.846135+00', '2026-11-30 14:02:52.939786+00', 'succeeded', NULL, '{"remedy": null, "waits_for": "storage", "bytes_read": 52195, "cache_hits": 0, "recent_wait": 0.0033485466824434732, "cache_misses": 0, "decoded_hits": 0, "wait_seconds": 0.0673035, "samples_per_second": 23.91649317243911, "recent_wait_seconds": 0.0000832}'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 1, '01a22cc3-f746-779a-b259-9ef9e71ad2d1', 'host', 'cpu', 32647, '{"isa": "avx512", "device": "cpu", "threads": 1, "libtorch": "2.10.0.0"}', '2026-11-30 14:02:52.992362+00', '2026-11-30 14:02:53.951667+00', 'succeeded', NULL, '{"remedy": null, "waits_for": null, "bytes_read": 24984, "cache_hits": 0, "recent_wait": 0, "cache_misses": 0, "decoded_hits": 0, "wait_seconds": 0.0631851, "samples_per_second": 10.528454728171091, "recent_wait_seconds": 0}'),
	('01a22cc4-0c23-7212-91ac-c71a0d41db75', 1, '01a22cc3-f746-779a-b259-9ef9e71ad2d1', 'host', 'cpu', 32724, '{"isa": "avx512", "device": "cpu", "threads": 2, "libtorch": "2.10.0.0"}', '2026-11-30 14:02:55.489697+00', '2026-11-30 14:02:56.349805+00', 'succeeded', NULL, '{"remedy": null, "waits_for": null, "bytes_read": 0, "cache_hits": 0, "recent_wait": 0, "cache_misses": 0, "decoded_hits": 0, "wait_seconds": 0, "samples_per_second": 0, "recent_wait_seconds": 0}'),
	('01a22cc4-1567-7146-a8cb-575f1cb5eb66', 1, '01a22cc3-f746-779a-b259-9ef9e71ad2d1', 'host', 'import', 358, '{"isa": "avx512", "device": "cpu", "threads": 1, "libtorch": "2.10.0.0"}', '2026-11-30 14:02:58.426721+00', '2026-11-30 14:02:59.225292+00', 'succeeded', NULL, NULL);


--
-- Data for Name: audit; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.audit OVERRIDING SYSTEM VALUE VALUES
	(1, '2026-11-30 14:02:51.607352+00', 'root', false, 'account', '127.0.0.1', 'submit', '01a22cc3-fd0b-79f0-a82a-3441fcc8816f', 'golden'),
	(2, '2026-11-30 14:02:55.439516+00', 'root', false, 'account', '127.0.0.1', 'submit', '01a22cc4-0c3b-76b0-a5b5-ffe13e3b6696', 'predict 00004.png 00004.png'),
	(3, '2026-11-30 14:02:58.371901+00', 'root', false, 'account', '127.0.0.1', 'submit', '01a22cc4-1567-782e-a376-355977e948ce', 'import pattern'),
	(4, '2026-11-30 14:02:59.88569+00', 'root', false, 'account', '127.0.0.1', 'user add', 'golden', 'operator'),
	(5, '2026-11-30 14:03:00.307403+00', 'root', false, 'account', '127.0.0.1', 'token create', '01a22cc4-1f26-7509-89ad-4c6dade06281', 'of golden'),
	(6, '2026-11-30 14:03:00.904319+00', 'root', false, 'account', '127.0.0.1', 'submit', '01a22cc4-218d-7fb4-afc0-02b0e95cc3fe', 'golden on scenes val'),
	(7, '2026-11-30 14:03:02.490868+00', 'root', false, 'account', '127.0.0.1', 'delete', '01a22cc4-218c-7a53-9439-1f5e8d8988cf', 'runs deleted in all: 1');


--
-- Data for Name: checkpoints; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.checkpoints VALUES
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 2, 1, 1, 'runs/01a22cc3-fd0b-77b4-a043-cf6d48329120/checkpoints/000000002-a1', '5c05db2289748363f3eeaa9b242bbe0c787f62cd005d5792a12c328b22936c2f', 'bbf1c24df1ef75a314df5aa015b23bdf97c370e4f50bbe57f4bc23686dda29b5', 16239472, true, '{"val/f1": 0.18521739130434783, "val/iou": 0.1020603737422137, "val/loss": 0.693023469045064, "val/kappa": 0.015959534355184764, "train/loss": 1.1198468506336212, "val/recall": 0.9726027397260274, "val/accuracy": 0.18663194444444445, "val/precision": 0.1023546371936569}', '2026-11-30 14:02:52.821002+00', NULL, NULL, 10816064, NULL),
	('01a22cc4-1567-7146-a8cb-575f1cb5eb66', 0, 1, 0, 'runs/01a22cc4-1567-7146-a8cb-575f1cb5eb66/checkpoints/000000000-a1', 'e1de79d0b5d5a13d35c52091509780d73937f5a6dbc1226c88d23274dc844281', 'b7272fb4b0518926ea44df415a52d4a32e7e775176a295b8bbe33eae7e1adae7', 5422366, true, '{}', '2026-11-30 14:02:59.090577+00', NULL, NULL, 16, NULL);


--
-- Data for Name: cookie_keys; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.cookie_keys VALUES
	('key-4fccefb4-8827-4389-b3b9-bab974ce18e7', '<key/>', '2026-11-30 14:02:50.510433+00');


--
-- Data for Name: datasets; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.datasets VALUES
	('file:///tmp/golden/dataset', '58f255cd9f9bdcb080fc56099f8b3ea10254ab34c024871ab944472f18f9f30a', 'scenes', '{"uri": "file:///tmp/golden/dataset", "mask": {"unit": "number", "change": "255", "values": [{"value": "0", "pixels": 9938}, {"value": "255", "pixels": 1582}], "rule_from": "values"}, "name": "scenes", "bands": null, "ranges": [{"low": 48, "high": 209, "maximum": 255, "minimum": 22}, {"low": 59, "high": 201, "maximum": 255, "minimum": 30}, {"low": 42, "high": 183, "maximum": 255, "minimum": 19}], "splits": {"val": {"bytes": 14336, "sizes": {"max_width": 48, "min_width": 48, "max_height": 48, "min_height": 48}, "shards": 1, "samples": 1, "unlabelled": false, "ignored_pixels": 0, "invalid_pixels": 0, "change_fraction": 0.09505208333333333, "class_fractions": null}, "test": {"bytes": 13824, "sizes": {"max_width": 48, "min_width": 48, "max_height": 48, "min_height": 48}, "shards": 1, "samples": 1, "unlabelled": false, "ignored_pixels": 0, "invalid_pixels": 0, "change_fraction": 0.1623263888888889, "class_fractions": null}, "train": {"bytes": 41984, "sizes": {"max_width": 48, "min_width": 48, "max_height": 48, "min_height": 48}, "shards": 1, "samples": 3, "unlabelled": false, "ignored_pixels": 0, "invalid_pixels": 0, "change_fraction": 0.14308449074074073, "class_fractions": null}}, "classes": null, "channels": 3, "pixel_type": "uint8", "provenance": {"tool": "changedetection 0.1.0", "layout": "sysu", "source": "scenes"}, "statistics": {"mean": [125.8166232638889, 129.6585648148148, 106.61002604166667], "deviation": [38.09145471313045, 33.37983347959406, 38.73411660211294]}, "manifest_sha256": "58f255cd9f9bdcb080fc56099f8b3ea10254ab34c024871ab944472f18f9f30a"}', '2026-11-30 14:02:51.582603+00', '2026-11-30 14:03:00.891341+00', NULL, NULL);


--
-- Data for Name: deleted_runs; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.deleted_runs VALUES
	('01a22cc4-218c-7a53-9439-1f5e8d8988cf', '01a22cc4-218d-7fb4-afc0-02b0e95cc3fe', 'golden on scenes val', 'evaluate', 90475, '2026-11-30 14:03:02.47771+00');


--
-- Data for Name: events; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.events OVERRIDING SYSTEM VALUE VALUES
	(1, '01a22cc3-fd0b-77b4-a043-cf6d48329120', NULL, '2026-11-30 14:02:51.62255+00', 'submitted', NULL, NULL),
	(2, '01a22cc3-fd0c-7523-9eed-b50c07d8ca49', NULL, '2026-11-30 14:02:51.631982+00', 'submitted', NULL, NULL),
	(3, '01a22cc3-fd0b-77b4-a043-cf6d48329120', 1, '2026-11-30 14:02:51.846013+00', 'claimed', 'host cpu', NULL),
	(4, '01a22cc3-fd0b-77b4-a043-cf6d48329120', 1, '2026-11-30 14:02:52.939844+00', 'succeeded', NULL, NULL),
	(5, '01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 1, '2026-11-30 14:02:52.992345+00', 'claimed', 'host cpu', NULL),
	(6, '01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 1, '2026-11-30 14:02:53.951731+00', 'succeeded', NULL, NULL),
	(7, '01a22cc4-0c23-7212-91ac-c71a0d41db75', NULL, '2026-11-30 14:02:55.450676+00', 'submitted', NULL, NULL),
	(8, '01a22cc4-0c23-7212-91ac-c71a0d41db75', 1, '2026-11-30 14:02:55.489681+00', 'claimed', 'host cpu', NULL),
	(9, '01a22cc4-0c23-7212-91ac-c71a0d41db75', 1, '2026-11-30 14:02:56.349865+00', 'succeeded', NULL, NULL),
	(10, '01a22cc4-1567-7146-a8cb-575f1cb5eb66', NULL, '2026-11-30 14:02:58.380056+00', 'submitted', NULL, NULL),
	(11, '01a22cc4-1567-7146-a8cb-575f1cb5eb66', 1, '2026-11-30 14:02:58.426705+00', 'claimed', 'host import', NULL),
	(12, '01a22cc4-1567-7146-a8cb-575f1cb5eb66', 1, '2026-11-30 14:02:59.037276+00', 'imported', '143 tensors of a file with the SHA-256 e1de79d0b5d5a13d35c52091509780d73937f5a6dbc1226c88d23274dc844281.', 3),
	(13, '01a22cc4-1567-7146-a8cb-575f1cb5eb66', 1, '2026-11-30 14:02:59.225353+00', 'succeeded', NULL, NULL);


--
-- Data for Name: experiments; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.experiments VALUES
	('01a22cc3-fd0b-79f0-a82a-3441fcc8816f', 'golden', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "golden", "seed": 0, "model": {"init": "default", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 1, "clip_norm": null, "accumulate": 1, "batch_size": 2, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/dataset", "fold": null, "mask": {"change": "auto"}, "test": {"split": "test"}, "train": {"mix": [], "crop": 32, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": 4}, "fields": "none", "validate": {"split": "val"}}, "retries": {"errors": 0}, "version": 1, "evaluate": {"from": "best", "rescale": null, "pictures": 1}, "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "dataset", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 5}, "checkpoint": {"mode": "max", "metric": "val/f1", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5, "keep_optimizer": "last"}}', 'version: 1
name: golden
dataset: { uri: /tmp/golden/dataset, train: { split: train, crop: 32, samples_per_epoch: 4 } }
train: { batch_size: 2, epochs: 1 }
evaluate: { from: best, pictures: 1 }
resources: { threads: 1 }
', '0ece71ae157b014cd5517e2c657b5b75a913eb743fc50e62d8ef2b7cc08a50b4', '2026-11-30 14:02:51.605081+00', NULL, 'root', false),
	('01a22cc4-0c3b-76b0-a5b5-ffe13e3b6696', 'predict 00004.png 00004.png', '{"tile": null, "after": {"key": null, "file": "/tmp/golden/scenes/test/time2/00004.png", "name": "00004.png", "bytes": 4853, "sha256": "22371138a83a0900721234a9288b2be2182321c8fa2efbf16b9d2a7916f3fd76", "geo_transform": null}, "alpha": "auto", "before": {"key": null, "file": "/tmp/golden/scenes/test/time1/00004.png", "name": "00004.png", "bytes": 4545, "sha256": "33e4c14d727086b096b013d78c92af4d5af118e30960f75df26bb41f89ceba51", "geo_transform": null}, "no_data": null, "polygons": false, "resources": {"device": "any", "threads": 2, "priority": 5}, "threshold": 0.5, "checkpoint": {"step": 2, "epoch": 1, "prefix": "runs/01a22cc3-fd0b-77b4-a043-cf6d48329120/checkpoints/000000002-a1", "manifest_sha256": "bbf1c24df1ef75a314df5aa015b23bdf97c370e4f50bbe57f4bc23686dda29b5"}, "probability": false}', '{"checkpoint":{"prefix":"runs/01a22cc3-fd0b-77b4-a043-cf6d48329120/checkpoints/000000002-a1","manifest_sha256":"bbf1c24df1ef75a314df5aa015b23bdf97c370e4f50bbe57f4bc23686dda29b5","epoch":1,"step":2},"before":{"name":"00004.png","file":"/tmp/golden/scenes/test/time1/00004.png","key":null,"bytes":4545,"sha256":"33e4c14d727086b096b013d78c92af4d5af118e30960f75df26bb41f89ceba51","geo_transform":null},"after":{"name":"00004.png","file":"/tmp/golden/scenes/test/time2/00004.png","key":null,"bytes":4853,"sha256":"22371138a83a0900721234a9288b2be2182321c8fa2efbf16b9d2a7916f3fd76","geo_transform":null},"threshold":0.5,"probability":false,"polygons":false,"tile":null,"no_data":null,"alpha":"auto","resources":{"device":"any","threads":2,"priority":5}}', '7e54bbe4d8aa557188e608e127d8982c2d6b45ce84045d2ade9804b9eea2d333', '2026-11-30 14:02:55.437542+00', NULL, 'root', false),
	('01a22cc4-1567-782e-a376-355977e948ce', 'import pattern', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "import pattern", "seed": 0, "model": {"init": "file:///tmp/golden/data/store/runs/01a22cc4-1567-7146-a8cb-575f1cb5eb66/upload-a0/pattern.safetensors", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 50, "clip_norm": null, "accumulate": 1, "batch_size": 16, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/data/store/runs/01a22cc4-1567-7146-a8cb-575f1cb5eb66/upload-a0", "fold": null, "mask": {"change": "auto"}, "test": "none", "train": {"mix": [], "crop": null, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": null}, "fields": "none", "validate": "none"}, "retries": {"errors": 0}, "version": 1, "evaluate": "none", "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "unit", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 9}, "checkpoint": {"mode": "min", "metric": "train/loss", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5, "keep_optimizer": "last"}}', '{"version":1,"name":"import pattern","dataset":{"uri":"file:///tmp/golden/data/store/runs/01a22cc4-1567-7146-a8cb-575f1cb5eb66/upload-a0/","validate":"none","test":"none"},"normalize":"unit","model":{"name":"fc-siam-diff","channels":3,"init":"file:///tmp/golden/data/store/runs/01a22cc4-1567-7146-a8cb-575f1cb5eb66/upload-a0/pattern.safetensors"},"checkpoint":{"metric":"train/loss","mode":"min"},"evaluate":"none","resources":{"threads":1,"priority":9}}', '326314c9b1d07ef9bbb76d8672a6aad82ccf9adc66e26349471a347f67dc8ad2', '2026-11-30 14:02:58.369252+00', NULL, 'root', false);


--
-- Data for Name: lease_watch; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.lease_watch VALUES
	(true, '2026-11-30 14:03:01.872898+00', '2026-11-30 14:02:49.937634+00');


--
-- Data for Name: log_lines; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.log_lines OVERRIDING SYSTEM VALUE VALUES
	(1, '01a22cc3-fd0b-77b4-a043-cf6d48329120', 1, 3, '2026-11-30 14:02:52.534498+00', 'info', 'training fc-siam-diff (1,350,146 parameters) on cpu (1 thread, avx512, libtorch 2.10.0.0): 1 epochs of 4 samples in 2 steps, from 3 samples of split train in scenes (/tmp/golden/dataset); validated on 1 samples of split val'),
	(2, '01a22cc3-fd0b-77b4-a043-cf6d48329120', 1, 7, '2026-11-30 14:02:52.728469+00', 'info', 'epoch 1 of 1, 0.2 s: train/loss 1.1198, val/loss 0.693, val/f1 0.1852 (best so far)'),
	(3, '01a22cc3-fd0b-77b4-a043-cf6d48329120', 1, 9, '2026-11-30 14:02:52.83064+00', 'info', 'checkpoint at step 2, the best so far, 16.2 MB: runs/01a22cc3-fd0b-77b4-a043-cf6d48329120/checkpoints/000000002-a1'),
	(4, '01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 1, 3, '2026-11-30 14:02:53.569423+00', 'info', 'evaluating fc-siam-diff (1,350,146 parameters) of run 01a22cc3-fd0b-77b4-a043-cf6d48329120, step 2, on cpu (1 thread, avx512, libtorch 2.10.0.0): 1 samples of split test in scenes (/tmp/golden/dataset)'),
	(5, '01a22cc4-0c23-7212-91ac-c71a0d41db75', 1, 5, '2026-11-30 14:02:56.03152+00', 'info', 'predicting with fc-siam-diff (1,350,146 parameters) of run 01a22cc3-fd0b-77b4-a043-cf6d48329120, step 2, on cpu (2 threads, avx512, libtorch 2.10.0.0): 48 x 48 pixels in 1 strips, 0 of them done before'),
	(6, '01a22cc4-1567-7146-a8cb-575f1cb5eb66', 1, 5, '2026-11-30 14:02:59.096877+00', 'info', 'checkpoint at step 0, the best so far, 5.4 MB: runs/01a22cc4-1567-7146-a8cb-575f1cb5eb66/checkpoints/000000000-a1');


--
-- Data for Name: metrics; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.metrics VALUES
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'val/loss', 2, 1, 0.693023469045064, 1, '2026-11-30 14:02:52.727421+00'),
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'val/precision', 2, 1, 0.1023546371936569, 1, '2026-11-30 14:02:52.727597+00'),
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'val/recall', 2, 1, 0.9726027397260274, 1, '2026-11-30 14:02:52.727603+00'),
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'val/f1', 2, 1, 0.18521739130434783, 1, '2026-11-30 14:02:52.727606+00'),
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'val/iou', 2, 1, 0.1020603737422137, 1, '2026-11-30 14:02:52.727609+00'),
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'val/accuracy', 2, 1, 0.18663194444444445, 1, '2026-11-30 14:02:52.727612+00'),
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'val/kappa', 2, 1, 0.015959534355184764, 1, '2026-11-30 14:02:52.727615+00'),
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'train/loss', 2, 1, 1.1198468506336212, 1, '2026-11-30 14:02:52.727618+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/loss', 2, 1, 0.7151473470317897, 1, '2026-11-30 14:02:53.847471+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/precision', 2, 1, 0.10116166505324298, 1, '2026-11-30 14:02:53.847507+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/recall', 2, 1, 0.5588235294117647, 1, '2026-11-30 14:02:53.847511+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/f1', 2, 1, 0.17131147540983607, 1, '2026-11-30 14:02:53.847515+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/iou', 2, 1, 0.09367996414164052, 1, '2026-11-30 14:02:53.847518+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/accuracy', 2, 1, 0.12239583333333333, 1, '2026-11-30 14:02:53.847521+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/kappa', 2, 1, -0.14284592845830332, 1, '2026-11-30 14:02:53.847524+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/average_precision', 2, 1, 0.09115388120781681, 1, '2026-11-30 14:02:53.847526+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/calibration_error', 2, 1, 0.4020051956176758, 1, '2026-11-30 14:02:53.847529+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/class_mean_f1', 2, 1, 0.1193273244207852, 1, '2026-11-30 14:02:53.847532+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/class_mean_iou', 2, 1, 0.06426241643836203, 1, '2026-11-30 14:02:53.847535+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/image_mean_f1', 2, 1, 0.17131147540983607, 1, '2026-11-30 14:02:53.847537+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/image_mean_iou', 2, 1, 0.09367996414164052, 1, '2026-11-30 14:02:53.84754+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/threshold', 2, 1, 0.529052734375, 1, '2026-11-30 14:02:53.847543+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/at_threshold_precision', 2, 1, 0.013189448441247002, 1, '2026-11-30 14:02:53.847545+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/at_threshold_recall', 2, 1, 0.029411764705882353, 1, '2026-11-30 14:02:53.847547+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/at_threshold_f1', 2, 1, 0.018211920529801324, 1, '2026-11-30 14:02:53.84755+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/at_threshold_iou', 2, 1, 0.009189640768588136, 1, '2026-11-30 14:02:53.847553+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/at_threshold_accuracy', 2, 1, 0.4852430555555556, 1, '2026-11-30 14:02:53.847555+00'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'test/at_threshold_kappa', 2, 1, -0.2654181717143651, 1, '2026-11-30 14:02:53.847558+00');


--
-- Data for Name: orphans; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.orphans VALUES
	('runs/01a22cc3-fd0b-77b4-a043-cf6d48329120/pictures/left-a1.png', '01a22cc3-fd0b-77b4-a043-cf6d48329120', 1, 10, '2026-11-30 14:03:02.636694+00', '2026-11-30 14:03:02.636694+00');


--
-- Data for Name: run_datasets; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.run_datasets VALUES
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 'file:///tmp/golden/dataset', '58f255cd9f9bdcb080fc56099f8b3ea10254ab34c024871ab944472f18f9f30a'),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', 'file:///tmp/golden/dataset', '58f255cd9f9bdcb080fc56099f8b3ea10254ab34c024871ab944472f18f9f30a');


--
-- Data for Name: run_dependencies; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.run_dependencies VALUES
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', '01a22cc3-fd0b-77b4-a043-cf6d48329120', true);


--
-- Data for Name: runs; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.runs VALUES
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', '01a22cc3-fd0b-79f0-a82a-3441fcc8816f', 'golden', 'train', 'succeeded', NULL, 5, 'any', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "golden", "seed": 0, "model": {"init": "default", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 1, "clip_norm": null, "accumulate": 1, "batch_size": 2, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/dataset", "fold": null, "mask": {"change": "auto"}, "test": {"split": "test"}, "train": {"mix": [], "crop": 32, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": 4}, "fields": "none", "validate": {"split": "val"}}, "retries": {"errors": 0}, "version": 1, "evaluate": {"from": "best", "rescale": null, "pictures": 1}, "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "dataset", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 5}, "checkpoint": {"mode": "max", "metric": "val/f1", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5, "keep_optimizer": "last"}}', '0ece71ae157b014cd5517e2c657b5b75a913eb743fc50e62d8ef2b7cc08a50b4', NULL, 0, 1, '01a22cc3-fe44-7043-98a5-d02c42494ee0', NULL, NULL, NULL, false, false, 0, 0, 0, NULL, 1, 2, 2, 1, NULL, NULL, 0.0673035, 420, '2026-11-30 14:02:51.62085+00', '2026-11-30 14:02:51.845654+00', '2026-11-30 14:02:52.939553+00', 0, DEFAULT, 'root', false),
	('01a22cc3-fd0c-7523-9eed-b50c07d8ca49', '01a22cc3-fd0b-79f0-a82a-3441fcc8816f', 'golden evaluation', 'evaluate', 'succeeded', NULL, 5, 'any', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "golden", "seed": 0, "model": {"init": "default", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 1, "clip_norm": null, "accumulate": 1, "batch_size": 2, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/dataset", "fold": null, "mask": {"change": "auto"}, "test": {"split": "test"}, "train": {"mix": [], "crop": 32, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": 4}, "fields": "none", "validate": {"split": "val"}}, "retries": {"errors": 0}, "version": 1, "evaluate": {"from": "best", "rescale": null, "pictures": 1}, "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "dataset", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 5}, "checkpoint": {"mode": "max", "metric": "val/f1", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5, "keep_optimizer": "last"}}', '0ece71ae157b014cd5517e2c657b5b75a913eb743fc50e62d8ef2b7cc08a50b4', '01a22cc3-fd0b-77b4-a043-cf6d48329120', 0, 1, '01a22cc4-02bf-71f6-83bc-62ba096ba37b', NULL, NULL, NULL, false, false, 0, 0, 0, NULL, 1, 2, 2, 1, NULL, NULL, 0.0631851, 201, '2026-11-30 14:02:51.631303+00', '2026-11-30 14:02:52.992207+00', '2026-11-30 14:02:53.951457+00', 0, DEFAULT, 'root', false),
	('01a22cc4-0c23-7212-91ac-c71a0d41db75', '01a22cc4-0c3b-76b0-a5b5-ffe13e3b6696', 'predict 00004.png 00004.png', 'predict', 'succeeded', NULL, 5, 'any', '{"tile": null, "after": {"key": null, "file": "/tmp/golden/scenes/test/time2/00004.png", "name": "00004.png", "bytes": 4853, "sha256": "22371138a83a0900721234a9288b2be2182321c8fa2efbf16b9d2a7916f3fd76", "geo_transform": null}, "alpha": "auto", "before": {"key": null, "file": "/tmp/golden/scenes/test/time1/00004.png", "name": "00004.png", "bytes": 4545, "sha256": "33e4c14d727086b096b013d78c92af4d5af118e30960f75df26bb41f89ceba51", "geo_transform": null}, "no_data": null, "polygons": false, "resources": {"device": "any", "threads": 2, "priority": 5}, "threshold": 0.5, "checkpoint": {"step": 2, "epoch": 1, "prefix": "runs/01a22cc3-fd0b-77b4-a043-cf6d48329120/checkpoints/000000002-a1", "manifest_sha256": "bbf1c24df1ef75a314df5aa015b23bdf97c370e4f50bbe57f4bc23686dda29b5"}, "probability": false}', '7e54bbe4d8aa557188e608e127d8982c2d6b45ce84045d2ade9804b9eea2d333', NULL, 0, 1, '01a22cc4-0c80-71f3-b967-36b5c55d44f6', NULL, NULL, NULL, false, false, 0, 0, 0, NULL, 0, 1, 1, 1, NULL, NULL, 0, 201, '2026-11-30 14:02:55.449107+00', '2026-11-30 14:02:55.489558+00', '2026-11-30 14:02:56.349623+00', 0, DEFAULT, 'root', false),
	('01a22cc4-1567-7146-a8cb-575f1cb5eb66', '01a22cc4-1567-782e-a376-355977e948ce', 'import pattern', 'import', 'succeeded', NULL, 9, 'any', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "import pattern", "seed": 0, "model": {"init": "file:///tmp/golden/data/store/runs/01a22cc4-1567-7146-a8cb-575f1cb5eb66/upload-a0/pattern.safetensors", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 50, "clip_norm": null, "accumulate": 1, "batch_size": 16, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/data/store/runs/01a22cc4-1567-7146-a8cb-575f1cb5eb66/upload-a0", "fold": null, "mask": {"change": "auto"}, "test": "none", "train": {"mix": [], "crop": null, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": null}, "fields": "none", "validate": "none"}, "retries": {"errors": 0}, "version": 1, "evaluate": "none", "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "unit", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 9}, "checkpoint": {"mode": "min", "metric": "train/loss", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5, "keep_optimizer": "last"}}', '326314c9b1d07ef9bbb76d8672a6aad82ccf9adc66e26349471a347f67dc8ad2', NULL, 0, 1, '01a22cc4-17fa-7f85-ae11-82c0ec0983f2', NULL, NULL, NULL, false, false, 0, 0, 0, NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, 113, '2026-11-30 14:02:58.378691+00', '2026-11-30 14:02:58.426624+00', '2026-11-30 14:02:59.225118+00', 5421408, DEFAULT, 'root', false);


--
-- Data for Name: schema_versions; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.schema_versions VALUES
	('0001_runs.sql', 'd55cc56a2a5112cf53cc0dfaeb7c58669e8a52fcca8b5a5a83b753246c601459', '2026-11-30 14:02:49.67355+00', false, '0.1.0'),
	('0002_steering.sql', '58905aee41a85db300a5c5b0004c1ee1bf0e0e267004d7d767d61dc068fecac1', '2026-11-30 14:02:49.676776+00', false, '0.1.0'),
	('0003_outages.sql', 'd44c8596866a5a9a877c169bca259d88a2d0ebce7aecf8e5cf616666a36423e2', '2026-11-30 14:02:49.679277+00', false, '0.1.0'),
	('0004_retention.sql', '41d57e2c909a8a242a6326f0e438353639f34fc514c8020d5032b059a1894420', '2026-11-30 14:02:49.683808+00', false, '0.1.0'),
	('0005_loader.sql', '7bddef342d5b28a7363fe627498a87025ee272b7b0e8dd0df3b37a9a77a57d4e', '2026-11-30 14:02:49.684703+00', false, '0.1.0'),
	('0007_strips.sql', 'e8b000508a1bc8c1f2581c4048131d8ab5d1ecf290e98ac06c557d91de9ec715', '2026-11-30 14:02:49.687925+00', false, '0.1.0'),
	('0008_uploads.sql', '79834cda93be879755c7999147e891c74393841dda1be0282f0e440c5ed2a158', '2026-11-30 14:02:49.690016+00', false, '0.1.0'),
	('0009_epochs_from_one.sql', 'f0f6e41b9b2a0c48ba4a5a13ba78aeff6f5a0d1874b4b0d7dd7af1662d72ca70', '2026-11-30 14:02:49.690971+00', false, '0.1.0'),
	('0010_datasets.sql', 'fdc6fab94aa18d877dea2a84f492c86850a48805445981baa876ed47e2b754b2', '2026-11-30 14:02:49.696927+00', false, '0.1.0'),
	('0011_system.sql', '086fe0a0ce86e012f51065c6e862de202889bb92eee87041e5aa1c55025df2ed', '2026-11-30 14:02:49.699123+00', false, '0.1.0'),
	('0012_fitness.sql', 'ee04874ddb2371e7b2bc24c8c39443d14c60a291edbc3e69a8bc0878038411b1', '2026-11-30 14:02:49.700516+00', false, '0.1.0'),
	('0013_storage.sql', '249de79dcc0233ef2ebb415f8fd63bde038c00a63dc8b0193f0370b4a9075ce3', '2026-11-30 14:02:49.724395+00', false, '0.1.0'),
	('0014_users.sql', 'c8372ee20cbab136d4c8b2df452cf45f7f9a8ace01ad47af4949d60da0ab22a9', '2026-11-30 14:02:49.73697+00', false, '0.1.0'),
	('0015_supervised_workers.sql', '35c3543c72f1442c9c95b9a20fbca846dfdf6da7dd772d22422f3bebeaa14730', '2026-11-30 14:02:49.740375+00', false, '0.1.0');


--
-- Data for Name: strips; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.strips VALUES
	('01a22cc4-0c23-7212-91ac-c71a0d41db75', 0, 1, 0, 48, 'runs/01a22cc4-0c23-7212-91ac-c71a0d41db75/strips/000000-a1.strip', 309, 'c8b9a00c41d12b7c3b16da804a9d3666d3e791752088c7492e93c8629e61f346', '2026-11-30 14:02:56.183816+00'),
	('01a22cc3-fd0b-77b4-a043-cf6d48329120', 0, 1, 0, 8, 'runs/01a22cc3-fd0b-77b4-a043-cf6d48329120/strips/000000-a1.strip', 10, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '2026-11-30 14:03:02.637193+00');


--
-- Data for Name: supervised_workers; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.supervised_workers VALUES
	('01a22cc3-f746-779a-b259-9ef9e71ad2d1', 'worker-1', NULL);


--
-- Data for Name: system; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.system VALUES
	(true, 'c4ac086a-bb0c-413e-a25b-b9c419c4645c', '2026-11-30 14:02:49.698774+00', '2026-11-30 14:02:49.794442+00');


--
-- Data for Name: uploads; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.uploads VALUES
	('00000000-0000-7000-8000-000000000001', '2026-11-30 14:03:02.636268+00', 0);


--
-- Data for Name: users; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.users VALUES
	('golden', 'operator', '2026-11-30 14:02:59.881042+00');


--
-- Data for Name: worker_slots; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.worker_slots VALUES
	('01a22cc3-f746-779a-b259-9ef9e71ad2d1', 'cpu', 'cpu', 'CPU', NULL, NULL, NULL, 'ready', NULL);


--
-- Data for Name: workers; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.workers VALUES
	('01a22cc3-f746-779a-b259-9ef9e71ad2d1', 'host', 32540, '0.1.0+225b65135d99f13898046a62b70410812c868c10', 'ready', false, '2026-11-30 14:02:51.027953+00', '2026-11-30 14:03:01.098785+00', NULL, false);


--
-- Name: audit_id_seq; Type: SEQUENCE SET; Schema: changedetection; Owner: -
--

SELECT pg_catalog.setval('changedetection.audit_id_seq', 7, true);


--
-- Name: events_id_seq; Type: SEQUENCE SET; Schema: changedetection; Owner: -
--

SELECT pg_catalog.setval('changedetection.events_id_seq', 16, true);


--
-- Name: log_lines_id_seq; Type: SEQUENCE SET; Schema: changedetection; Owner: -
--

SELECT pg_catalog.setval('changedetection.log_lines_id_seq', 7, true);


--
-- Name: access_tokens access_tokens_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (id);


--
-- Name: access_tokens access_tokens_sha256_key; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.access_tokens
    ADD CONSTRAINT access_tokens_sha256_key UNIQUE (sha256);


--
-- Name: artifacts artifacts_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.artifacts
    ADD CONSTRAINT artifacts_pkey PRIMARY KEY (run_id, name);


--
-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (run_id, attempt);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);


--
-- Name: checkpoints checkpoints_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (run_id, step, attempt);


--
-- Name: cookie_keys cookie_keys_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.cookie_keys
    ADD CONSTRAINT cookie_keys_pkey PRIMARY KEY (name);


--
-- Name: datasets datasets_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.datasets
    ADD CONSTRAINT datasets_pkey PRIMARY KEY (uri, manifest_sha256);


--
-- Name: deleted_runs deleted_runs_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.deleted_runs
    ADD CONSTRAINT deleted_runs_pkey PRIMARY KEY (run_id);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);


--
-- Name: experiments experiments_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.experiments
    ADD CONSTRAINT experiments_pkey PRIMARY KEY (id);


--
-- Name: lease_watch lease_watch_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.lease_watch
    ADD CONSTRAINT lease_watch_pkey PRIMARY KEY (only_row);


--
-- Name: log_lines log_lines_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.log_lines
    ADD CONSTRAINT log_lines_pkey PRIMARY KEY (id);


--
-- Name: log_lines log_lines_run_id_attempt_seq_key; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.log_lines
    ADD CONSTRAINT log_lines_run_id_attempt_seq_key UNIQUE (run_id, attempt, seq);


--
-- Name: metrics metrics_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.metrics
    ADD CONSTRAINT metrics_pkey PRIMARY KEY (run_id, name, step);


--
-- Name: orphans orphans_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.orphans
    ADD CONSTRAINT orphans_pkey PRIMARY KEY (prefix);


--
-- Name: run_datasets run_datasets_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.run_datasets
    ADD CONSTRAINT run_datasets_pkey PRIMARY KEY (run_id, uri);


--
-- Name: run_dependencies run_dependencies_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.run_dependencies
    ADD CONSTRAINT run_dependencies_pkey PRIMARY KEY (run_id, parent_id);


--
-- Name: runs runs_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);


--
-- Name: schema_versions schema_versions_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.schema_versions
    ADD CONSTRAINT schema_versions_pkey PRIMARY KEY (name);


--
-- Name: strips strips_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.strips
    ADD CONSTRAINT strips_pkey PRIMARY KEY (run_id, strip);


--
-- Name: supervised_workers supervised_workers_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.supervised_workers
    ADD CONSTRAINT supervised_workers_pkey PRIMARY KEY (worker_id);


--
-- Name: system system_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.system
    ADD CONSTRAINT system_pkey PRIMARY KEY (one);


--
-- Name: uploads uploads_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (run_id);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (name);


--
-- Name: worker_slots worker_slots_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.worker_slots
    ADD CONSTRAINT worker_slots_pkey PRIMARY KEY (worker_id, name);


--
-- Name: workers workers_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (id);


--
-- Name: access_tokens_user; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX access_tokens_user ON changedetection.access_tokens USING btree (user_name);


--
-- Name: audit_object; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX audit_object ON changedetection.audit USING btree (object);


--
-- Name: checkpoints_released; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX checkpoints_released ON changedetection.checkpoints USING btree (optimizer_released_at) WHERE ((optimizer_released_at IS NOT NULL) AND (optimizer_bytes IS DISTINCT FROM 0));


--
-- Name: checkpoints_retired; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX checkpoints_retired ON changedetection.checkpoints USING btree (retired_at) WHERE (retired_at IS NOT NULL);


--
-- Name: deleted_runs_experiment; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX deleted_runs_experiment ON changedetection.deleted_runs USING btree (experiment_id);


--
-- Name: events_once; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE UNIQUE INDEX events_once ON changedetection.events USING btree (run_id, attempt, seq) WHERE (seq IS NOT NULL);


--
-- Name: events_run; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX events_run ON changedetection.events USING btree (run_id, id);


--
-- Name: experiments_digest; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX experiments_digest ON changedetection.experiments USING btree (digest);


--
-- Name: log_lines_run; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX log_lines_run ON changedetection.log_lines USING btree (run_id, id);


--
-- Name: run_datasets_of; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX run_datasets_of ON changedetection.run_datasets USING btree (uri, manifest_sha256);


--
-- Name: run_dependencies_open; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX run_dependencies_open ON changedetection.run_dependencies USING btree (parent_id) WHERE (NOT satisfied);


--
-- Name: run_dependencies_parent; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX run_dependencies_parent ON changedetection.run_dependencies USING btree (parent_id);


--
-- Name: runs_experiment; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX runs_experiment ON changedetection.runs USING btree (experiment_id);


--
-- Name: runs_source; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX runs_source ON changedetection.runs USING btree (source_run) WHERE (source_run IS NOT NULL);


--
-- Name: runs_to_enqueue; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX runs_to_enqueue ON changedetection.runs USING btree (priority DESC, id) WHERE ((state = 'queued'::text) AND (waits_for = 0) AND (hangfire_job IS NULL));


--
-- Name: runs_unfinished; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX runs_unfinished ON changedetection.runs USING btree (state) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text, 'paused'::text]));


--
-- Name: runs_weights_of; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX runs_weights_of ON changedetection.runs USING btree (weights_of) WHERE (weights_of IS NOT NULL);


--
-- Name: supervised_workers_name; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX supervised_workers_name ON changedetection.supervised_workers USING btree (name);


--
-- Name: worker_slots_run; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX worker_slots_run ON changedetection.worker_slots USING btree (run_id) WHERE (run_id IS NOT NULL);


--
-- Name: runs runs_changed; Type: TRIGGER; Schema: changedetection; Owner: -
--

CREATE TRIGGER runs_changed AFTER UPDATE OF state, waits_for, cancel_requested, pause_requested, hangfire_job ON changedetection.runs FOR EACH ROW WHEN (((old.state IS DISTINCT FROM new.state) OR (old.waits_for IS DISTINCT FROM new.waits_for) OR (old.cancel_requested IS DISTINCT FROM new.cancel_requested) OR (old.pause_requested IS DISTINCT FROM new.pause_requested) OR ((new.hangfire_job IS NULL) AND (old.hangfire_job IS NOT NULL)))) EXECUTE FUNCTION changedetection.notify_run();


--
-- Name: runs runs_deleted; Type: TRIGGER; Schema: changedetection; Owner: -
--

CREATE TRIGGER runs_deleted AFTER DELETE ON changedetection.runs FOR EACH ROW EXECUTE FUNCTION changedetection.notify_run_deleted();


--
-- Name: runs runs_inserted; Type: TRIGGER; Schema: changedetection; Owner: -
--

CREATE TRIGGER runs_inserted AFTER INSERT ON changedetection.runs FOR EACH ROW EXECUTE FUNCTION changedetection.notify_run();


--
-- Name: access_tokens access_tokens_user_name_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.access_tokens
    ADD CONSTRAINT access_tokens_user_name_fkey FOREIGN KEY (user_name) REFERENCES changedetection.users(name) ON DELETE CASCADE;


--
-- Name: artifacts artifacts_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.artifacts
    ADD CONSTRAINT artifacts_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: attempts attempts_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.attempts
    ADD CONSTRAINT attempts_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: checkpoints checkpoints_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.checkpoints
    ADD CONSTRAINT checkpoints_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: events events_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.events
    ADD CONSTRAINT events_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: log_lines log_lines_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.log_lines
    ADD CONSTRAINT log_lines_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: metrics metrics_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.metrics
    ADD CONSTRAINT metrics_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: run_datasets run_datasets_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.run_datasets
    ADD CONSTRAINT run_datasets_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: run_datasets run_datasets_uri_manifest_sha256_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.run_datasets
    ADD CONSTRAINT run_datasets_uri_manifest_sha256_fkey FOREIGN KEY (uri, manifest_sha256) REFERENCES changedetection.datasets(uri, manifest_sha256);


--
-- Name: run_dependencies run_dependencies_parent_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.run_dependencies
    ADD CONSTRAINT run_dependencies_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES changedetection.runs(id);


--
-- Name: run_dependencies run_dependencies_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.run_dependencies
    ADD CONSTRAINT run_dependencies_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: runs runs_experiment_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.runs
    ADD CONSTRAINT runs_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES changedetection.experiments(id);


--
-- Name: runs runs_source_run_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.runs
    ADD CONSTRAINT runs_source_run_fkey FOREIGN KEY (source_run) REFERENCES changedetection.runs(id);


--
-- Name: strips strips_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.strips
    ADD CONSTRAINT strips_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: supervised_workers supervised_workers_worker_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.supervised_workers
    ADD CONSTRAINT supervised_workers_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES changedetection.workers(id) ON DELETE CASCADE;


--
-- Name: worker_slots worker_slots_run_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.worker_slots
    ADD CONSTRAINT worker_slots_run_id_fkey FOREIGN KEY (run_id) REFERENCES changedetection.runs(id);


--
-- Name: worker_slots worker_slots_worker_id_fkey; Type: FK CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.worker_slots
    ADD CONSTRAINT worker_slots_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES changedetection.workers(id);


--
-- PostgreSQL database dump complete
--


