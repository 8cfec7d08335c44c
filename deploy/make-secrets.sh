#!/bin/sh
# Make the secrets of a deployment, once. Lose master-key, and nothing that was encrypted can be read again.
#
# smtp-url and sms-token are made empty: put the mail server's address (smtp://user:password@host:587 or smtps://…:465)
# and the SMS carrier's token into them. Each file belongs to the user that reads it: only root can hand it over.
set -eu
umask 077
directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"

# keep NAME USER: what comes in is the secret NAME, for a container's USER, unless it is there already.
keep() {
    if [ -e "$directory/$1" ]; then
        echo "$directory/$1 is there and stays." >&2
        cat >/dev/null
        return
    fi
    cat >"$directory/$1"
    [ "$(id -u)" -ne 0 ] || chown "$2" "$directory/$1"
    echo "$directory/$1 made." >&2
}

relais=10001 server=999
openssl rand -base64 48 | tr -d '\n' | keep secret-key $relais
openssl rand -base64 32 | keep master-key $relais
keep smtp-url $relais </dev/null
keep sms-token $relais </dev/null

# A password is in two files, its server's and its client's. The last one made says that all of them are.
if [ ! -e "$directory/database-url" ]; then
    owner=$(openssl rand -hex 24) running=$(openssl rand -hex 24) redis=$(openssl rand -hex 24)
    for name in postgres-password postgres-running-password redis.conf database-owner-url redis-url; do
        rm -f "$directory/$name"
    done
    echo "$owner" | keep postgres-password $server
    echo "$running" | keep postgres-running-password $server
    keep redis.conf $server <<CONF
requirepass $redis
port 0
unixsocket /data/redis.sock
unixsocketperm 777
save ""
appendonly no
maxmemory-policy noeviction
CONF
    echo "postgresql://relais_owner:$owner@/relais?host=/run/postgresql" | keep database-owner-url $relais
    echo "unix://:$redis@/run/redis/redis.sock" | keep redis-url $relais
    echo "postgresql://relais:$running@/relais?host=/run/postgresql" | keep database-url $relais
fi
