#!/bin/sh
# Read by backup.sh and restore.sh: leaves the address in DATABASE_URL and its password in PGPASSWORD, so that no password
# is on a command line, where others on the machine could read it. It takes DATABASE_OWNER_URL (the role that may read
# every table) or else DATABASE_URL, or the file named by DATABASE_OWNER_URL_FILE or DATABASE_URL_FILE.
set -eu
url=${DATABASE_OWNER_URL:-}
[ -n "$url" ] || [ -z "${DATABASE_OWNER_URL_FILE:-}" ] || url=$(cat "$DATABASE_OWNER_URL_FILE")
url=${url:-${DATABASE_URL:-}}
[ -n "$url" ] || [ -z "${DATABASE_URL_FILE:-}" ] || url=$(cat "$DATABASE_URL_FILE")
: "${url:?name the database in DATABASE_OWNER_URL, as relais migrate is told}"

scheme=${url%%://*}
rest=${url#*://}
authority=${rest%%/*}
case $authority in
    *:*@*)
        credentials=${authority%@*}
        # An address has %41 for A; PGPASSWORD has not.
        PGPASSWORD=$(printf '%s\n' "${credentials#*:}" | LC_ALL=C awk '
            BEGIN { for (i = 1; i < 256; i++) character[sprintf("%02X", i)] = sprintf("%c", i) }
            {
                while (match($0, /%[0-9A-Fa-f][0-9A-Fa-f]/)) {
                    printf "%s%s", substr($0, 1, RSTART - 1), character[toupper(substr($0, RSTART + 1, 2))]
                    $0 = substr($0, RSTART + 3)
                }
                printf "%s", $0
            }')
        export PGPASSWORD
        DATABASE_URL=$scheme://${credentials%%:*}@${authority##*@}${rest#"$authority"}
        ;;
    *) DATABASE_URL=$url ;;
esac
