"""Ten thousand invented cases as a group would send them: a CSV of the import's own columns, the same bytes for the same seed."""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from casework import vocabulary

SEED: Final = 20260721
NARRATIVE_BYTES: Final = 6_000
# Stands in every hundredth narrative, with an accent and a capital that a search has to see through.
NEEDLE: Final = "Héron traversa"
SENTENCES: Final = """
    the officer asked for papers and telephoned while she waited beside the car on the wet street
    un agent l’a arrêtée près du métro après avoir entendu son accent puis a appelé l’agence frontalière
    nobody explained why the call lasted hours before the other patrol arrived and drove them away
"""
WORDS: Final = SENTENCES.split()
CODED: Final = {
    "city": "city",
    "police_service": "police_service",
    "pretext": "pretext",
    "place_type": "place_type",
    "status_raised": "status_raised",
    "cbsa_involvement": "cbsa_involvement",
    "outcome": "outcome",
    "harm": "harm",
    "age_band": "age_band",
    "gender": "gender",
    "region": "region",
    "source": "report_source",
    "verification": "verification",
}


def write(path: Path, rows: int, today: date) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        stories = stories_of(rows, today)
        first = next(stories)
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(stories)


def stories_of(rows: int, today: date) -> Iterator[dict[str, str]]:
    chance = random.Random(SEED)
    choices = {column: _codes(name) for column, name in CODED.items()}
    for number in range(rows):
        yield {
            "reference": f"B-{number:05}",
            "event_date": f"{chance.randint(2010, today.year - 1)}-{chance.randint(1, 12):02}",
            **{column: chance.choice(codes) for column, codes in choices.items()},
            "held_hours": str(chance.randint(0, 12)),
            "person_alias": f"{chance.choice(WORDS)} {number}",
            "narrative": narrative(chance, number),
            "consent_purposes": "STORE|STATS" if chance.random() < 0.8 else "STORE",
            "consent_mode": "ORAL",
            "consent_date": (today - timedelta(days=chance.randint(1, 300))).isoformat(),
            "consent_language": "fr",
        }


def _codes(name: str) -> list[str]:
    """Detention reviews and minors have rules of their own between columns, and a bench is not about them."""
    return [code for code in vocabulary.codes(name) if code != "UNDER_14"]


def narrative(chance: random.Random, number: int) -> str:
    text = " ".join(chance.choices(WORDS, k=NARRATIVE_BYTES // 5))
    text = text.encode()[:NARRATIVE_BYTES].decode(errors="ignore")
    return f"{text} {NEEDLE}" if number % 100 == 0 else text
