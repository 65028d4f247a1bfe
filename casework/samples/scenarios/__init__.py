"""Twelve invented stories, one for each thing the system must be able to hold.

Wholly fictional: no person, badge or address here exists, and none of them retells a case that is publicly known. The rows carry
the columns of the import; what took several people (an operation at a workplace, a parent and a child) is several rows of one
event. `asked_again` is how many days before the import the person confirmed their consent.
"""

from typing import Final

from casework.samples.scenarios.daily_life import EMBER, FERRY, KITE_CHILD, KITE_PARENT, LANTERN
from casework.samples.scenarios.elsewhere import MAPLE, TIDE
from casework.samples.scenarios.roadside import CEDAR, HERON, QUARTZ, SLATE, WILLOW
from casework.samples.scenarios.rows import Scenario
from casework.samples.scenarios.workplace import (
    ORCHARD_A,
    ORCHARD_B,
    ORCHARD_C,
    ORCHARD_D,
    ORCHARD_E,
    ORCHARD_F,
)

MONTREAL: Final[tuple[Scenario, ...]] = (
    HERON,
    CEDAR,
    FERRY,
    LANTERN,
    QUARTZ,
    ORCHARD_A,
    ORCHARD_B,
    ORCHARD_C,
    ORCHARD_D,
    ORCHARD_E,
    ORCHARD_F,
    KITE_PARENT,
    KITE_CHILD,
    SLATE,
    WILLOW,
    EMBER,
)
ELSEWHERE: Final[tuple[Scenario, ...]] = (
    MAPLE,
    TIDE,
)

__all__ = ["ELSEWHERE", "MONTREAL", "Scenario"]
