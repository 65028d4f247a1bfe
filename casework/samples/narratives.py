"""Short invented accounts, put together from whole sentences so that both languages read naturally."""

import csv
from functools import cache
from pathlib import Path
from random import Random

Told = dict[str, str]


@cache
def _phrases() -> dict[tuple[str, str], list[dict[str, str]]]:
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    with (Path(__file__).parent / "phrases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["kind"], row["code"]), []).append(row)
    return found


def narrative(random: Random, told: Told, language: str, hours: float | None, days: int | None) -> str:
    """`told` maps a kind of sentence to its code, in reading order; codes without a sentence are passed over."""
    words = {
        "When": random.choice(_phrases()["when", ""])[language],
        "hours": duration(hours or 1, language),
        "days": str(days or 0),
    }
    chosen = (random.choice(_phrases()[pair])[language] for pair in told.items() if pair in _phrases())
    return " ".join(sentence.format(**words) for sentence in chosen)


def duration(hours: float, language: str) -> str:
    """In words, as somebody would say it."""
    french = language == "fr"
    if hours < 1:
        return "une demi-heure" if french else "half an hour"
    if hours == 1.5:
        return "une heure et demie" if french else "an hour and a half"
    if hours < 2:
        return "une heure" if french else "an hour"
    return f"{hours:.0f} heures" if french else f"{hours:.0f} hours"
