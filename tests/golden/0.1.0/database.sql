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


SET default_tablespace = '';

SET default_table_access_method = heap;

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
    CONSTRAINT attempts_ending_check CHECK ((ending = ANY (ARRAY['succeeded'::text, 'failed'::text, 'died'::text, 'preempted'::text, 'cancelled'::text, 'expired'::text, 'refused'::text])))
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
    retired_at timestamp with time zone
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
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
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
    begun_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
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
    CONSTRAINT worker_slots_device_check CHECK ((device = ANY (ARRAY['cpu'::text, 'gpu'::text])))
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
    CONSTRAINT workers_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'draining'::text, 'stopped'::text, 'lost'::text])))
);


--
-- Data for Name: artifacts; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.artifacts VALUES
	('01a22cae-6c16-7c10-8620-484db46ff038', '000000-00004', 1, 'runs/01a22cae-6c16-7c10-8620-484db46ff038/pictures/000000-00004-a1.png', 'image/png', 12233, 'c8d1e003e028498ef0e889c785499e87ab15f3c6aaed83dc12ccb80e2ac9241d', '{"sample/f1": 0.17131147540983607, "sample/iou": 0.09367996414164052, "sample/kappa": -0.14284592845830332, "sample/recall": 0.5588235294117647, "sample/accuracy": 0.12239583333333333, "sample/precision": 0.10116166505324298}', '2026-11-30 13:39:45.93071+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'worst-1-00004', 1, 'runs/01a22cae-6c16-7c10-8620-484db46ff038/pictures/worst-1-00004-a1.png', 'image/png', 12233, 'c8d1e003e028498ef0e889c785499e87ab15f3c6aaed83dc12ccb80e2ac9241d', '{"sample/f1": 0.17131147540983607, "sample/iou": 0.09367996414164052, "sample/kappa": -0.14284592845830332, "sample/recall": 0.5588235294117647, "sample/accuracy": 0.12239583333333333, "sample/precision": 0.10116166505324298}', '2026-11-30 13:39:46.064631+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'best-1-00004', 1, 'runs/01a22cae-6c16-7c10-8620-484db46ff038/pictures/best-1-00004-a1.png', 'image/png', 12233, 'c8d1e003e028498ef0e889c785499e87ab15f3c6aaed83dc12ccb80e2ac9241d', '{"sample/f1": 0.17131147540983607, "sample/iou": 0.09367996414164052, "sample/kappa": -0.14284592845830332, "sample/recall": 0.5588235294117647, "sample/accuracy": 0.12239583333333333, "sample/precision": 0.10116166505324298}', '2026-11-30 13:39:46.079967+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'report.json', 1, 'runs/01a22cae-6c16-7c10-8620-484db46ff038/reports/report-a1.json', 'application/json', 28401, '2fcc020cab15287b1619ed6fef4eca49188bc3f172a9fa55e357ac5974b6f376', '{}', '2026-11-30 13:39:46.272728+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'report.html', 1, 'runs/01a22cae-6c16-7c10-8620-484db46ff038/reports/report-a1.html', 'text/html', 50421, '6d0aef2e9ed946927fc17dd892213c48dc3c7faa47cec4d43dc7375a6b791d1e', '{}', '2026-11-30 13:39:46.63753+00'),
	('01a22cae-f29a-7429-91df-6e18275da913', 'overlay.png', 1, 'runs/01a22cae-f29a-7429-91df-6e18275da913/outputs/overlay-a1.png', 'image/png', 4409, 'fdb740050da6c9f979c51d54ec0540e822ce00dc90a513bf1be6b65cf7d5de3e', '{}', '2026-11-30 13:40:00.239076+00'),
	('01a22cae-f29a-7429-91df-6e18275da913', 'change.tif', 1, 'runs/01a22cae-f29a-7429-91df-6e18275da913/outputs/change-a1.tif', 'image/tiff', 2938, 'fde0b7d36546cd11b59dc2443b5e1061519bac394528c4531befde04ead9db9d', '{"valid_pixels": 2304, "changed_share": 0.8967013888888888, "changed_pixels": 2066}', '2026-11-30 13:40:00.25009+00');


--
-- Data for Name: attempts; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.attempts VALUES
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 1, '01a22cae-448e-7621-bc56-93f50bb4fcf8', 'host', 'cpu', 27404, '{"isa": "avx512", "device": "cpu", "threads": 1, "libtorch": "2.10.0.0"}', '2026-11-30 13:39:21.12304+00', '2026-11-30 13:39:38.101888+00', 'succeeded', NULL, '{"remedy": null, "waits_for": "storage", "bytes_read": 52195, "cache_hits": 0, "recent_wait": 0.00018865969092821336, "cache_misses": 0, "decoded_hits": 0, "wait_seconds": 0.8548079, "samples_per_second": 1.6422227287566995, "recent_wait_seconds": 0.0000983}'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 1, '01a22cae-448e-7621-bc56-93f50bb4fcf8', 'host', 'cpu', 28217, '{"isa": "avx512", "device": "cpu", "threads": 1, "libtorch": "2.10.0.0"}', '2026-11-30 13:39:39.031392+00', '2026-11-30 13:39:48.20677+00', 'succeeded', NULL, '{"remedy": null, "waits_for": null, "bytes_read": 24984, "cache_hits": 0, "recent_wait": 0, "cache_misses": 0, "decoded_hits": 0, "wait_seconds": 0.7203632, "samples_per_second": 1.7155130413301403, "recent_wait_seconds": 0}'),
	('01a22cae-f29a-7429-91df-6e18275da913', 1, '01a22cae-448e-7621-bc56-93f50bb4fcf8', 'host', 'cpu', 28767, '{"isa": "avx512", "device": "cpu", "threads": 2, "libtorch": "2.10.0.0"}', '2026-11-30 13:39:52.791667+00', '2026-11-30 13:40:01.37982+00', 'succeeded', NULL, '{"remedy": null, "waits_for": null, "bytes_read": 0, "cache_hits": 0, "recent_wait": 0, "cache_misses": 0, "decoded_hits": 0, "wait_seconds": 0, "samples_per_second": 0, "recent_wait_seconds": 0}'),
	('01a22caf-2dfc-7f2e-9dc2-a669cbc00a94', 1, '01a22cae-448e-7621-bc56-93f50bb4fcf8', 'host', 'import', 29546, '{"isa": "avx512", "device": "cpu", "threads": 1, "libtorch": "2.10.0.0"}', '2026-11-30 13:40:10.86132+00', '2026-11-30 13:40:15.494011+00', 'succeeded', NULL, NULL);


--
-- Data for Name: checkpoints; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.checkpoints VALUES
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 2, 1, 1, 'runs/01a22cae-6c15-73ee-bd69-079b29b0bdd6/checkpoints/000000002-a1', '5c05db2289748363f3eeaa9b242bbe0c787f62cd005d5792a12c328b22936c2f', '9bb0c5238c903e042d83760fcf5d16f45de3a536f9f4e9ea8a238d749d9dd508', 16239472, true, '{"val/f1": 0.18521739130434783, "val/iou": 0.1020603737422137, "val/loss": 0.693023469045064, "val/kappa": 0.015959534355184764, "train/loss": 1.1198468506336212, "val/recall": 0.9726027397260274, "val/accuracy": 0.18663194444444445, "val/precision": 0.1023546371936569}', '2026-11-30 13:39:36.025334+00', NULL, NULL),
	('01a22caf-2dfc-7f2e-9dc2-a669cbc00a94', 0, 1, 0, 'runs/01a22caf-2dfc-7f2e-9dc2-a669cbc00a94/checkpoints/000000000-a1', 'e1de79d0b5d5a13d35c52091509780d73937f5a6dbc1226c88d23274dc844281', '2f69d9ecb77505be7f741609a3cec59412ea85bc19575fc0599a1cd18884e788', 5422365, true, '{}', '2026-11-30 13:40:14.162529+00', NULL, NULL);


--
-- Data for Name: datasets; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.datasets VALUES
	('file:///tmp/golden/dataset', '58f255cd9f9bdcb080fc56099f8b3ea10254ab34c024871ab944472f18f9f30a', 'scenes', '{"uri": "file:///tmp/golden/dataset", "mask": {"unit": "number", "change": "255", "values": [{"value": "0", "pixels": 9938}, {"value": "255", "pixels": 1582}], "rule_from": "values"}, "name": "scenes", "bands": null, "ranges": [{"low": 48, "high": 209, "maximum": 255, "minimum": 22}, {"low": 59, "high": 201, "maximum": 255, "minimum": 30}, {"low": 42, "high": 183, "maximum": 255, "minimum": 19}], "splits": {"val": {"bytes": 14336, "sizes": {"max_width": 48, "min_width": 48, "max_height": 48, "min_height": 48}, "shards": 1, "samples": 1, "unlabelled": false, "ignored_pixels": 0, "invalid_pixels": 0, "change_fraction": 0.09505208333333333, "class_fractions": null}, "test": {"bytes": 13824, "sizes": {"max_width": 48, "min_width": 48, "max_height": 48, "min_height": 48}, "shards": 1, "samples": 1, "unlabelled": false, "ignored_pixels": 0, "invalid_pixels": 0, "change_fraction": 0.1623263888888889, "class_fractions": null}, "train": {"bytes": 41984, "sizes": {"max_width": 48, "min_width": 48, "max_height": 48, "min_height": 48}, "shards": 1, "samples": 3, "unlabelled": false, "ignored_pixels": 0, "invalid_pixels": 0, "change_fraction": 0.14308449074074073, "class_fractions": null}}, "classes": null, "channels": 3, "pixel_type": "uint8", "provenance": {"tool": "changedetection 0.1.0", "layout": "sysu", "source": "scenes"}, "statistics": {"mean": [125.8166232638889, 129.6585648148148, 106.61002604166667], "deviation": [38.09145471313045, 33.37983347959406, 38.73411660211294]}, "manifest_sha256": "58f255cd9f9bdcb080fc56099f8b3ea10254ab34c024871ab944472f18f9f30a"}', '2026-11-30 13:39:18.505272+00', '2026-11-30 13:39:18.505272+00', NULL, NULL);


--
-- Data for Name: events; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.events OVERRIDING SYSTEM VALUE VALUES
	(1, '01a22cae-6c15-73ee-bd69-079b29b0bdd6', NULL, '2026-11-30 13:39:18.776023+00', 'submitted', NULL, NULL),
	(2, '01a22cae-6c16-7c10-8620-484db46ff038', NULL, '2026-11-30 13:39:18.846205+00', 'submitted', NULL, NULL),
	(3, '01a22cae-6c15-73ee-bd69-079b29b0bdd6', 1, '2026-11-30 13:39:21.122922+00', 'claimed', 'host cpu', NULL),
	(4, '01a22cae-6c15-73ee-bd69-079b29b0bdd6', 1, '2026-11-30 13:39:38.101949+00', 'succeeded', NULL, NULL),
	(5, '01a22cae-6c16-7c10-8620-484db46ff038', 1, '2026-11-30 13:39:39.031322+00', 'claimed', 'host cpu', NULL),
	(6, '01a22cae-6c16-7c10-8620-484db46ff038', 1, '2026-11-30 13:39:48.20683+00', 'succeeded', NULL, NULL),
	(7, '01a22cae-f29a-7429-91df-6e18275da913', NULL, '2026-11-30 13:39:52.737424+00', 'submitted', NULL, NULL),
	(8, '01a22cae-f29a-7429-91df-6e18275da913', 1, '2026-11-30 13:39:52.79165+00', 'claimed', 'host cpu', NULL),
	(9, '01a22cae-f29a-7429-91df-6e18275da913', 1, '2026-11-30 13:40:01.379882+00', 'succeeded', NULL, NULL),
	(10, '01a22caf-2dfc-7f2e-9dc2-a669cbc00a94', NULL, '2026-11-30 13:40:10.706562+00', 'submitted', NULL, NULL),
	(11, '01a22caf-2dfc-7f2e-9dc2-a669cbc00a94', 1, '2026-11-30 13:40:10.861304+00', 'claimed', 'host import', NULL),
	(12, '01a22caf-2dfc-7f2e-9dc2-a669cbc00a94', 1, '2026-11-30 13:40:13.942664+00', 'imported', '143 tensors of a file with the SHA-256 e1de79d0b5d5a13d35c52091509780d73937f5a6dbc1226c88d23274dc844281.', 3),
	(13, '01a22caf-2dfc-7f2e-9dc2-a669cbc00a94', 1, '2026-11-30 13:40:15.494075+00', 'succeeded', NULL, NULL);


--
-- Data for Name: experiments; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.experiments VALUES
	('01a22cae-6c15-7588-a46f-ad47f41cd63c', 'golden', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "golden", "seed": 0, "model": {"init": "default", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 1, "clip_norm": null, "accumulate": 1, "batch_size": 2, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/dataset", "fold": null, "mask": {"change": "auto"}, "test": {"split": "test"}, "train": {"mix": [], "crop": 32, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": 4}, "fields": "none", "validate": {"split": "val"}}, "retries": {"errors": 0}, "version": 1, "evaluate": {"from": "best", "rescale": null, "pictures": 1}, "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "dataset", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 5}, "checkpoint": {"mode": "max", "metric": "val/f1", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5}}', 'version: 1
name: golden
dataset: { uri: /tmp/golden/dataset, train: { split: train, crop: 32, samples_per_epoch: 4 } }
train: { batch_size: 2, epochs: 1 }
evaluate: { from: best, pictures: 1 }
resources: { threads: 1 }
', '0ece71ae157b014cd5517e2c657b5b75a913eb743fc50e62d8ef2b7cc08a50b4', '2026-11-30 13:39:18.742832+00'),
	('01a22cae-f2e5-7970-9e6e-abd466f177b3', 'predict 00004.png 00004.png', '{"tile": null, "after": {"key": null, "file": "/tmp/golden/scenes/test/time2/00004.png", "name": "00004.png", "bytes": 4853, "sha256": "22371138a83a0900721234a9288b2be2182321c8fa2efbf16b9d2a7916f3fd76", "geo_transform": null}, "alpha": "auto", "before": {"key": null, "file": "/tmp/golden/scenes/test/time1/00004.png", "name": "00004.png", "bytes": 4545, "sha256": "33e4c14d727086b096b013d78c92af4d5af118e30960f75df26bb41f89ceba51", "geo_transform": null}, "no_data": null, "polygons": false, "resources": {"device": "any", "threads": 2, "priority": 5}, "threshold": 0.5, "checkpoint": {"step": 2, "epoch": 1, "prefix": "runs/01a22cae-6c15-73ee-bd69-079b29b0bdd6/checkpoints/000000002-a1", "manifest_sha256": "9bb0c5238c903e042d83760fcf5d16f45de3a536f9f4e9ea8a238d749d9dd508"}, "probability": false}', '{"checkpoint":{"prefix":"runs/01a22cae-6c15-73ee-bd69-079b29b0bdd6/checkpoints/000000002-a1","manifest_sha256":"9bb0c5238c903e042d83760fcf5d16f45de3a536f9f4e9ea8a238d749d9dd508","epoch":1,"step":2},"before":{"name":"00004.png","file":"/tmp/golden/scenes/test/time1/00004.png","key":null,"bytes":4545,"sha256":"33e4c14d727086b096b013d78c92af4d5af118e30960f75df26bb41f89ceba51","geo_transform":null},"after":{"name":"00004.png","file":"/tmp/golden/scenes/test/time2/00004.png","key":null,"bytes":4853,"sha256":"22371138a83a0900721234a9288b2be2182321c8fa2efbf16b9d2a7916f3fd76","geo_transform":null},"threshold":0.5,"probability":false,"polygons":false,"tile":null,"no_data":null,"alpha":"auto","resources":{"device":"any","threads":2,"priority":5}}', 'eec914550f4bd07e901d64447341defcf766048f24bfabcdfc66fcf455063cdc', '2026-11-30 13:39:52.732193+00'),
	('01a22caf-2dfc-74ba-8e24-934ece4cdb29', 'import pattern', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "import pattern", "seed": 0, "model": {"init": "file:///tmp/golden/data/store/runs/01a22caf-2dfc-7f2e-9dc2-a669cbc00a94/upload-a0/pattern.safetensors", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 50, "clip_norm": null, "accumulate": 1, "batch_size": 16, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/data/store/runs/01a22caf-2dfc-7f2e-9dc2-a669cbc00a94/upload-a0", "fold": null, "mask": {"change": "auto"}, "test": "none", "train": {"mix": [], "crop": null, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": null}, "fields": "none", "validate": "none"}, "retries": {"errors": 0}, "version": 1, "evaluate": "none", "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "unit", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 9}, "checkpoint": {"mode": "min", "metric": "train/loss", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5}}', '{"version":1,"name":"import pattern","dataset":{"uri":"file:///tmp/golden/data/store/runs/01a22caf-2dfc-7f2e-9dc2-a669cbc00a94/upload-a0/","validate":"none","test":"none"},"normalize":"unit","model":{"name":"fc-siam-diff","channels":3,"init":"file:///tmp/golden/data/store/runs/01a22caf-2dfc-7f2e-9dc2-a669cbc00a94/upload-a0/pattern.safetensors"},"checkpoint":{"metric":"train/loss","mode":"min"},"evaluate":"none","resources":{"threads":1,"priority":9}}', 'a1474743b6fcfb13d88f77b13dafd5b012a75350e588ca5553bdca5da6dff243', '2026-11-30 13:40:10.687291+00');


--
-- Data for Name: lease_watch; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.lease_watch VALUES
	(true, '2026-11-30 13:40:15.08498+00', '2026-11-30 13:39:07.604985+00');


--
-- Data for Name: log_lines; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.log_lines OVERRIDING SYSTEM VALUE VALUES
	(1, '01a22cae-6c15-73ee-bd69-079b29b0bdd6', 1, 3, '2026-11-30 13:39:32.487184+00', 'info', 'training fc-siam-diff (1,350,146 parameters) on cpu (1 thread, avx512, libtorch 2.10.0.0): 1 epochs of 4 samples in 2 steps, from 3 samples of split train in scenes (/tmp/golden/dataset); validated on 1 samples of split val'),
	(2, '01a22cae-6c15-73ee-bd69-079b29b0bdd6', 1, 7, '2026-11-30 13:39:35.225546+00', 'info', 'epoch 1 of 1, 2.6 s: train/loss 1.1198, val/loss 0.693, val/f1 0.1852 (best so far)'),
	(3, '01a22cae-6c15-73ee-bd69-079b29b0bdd6', 1, 9, '2026-11-30 13:39:36.119362+00', 'info', 'checkpoint at step 2, the best so far, 16.2 MB: runs/01a22cae-6c15-73ee-bd69-079b29b0bdd6/checkpoints/000000002-a1'),
	(4, '01a22cae-6c16-7c10-8620-484db46ff038', 1, 3, '2026-11-30 13:39:44.693769+00', 'info', 'evaluating fc-siam-diff (1,350,146 parameters) of run 01a22cae-6c15-73ee-bd69-079b29b0bdd6, step 2, on cpu (1 thread, avx512, libtorch 2.10.0.0): 1 samples of split test in scenes (/tmp/golden/dataset)'),
	(5, '01a22cae-f29a-7429-91df-6e18275da913', 1, 5, '2026-11-30 13:39:57.337224+00', 'info', 'predicting with fc-siam-diff (1,350,146 parameters) of run 01a22cae-6c15-73ee-bd69-079b29b0bdd6, step 2, on cpu (2 threads, avx512, libtorch 2.10.0.0): 48 x 48 pixels in 1 strips, 0 of them done before'),
	(6, '01a22caf-2dfc-7f2e-9dc2-a669cbc00a94', 1, 5, '2026-11-30 13:40:14.244348+00', 'info', 'checkpoint at step 0, the best so far, 5.4 MB: runs/01a22caf-2dfc-7f2e-9dc2-a669cbc00a94/checkpoints/000000000-a1');


--
-- Data for Name: metrics; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.metrics VALUES
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'val/loss', 2, 1, 0.693023469045064, 1, '2026-11-30 13:39:35.192855+00'),
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'val/precision', 2, 1, 0.1023546371936569, 1, '2026-11-30 13:39:35.193132+00'),
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'val/recall', 2, 1, 0.9726027397260274, 1, '2026-11-30 13:39:35.193139+00'),
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'val/f1', 2, 1, 0.18521739130434783, 1, '2026-11-30 13:39:35.193142+00'),
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'val/iou', 2, 1, 0.1020603737422137, 1, '2026-11-30 13:39:35.193145+00'),
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'val/accuracy', 2, 1, 0.18663194444444445, 1, '2026-11-30 13:39:35.193148+00'),
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'val/kappa', 2, 1, 0.015959534355184764, 1, '2026-11-30 13:39:35.193158+00'),
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'train/loss', 2, 1, 1.1198468506336212, 1, '2026-11-30 13:39:35.193161+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/loss', 2, 1, 0.7151473470317897, 1, '2026-11-30 13:39:46.631092+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/precision', 2, 1, 0.10116166505324298, 1, '2026-11-30 13:39:46.631152+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/recall', 2, 1, 0.5588235294117647, 1, '2026-11-30 13:39:46.631157+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/f1', 2, 1, 0.17131147540983607, 1, '2026-11-30 13:39:46.63116+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/iou', 2, 1, 0.09367996414164052, 1, '2026-11-30 13:39:46.631163+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/accuracy', 2, 1, 0.12239583333333333, 1, '2026-11-30 13:39:46.631166+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/kappa', 2, 1, -0.14284592845830332, 1, '2026-11-30 13:39:46.631168+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/average_precision', 2, 1, 0.09115388120781681, 1, '2026-11-30 13:39:46.63117+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/calibration_error', 2, 1, 0.4020051956176758, 1, '2026-11-30 13:39:46.631173+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/class_mean_f1', 2, 1, 0.1193273244207852, 1, '2026-11-30 13:39:46.631175+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/class_mean_iou', 2, 1, 0.06426241643836203, 1, '2026-11-30 13:39:46.631177+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/image_mean_f1', 2, 1, 0.17131147540983607, 1, '2026-11-30 13:39:46.63118+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/image_mean_iou', 2, 1, 0.09367996414164052, 1, '2026-11-30 13:39:46.631182+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/threshold', 2, 1, 0.529052734375, 1, '2026-11-30 13:39:46.631185+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/at_threshold_precision', 2, 1, 0.013189448441247002, 1, '2026-11-30 13:39:46.631187+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/at_threshold_recall', 2, 1, 0.029411764705882353, 1, '2026-11-30 13:39:46.63119+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/at_threshold_f1', 2, 1, 0.018211920529801324, 1, '2026-11-30 13:39:46.631193+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/at_threshold_iou', 2, 1, 0.009189640768588136, 1, '2026-11-30 13:39:46.631195+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/at_threshold_accuracy', 2, 1, 0.4852430555555556, 1, '2026-11-30 13:39:46.631197+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'test/at_threshold_kappa', 2, 1, -0.2654181717143651, 1, '2026-11-30 13:39:46.6312+00');


--
-- Data for Name: orphans; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.orphans VALUES
	('runs/01a22cae-6c15-73ee-bd69-079b29b0bdd6/pictures/left-a1.png', '01a22cae-6c15-73ee-bd69-079b29b0bdd6', 1, 10, '2026-11-30 13:40:16.703097+00', '2026-11-30 13:40:16.703098+00');


--
-- Data for Name: run_datasets; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.run_datasets VALUES
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 'file:///tmp/golden/dataset', '58f255cd9f9bdcb080fc56099f8b3ea10254ab34c024871ab944472f18f9f30a'),
	('01a22cae-6c16-7c10-8620-484db46ff038', 'file:///tmp/golden/dataset', '58f255cd9f9bdcb080fc56099f8b3ea10254ab34c024871ab944472f18f9f30a');


--
-- Data for Name: run_dependencies; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.run_dependencies VALUES
	('01a22cae-6c16-7c10-8620-484db46ff038', '01a22cae-6c15-73ee-bd69-079b29b0bdd6', true);


--
-- Data for Name: runs; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.runs VALUES
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', '01a22cae-6c15-7588-a46f-ad47f41cd63c', 'golden', 'train', 'succeeded', NULL, 5, 'any', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "golden", "seed": 0, "model": {"init": "default", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 1, "clip_norm": null, "accumulate": 1, "batch_size": 2, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/dataset", "fold": null, "mask": {"change": "auto"}, "test": {"split": "test"}, "train": {"mix": [], "crop": 32, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": 4}, "fields": "none", "validate": {"split": "val"}}, "retries": {"errors": 0}, "version": 1, "evaluate": {"from": "best", "rescale": null, "pictures": 1}, "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "dataset", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 5}, "checkpoint": {"mode": "max", "metric": "val/f1", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5}}', '0ece71ae157b014cd5517e2c657b5b75a913eb743fc50e62d8ef2b7cc08a50b4', NULL, 0, 1, '01a22cae-77a1-7ac3-826e-eb83e5818f60', NULL, NULL, NULL, false, false, 0, 0, 0, NULL, 1, 2, 2, 1, NULL, NULL, 0.8548079, 420, '2026-11-30 13:39:18.774184+00', '2026-11-30 13:39:21.122709+00', '2026-11-30 13:39:38.10167+00'),
	('01a22cae-6c16-7c10-8620-484db46ff038', '01a22cae-6c15-7588-a46f-ad47f41cd63c', 'golden evaluation', 'evaluate', 'succeeded', NULL, 5, 'any', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "golden", "seed": 0, "model": {"init": "default", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 1, "clip_norm": null, "accumulate": 1, "batch_size": 2, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/dataset", "fold": null, "mask": {"change": "auto"}, "test": {"split": "test"}, "train": {"mix": [], "crop": 32, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": 4}, "fields": "none", "validate": {"split": "val"}}, "retries": {"errors": 0}, "version": 1, "evaluate": {"from": "best", "rescale": null, "pictures": 1}, "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "dataset", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 5}, "checkpoint": {"mode": "max", "metric": "val/f1", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5}}', '0ece71ae157b014cd5517e2c657b5b75a913eb743fc50e62d8ef2b7cc08a50b4', '01a22cae-6c15-73ee-bd69-079b29b0bdd6', 0, 1, '01a22cae-bd95-7cd8-a73d-24e0b36fe638', NULL, NULL, NULL, false, false, 0, 0, 0, NULL, 1, 2, 2, 1, NULL, NULL, 0.7203632, 201, '2026-11-30 13:39:18.845582+00', '2026-11-30 13:39:39.031174+00', '2026-11-30 13:39:48.206528+00'),
	('01a22cae-f29a-7429-91df-6e18275da913', '01a22cae-f2e5-7970-9e6e-abd466f177b3', 'predict 00004.png 00004.png', 'predict', 'succeeded', NULL, 5, 'any', '{"tile": null, "after": {"key": null, "file": "/tmp/golden/scenes/test/time2/00004.png", "name": "00004.png", "bytes": 4853, "sha256": "22371138a83a0900721234a9288b2be2182321c8fa2efbf16b9d2a7916f3fd76", "geo_transform": null}, "alpha": "auto", "before": {"key": null, "file": "/tmp/golden/scenes/test/time1/00004.png", "name": "00004.png", "bytes": 4545, "sha256": "33e4c14d727086b096b013d78c92af4d5af118e30960f75df26bb41f89ceba51", "geo_transform": null}, "no_data": null, "polygons": false, "resources": {"device": "any", "threads": 2, "priority": 5}, "threshold": 0.5, "checkpoint": {"step": 2, "epoch": 1, "prefix": "runs/01a22cae-6c15-73ee-bd69-079b29b0bdd6/checkpoints/000000002-a1", "manifest_sha256": "9bb0c5238c903e042d83760fcf5d16f45de3a536f9f4e9ea8a238d749d9dd508"}, "probability": false}', 'eec914550f4bd07e901d64447341defcf766048f24bfabcdfc66fcf455063cdc', NULL, 0, 1, '01a22cae-f34f-74a8-a0a5-dbe87f4c2f38', NULL, NULL, NULL, false, false, 0, 0, 0, NULL, 0, 1, 1, 1, NULL, NULL, 0, 201, '2026-11-30 13:39:52.735839+00', '2026-11-30 13:39:52.791556+00', '2026-11-30 13:40:01.379622+00'),
	('01a22caf-2dfc-7f2e-9dc2-a669cbc00a94', '01a22caf-2dfc-74ba-8e24-934ece4cdb29', 'import pattern', 'import', 'succeeded', NULL, 9, 'any', '{"loss": {"beta": 0.7, "name": "nll", "plus": [], "alpha": 0.3, "gamma": 2, "class_weights": "auto"}, "name": "import pattern", "seed": 0, "model": {"init": "file:///tmp/golden/data/store/runs/01a22caf-2dfc-7f2e-9dc2-a669cbc00a94/upload-a0/pattern.safetensors", "name": "fc-siam-diff", "classes": 2, "dropout": 0.2, "channels": 3, "activation": "none", "shared_towers": false}, "seeds": 1, "train": {"epochs": 50, "clip_norm": null, "accumulate": 1, "batch_size": 16, "early_stop": null, "average_decay": null, "deterministic": true}, "loader": {"decoders": 1, "batches_ahead": 2, "decoded_cache": "auto", "read_ahead_mb": 64, "decoded_cache_mb": 4096}, "matrix": [], "augment": {"flip": true, "noise": 0, "contrast": 0, "rotate90": true, "brightness": 0, "swap_dates": false, "misregister": 0}, "dataset": {"uri": "file:///tmp/golden/data/store/runs/01a22caf-2dfc-7f2e-9dc2-a669cbc00a94/upload-a0", "fold": null, "mask": {"change": "auto"}, "test": "none", "train": {"mix": [], "crop": null, "split": "train", "balance": null, "shuffle_shards": 16, "crop_min_change": null, "samples_per_epoch": null}, "fields": "none", "validate": "none"}, "retries": {"errors": 0}, "version": 1, "evaluate": "none", "schedule": {"name": "exponential", "floor": 0, "gamma": 0.95, "power": 0.9, "every_epochs": 10, "warmup_epochs": 0}, "normalize": "unit", "optimizer": {"lr": 0.001, "name": "adam", "momentum": 0.9, "weight_decay": 0.0001}, "published": [], "resources": {"device": "any", "threads": 1, "priority": 9}, "checkpoint": {"mode": "min", "metric": "train/loss", "keep_best": 1, "keep_last": 2, "every_epochs": 1, "every_minutes": 5}}', 'a1474743b6fcfb13d88f77b13dafd5b012a75350e588ca5553bdca5da6dff243', NULL, 0, 1, '01a22caf-39eb-77b4-9d51-8450b163e2b4', NULL, NULL, NULL, false, false, 0, 0, 0, NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, 113, '2026-11-30 13:40:10.704806+00', '2026-11-30 13:40:10.861203+00', '2026-11-30 13:40:15.493796+00');


--
-- Data for Name: schema_versions; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.schema_versions VALUES
	('0001_runs.sql', 'd55cc56a2a5112cf53cc0dfaeb7c58669e8a52fcca8b5a5a83b753246c601459', '2026-11-30 13:39:06.673975+00', false, '0.1.0'),
	('0002_steering.sql', '58905aee41a85db300a5c5b0004c1ee1bf0e0e267004d7d767d61dc068fecac1', '2026-11-30 13:39:06.680197+00', false, '0.1.0'),
	('0003_outages.sql', 'd44c8596866a5a9a877c169bca259d88a2d0ebce7aecf8e5cf616666a36423e2', '2026-11-30 13:39:06.687956+00', false, '0.1.0'),
	('0004_retention.sql', '41d57e2c909a8a242a6326f0e438353639f34fc514c8020d5032b059a1894420', '2026-11-30 13:39:06.706128+00', false, '0.1.0'),
	('0005_loader.sql', '7bddef342d5b28a7363fe627498a87025ee272b7b0e8dd0df3b37a9a77a57d4e', '2026-11-30 13:39:06.710554+00', false, '0.1.0'),
	('0007_strips.sql', 'e8b000508a1bc8c1f2581c4048131d8ab5d1ecf290e98ac06c557d91de9ec715', '2026-11-30 13:39:06.727651+00', false, '0.1.0'),
	('0008_uploads.sql', '79834cda93be879755c7999147e891c74393841dda1be0282f0e440c5ed2a158', '2026-11-30 13:39:06.732047+00', false, '0.1.0'),
	('0009_epochs_from_one.sql', 'f0f6e41b9b2a0c48ba4a5a13ba78aeff6f5a0d1874b4b0d7dd7af1662d72ca70', '2026-11-30 13:39:06.735715+00', false, '0.1.0'),
	('0010_datasets.sql', 'fdc6fab94aa18d877dea2a84f492c86850a48805445981baa876ed47e2b754b2', '2026-11-30 13:39:06.751203+00', false, '0.1.0'),
	('0011_system.sql', '086fe0a0ce86e012f51065c6e862de202889bb92eee87041e5aa1c55025df2ed', '2026-11-30 13:39:06.757149+00', false, '0.1.0');


--
-- Data for Name: strips; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.strips VALUES
	('01a22cae-f29a-7429-91df-6e18275da913', 0, 1, 0, 48, 'runs/01a22cae-f29a-7429-91df-6e18275da913/strips/000000-a1.strip', 309, 'c8b9a00c41d12b7c3b16da804a9d3666d3e791752088c7492e93c8629e61f346', '2026-11-30 13:39:59.891014+00'),
	('01a22cae-6c15-73ee-bd69-079b29b0bdd6', 0, 1, 0, 8, 'runs/01a22cae-6c15-73ee-bd69-079b29b0bdd6/strips/000000-a1.strip', 10, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '2026-11-30 13:40:16.724913+00');


--
-- Data for Name: system; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.system VALUES
	(true, 'fda1532f-1b3c-49ae-a02d-360ab210ef08', '2026-11-30 13:39:06.756223+00', '2026-11-30 13:39:06.869232+00');


--
-- Data for Name: uploads; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.uploads VALUES
	('00000000-0000-7000-8000-000000000001', '2026-11-30 13:40:16.685085+00');


--
-- Data for Name: worker_slots; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.worker_slots VALUES
	('01a22cae-448e-7621-bc56-93f50bb4fcf8', 'cpu', 'cpu', 'CPU', NULL, NULL, NULL);


--
-- Data for Name: workers; Type: TABLE DATA; Schema: changedetection; Owner: -
--

INSERT INTO changedetection.workers VALUES
	('01a22cae-448e-7621-bc56-93f50bb4fcf8', 'host', 26857, '0.1.0+5ec8b370bab7b52fea584ecc5d8521be372a7fb3', 'ready', false, '2026-11-30 13:39:11.691545+00', '2026-11-30 13:40:16.05093+00');


--
-- Name: events_id_seq; Type: SEQUENCE SET; Schema: changedetection; Owner: -
--

SELECT pg_catalog.setval('changedetection.events_id_seq', 13, true);


--
-- Name: log_lines_id_seq; Type: SEQUENCE SET; Schema: changedetection; Owner: -
--

SELECT pg_catalog.setval('changedetection.log_lines_id_seq', 6, true);


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
-- Name: checkpoints checkpoints_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (run_id, step, attempt);


--
-- Name: datasets datasets_pkey; Type: CONSTRAINT; Schema: changedetection; Owner: -
--

ALTER TABLE ONLY changedetection.datasets
    ADD CONSTRAINT datasets_pkey PRIMARY KEY (uri, manifest_sha256);


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
-- Name: checkpoints_retired; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX checkpoints_retired ON changedetection.checkpoints USING btree (retired_at) WHERE (retired_at IS NOT NULL);


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
-- Name: runs_experiment; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX runs_experiment ON changedetection.runs USING btree (experiment_id);


--
-- Name: runs_to_enqueue; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX runs_to_enqueue ON changedetection.runs USING btree (priority DESC, id) WHERE ((state = 'queued'::text) AND (waits_for = 0) AND (hangfire_job IS NULL));


--
-- Name: runs_unfinished; Type: INDEX; Schema: changedetection; Owner: -
--

CREATE INDEX runs_unfinished ON changedetection.runs USING btree (state) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text, 'paused'::text]));


--
-- Name: runs runs_changed; Type: TRIGGER; Schema: changedetection; Owner: -
--

CREATE TRIGGER runs_changed AFTER UPDATE OF state, waits_for, cancel_requested, pause_requested, hangfire_job ON changedetection.runs FOR EACH ROW WHEN (((old.state IS DISTINCT FROM new.state) OR (old.waits_for IS DISTINCT FROM new.waits_for) OR (old.cancel_requested IS DISTINCT FROM new.cancel_requested) OR (old.pause_requested IS DISTINCT FROM new.pause_requested) OR ((new.hangfire_job IS NULL) AND (old.hangfire_job IS NOT NULL)))) EXECUTE FUNCTION changedetection.notify_run();


--
-- Name: runs runs_inserted; Type: TRIGGER; Schema: changedetection; Owner: -
--

CREATE TRIGGER runs_inserted AFTER INSERT ON changedetection.runs FOR EACH ROW EXECUTE FUNCTION changedetection.notify_run();


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


