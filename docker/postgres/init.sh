#!/bin/sh
# Run by PostgreSQL's image on its first start. Three databases, because they are backed up by different rules, and two roles:
# the worker's cannot even connect to the sessions, and may destroy an erasure share but never read one.
set -eu
export SECRETS_DIR="${SECRETS_DIR:-/run/secrets}"

sql() {
    psql --no-psqlrc --quiet --output /dev/null --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$@"
}

sql postgres <<'SQL'
-- Read by psql itself: on its command line the passwords would stand in the list of processes.
\set web_password `cat "$SECRETS_DIR/web-password"`
\set worker_password `cat "$SECRETS_DIR/worker-password"`
-- A failed statement must not put its values into the server's log.
ALTER SYSTEM SET log_min_error_statement = 'panic';
ALTER SYSTEM SET log_parameter_max_length = 0;
ALTER SYSTEM SET log_parameter_max_length_on_error = 0;
CREATE ROLE temoin_web LOGIN PASSWORD :'web_password';
CREATE ROLE temoin_worker LOGIN PASSWORD :'worker_password';
CREATE DATABASE temoin_main OWNER temoin_web;
CREATE DATABASE temoin_erasure OWNER temoin_web;
CREATE DATABASE temoin_sessions OWNER temoin_web;
REVOKE ALL ON DATABASE temoin_main, temoin_erasure, temoin_sessions FROM PUBLIC;
GRANT CONNECT ON DATABASE temoin_main, temoin_erasure TO temoin_worker;
SELECT pg_reload_conf();
SQL

sql temoin_main <<'SQL'
GRANT USAGE ON SCHEMA public TO temoin_worker;
GRANT ALL ON SCHEMA public TO temoin_web;
ALTER DEFAULT PRIVILEGES FOR ROLE temoin_web IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO temoin_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE temoin_web IN SCHEMA public GRANT USAGE ON SEQUENCES TO temoin_worker;
SQL

# Which columns of which table there is for `migrate_all` to say, which makes them.
sql temoin_erasure <<'SQL'
GRANT USAGE ON SCHEMA public TO temoin_worker;
GRANT ALL ON SCHEMA public TO temoin_web;
SQL
