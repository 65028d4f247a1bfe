#!/bin/sh
# Secrets arrive as files, so that neither compose.yaml nor `docker inspect` shows them; the settings read the environment.
# What was not handed to this container stays unset.
set -eu

folder=${SECRETS_DIR:-/run/secrets}

from_file() {
    if [ -r "$folder/$2" ]; then
        export "$1=$(cat "$folder/$2")"
    fi
}

from_file TEMOIN_SECRET_KEY secret-key
from_file TEMOIN_BROKER broker-url
from_file TEMOIN_REDIS_URL cache-url
exec python manage.py "$@"
