#!/bin/sh
# Run by PostgreSQL's image when it makes the database: the role that runs Relais, which owns nothing.
# Its statement is read from standard input, so that the password is on no command line.
set -eu
password=$(cat /run/secrets/postgres-running-password)
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --quiet <<SQL
CREATE ROLE relais LOGIN PASSWORD '$password';
SQL
