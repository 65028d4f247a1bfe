"""Which way a case may go, stated once. Pure.

INTAKE → SAFETY → VERIFY → REFER → FOLLOW_UP → CLOSED is the way of most. A case of somebody detained skips the queue, a step may
be taken back, and a closed case is opened again when news comes. WITHDRAWN and ERASED come from the person, from anywhere, and
never from a list to choose from.
"""

from typing import Final

MOVES: Final[dict[str, tuple[str, ...]]] = {
    "INTAKE": ("SAFETY",),
    "SAFETY": ("VERIFY", "INTAKE"),
    "VERIFY": ("REFER", "FOLLOW_UP", "SAFETY"),
    "REFER": ("FOLLOW_UP", "VERIFY"),
    "FOLLOW_UP": ("CLOSED", "REFER", "VERIFY"),
    # Of old spreadsheets: nothing leads here any more, because consent says what may be counted and told.
    "PUBLISHABLE": ("FOLLOW_UP", "CLOSED"),
    "CLOSED": ("FOLLOW_UP",),
    "WITHDRAWN": (),
    "ERASED": (),
}
# Somebody is in a cell: a lawyer first, questions later.
WHEN_DETAINED: Final = {"INTAKE": ("REFER",), "SAFETY": ("REFER",)}
BY_THE_PERSON: Final = ("WITHDRAWN", "ERASED")


def allowed(status: str, *, detained: bool = False) -> tuple[str, ...]:
    """Where the case may go from here, the usual next step first. Nothing for a status nobody knows."""
    usual = MOVES.get(status, ())
    return (*WHEN_DETAINED.get(status, ()), *usual) if detained else usual


def after_answers(status: str, *, withdrawn: bool) -> str:
    """Where a case stands once answers about keeping it were written down: withdrawn while somebody takes theirs back, and among
    those followed up when it may be kept again."""
    if withdrawn:
        return "WITHDRAWN"
    return "FOLLOW_UP" if status == "WITHDRAWN" else status


def may_move(before: str, after: str, *, detained: bool = False) -> bool:
    return before == after or after in allowed(before, detained=detained)
