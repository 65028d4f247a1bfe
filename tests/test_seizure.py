"""A seized server is mute: after a whole day of work, none of what went in stands in anything the server keeps.

Exempt are the figures of a published release, which everybody may read, and the names of accounts and teams, which
`docs/threat-model.md` lists among what a seizure yields."""

import base64
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import redis
from django.core import signing
from psycopg import conninfo, sql

from tests.canaries import Found, Scanner, ways_to_write
from tests.plugins_services import absent
from tests.processes import Temoin
from tests.seizure_story import (
    CONTROL,
    PHRASE,
    Story,
    Typed,
    is_only_a_key,
    postgres_store,
    reveal,
    sqlite_store,
)

KEY_FILES = (
    "keys/pepper",
    "keys/statistics.root",
    "keys/organisation.pub",
    "keys/ledger.key",
    "secret-key",
    "worker-keys/organisation.pub",
    "worker-keys/ledger.key",
)
Dump = Callable[[], dict[str, bytes]]


class Seizure:
    """Copies of everything the server keeps, taken at several moments of one day."""

    def __init__(self, temoin: Temoin, folder: Path, dump: Dump) -> None:
        self.temoin, self.folder, self.dump = temoin, folder, dump
        self.moments = 0

    def seize(self) -> None:
        """Files come and go while they are copied; what is gone was there for a moment only, and the next copy may have it."""
        self.moments += 1
        into = self.folder / str(self.moments)
        for path in sorted(self.temoin.folder.rglob("*")):
            if path.is_file():
                target = into / path.relative_to(self.temoin.folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    shutil.copyfile(path, target)
                except FileNotFoundError:
                    continue
        for name, content in self.dump().items():
            (into / name).write_bytes(content)

    def scan(self, typed: Typed, revealed: dict[str, list[bytes]]) -> list[Found]:
        shares = revealed.pop("erasure share")
        keys = [path for name in KEY_FILES for path in self.folder.glob(f"*/data/{name}")]
        assert keys and all(is_only_a_key(path.read_text()) for path in keys)
        held = {f"{kind}, raw": values for kind, values in typed.keys.items()}
        found = Scanner({**typed.texts, **held, **revealed}).scan_folder(self.folder, skip=keys)
        # The one half of each case key that is kept in clear has a database to itself.
        elsewhere = list(self.folder.glob("**/*erasure*"))
        return found + Scanner({"erasure share": shares}).scan_folder(self.folder, skip=elsewhere)


def a_day(story: Story, seizure: Seizure, desk: Path) -> None:
    story.gather()
    story.mistake()
    story.keep_cases()
    story.follow_up()
    story.tell()
    story.import_all(desk)
    story.draft_and_crash()
    seizure.seize()
    # Before a new worker is up, so that its first look finds a job whose runner has long been silent.
    story.store.age_jobs()
    story.hand_in_evidence()
    seizure.seize()
    story.share_and_revoke()
    story.search()
    story.change_passphrase()
    story.take_up_again()
    story.publish()
    story.leave()
    seizure.seize()


@contextmanager
def running(temoin: Temoin) -> Iterator[Temoin]:
    temoin.start()
    try:
        yield temoin
    finally:
        temoin.stop()


@pytest.mark.slow
def test_a_seized_server_is_mute(tmp_path: Path, migrated: Path) -> None:
    temoin = Temoin(made(tmp_path / "server"), migrated)
    seizure = Seizure(temoin, made(tmp_path / "seized"), dict)
    story = Story(temoin, sqlite_store(temoin))
    with running(temoin):
        a_day(story, seizure, made(tmp_path / "desk"))
        revealed = reveal(temoin)
    seizure.seize()
    assert_everything_was_seized(tmp_path / "seized", story)
    assert seizure.scan(story.typed, revealed) == []


@pytest.mark.slow
@pytest.mark.services
def test_a_seized_server_with_postgresql_and_redis_is_mute(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    with databases(postgres_url) as names:
        temoin = Temoin(made(tmp_path / "server"), **environment_of(postgres_url, redis_url, names))
        seizure = Seizure(temoin, made(tmp_path / "seized"), lambda: dumps(postgres_url, redis_url, names))
        story = Story(temoin, postgres_store(postgres_url, names["main"]))
        temoin.manage("migrate_all", "--verbosity", "0")
        with running(temoin):
            a_day(story, seizure, made(tmp_path / "desk"))
            revealed = reveal(temoin)
        seizure.seize()
    assert_everything_was_seized(tmp_path / "seized", story)
    assert seizure.scan(story.typed, revealed) == []


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def assert_everything_was_seized(folder: Path, story: Story) -> None:
    """Nothing is found where nothing is looked for: the day must have left what a day leaves."""
    assert story.crashes == 1
    assert len([cell for table in story.document["tables"] for cell in table["cells"]]) > 5
    # Two files, and the redacted copy of one of them; nothing of the upload that ended in the middle.
    assert len({path.name for path in folder.glob("*/data/evidence/*")}) == 3
    for text in CONTROL:
        assert Scanner({"control": [text]}).scan_folder(folder), text


# PostgreSQL and Redis


@contextmanager
def databases(url: str) -> Iterator[dict[str, str]]:
    if not shutil.which("pg_dump"):
        absent("PostgreSQL", "pg_dump is not installed")
    names = {
        purpose: f"temoin_seizure_{purpose}_{uuid4().hex[:8]}" for purpose in ("main", "erasure", "sessions")
    }
    with psycopg.connect(url, autocommit=True) as server:
        for name in names.values():
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield names
        finally:
            for name in names.values():
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def environment_of(postgres: str, broker: str, names: dict[str, str]) -> dict[str, str]:
    told = conninfo.conninfo_to_dict(postgres)
    libpq = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    given = {libpq[name]: str(value) for name, value in told.items() if name in libpq and value}
    given |= {f"TEMOIN_{purpose.upper()}_DB_NAME": name for purpose, name in names.items()}
    return given | {"TEMOIN_DATABASE": "postgresql", "TEMOIN_BROKER": broker, "TEMOIN_REDIS_URL": broker}


def dumps(postgres: str, broker: str, names: dict[str, str]) -> dict[str, bytes]:
    found = {f"{purpose}.dump.sql": pg_dump(postgres, name) for purpose, name in names.items()}
    return found | {"redis.dump": redis_dump(broker)}


def pg_dump(url: str, name: str) -> bytes:
    line = ["pg_dump", "--dbname", conninfo.make_conninfo(url, dbname=name)]
    return subprocess.run(line, check=True, capture_output=True, timeout=60).stdout


def redis_dump(url: str) -> bytes:
    """Every key with its value as it is kept, and lists once more entry by entry, because the kept form may be compressed."""
    server: Any = redis.Redis.from_url(url)
    found = b""
    for key in server.scan_iter():
        found += key + (server.dump(key) or b"")
        found += b"".join(server.lrange(key, 0, -1)) if server.type(key) == b"list" else b""
    return found


# The scanner itself: a test that finds nothing is worth what its looking is worth.

KEY = bytes(range(100, 132))


def test_every_way_to_write_a_canary_is_found_wherever_it_stands() -> None:
    scanner = Scanner({"narrative": [PHRASE], "root": [KEY]})
    for canary in (PHRASE, KEY):
        for how, written in ways_to_write(canary):
            for before in range(4):
                data = bytes(range(200, 200 + before)) + written + b"\xff\xfe"
                assert scanner.scan(how, data), (how, before)


@pytest.mark.parametrize("shift", range(3))
def test_a_canary_inside_a_longer_text_in_base64_is_found(shift: int) -> None:
    longer = base64.b64encode(b"xyz"[:shift] + PHRASE.encode() + " et après".encode())
    assert [f.kind for f in Scanner({"narrative": [PHRASE]}).scan("", longer)] == ["narrative"]


@pytest.mark.parametrize("spelled", [PHRASE.upper(), PHRASE.title(), PHRASE.lower()])
def test_capital_letters_do_not_hide_a_canary(spelled: str) -> None:
    scanner = Scanner({"narrative": [PHRASE]})
    assert scanner.scan("", spelled.encode())
    assert scanner.scan("", spelled.encode("utf-16-le"))
    assert scanner.scan("", KEY.hex().upper().encode()) == []
    assert Scanner({"root": [KEY]}).scan("", KEY.hex().upper().encode())


def test_a_canary_without_its_accents_is_found() -> None:
    assert Scanner({"passphrase": ["sept hérissons violets"]}).scan("", b"sept herissons violets")


def test_what_django_compresses_before_it_signs_is_looked_into() -> None:
    session = signing.dumps({"typed": f"{PHRASE} " * 9}, key="k", compress=True)
    assert session.startswith(".")
    assert Scanner({"narrative": [PHRASE]}).scan("", f"x{session}x".encode())


def test_bytes_written_as_hexadecimal_digits_by_a_dump_are_looked_into() -> None:
    inner = base64.b64encode(PHRASE.encode())
    assert Scanner({"narrative": [PHRASE]}).scan("", b"1\t\\\\x" + inner.hex().encode() + b"\t2")


def test_the_name_of_a_file_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / f"{PHRASE}.upload").touch()
    assert Scanner({"narrative": [PHRASE]}).scan_folder(tmp_path)


def test_a_canary_planted_in_a_database_is_found(tmp_path: Path) -> None:
    planted = sqlite3.connect(tmp_path / "main.sqlite3")
    planted.execute("PRAGMA journal_mode=WAL")
    planted.execute("CREATE TABLE t (x TEXT)")
    planted.execute("INSERT INTO t VALUES (?)", [PHRASE])
    planted.commit()
    (found,) = Scanner({"narrative": [PHRASE]}).scan_folder(tmp_path)
    assert found.where == "main.sqlite3-wal"
    planted.close()


def test_noise_is_not_taken_for_a_canary() -> None:
    noise = b"".join(bytes([(n * 7919 + n // 256) % 256]) for n in range(200_000))
    assert Scanner({"narrative": [PHRASE], "root": [KEY]}).scan("", noise) == []


def test_a_canary_that_chance_could_write_is_refused() -> None:
    with pytest.raises(AssertionError):
        Scanner({"badge": ["7743"]})
