"""The containers, as far as a machine without Docker can hold them to their promises: who is given what."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema
import psycopg
import pytest
import yaml

from config import running
from config.worker_rights import LEDGER, SHARES, STATEMENTS

ROOT = Path(__file__).resolve().parent.parent
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
CADDY = (DOCKER / "caddy" / "Caddyfile").read_text().splitlines()
LONG_RUNNING = ["web", "worker", "beat", "postgres", "redis"]

# The whole matrix, as data: an extra secret fails as much as a missing one.
SECRETS = {
    "web": {
        "secret-key",
        "web.pgpass",
        "broker-url",
        "cache-url",
        "pepper",
        "organisation.pub",
        "trustees.pin",
        "ledger.key",
    },
    "worker": {"worker.pgpass", "broker-url", "statistics.root", "organisation.pub", "ledger.key"},
    "beat": {"broker-url"},
    "migrate": {"secret-key", "web.pgpass", "ledger.key"},
    "setup": {"secret-key", "web.pgpass"},
    "postgres": {"postgres-password", "web-password", "worker-password"},
    "redis": {"redis.conf", "redis-password"},
    "caddy": set(),
}
NETWORKS = {
    "web": {"front", "database", "broker"},
    "worker": {"database", "broker"},
    "beat": {"broker"},
    "migrate": {"database"},
    "setup": {"database"},
    "postgres": {"database"},
    "redis": {"broker"},
    "caddy": {"front"},
}


def text_of(service: str) -> str:
    return json.dumps(SERVICES[service])


def test_it_keeps_to_the_compose_specification():
    schema = json.loads((ROOT / "tests" / "compose.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(COMPOSE, schema)


@pytest.mark.parametrize(
    "slip", [{"privileged": True}, {"read_only": False}, {"networks": []}, {"secret": ["pepper"]}]
)
def test_the_schema_refuses_a_slip_of_the_pen(slip: dict[str, Any]):
    schema = json.loads((ROOT / "tests" / "compose.schema.json").read_text())
    services = SERVICES | {"beat": SERVICES["beat"] | slip}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(COMPOSE | {"services": services}, schema)


def test_each_container_is_given_exactly_the_secrets_it_needs():
    assert {name: set(service.get("secrets", [])) for name, service in SERVICES.items()} == SECRETS


def test_each_container_is_on_exactly_the_networks_it_needs():
    assert {name: set(service["networks"]) for name, service in SERVICES.items()} == NETWORKS


def test_only_the_front_network_leads_out():
    assert {name for name, network in COMPOSE["networks"].items() if not network.get("internal")} == {"front"}


def test_every_secret_is_a_file_that_exists_for_someone():
    assert set(COMPOSE["secrets"]) == set().union(*SECRETS.values())
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())


@pytest.mark.parametrize("service", ["worker", "beat", "redis", "postgres", "caddy"])
def test_nobody_but_the_web_process_hears_of_the_pepper(service: str):
    assert "pepper" not in text_of(service)
    assert "keys:" not in text_of(service)


@pytest.mark.parametrize("service", ["web", "beat", "migrate", "redis", "postgres", "caddy"])
def test_nobody_but_the_worker_hears_of_the_statistics_root(service: str):
    assert "statistics" not in text_of(service).lower()


def test_the_worker_signs_in_as_a_role_of_its_own():
    assert SERVICES["worker"]["environment"]["PGUSER"] == "temoin_worker"
    assert "temoin_web" not in text_of("worker")
    assert "secret-key" not in text_of("worker")


def test_no_value_of_a_secret_stands_in_an_environment():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASS|SECRET|KEY|ROOT", name):
                assert value.startswith(("/run/secrets/", "/keys")), name


def test_redis_keeps_nothing():
    assert "volumes" not in SERVICES["redis"]
    assert "/data" in SERVICES["redis"]["tmpfs"]


def test_only_the_database_the_evidence_and_the_certificates_outlive_their_containers():
    assert set(COMPOSE["volumes"]) == {"postgres", "evidence", "caddy"}


def test_nobody_but_the_web_process_reaches_the_evidence():
    assert [name for name in SERVICES if "evidence" in text_of(name)] == ["web"]
    assert "install -d -m 1777 /evidence" in (ROOT / "docker" / "Dockerfile").read_text()


def test_the_proxy_lets_two_gigabytes_through_at_one_address_only():
    (matched,) = {line.split()[2] for line in CADDY if "path_regexp" in line and "@evidence" in line}
    assert re.search(matched, f"/cases/{uuid4()}/evidence/add/")
    assert not re.search(matched, "/import/") and sum("2200MB" in line for line in CADDY) == 1


@pytest.mark.parametrize("service", LONG_RUNNING)
def test_every_long_running_container_says_how_it_is(service: str):
    assert SERVICES[service]["healthcheck"]["test"]


@pytest.mark.parametrize("service", ["web", "worker", "beat", "migrate", "setup", "postgres", "redis"])
def test_nobody_runs_as_root_or_leaves_a_core_dump(service: str):
    assert SERVICES[service]["user"].startswith("${TEMOIN_UID")
    assert SERVICES[service]["ulimits"] == {"core": 0}


@pytest.mark.parametrize("service", ["web", "worker", "beat", "redis"])
def test_decrypted_memory_never_reaches_swap(service: str):
    assert SERVICES[service]["mem_limit"] == SERVICES[service]["memswap_limit"]


def test_the_application_is_reached_through_a_proxy_only():
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web", "caddy"}


@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_a_container_runs_the_process_that_serve_knows(process: str):
    assert SERVICES[process]["command"] == ["serve", process]
    assert process in running.COMMANDS


def test_the_image_copies_only_what_exists_and_what_its_ignore_file_lets_through():
    allowed = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    copies = re.findall(
        r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE
    )
    sources = [source for line in copies for source in line.split()]
    assert {f"!{source}" for source in sources} == {line for line in allowed if line.startswith("!")}
    assert all((ROOT / source).exists() for source in sources if "*" not in source)


def test_the_image_installs_from_the_hashed_lock_and_runs_as_nobody_in_particular():
    text = (DOCKER / "Dockerfile").read_text()
    assert "--require-hashes" in text
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)


def entered(folder: Path, *names: str) -> dict[str, str]:
    """What `entry.sh` puts into the environment when these secrets were handed in."""
    for name in names:
        (folder / name).write_text(f"value of {name}\n")
    python = folder / "python"
    python.write_text("#!/bin/sh\nenv\n")
    python.chmod(0o755)
    line = ["sh", str(DOCKER / "entry.sh"), "serve", "web"]
    given = {"PATH": f"{folder}:/usr/bin:/bin", "SECRETS_DIR": str(folder)}
    done = subprocess.run(line, env=given, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("TEMOIN"))


def test_the_entry_script_reads_the_secrets_it_was_handed(tmp_path: Path):
    assert entered(tmp_path, "secret-key", "broker-url") == {
        "TEMOIN_SECRET_KEY": "value of secret-key",
        "TEMOIN_BROKER": "value of broker-url",
    }


def test_the_entry_script_leaves_unset_what_was_not_handed_in(tmp_path: Path):
    assert entered(tmp_path) == {}


def prepared(folder: Path) -> dict[str, str]:
    shutil.copy(DOCKER / "prepare.sh", folder)
    done = subprocess.run(["sh", str(folder / "prepare.sh")], capture_output=True, text=True, check=True)
    secrets = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}
    assert not any(value.strip() in done.stdout for value in secrets.values())
    return secrets


def test_prepare_makes_every_secret_that_setup_does_not(tmp_path: Path):
    secrets = prepared(tmp_path)
    assert set(secrets) == set(COMPOSE["secrets"]) - {
        "pepper",
        "organisation.pub",
        "statistics.root",
        "trustees.pin",
        "ledger.key",
    }
    assert len(set(secrets.values())) == len(secrets)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o600}


def test_prepare_never_writes_over_a_secret(tmp_path: Path):
    assert prepared(tmp_path) == prepared(tmp_path)


@pytest.fixture
def init_databases(postgres_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What PostgreSQL's image does on its first start, on the server of the tests. Roles belong to the whole server: one at a
    time."""
    with psycopg.connect(postgres_url, autocommit=True) as alone:
        alone.execute("SELECT pg_advisory_lock(7099)")
        yield from _first_start(postgres_url, tmp_path)


def _first_start(postgres_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    where = psycopg.conninfo.conninfo_to_dict(postgres_url)
    for role in ("web", "worker"):
        (tmp_path / f"{role}-password").write_text(f"{role} it's secret\n")
    given = {
        "PATH": os.environ["PATH"],
        "POSTGRES_USER": str(where["user"]),
        "PGHOST": str(where["host"]),
        "PGPORT": str(where["port"]),
        "SECRETS_DIR": str(tmp_path),
    }
    subprocess.run(["sh", str(DOCKER / "postgres" / "init.sh")], env=given, check=True)
    yield {"host": given["PGHOST"], "port": given["PGPORT"]}
    with psycopg.connect(postgres_url, autocommit=True) as server:
        for name in ("main", "erasure", "sessions"):
            server.execute(f"DROP DATABASE temoin_{name} WITH (FORCE)")
        server.execute("DROP ROLE temoin_web")
        server.execute("DROP ROLE temoin_worker")
        server.execute("ALTER SYSTEM RESET ALL")


@pytest.mark.services
def test_the_worker_s_role_works_in_the_main_database_and_makes_nothing_there(init_databases: dict[str, str]):
    with psycopg.connect(dbname="temoin_main", user="temoin_web", **init_databases) as web:
        web.execute("CREATE TABLE progress (id int); INSERT INTO progress VALUES (1)")
    with psycopg.connect(dbname="temoin_main", user="temoin_worker", **init_databases) as worker:
        assert worker.execute("UPDATE progress SET id = 2 RETURNING id").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute("CREATE TABLE mine (id int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(dbname="temoin_sessions", user="temoin_worker", **init_databases)


@pytest.mark.services
def test_the_worker_s_role_destroys_an_erasure_share_and_never_reads_one(init_databases: dict[str, str]):
    """With the statements of `migrate_all`, which makes the tables."""
    with psycopg.connect(dbname="temoin_erasure", user="temoin_web", **init_databases) as web:
        web.execute(f"CREATE TABLE {SHARES} (case_id int, share int, audit_key int)")
        web.execute(f"INSERT INTO {SHARES} VALUES (1, 2, 3), (4, 5, 6)")
        web.execute(f"CREATE TABLE {LEDGER} (digest int)")
        for statement in STATEMENTS:
            web.execute(statement.format(role="temoin_worker"))  # type: ignore[arg-type]
    where = {"dbname": "temoin_erasure", "user": "temoin_worker", **init_databases}
    for refused in (
        f"SELECT share FROM {SHARES}",
        f"SELECT * FROM {SHARES}",
        f"SELECT case_id FROM {SHARES} WHERE share > 1",
        f"UPDATE {SHARES} SET share = 0",
        f"INSERT INTO {SHARES} VALUES (7, 8, 9)",
        f"DELETE FROM {SHARES} RETURNING share",
        "CREATE TABLE mine (id int)",
    ):
        with psycopg.connect(**where) as worker, pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute(refused)  # type: ignore[arg-type]
    with psycopg.connect(**where) as worker:
        worker.execute(f"INSERT INTO {LEDGER} VALUES (1)")
        assert worker.execute(f"DELETE FROM {SHARES} WHERE case_id = 1 RETURNING audit_key").fetchone() == (
            3,
        )
        assert worker.execute(f"SELECT case_id FROM {SHARES}").fetchall() == [(4,)]
