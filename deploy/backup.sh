#!/bin/sh
# Write everything PostgreSQL holds into one file, while Relais runs. Usage: DATABASE_OWNER_URL=… deploy/backup.sh DIRECTORY
#
# Files are not in it: copy RELAIS_FILES after it, which holds nothing readable without this file and the master key.
# What people wrote is encrypted in it. It is worthless without the master key, and the master key must not lie
# beside it: keep that one elsewhere. Redis holds nothing that a backup needs.
set -eu
umask 077
. "$(dirname "$0")/connection.sh"
directory=${1:?name the directory to write into}
mkdir -p "$directory"
file=$directory/relais-$(date -u +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "$file.part"' EXIT
pg_dump --format=custom --no-owner --no-privileges --file="$file.part" "$DATABASE_URL"
# Only a file that can be read to its end is called a backup.
pg_restore --list "$file.part" >/dev/null
mv "$file.part" "$file"
echo "$file"
