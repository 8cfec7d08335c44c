#!/bin/sh
# Bring a backup back into an empty database. Usage: DATABASE_OWNER_URL=… deploy/restore.sh FILE
#
# Everything or nothing. Afterwards, with the settings of the deployment: `relais migrate` (the backup may be of an
# older version, and the running role gets its rights), `relais check` (the master key fits) and `relais audit verify`
# (nothing was changed; what was done since the backup shows as anchors that are missing).
set -eu
. "$(dirname "$0")/connection.sh"
file=${1:?name the backup}
tables=$(psql --no-psqlrc --tuples-only --no-align "$DATABASE_URL" --command \
    "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')")
if [ "$tables" -ne 0 ]; then
    echo "The database is not empty: it has $tables tables. Nothing was changed." >&2
    exit 1
fi
pg_restore --single-transaction --exit-on-error --no-owner --no-privileges --dbname="$DATABASE_URL" "$file"
