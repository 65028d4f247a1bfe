"""Do seats, groups and public keys agree? Looked at from outside: this needs no key and opens nothing.

Everything here holds as long as only this program writes. What is found was done by another hand, by a restored backup, or by a
mistake of ours; either way somebody should know before a key is needed that is not there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, F, OuterRef

from accounts.crypto.context import public_key_context
from accounts.crypto.principal import verify_signature
from accounts.crypto.sealed import SealBroken
from accounts.keyfiles import organisation_key
from accounts.models import PastOwnRoot, PastRoot, PublicKey, Seat, Team, User, UserKey

EXPLAINED: Final = {
    "public_key_unvouched": "nobody vouches for this public key: it was altered or put in",
    "person_without_public_key": "nothing can be sealed to this person",
    "person_key_of_another_epoch": "this person's root is not the one others seal to",
    "past_own_root_missing": "what was sealed to this ended epoch of the person can no longer be reached",
    "team_without_public_key": "nothing can be sealed to this team",
    "team_ahead_of_its_key": "this team's epoch is not that of its newest public key",
    "seat_without_membership": "this seat holds a key but no permission: the person is not in the team's group",
    "membership_without_seat": "this membership gives permission but no key: the person has no seat in the team",
    "seat_for_an_unknown_epoch": "this seat is sealed to an epoch of the person that nobody vouches for",
    "seat_of_another_epoch": "this seat holds the root of an epoch that is not the team's",
    "team_without_steward": "nobody on this team may invite, remove or renew its key",
    "team_without_members": "nobody holds this team's root, and no invitation to it is open",
    "past_root_missing": "what was sealed to this ended epoch of the team can no longer be reached",
}


@dataclass(frozen=True, order=True)
class Finding:
    """`kind` is a code with an explanation; `subject` an id, with an epoch where that says more."""

    kind: str
    subject: str


def findings() -> Iterator[Finding]:
    yield from _unvouched()
    yield from _people()
    yield from _teams()
    yield from _seats()


def _unvouched() -> Iterator[Finding]:
    organisation = organisation_key()
    for row in PublicKey.objects.order_by("principal_id", "epoch").iterator(chunk_size=500):
        message = public_key_context(row.kind, row.principal_id, row.epoch, row.public_key)
        try:
            verify_signature(organisation, row.signature, message)
        except SealBroken:
            yield Finding("public_key_unvouched", f"{row.principal_id} {row.epoch}")


def _people() -> Iterator[Finding]:
    newest = newest_epochs("user")
    for person in User.objects.order_by("pk").values_list("pk", flat=True):
        if person not in newest:
            yield Finding("person_without_public_key", str(person))
    for person, epoch in UserKey.objects.order_by("pk").values_list("pk", "epoch"):
        if newest.get(person, epoch) != epoch:
            yield Finding("person_key_of_another_epoch", str(person))
    kept = set(PastOwnRoot.objects.values_list("user_id", "epoch"))
    for owner, last in newest.items():
        for ended in range(1, last):
            if (owner, ended) not in kept:
                yield Finding("past_own_root_missing", f"{owner} {ended}")


def newest_epochs(*kinds: str) -> dict[object, int]:
    rows = PublicKey.objects.filter(kind__in=kinds).order_by("epoch")
    return dict(rows.values_list("principal_id", "epoch"))


def _teams() -> Iterator[Finding]:
    newest = newest_epochs("team", "organisation")
    kept = set(PastRoot.objects.values_list("team_id", "epoch"))
    for team in Team.objects.order_by("pk"):
        if team.pk not in newest:
            yield Finding("team_without_public_key", str(team.pk))
        elif newest[team.pk] != team.epoch:
            yield Finding("team_ahead_of_its_key", str(team.pk))
        if not team.seats.exists() and not team.invitations.filter(team_epoch=team.epoch).exists():
            yield Finding("team_without_members", str(team.pk))
        if team.seats.exists() and not team.seats.filter(steward=True).exists():
            yield Finding("team_without_steward", str(team.pk))
        for epoch in range(1, team.epoch):
            if (team.pk, epoch) not in kept:
                yield Finding("past_root_missing", f"{team.pk} {epoch}")


def _seats() -> Iterator[Finding]:
    membership = User.groups.through.objects.filter(
        user_id=OuterRef("user_id"), group_id=OuterRef("team__group_id")
    )
    seats = Seat.objects.order_by("pk")
    for pk in seats.filter(~Exists(membership)).values_list("pk", flat=True):
        yield Finding("seat_without_membership", str(pk))
    own = PublicKey.objects.filter(principal_id=OuterRef("user_id"), epoch=OuterRef("user_epoch"))
    for pk in seats.filter(~Exists(own)).values_list("pk", flat=True):
        yield Finding("seat_for_an_unknown_epoch", str(pk))
    for pk in seats.exclude(epoch=F("team__epoch")).values_list("pk", flat=True):
        yield Finding("seat_of_another_epoch", str(pk))
    seat = Seat.objects.filter(user_id=OuterRef("user_id"), team__group_id=OuterRef("group_id"))
    alone = User.groups.through.objects.filter(~Exists(seat)).order_by("pk")
    for pk in alone.values_list("pk", flat=True):
        yield Finding("membership_without_seat", str(pk))
