"""Prints the connection of a system that is up as libpq's environment, for eval in a shell."""
import json
import shlex
import sys

names = {"host": "PGHOST", "port": "PGPORT", "database": "PGDATABASE", "username": "PGUSER", "password": "PGPASSWORD"}
for part in json.load(open(sys.argv[1]))["database"].split(";"):
    key, _, value = part.partition("=")
    if key.strip().lower() in names:
        print(f"export {names[key.strip().lower()]}={shlex.quote(value)}")
