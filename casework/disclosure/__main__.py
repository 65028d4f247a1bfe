"""For people without the application.

    python -m casework.disclosure protect TABLE.csv --table borough,year --table outcome --out DOCUMENT.json
    python -m casework.disclosure attack DOCUMENT.json [EARLIER.json …]

Exit code 0: protected, or nothing found. 1: not publishable, or something found. 2: the input is wrong.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np

from casework.disclosure.attack import AuditResult, audit
from casework.disclosure.errors import BadTable, Unprotectable
from casework.disclosure.proposals import hides_too_much, propose
from casework.disclosure.protection import protect
from casework.disclosure.reading import read_csv
from casework.disclosure.rendering import rendered
from casework.disclosure.tables import LinkedTables
from casework.disclosure.verify import verify

KINDS = ("exact", "recognisable", "insider", "group", "changes", "withdrawals", "undecided")


def main(arguments: list[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.act(chosen))
    except BadTable as wrong:
        sys.stderr.write(f"{wrong}\n")
    except OSError as wrong:
        sys.stderr.write(f"{wrong.filename}: {wrong.strerror}\n")
    return 2


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m casework.disclosure", description=__doc__.partition("\n")[0])
    acts = parser.add_subparsers(required=True)
    protecting = acts.add_parser("protect", help="suppress as little as possible and prove that it is enough")
    protecting.add_argument("csv", type=Path, help="a row for each record, or for each group with a count")
    protecting.add_argument(
        "--table", action="append", required=True, help="columns to cross: borough,year; repeat for more"
    )
    protecting.add_argument(
        "--count", default="", help="the column that says how many records a row stands for"
    )
    protecting.add_argument(
        "--sensitive", default="", help="columns to which it is a harm to be known to belong"
    )
    protecting.add_argument("--parents", type=Path, help="CSV of dimension,category,parent for hierarchies")
    protecting.add_argument("--seconds", type=float, default=120.0, help="how long the search may take")
    protecting.add_argument("--out", type=Path, required=True, help="where the document goes")
    protecting.set_defaults(act=_protect)
    attacking = acts.add_parser("attack", help="what a patient reader computes from published documents")
    attacking.add_argument("document", type=Path, help="temoin-release/1, or what `protect` wrote")
    attacking.add_argument("earlier", type=Path, nargs="*", help="earlier editions, oldest first")
    attacking.add_argument("--sensitive", default=None, help="as above; else as the document marks them")
    attacking.set_defaults(act=_attack)
    for one in (protecting, attacking):
        one.add_argument("--threshold", type=int, default=5, help="counts below it are small (default 5)")
    return parser


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _protect(chosen: Namespace) -> int:
    tables = read_csv(
        chosen.csv,
        [_names(table) for table in chosen.table],
        count_column=chosen.count,
        sensitive=_names(chosen.sensitive),
        parents=chosen.parents,
    )
    try:
        found = protect(tables, chosen.threshold, time_budget=chosen.seconds, progress=_told)
    except Unprotectable as hopeless:
        return _refused(f"Not publishable: {hopeless}.", tables, chosen.threshold)
    if found.nothing:
        return _refused("Not publishable: the total is below the threshold.", tables, chosen.threshold)
    wrong = verify(tables, found.suppressed, found.certificate, chosen.threshold)
    if wrong or not found.certificate.complete:
        return _refused("Not publishable: the proof is not complete.", tables, chosen.threshold)
    chosen.out.write_text(json.dumps(rendered(tables, found.suppressed), ensure_ascii=False, indent=1))
    hidden, filled = int(found.suppressed.sum()), int(np.count_nonzero(tables.values))
    sys.stdout.write(
        f"Written. {hidden} of {filled} non-zero cells suppressed, at most {found.gap:.1%} more than needed; "
        f"{found.requirements} requirements, each with a witness.\n"
    )
    if hides_too_much(tables, found.suppressed):
        _offer(tables, chosen.threshold)
    return 0


def _told(step: str, done: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{step} {done:.0%} ")


def _refused(why: str, tables: LinkedTables, threshold: int) -> int:
    sys.stdout.write(f"{why} Nothing was written.\n")
    _offer(tables, threshold)
    return 1


def _offer(tables: LinkedTables, threshold: int) -> None:
    for offer in propose(tables, threshold):
        what = f"merge {', '.join(offer.merge)} of" if offer.merge else "leave out"
        sys.stdout.write(
            f"  {what} {offer.dimension}: about {offer.published} of {offer.cells} cells would stand\n"
        )


def _attack(chosen: Namespace) -> int:
    documents = [_document(path) for path in (*chosen.earlier, chosen.document)]
    facts = None if chosen.sensitive is None else _names(chosen.sensitive)
    result = audit(documents, chosen.threshold, group_dimensions=facts)
    sys.stdout.write(f"{result.suppressed} suppressed cells attacked in {len(documents)} document(s).\n")
    for kind in KINDS:
        _tell(kind, result)
    sys.stdout.write("Nothing found.\n" if result.clean else "")
    return 0 if result.clean else 1


def _tell(kind: str, result: AuditResult) -> None:
    for finding in getattr(result, kind):
        sys.stdout.write(
            f"{kind}: {finding.where}: {finding.least:g} to {finding.most:g} {finding.how}".rstrip() + "\n"
        )


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise BadTable(f"{path.name} is not JSON") from None
    if not isinstance(document, dict) or not {"dimensions", "tables"} <= document.keys():
        raise BadTable(f"{path.name} has no dimensions and tables")
    return document


if __name__ == "__main__":
    sys.exit(main())
