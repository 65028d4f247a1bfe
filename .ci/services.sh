# Sourced by .ci/run: installs what is absent, starts PostgreSQL and Redis for this run alone, stops them at the end.

scratch=$(mktemp -d /tmp/temoin-ci.XXXXXX)
chmod 755 "$scratch"

say() { printf '\n== %s\n' "$*"; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

postgres_bin() {
    local newest
    newest=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$newest" ] && echo "$newest"
}

install_absent() {
    local wanted=()
    command -v python3 >/dev/null || wanted+=(python3)
    command -v make >/dev/null || wanted+=(make)
    command -v git >/dev/null || wanted+=(git)
    python3 -c 'import ensurepip' 2>/dev/null || wanted+=(python3-venv)
    [ -n "$(postgres_bin)" ] || wanted+=(postgresql)
    command -v redis-server >/dev/null || wanted+=(redis-server)
    command -v chromium >/dev/null || wanted+=(chromium fonts-dejavu-core)
    # What the page on checking a release tells people to use.
    command -v jq >/dev/null || wanted+=(jq)
    command -v xxd >/dev/null || wanted+=(xxd)
    command -v openssl >/dev/null || wanted+=(openssl)
    [ ${#wanted[@]} -eq 0 ] && return
    say "Installing: ${wanted[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -y update >"$scratch/apt.log" 2>&1 || { cat "$scratch/apt.log"; return 1; }
    apt-get -q -y install --no-install-recommends "${wanted[@]}" >"$scratch/apt.log" 2>&1 || { cat "$scratch/apt.log"; return 1; }
}

# PostgreSQL refuses to run as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

start_postgres() {
    local bin data="$scratch/postgres" port
    bin=$(postgres_bin)
    port=$(free_port)
    mkdir "$data"
    [ "$(id -u)" = 0 ] && chown postgres: "$data"
    as_postgres "$bin/initdb" --pgdata "$data/cluster" --username postgres --auth trust --encoding UTF8 \
        --locale C.UTF-8 --no-sync >"$scratch/initdb.log" 2>&1 || { cat "$scratch/initdb.log"; return 1; }
    # Durability is worth nothing here; the folder is thrown away.
    as_postgres "$bin/pg_ctl" --pgdata "$data/cluster" --log "$data/log" --wait start --options "-c listen_addresses=127.0.0.1 \
        -c port=$port -c unix_socket_directories=$data -c fsync=off -c synchronous_commit=off -c full_page_writes=off" \
        >/dev/null || { cat "$data/log"; return 1; }
    export PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres
    export TEMOIN_TEST_POSTGRES="host=127.0.0.1 port=$port user=postgres dbname=postgres"
}

start_redis() {
    local port
    port=$(free_port)
    redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$scratch" >"$scratch/redis.log" 2>&1 &
    redis_pid=$!
    for _ in $(seq 50); do
        redis-cli -h 127.0.0.1 -p "$port" ping >/dev/null 2>&1 && break
        sleep 0.1
    done
    redis-cli -h 127.0.0.1 -p "$port" ping >/dev/null || { cat "$scratch/redis.log"; return 1; }
    export TEMOIN_TEST_REDIS="redis://127.0.0.1:$port/0"
}

stop_services() {
    [ -d "$scratch/postgres/cluster" ] &&
        as_postgres "$(postgres_bin)/pg_ctl" --pgdata "$scratch/postgres/cluster" --mode immediate stop >/dev/null 2>&1
    [ -n "${redis_pid:-}" ] && kill "$redis_pid" 2>/dev/null && wait "$redis_pid" 2>/dev/null
    rm -rf "$scratch"
}
