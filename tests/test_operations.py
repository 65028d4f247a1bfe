"""A variable or a command that nobody wrote down does not exist for those who run the server."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTED = (ROOT / "docs" / "operations.md").read_text()
READ = re.compile(
    r"""(?:env|flag|environ\.get|getenv|environ)[(\[]\s*f?["'](TEMOIN_[A-Z_]+|DATA_DIR|PORT)["']"""
)
OURS = ("accounts", "casework", "config")


def variables() -> set[str]:
    sources = [path for app in OURS for path in (ROOT / app).rglob("*.py")]
    return {name for path in sources for name in READ.findall(path.read_text())}


def test_every_variable_that_is_read_is_written_down():
    assert len(variables()) > 15
    assert {name for name in variables() if f"`{name}`" not in DOCUMENTED} == set()


def test_every_variable_that_is_written_down_is_read_by_someone():
    everything = "".join(
        path.read_text()
        for folder in (*OURS, "tests", "docker")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".sh", ".yaml"} and path != Path(__file__)
    )
    databases = {
        f"TEMOIN_{name}_DB_{what}" for name in ("MAIN", "ERASURE", "SESSIONS") for what in ("NAME", "HOST")
    }
    named = set(re.findall(r"`(TEMOIN_[A-Z_]+)`", DOCUMENTED)) - databases
    assert {name for name in named if name not in everything} == set()


def test_every_command_of_ours_is_written_down():
    commands = {name for name, app in get_commands().items() if app in OURS}
    assert "serve" in commands
    assert {name for name in commands if f"manage.py {name}" not in DOCUMENTED} == set()


def made(*line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")} | environment
    return subprocess.run(
        ["make", "--no-print-directory", *line],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_make_target_is_listed_by_make_help():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    listed = set(re.findall(r"^  make (\w+)", made("help").stdout, re.MULTILINE))
    assert targets == listed


@pytest.mark.parametrize("says", ["Python 3.10.2", ""])
def test_an_old_python_is_refused_by_name(tmp_path: Path, says: str):
    """In a copy without .venv, with a python3 that is too old, or is none."""
    old = tmp_path / "python3.10"
    old.write_text(f"#!/bin/sh\n[ \"$1\" = --version ] && echo '{says}'\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "runtime.lock").touch()
    done = made("-C", str(tmp_path), "demo", PYTHON=str(old))
    assert done.returncode != 0
    assert f"Témoin needs Python 3.11 or newer; '{old}' is {says}" in done.stderr
    assert "PYTHON=python3.12 make demo" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_no_lock_file_names_an_index_and_every_package_has_a_hash():
    for name in ("runtime", "development"):
        lines = (ROOT / "requirements" / f"{name}.lock").read_text().splitlines()
        pinned = [number for number, line in enumerate(lines) if re.match(r"^[a-z0-9._-]+==", line)]
        assert len(pinned) > 20
        assert all("--hash=sha256:" in lines[number + 1] for number in pinned)
        assert not [line for line in lines if "http" in line or "--index" in line or "--find-links" in line]


def test_what_runs_is_locked_at_the_versions_that_were_tested():
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / f"{name}.lock").read_text(), re.MULTILINE)
        )

    assert pins("runtime") <= pins("development")
