"""Starts the darkroom, a process without keys, files and connections, for one file, and takes back what it made of it."""

import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from casework import darkroom
from casework.evidence import kinds

PROGRAM: Final = Path(darkroom.__file__).parent / "__main__.py"
SECONDS: Final = {"show": 20, "clean": 60, "redact": 120}
MOST_BYTES: Final = 200 * 1024 * 1024
# Each may take a gigabyte, and the machine also has pages to serve.
AT_ONCE: Final = threading.BoundedSemaphore(2)


class CannotDecode(Exception):
    """`reason`: large, unreadable, locked, moving, pages, or crashed when the process did not end well."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Developed(msgspec.Struct):
    """What the darkroom tells, beside the bytes."""

    refused: str = ""
    kind: str = ""
    left: list[str] = []
    pages: int = 0
    width: int = 0
    height: int = 0
    text: str = ""


def develop(job: str, kind: str, size: int, content: Iterable[bytes], **more: Any) -> tuple[Developed, bytes]:
    """Raises CannotDecode, and whatever reading `content` raises."""
    if size > kinds.DECODED_UP_TO:
        raise CannotDecode("large")
    order = msgspec.json.encode({"job": job, "kind": kind, "seconds": SECONDS[job], **more}) + b"\n"
    with AT_ONCE:
        said = _run(order, content, SECONDS[job])
    head, newline, made = said.partition(b"\n")
    if not newline:
        raise CannotDecode("crashed")
    told = msgspec.json.decode(head, type=Developed)
    if told.refused:
        raise CannotDecode(told.refused)
    return told, made


def _run(order: bytes, content: Iterable[bytes], seconds: int) -> bytes:
    """Nothing of the environment, no shell, no folder of ours, and an end however it hangs."""
    process = subprocess.Popen(  # noqa: S603 - our own program, by its path
        [sys.executable, "-I", "-B", str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    feeder = Feeder(process, order, content)
    timer = threading.Timer(seconds + 5, process.kill)
    try:
        timer.start()
        feeder.start()
        assert process.stdout is not None
        said = process.stdout.read(MOST_BYTES)
    finally:
        timer.cancel()
        process.kill()
        feeder.join()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    if feeder.error:
        raise feeder.error
    return said


class Feeder(threading.Thread):
    """Decrypts into the pipe while the other end works: neither waits for the other with a full pipe."""

    def __init__(self, process: "subprocess.Popen[bytes]", order: bytes, content: Iterable[bytes]) -> None:
        super().__init__(daemon=True)
        self.process, self.order, self.content = process, order, content
        self.error: Exception | None = None

    def run(self) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(self.order)
            for chunk in self.content:
                self.process.stdin.write(chunk)
        except BrokenPipeError:
            # It ended early; what it said, or that it said nothing, is the answer.
            pass
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits for the answer
            self.error = error
            self.process.kill()
        with suppress(BrokenPipeError):
            self.process.stdin.close()
