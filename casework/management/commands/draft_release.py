"""`manage.py draft_release SPEC.json --out FILE.json`: what the worker does for a draft, on the command line. Needs the
statistics root of this environment and no passphrase; the document is complete and unsigned."""

import json
import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from casework import documents, drafting, questions, releases
from casework.drafting import Identity
from casework.drafts import Inside
from casework.jobs import REFUSALS, STAGES, Refused
from casework.models import Release
from casework.questions import BadSpecification, Specification
from casework.refusals import explain

LARGEST = 1024 * 1024


class Spoken:
    """Tells the terminal how far the work is."""

    def __init__(self, write: Any) -> None:
        self.write = write

    def stage(self, name: str) -> None:
        self.write(f"{STAGES[name]}…")

    def progress(self, done: int, total: int) -> None:
        """Stages are enough for a terminal."""


class Command(BaseCommand):
    help = "Counts, protects and audits a release from a specification. Exit code 0 with a document, 1 with a reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "specification", type=Path, help="JSON: title, unit, period, threshold, tables, supersedes, known"
        )
        parser.add_argument(
            "--out", type=Path, required=True, help="where the document goes; never over a file"
        )
        parser.add_argument("--force", action="store_true", help="overwrite the file")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.exists() and not options["force"]:
            raise CommandError(
                _("The file %(name)s exists. Choose another, or pass --force.") % {"name": out.name}
            )
        question = self._question(options["specification"])
        inside = self._inside(question)
        if inside.document is None:
            raise CommandError(self._refused(inside))
        document = drafting.dated(inside.document, timezone.localdate())
        _write(out, documents.canonical(document))
        hidden = sum(cell.value is None for table in document.tables for cell in table.cells)
        self.stdout.write(
            _("Written: %(name)s. Counted %(counted)s, %(hidden)s cells suppressed. Not signed.")
            % {"name": out.name, "counted": inside.counted, "hidden": hidden}
        )

    def _question(self, path: Path) -> Specification:
        try:
            return self._checked(_json(path))
        except BadSpecification as bad:
            refusal = explain(bad.code)
            place = f"{bad.where}: {bad.value}" if bad.value else bad.where
            raise CommandError(f"{refusal.what} ({place}) {refusal.do}") from None

    def _checked(self, raw: object) -> Specification:
        question = questions.parse(raw, timezone.localdate())
        releases.check_question(question)
        return question

    def _inside(self, question: Specification) -> Inside:
        before = Release.objects.filter(pk=question.supersedes).first() if question.supersedes else None
        identity = Identity(uuid.uuid4(), before.edition + 1 if before else 1, question.supersedes, None)
        try:
            root = drafting.open_root()
            return drafting.make(question, identity, root, Spoken(self.stderr.write), timezone.localdate())
        except Refused as refused:
            raise CommandError(str(REFUSALS[refused.code])) from None

    def _refused(self, inside: Inside) -> str:
        refusal = explain(inside.refusal)
        lines = [f"{refusal.what} {refusal.do}"]
        lines += [
            _("%(dimension)s %(merge)s: %(published)s of %(cells)s non-zero cells would be published.")
            % {
                "dimension": p.dimension,
                "merge": "+".join(p.merge),
                "published": p.published,
                "cells": p.cells,
            }
            for p in inside.proposals
        ]
        return "\n".join(lines)


def _json(path: Path) -> object:
    try:
        if path.stat().st_size > LARGEST:
            raise CommandError(_("The file is larger than any specification."))
        return json.loads(path.read_bytes())
    except OSError as error:
        raise CommandError(_("The file cannot be read: %(why)s") % {"why": error.strerror}) from None
    except (ValueError, RecursionError):
        raise BadSpecification("spec_shape", "$") from None


def _write(out: Path, content: bytes) -> None:
    """Whole or not at all: a half-written document must not lie where somebody looks for one."""
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(out)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CommandError(_("The file cannot be written: %(why)s") % {"why": error.strerror}) from None
