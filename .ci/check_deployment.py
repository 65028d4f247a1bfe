"""Django's and Témoin's own checks, and the migrations, as a production web process would meet them."""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (
    ("makemigrations", "--check", "--dry-run"),
    ("check", "--deploy", "--fail-level", "WARNING"),
)


def keys(folder: Path) -> None:
    """Throw-away values of the right size; nothing is ever sealed with them."""
    folder.mkdir(mode=0o700)
    for name in ("pepper", "organisation.pub"):
        path = folder / name
        path.write_text(secrets.token_hex(32) + "\n")
        path.chmod(0o600)


def production_like(folder: Path) -> dict[str, str]:
    """The environment of a web process behind a proxy, and nothing that a developer happens to have set."""
    keys(folder / "keys")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TEMOIN_", "PG", "DJANGO_"))}
    return inherited | {
        "DATA_DIR": str(folder),
        "TEMOIN_KEYS_DIR": str(folder / "keys"),
        "TEMOIN_SECRET_KEY": secrets.token_urlsafe(64),
        "TEMOIN_HOSTS": "temoin.test",
        "TEMOIN_ORIGINS": "https://temoin.test",
        "TEMOIN_BEHIND_PROXY": "1",
        "TEMOIN_BROKER": "redis://127.0.0.1:6379/0",
    }


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = production_like(Path(folder))
        lines = [[sys.executable, "manage.py", *check] for check in CHECKS]
        return max(subprocess.run(line, env=environment, cwd=ROOT, check=False).returncode for line in lines)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
