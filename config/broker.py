"""The broker of a single machine: a folder with one file per message, for those who run no Redis.

kombu's own filesystem transport has three traps that this one closes:

- it creates a message under its final name and fills it afterwards, so a worker can take an empty file and stop on it;
- it reads a message by moving it to the system's temporary folder, outside the data folder the operator guards;
- a message that cannot be parsed ends the worker.

A message taken by a worker that is then killed is gone. That is accepted: the Job table says what is to be done, messages
only say "look now", and `casework.tasks.pick_up` finds what was left.
"""

import json
import logging
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem

logger = logging.getLogger(__name__)


def claim(path: Path) -> bytes | None:
    """The content of a message file, for whoever renames it first."""
    taken = path.with_suffix(".taken")
    try:
        path.rename(taken)
        content = taken.read_bytes()
        taken.unlink()
    except FileNotFoundError:
        return None
    return content


class FolderChannel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        # Nanoseconds since 1970 sort in order of sending, also across a restart of the machine.
        name = f"{time.time_ns():020d}-{uuid.uuid4()}.{queue}.msg"
        unfinished = folder / f"{name}.unfinished"
        try:
            unfinished.write_bytes(json.dumps(payload).encode())
            unfinished.rename(folder / name)
        except OSError as error:
            raise ChannelError("The broker's folder cannot be written.") from error

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            content = claim(path)
            if content is None:
                continue
            try:
                message: dict[str, Any] = json.loads(content)
            except ValueError:
                logger.error("A message that could not be read was dropped; its job is picked up later.")
                continue
            return message
        raise Empty


class FolderTransport(filesystem.Transport):
    Channel = FolderChannel


def make_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder
