#!/bin/sh
# Make the two secrets of a deployment, once. Lose master-key, and nothing that was encrypted can be read again.
set -eu
umask 077
directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
for name in secret-key master-key; do
    if [ -e "$directory/$name" ]; then
        echo "$directory/$name is there and stays." >&2
        continue
    fi
    case $name in
        secret-key) openssl rand -base64 48 | tr -d '\n' >"$directory/$name" ;;
        master-key) openssl rand -base64 32 >"$directory/$name" ;;
    esac
    # The container reads it as user 10001; only root can hand it over.
    [ "$(id -u)" -ne 0 ] || chown 10001 "$directory/$name"
    echo "$directory/$name made." >&2
done
