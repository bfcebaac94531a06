-- What an attempt's loader has done so far, as its trainer last said: waits, bytes, cache hits (LoaderFigures). Null until it has said something.
alter table attempts add column loader jsonb;
