"""One job: a line of JSON and the file come in by standard input; a line of JSON and the result go out by standard output."""

import json
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Started by its path and with -I, so that neither the environment nor the working folder says what is imported.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from casework.darkroom import documents, pages, pictures
from casework.darkroom.confinement import confine
from casework.darkroom.refused import Refused

Answer = tuple[dict[str, Any], bytes]
PDF = "application/pdf"


def show(job: dict[str, Any], content: bytes) -> Answer:
    if job["kind"] == PDF:
        return pages.show(content, job["page"], job["side"])
    return pictures.show(content, job["page"], job["side"])


def clean(job: dict[str, Any], content: bytes) -> Answer:
    if job["kind"] == PDF:
        return pages.clean(content)
    if job["kind"] == documents.DOCX:
        return documents.clean(content)
    return pictures.clean(content, job["kind"])


def redact(job: dict[str, Any], content: bytes) -> Answer:
    if job["kind"] == PDF:
        return pages.redact(content, job["areas"])
    return pictures.redact(content, job["kind"], job["areas"])


JOBS = {"show": show, "clean": clean, "redact": redact}


def work(job: dict[str, Any], content: bytes) -> Answer:
    try:
        return JOBS[job["job"]](job, content)
    except Refused as refused:
        return {"refused": refused.reason}, b""
    except MemoryError:
        return {"refused": "large"}, b""
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over, the answer is that it cannot be read
        return {"refused": "unreadable"}, b""


def main() -> None:
    job = json.loads(sys.stdin.buffer.readline(1_000_000))
    confine(job["seconds"])
    told, result = work(job, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + result)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
