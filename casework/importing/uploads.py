"""Uploads stay in memory: Django's own handler would write anything over 2.5 MB to a temporary file, in the clear.

The adversary is whoever takes the disk later, so plaintext never touches it; and a 200 MB file must cost the server no more
memory than a small one.
"""

from io import BytesIO

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

# Beyond this the connection is cut. Up to it the bytes are read and dropped, because a browser that is cut off while it still
# sends shows its own error page instead of ours.
DRAINED_UP_TO = 16


class RefusedUpload(InMemoryUploadedFile):
    """Stands for a file that was larger than the limit. It has a name and no content."""


class MemoryOnlyUploadHandler(FileUploadHandler):
    """Keeps all files of one request in memory up to TEMOIN_UPLOAD_LIMIT bytes together; then forgets the one in hand."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.received = 0
        self.kept = 0
        self.content: BytesIO | None = None

    @property
    def limit(self) -> int:
        return int(settings.TEMOIN_UPLOAD_LIMIT)

    def new_file(self, *args: object, **kwargs: object) -> None:
        super().new_file(*args, **kwargs)  # type: ignore[arg-type]
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > DRAINED_UP_TO * self.limit:
            raise StopUpload(connection_reset=True)
        if self.content is not None:
            self._keep(raw_data)

    def _keep(self, raw_data: bytes) -> None:
        assert self.content is not None
        if self.kept + self.content.tell() + len(raw_data) > self.limit:
            self.content = None
        else:
            self.content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        if self.content is None:
            return self._uploaded(RefusedUpload, BytesIO(), 0)
        self.kept += file_size
        self.content.seek(0)
        return self._uploaded(InMemoryUploadedFile, self.content, file_size)

    def _uploaded(
        self, kind: type[InMemoryUploadedFile], content: BytesIO, size: int
    ) -> InMemoryUploadedFile:
        return kind(
            file=content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
