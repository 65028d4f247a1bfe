"""A day with ten thousand case files: import, list, search, open, save, each through the page where there is one."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import BinaryIO
from uuid import UUID

from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Team
from casework import intake, keys, vault
from casework.importing import keeping
from casework.models import Case, Revision
from tests.bench import plain, stories
from tests.bench.machine import field_of
from tests.bench.measuring import Benchmark
from tests.bench.people import everybody
from tests.cast import Cast, sign_in

ROWS = 10_000
FROM_OUTSIDE = 2_000
CLEAR = Path("/proc/self/clear_refs")
LISTS = {
    "list": "",
    "list sorted by status": "?sort=status",
    "list filtered": "?status=INTAKE&pretext=TRAFFIC_MOVING&sort=reference",
    # The dearest: every card is read in full, and every one is found.
    "list filtered by a fact that all have": "?step_kind=STOP",
}


def benchmarks(folder: Path) -> Iterator[Benchmark]:
    with override_settings(ROOT_URLCONF="tests.bench.plain"):
        plain.make_tables()
        cast = everybody()
        yield from importing(cast, folder / "stories.csv")
        put_in_order()
        client = sign_in(Client(SERVER_NAME="localhost"), "bob")
        yield from reading(client)
        yield from one_case(cast, client)


def importing(cast: Cast, file: Path) -> Iterator[Benchmark]:
    today, alice = timezone.localdate(), cast.keyring_of("alice")
    stories.write(file, ROWS, today)
    measured: dict[str, float] = {}

    def sealed() -> None:
        with file.open("rb") as opened, noted(measured):
            keep(opened, cast.verdun, keys.to_team(alice, cast.verdun), cast)

    yield Benchmark(
        f"import {ROWS} rows of 6 KB",
        sealed,
        plain=lambda: plain.import_file(file, cast.verdun, today),
        repetitions=1,
        warm_up=0,
        facts=lambda: measured,
    )
    stories.write(file, FROM_OUTSIDE, today)
    with file.open("rb") as opened:
        keep(opened, cast.other_team, keys.to_public_key(cast.other_team.pk), cast)
    charlie = cast.keyring_of("charlie")
    yield Benchmark(
        f"first list of {FROM_OUTSIDE} cases sealed from the command line",
        lambda: vault.cards(charlie),
        repetitions=1,
        warm_up=0,
    )


def keep(opened: BinaryIO, team: Team, grantor: keys.Grantor, cast: Cast) -> None:
    for _progress in keeping.keep(opened, "stories.csv", timezone.localdate(), team, grantor, cast.alice):
        pass


def put_in_order() -> None:
    """PostgreSQL does this by itself within a minute of ten thousand new rows: in the midst of a page that is measured, and
    after pages that were planned without knowing the tables' size."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


@contextmanager
def noted(measured: dict[str, float]) -> Iterator[None]:
    """Rows per second, and how far the process grew beyond what it held before."""
    before, begun = memory_now(), perf_counter()
    yield
    measured["rows per second"] = round(ROWS / (perf_counter() - begun))
    if before is not None:
        measured["megabytes more at most"] = round(kilobytes("VmHWM") / 1024 - before)


def memory_now() -> float | None:
    """In megabytes, and the peak is counted from here on: signing in has just used 256 MB. None where /proc is missing."""
    if not CLEAR.exists():
        return None
    CLEAR.write_text("5")
    return kilobytes("VmRSS") / 1024


def kilobytes(name: str) -> int:
    return int(field_of("/proc/self/status", name).split()[0])


def reading(client: Client) -> Iterator[Benchmark]:
    for name, query in LISTS.items():
        yield Benchmark(
            f"{name}, page of {ROWS} cases",
            page(client, "/cases/" + query),
            plain=page(client, "/plain/" + query),
            repetitions=40,
            budget_ms=200,
        )
    words = {"words": stories.NEEDLE.upper()}
    yield Benchmark(
        f"search {ROWS} narratives of 6 KB",
        lambda: answered(client.post("/cases/search/", words).status_code, 200),
        plain=lambda: answered(client.post("/plain/search/", words).status_code, 200),
        budget_ms=1000,
    )


def page(client: Client, address: str) -> Callable[[], None]:
    return lambda: answered(client.get(address).status_code, 200)


def answered(status: int, expected: int) -> None:
    """A refusal would be quick."""
    assert status == expected, status


def one_case(cast: Cast, client: Client) -> Iterator[Benchmark]:
    bob, cases = cast.keyring_of("bob"), cycle(Case.objects.filter(team=cast.verdun).order_by("pk")[:100])
    readable = cycle(plain.PlainCase.objects.order_by("pk").values_list("pk", flat=True)[:100])
    yield Benchmark(
        "open a case, page",
        lambda: answered(client.get(f"/cases/{next(cases).pk}/").status_code, 200),
        plain=lambda: answered(client.get(f"/plain/{next(readable)}/").status_code, 200),
        repetitions=40,
        budget_ms=80,
    )
    yield Benchmark(
        "open a case, without the page",
        lambda: vault.open_case(bob, next(cases).pk),
        plain=lambda: plain.open_case(cast.bob, next(readable)),
        repetitions=40,
    )
    yield Benchmark(
        "save a case, page",
        lambda case, _readable, form: answered(client.post(f"/cases/{case}/change/", form).status_code, 302),
        plain=lambda _case, readable, form: answered(
            client.post(f"/plain/{readable}/change/", form).status_code, 302
        ),
        prepare=lambda: (case := next(cases).pk, next(readable), changed(case)),
        repetitions=40,
        budget_ms=120,
    )
    yield Benchmark(
        "save a case, without the page",
        lambda sealed, _readable: intake.save_case(bob, sealed.case.pk, sealed.record, sealed.revision),
        plain=lambda sealed, readable: plain.save_case(cast.bob, readable, sealed.record),
        prepare=lambda: (vault.open_case(bob, next(cases).pk), next(readable)),
        repetitions=40,
    )


def changed(case: UUID) -> dict[str, str]:
    """What a person sends who has only moved its status on."""
    newest = Revision.objects.filter(case=case).latest("number").number
    counts = {
        f"{rows}-{name}_FORMS": "0" for rows in ("denials", "officers") for name in ("TOTAL", "INITIAL")
    }
    return counts | {
        "base": str(newest),
        "event-reference": f"B-{newest}",
        "event-reason_given": "NO",
        "assessment-verification": "V2",
        "statements-TOTAL_FORMS": "1",
        "statements-INITIAL_FORMS": "0",
        "statements-0-text": stories.narrative(random.Random(newest), newest),
        "statements-0-source": "WITNESS",
    }
