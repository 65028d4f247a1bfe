"""A file is encrypted while it arrives: what touches the disk is ciphertext from the first byte on, and memory holds one piece of
it at a time, however large it is."""

import datetime as dt
import hashlib
import unicodedata
from pathlib import PurePosixPath
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.utils import timezone

from accounts.crypto.sealed import Unspoken
from accounts.crypto.stream import Encryptor, file_key
from casework import custody, evidencefiles
from casework.evidence import kinds

LONGEST_NAME: Final = 200


class Received(Unspoken):
    """One file, whole, encrypted and on the disk; of no case yet, and swept with interrupted uploads until it is."""

    def __init__(self, case_id: UUID) -> None:
        self.id, self.case_id, self.root = uuid4(), case_id, custody.new_root()
        self.name, self.size, self.sha256, self.at = "", 0, b"", timezone.now()
        self.kind, self.also = kinds.UNKNOWN, list[str]()

    def details(self, by: UUID, description: str = "", made_from: UUID | None = None) -> custody.Details:
        return custody.Details(
            custody.VERSION,
            self.root,
            self.name,
            self.kind,
            self.size,
            self.sha256,
            self.at.astimezone(dt.UTC),
            by,
            description,
            self.also,
            made_from,
        )


class Arriving(Unspoken):
    """What `Received` is made of, piece by piece."""

    def __init__(self, case_id: UUID) -> None:
        self.received = Received(case_id)
        key = file_key(self.received.root, case_id, self.received.id)
        self._encryptor, self._hash = Encryptor(key), hashlib.sha256()
        self._head, self._tail = b"", b""
        self._file = evidencefiles.begin(self.received.id)
        self._file.write(self._encryptor.header)

    def write(self, piece: bytes) -> None:
        self.received.size += len(piece)
        self._hash.update(piece)
        if len(self._head) < kinds.LOOKED_AT:
            self._head += piece[: kinds.LOOKED_AT - len(self._head)]
        self._tail = (self._tail + piece)[-kinds.LOOKED_AT :] if len(piece) < kinds.LOOKED_AT else piece
        self._file.writelines(self._encryptor.update(piece))

    def finish(self, name: str) -> Received:
        done, tail = self.received, self._tail[-kinds.LOOKED_AT :]
        self._file.write(self._encryptor.finish())
        evidencefiles.finish(self._file)
        done.name, done.sha256 = safe_name(name), self._hash.digest()
        done.kind = kinds.kind_of(self._head, tail)
        done.also = kinds.also(done.kind, self._head, tail)
        return done

    def discard(self) -> None:
        self._file.close()
        evidencefiles.discard(self.received.id)


def receive(case_id: UUID, name: str, content: bytes) -> Received:
    """Something made here, a redacted copy for one, on the same way as what arrives."""
    arriving = Arriving(case_id)
    arriving.write(content)
    return arriving.finish(name)


def safe_name(name: str) -> str:
    """A name is shown and sent back as a header: no folder, and nothing that is not seen or turns the direction of reading."""
    last = PurePosixPath(name.replace("\\", "/")).name
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] not in "CZ" or letter == " ")
    suffix = PurePosixPath(seen).suffix[:12]
    return (seen if len(seen) <= LONGEST_NAME else seen[: LONGEST_NAME - len(suffix)] + suffix).strip(". ")


class EncryptingUploadHandler(FileUploadHandler):
    """The only handler of an upload of evidence: Django's own, which writes plaintext to temporary files, is never asked."""

    def __init__(self, case_id: UUID) -> None:
        super().__init__()
        self.case_id = case_id
        self.received: list[Received] = []
        self.no_room = False
        self._arriving: Arriving | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._arriving = Arriving(self.case_id)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._arriving is not None
        try:
            self._arriving.write(raw_data)
        except OSError:
            self.no_room = True
            raise StopUpload(connection_reset=True) from None

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        assert self._arriving is not None
        self.received.append(self._arriving.finish(self.file_name or ""))
        self._arriving = None
        # The form sees that there is a file and how large it is; its bytes are out of reach.
        return UploadedFile(None, self.file_name, self.content_type, file_size)

    def discard(self) -> None:
        """Nothing is half kept: neither what had arrived nor what was still arriving."""
        if self._arriving is not None:
            self._arriving.discard()
        for received in self.received:
            evidencefiles.discard(received.id)
