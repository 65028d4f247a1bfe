"""`manage.py verify_release FILE [--key HEX]`: is this document whole, consistent, and signed by whom it says."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.crypto.sealed import SealBroken
from casework import documents
from casework.documents import Document
from casework.refusals import explain

LARGEST = 64 * 1024 * 1024
KEY = re.compile(r"[0-9a-fA-F]{64}")


class Command(BaseCommand):
    help = "Checks a published release: schema, arithmetic, signature. Exit code 0 when all of it holds, 1 otherwise."
    requires_system_checks: list[str] = []  # noqa: RUF012 - reads one file, touches neither database nor keys
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the JSON document, as downloaded")
        parser.add_argument(
            "--key", default="", help="the public key the group gave you, 64 hexadecimal digits"
        )
        parser.add_argument(
            "--unsigned",
            action="store_true",
            help="accept a document that draft_release wrote and nobody signed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key = _key(options["key"])
        data = _content(options["file"])
        try:
            document = documents.read(data)
        except documents.NotARelease as wrong:
            raise CommandError(_in_words(wrong.code, wrong.where)) from None
        if document.signature is None and options["unsigned"] and not key:
            self.stdout.write(_("Consistent, and not signed: this is a draft."))
            return
        self._signature(document, data, key)

    def _signature(self, document: Document, data: bytes, key: bytes | None) -> None:
        try:
            by = documents.verify(document, key)
        except SealBroken:
            code = "other_key" if key and _is_whole(document) else "signature"
            raise CommandError(_in_words(code, "signature")) from None
        if data != documents.canonical(document):
            self.stdout.write(
                _("The file is not in canonical form: it was written again after it was signed.")
            )
        self.stdout.write(_("Whole, consistent and signed by %(key)s.") % {"key": by.hex()})
        if key is None:
            self.stdout.write(
                _("Compare this key with one the group gave you in another way, or pass it with --key.")
            )


def _is_whole(document: Document) -> bool:
    """Signed by the key it names, which may be a retired one or a forger's."""
    try:
        documents.verify(document)
    except SealBroken:
        return False
    return True


def _key(text: str) -> bytes | None:
    if text and not KEY.fullmatch(text):
        raise CommandError(_("The key is 64 hexadecimal digits."))
    return bytes.fromhex(text) if text else None


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise CommandError(_("The file is larger than any release."))
        return path.read_bytes()
    except OSError as error:
        raise CommandError(_("The file cannot be read: %(why)s") % {"why": error.strerror}) from None


def _in_words(code: str, where: str) -> str:
    refusal = explain(code)
    place = f" ({where})" if where else ""
    return f"{refusal.what}{place} {refusal.do}"
