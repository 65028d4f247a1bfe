#!/bin/sh
# Run once, beside compose.yaml: makes the passwords that the containers share, each in a file that only its reader gets.
# Prints none of them, and never writes over one that exists.
set -eu
umask 077
cd "$(dirname "$0")"
secrets=${TEMOIN_SECRETS_DIR:-secrets}
mkdir -p "$secrets" keys

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { [ -e "$secrets/$1" ] || printf '%s\n' "$2" >"$secrets/$1"; }
value() { cat "$secrets/$1"; }

for name in secret-key postgres-password web-password worker-password redis-password; do
    keep "$name" "$(random)"
done
keep web.pgpass "postgres:5432:*:temoin_web:$(value web-password)"
keep worker.pgpass "postgres:5432:*:temoin_worker:$(value worker-password)"
keep broker-url "redis://:$(value redis-password)@redis:6379/0"
keep cache-url "redis://:$(value redis-password)@redis:6379/1"
keep redis.conf "$(printf 'requirepass %s\nsave ""\nappendonly no\nmaxmemory-policy noeviction\n' "$(value redis-password)")"

# Empty until there are trustees: a file that is not there cannot be handed to a container.
[ -e keys/trustees.pin ] || : >keys/trustees.pin

# Before anything is set up: what was erased must be recognised at every start.
[ -e keys/ledger.key ] || printf '%s\n' "$(random)" >keys/ledger.key

# The containers run as whoever may read these files: you, or a user of their own when root prepares them.
user=$(id -u)
group=$(id -g)
if [ "$user" = 0 ]; then
    user=10001
    group=10001
    chown -R "$user:$group" "$secrets" keys
fi
[ -e .env ] || printf 'TEMOIN_UID=%s\nTEMOIN_GID=%s\nTEMOIN_DOMAIN=temoin.example\n' "$user" "$group" >.env
echo "Done. Now write your domain into docker/.env, then: docker compose run --rm setup"
