"""Prints every key the people of a Témoin hold, for a test that then looks for them where they must not be.

A process of its own, with the environment of the Témoin in question: `python -m tests.reveal_keys`, and on standard input one
JSON object of user names and passphrases."""

import json
import sys
from collections.abc import Iterator

import django


def main() -> None:
    django.setup()
    passphrases: dict[str, str] = json.load(sys.stdin)
    kinds: dict[str, list[str]] = {}
    for name, passphrase in passphrases.items():
        for kind, key in keys_of(name, passphrase):
            kinds.setdefault(kind, []).append(key.hex())
    kinds["erasure share"] = [share.hex() for share in erasure_shares()]
    json.dump({kind: sorted(set(keys)) for kind, keys in kinds.items()}, sys.stdout)


def keys_of(name: str, passphrase: str) -> Iterator[tuple[str, bytes]]:
    from accounts.hasher import kept_runs
    from accounts.keyring import Keyring
    from accounts.models import Team, User
    from accounts.people import unwrapped
    from casework import permissions

    user = User.objects.get(username=name)
    with kept_runs() as runs:
        assert user.check_password(passphrase), name
        keyring, wrap_key = Keyring(user, unwrapped(user, runs[0])), runs[0].stretched.wrap_key
    yield "key stretched from a passphrase", wrap_key
    yield "root", keyring.principal.root
    for team in Team.objects.filter(pk__in=keyring.teams):
        for epoch in range(1, team.epoch + 1):
            yield "root", keyring.team(team.pk, epoch).root
    for case in permissions.cases_for(user):
        yield from keys_of_case(keyring, case)


def keys_of_case(keyring, case) -> Iterator[tuple[str, bytes]]:  # type: ignore[no-untyped-def]  # Django is not set up yet
    from accounts.crypto.shares import join
    from casework import custody
    from casework.keys import erasure_share, open_key

    key = open_key(keyring, case)
    people = key.people
    for piece in custody.pieces(key):
        yield "root of a file", piece.details.root
    yield "people's share of a case key", people
    yield "case key", join(people, erasure_share(case.pk))


def erasure_shares() -> Iterator[bytes]:
    from casework.models import ErasureShare

    for share in ErasureShare.objects.values_list("share", flat=True):
        yield bytes(share)


if __name__ == "__main__":
    main()
