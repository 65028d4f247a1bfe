"""Coarse rows of invented people, straight into the table, for tests of figures."""

import datetime as dt
import random
from typing import Any

from accounts.crypto.context import statistic_context
from casework import coarse, statistics, vocabulary
from casework.coarse import CoarseRecord
from casework.models import Statistic

MONTREAL = ("MONTREAL",) * 7 + ("LAVAL", "TORONTO", "")


def a_row(chance: random.Random, **fixed: Any) -> CoarseRecord:
    def skewed(name: str) -> str:
        """The first codes of a list are much more frequent than the last."""
        codes = vocabulary.codes(name)
        return codes[min(int(chance.expovariate(0.45)), len(codes) - 1)]

    def some(name: str) -> tuple[str, ...]:
        return tuple(sorted({skewed(name) for _ in range(chance.choice((0, 1, 1, 2)))}))

    city = chance.choice(MONTREAL)
    values: dict[str, Any] = {
        "event": chance.randbytes(16),
        "counted_before": dt.date(2030, 1, 1),
        "year": chance.choice(range(2015, 2026)),
        "quarter": chance.choice((0, 1, 2, 3, 4)),
        "city": city,
        "borough": skewed("borough") if city == "MONTREAL" else "",
        "police_service": ("SPVM",),
        "pretext": skewed("pretext"),
        "place_type": skewed("place_type"),
        "status_raised": some("status_raised"),
        "cbsa_involvement": skewed("cbsa_involvement"),
        "held": chance.choice(("YES", "YES", "NO", "UNK")),
        "outcome": some("outcome"),
        "harm": some("harm"),
        "age_band": skewed("age_band"),
        "gender": chance.choice(("WOMAN", "MAN", "MAN", "")),
        "region": skewed("region"),
        "verification": chance.choice(("V1", "V2", "V3")),
    }
    return CoarseRecord(**{**values, **fixed})


def fill(number: int, seed: int = 1, **fixed: Any) -> None:
    """Sealed under the worker's own key, as after compaction: a thousand times faster than to its public key."""
    chance = random.Random(seed)
    root = statistics.worker_root()
    rows = []
    for _ in range(number):
        token = chance.randbytes(32)
        sealed = root.seal(coarse.encode(a_row(chance, **fixed)), statistic_context(token))
        rows.append(
            Statistic(
                token_hash=token,
                epoch=root.epoch,
                version=coarse.VERSION,
                compacted=True,
                coarse_ciphertext=sealed,
            )
        )
    Statistic.objects.bulk_create(rows, batch_size=500)


def records() -> list[CoarseRecord]:
    """All of them, as the worker opens them."""
    return [coarse.decode(row) for chunk in statistics.rows(statistics.worker_root()) for _name, row in chunk]
