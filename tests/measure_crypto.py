"""How long the hot loops take: ``python -m tests.measure_crypto`` prints the best of three, in milliseconds.

Ten thousand rows each. Budget: 60 ms to open the case keys of a team, 60 ms to open their cards.
"""

import os
import sys
import timeit
from uuid import uuid4

from accounts.crypto import context, shares
from accounts.crypto.envelope import Cipher, open_sealed
from accounts.crypto.principal import Principal

ROWS = 10_000


def main() -> None:
    team, cases = Principal.generate("team"), [uuid4() for _ in range(ROWS)]
    keys = [os.urandom(32) for _ in cases]
    halves = [shares.split(key) for key in keys]
    grants = [
        team.seal(people, context.grant_context("case", case, 1, team.id, 1))
        for case, (people, _) in zip(cases, halves, strict=True)
    ]
    cards = [
        Cipher(key, 1).seal(os.urandom(400), context.field_context("card", case, case))
        for case, key in zip(cases, keys, strict=True)
    ]

    def case_keys_plainly() -> list[bytes]:
        rows = zip(cases, grants, strict=True)
        return [team.open(each, context.grant_context("case", case, 1, team.id, 1)) for case, each in rows]

    def case_keys() -> list[bytes]:
        place, opened = context.grant_contexts("case", team.id, 1), team.cipher.open
        return [opened(each, place(case.bytes, 1)) for case, each in zip(cases, grants, strict=True)]

    def join_shares() -> list[bytes]:
        return [shares.join(people, erasure) for people, erasure in halves]

    def cards_plainly() -> list[bytes]:
        rows = zip(cases, keys, cards, strict=True)
        return [
            open_sealed(key, 1, each, context.field_context("card", case, case)) for case, key, each in rows
        ]

    def cards_of_400_bytes() -> list[bytes]:
        place, rows = context.field_contexts("card"), zip(cases, keys, cards, strict=True)
        return [Cipher(key, 1).open(each, place(case.bytes, case.bytes)) for case, key, each in rows]

    for loop in (case_keys, case_keys_plainly, join_shares, cards_of_400_bytes, cards_plainly):
        best = min(timeit.repeat(loop, number=1, repeat=3))
        sys.stdout.write(f"{loop.__name__:24}{best * 1000:8.1f} ms\n")


if __name__ == "__main__":
    main()
