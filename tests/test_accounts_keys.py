"""Seats, epochs and signed public keys: who holds which root, and what a database writer gets."""

import pickle
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client

from accounts import keyfiles
from accounts.crypto.context import public_key_context
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.keyring import Keyring, Locked
from accounts.models import PastRoot, PublicKey, Seat, Team, TeamKind, User
from accounts.people import new_person
from accounts.publickeys import recipient, seal_to_principal, statistics_recipient
from accounts.teams import (
    add_member,
    auditors,
    coordinators,
    create_team,
    is_auditor,
    is_coordinator,
    is_organizer,
    members,
    organisation,
    remove_member,
    team_for,
    teams_of,
)
from tests.cast import NAMES, PASSPHRASE, Cast, nothing_to_rewrap, sign_in

PLACE = b"a place"


def names(users: Any) -> list[str]:
    return [user.username for user in users]


def test_the_cast_sits_where_it_says(cast: Cast) -> None:
    assert names(members(cast.verdun)) == ["alice", "bob"]
    assert names(members(cast.other_team)) == ["charlie"]
    assert names(members(coordinators())) == ["dana", "erin"]
    assert names(members(auditors())) == ["frank"]
    assert names(members(organisation())) == sorted(set(NAMES) - {"root_user"})


def test_roles_come_from_seats_only(cast: Cast) -> None:
    roles = {
        name: (is_organizer(user), is_coordinator(user), is_auditor(user))
        for name, user in cast.users.items()
    }
    nobody = (False, False, False)
    assert roles == {
        "alice": (True, False, False),
        "bob": (True, False, False),
        "charlie": (True, False, False),
        "dana": (False, True, False),
        "erin": (False, True, False),
        "frank": (False, False, True),
        "grace": nobody,
        "root_user": nobody,
    }


def test_groups_say_the_same_as_seats(cast: Cast) -> None:
    for team in Team.objects.all():
        assert team.group.name == str(team.id)
        assert set(team.group.user_set.all()) == set(members(team))
    assert Group.objects.count() == Team.objects.count()


def test_two_members_open_the_same_root_and_a_stranger_none(cast: Cast) -> None:
    alice, bob = cast.keyring_of("alice"), cast.keyring_of("bob")
    sealed, epoch = seal_to_principal(cast.verdun.id, b"for the team", PLACE)
    assert epoch == 2
    for keyring in (alice, bob):
        assert keyring.team(cast.verdun.id, epoch).open_from(sealed, PLACE) == b"for the team"
    for name in ("charlie", "dana", "frank", "grace", "root_user"):
        with pytest.raises(Locked):
            cast.keyring_of(name).team(cast.verdun.id)


def test_a_team_is_opened_once_per_request(cast: Cast, django_assert_num_queries: Any) -> None:
    alice = cast.keyring_of("alice")
    with django_assert_num_queries(1):
        first = alice.team(cast.verdun.id)
        assert alice.team(cast.verdun.id) is first
    with django_assert_num_queries(1):
        older = alice.team(cast.verdun.id, 1)
        assert alice.team(cast.verdun.id, 1) is older


@pytest.mark.parametrize("epoch", [0, -1, 3, 2**40])
def test_there_is_no_key_of_an_epoch_that_never_was(cast: Cast, epoch: int) -> None:
    with pytest.raises(Locked):
        cast.keyring_of("alice").team(cast.verdun.id, epoch)


def test_a_keyring_names_the_teams_it_has_a_seat_in(cast: Cast) -> None:
    assert set(cast.keyring_of("alice").teams) == {organisation().id, cast.verdun.id}


def test_leaving_begins_an_epoch_the_leaver_cannot_open(cast: Cast) -> None:
    before = cast.keyring_of("bob").team(cast.verdun.id)
    remove_member(cast.keyring_of("alice"), cast.verdun, cast.bob, nothing_to_rewrap)
    with pytest.raises(Locked):
        cast.keyring_of("bob").team(cast.verdun.id)
    sealed, epoch = seal_to_principal(cast.verdun.id, b"after he left", PLACE)
    assert epoch == 3
    assert cast.keyring_of("alice").team(cast.verdun.id).open_from(sealed, PLACE) == b"after he left"
    with pytest.raises(SealBroken):
        before.open_from(sealed, PLACE)
    with pytest.raises(SealBroken):
        before.open(PastRoot.objects.get(team=cast.verdun, epoch=2).root_ciphertext, PLACE)
    assert not cast.verdun.group.user_set.filter(pk=cast.bob.pk).exists()


def test_those_who_stay_open_every_earlier_epoch(cast: Cast) -> None:
    roots = {epoch: cast.keyring_of("alice").team(cast.verdun.id, epoch).root for epoch in (1, 2)}
    remove_member(cast.keyring_of("alice"), cast.verdun, cast.bob, nothing_to_rewrap)
    alice = cast.keyring_of("alice")
    assert {epoch: alice.team(cast.verdun.id, epoch).root for epoch in (1, 2)} == roots
    assert len({alice.team(cast.verdun.id, epoch).root for epoch in (1, 2, 3)}) == 3


def test_what_hangs_on_the_team_moves_in_the_same_transaction(cast: Cast) -> None:
    seen: list[tuple[int, int, int]] = []

    def rewrap(team: Team, before: Principal, now: Principal) -> None:
        seen.append((team.epoch, before.epoch, now.epoch))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        remove_member(cast.keyring_of("alice"), cast.verdun, cast.bob, rewrap)
    assert seen == [(3, 2, 3)]
    assert names(members(cast.verdun)) == ["alice", "bob"]
    assert cast.verdun.group.user_set.filter(pk=cast.bob.pk).exists()
    assert recipient(cast.verdun.id).epoch == Team.objects.get(pk=cast.verdun.pk).epoch == 2


def test_only_who_holds_a_root_gives_it_away_or_takes_it_back(cast: Cast) -> None:
    for name in ("charlie", "dana", "root_user"):
        with pytest.raises(Locked):
            add_member(cast.keyring_of(name), cast.verdun, cast.users[name])
        with pytest.raises(Locked):
            remove_member(cast.keyring_of(name), cast.verdun, cast.alice, nothing_to_rewrap)
    assert names(members(cast.verdun)) == ["alice", "bob"]


def test_nobody_leaves_the_organisation_by_the_side_door(cast: Cast) -> None:
    with pytest.raises(ValueError, match="pinned"):
        remove_member(cast.keyring_of("dana"), organisation(), cast.bob, nothing_to_rewrap)
    assert cast.bob in members(organisation())


def test_whoever_founds_a_team_for_somebody_holds_no_key_to_it(cast: Cast) -> None:
    team = create_team(cast.keyring_of("dana"), "Rosemont", TeamKind.ORGANIZERS, cast.grace)
    assert cast.keyring_of("grace").team(team.id).kind == "team"
    with pytest.raises(Locked):
        cast.keyring_of("dana").team(team.id)
    own = create_team(cast.keyring_of("dana"), "Hochelaga", TeamKind.ORGANIZERS)
    assert cast.keyring_of("dana").team(own.id)


def test_a_superuser_without_a_seat_founds_nothing(cast: Cast) -> None:
    with pytest.raises(Locked):
        create_team(cast.keyring_of("root_user"), "Mine", TeamKind.ORGANIZERS)
    assert not Team.objects.filter(name="Mine").exists()


def test_to_a_stranger_a_team_is_missing(cast: Cast) -> None:
    from django.http import Http404

    with pytest.raises(Http404):
        team_for(cast.charlie, cast.verdun.id)
    assert team_for(cast.alice, cast.verdun.id) == cast.verdun


def test_teams_are_told_by_kind(cast: Cast) -> None:
    assert list(teams_of(cast.alice, TeamKind.ORGANIZERS)) == [cast.verdun]
    assert list(teams_of(cast.grace, TeamKind.ORGANIZERS)) == []


def mallorys_key(kind: str, principal: Principal, signer: Principal) -> dict[str, Any]:
    message = public_key_context(kind, principal.id, principal.epoch, principal.public_key)
    return {"public_key": principal.public_key, "signature": signer.sign(message)}


def test_a_public_key_swapped_in_the_database_is_refused(cast: Cast) -> None:
    mallory = Principal.generate("user", cast.alice.id)
    PublicKey.objects.filter(principal_id=cast.alice.id).update(public_key=mallory.public_key)
    with pytest.raises(SealBroken):
        recipient(cast.alice.id)
    with pytest.raises(SealBroken):
        seal_to_principal(cast.alice.id, b"secret", PLACE)
    with pytest.raises(SealBroken):
        add_member(cast.keyring_of("charlie"), cast.other_team, cast.alice)
    assert names(members(cast.other_team)) == ["charlie"]


def test_a_public_key_signed_by_anybody_else_is_refused(cast: Cast) -> None:
    mallory = Principal.generate("user", cast.alice.id)
    for signer in (mallory, cast.principals["bob"], Principal.generate("organisation")):
        PublicKey.objects.filter(principal_id=cast.alice.id).update(**mallorys_key("user", mallory, signer))
        with pytest.raises(SealBroken):
            recipient(cast.alice.id)


def test_one_persons_signed_key_is_not_taken_for_anothers(cast: Cast) -> None:
    bobs = PublicKey.objects.filter(principal_id=cast.bob.id).values("public_key", "signature").get()
    PublicKey.objects.filter(principal_id=cast.alice.id).update(**bobs)
    with pytest.raises(SealBroken):
        recipient(cast.alice.id)


def test_an_old_key_is_not_taken_for_a_new_one(cast: Cast) -> None:
    PublicKey.objects.filter(principal_id=cast.verdun.id, epoch=2).delete()
    PublicKey.objects.filter(principal_id=cast.verdun.id, epoch=1).update(epoch=2)
    with pytest.raises(SealBroken):
        recipient(cast.verdun.id)


def test_a_users_key_is_not_taken_for_the_statistics_key(cast: Cast) -> None:
    PublicKey.objects.filter(kind="statistics").delete()
    PublicKey.objects.filter(principal_id=cast.alice.id).update(kind="statistics")
    with pytest.raises(SealBroken):
        statistics_recipient()


def test_another_pinned_key_vouches_for_nobody(cast: Cast) -> None:
    path = keyfiles.path_of(keyfiles.ORGANISATION)
    path.write_text(Principal.generate("organisation").signing_public_key.hex())
    with pytest.raises(SealBroken):
        recipient(cast.alice.id)
    path.unlink()
    with pytest.raises(keyfiles.KeysMissing):
        recipient(cast.alice.id)


def test_nobody_unknown_has_a_key(cast: Cast) -> None:
    with pytest.raises(SealBroken):
        recipient(Principal.generate("user").id)


def test_verifying_needs_no_secret(cast: Cast) -> None:
    """The worker has the pinned public key and nothing else of the organisation."""
    for name in (keyfiles.PEPPER, keyfiles.STATISTICS):
        keyfiles.path_of(name).unlink()
    assert recipient(cast.verdun.id).epoch == 2


def test_a_seat_moved_to_another_person_or_team_opens_nothing(cast: Cast) -> None:
    seat = Seat.objects.get(team=cast.verdun, user=cast.alice)
    Seat.objects.create(
        team=cast.verdun, user=cast.charlie, epoch=seat.epoch, root_ciphertext=seat.root_ciphertext
    )
    with pytest.raises(SealBroken):
        cast.keyring_of("charlie").team(cast.verdun.id)
    Seat.objects.filter(team=cast.other_team, user=cast.charlie).update(
        root_ciphertext=seat.root_ciphertext, epoch=seat.epoch
    )
    with pytest.raises(SealBroken):
        cast.keyring_of("charlie").team(cast.other_team.id)


@pytest.mark.parametrize("position", [0, 1, 2, 600, -1])
def test_a_flipped_bit_in_a_seat_opens_nothing(cast: Cast, position: int) -> None:
    seat = Seat.objects.get(team=cast.verdun, user=cast.alice)
    altered = bytearray(seat.root_ciphertext)
    altered[position] ^= 1
    Seat.objects.filter(pk=seat.pk).update(root_ciphertext=Sealed(altered))
    with pytest.raises(SealBroken):
        cast.keyring_of("alice").team(cast.verdun.id)


def test_a_seat_of_another_epoch_opens_nothing(cast: Cast) -> None:
    Seat.objects.filter(team=cast.verdun, user=cast.alice).update(epoch=1)
    with pytest.raises(SealBroken):
        cast.keyring_of("alice").team(cast.verdun.id)


def test_a_flipped_bit_in_a_past_root_opens_nothing(cast: Cast) -> None:
    past = PastRoot.objects.get(team=cast.verdun)
    altered = Sealed(past.root_ciphertext[:-1] + bytes([past.root_ciphertext[-1] ^ 1]))
    PastRoot.objects.filter(pk=past.pk).update(root_ciphertext=altered)
    with pytest.raises(SealBroken):
        cast.keyring_of("alice").team(cast.verdun.id, 1)


def test_a_root_in_the_open_cannot_be_stored(cast: Cast) -> None:
    with pytest.raises(TypeError, match="only sealed bytes"):
        Seat.objects.filter(team=cast.verdun).update(root_ciphertext=bytes(32))


def test_keyrings_print_and_pickle_nothing(cast: Cast) -> None:
    keyring = cast.keyring_of("alice")
    keyring.team(cast.verdun.id)
    assert repr(keyring) == str(keyring) == "<Keyring>"
    with pytest.raises(TypeError):
        pickle.dumps(keyring)


def test_two_people_with_the_same_passphrase_share_nothing(cast: Cast) -> None:
    whole = cast.keyring_of("dana").team(organisation().id)
    one, _ = new_person("helene", PASSPHRASE, "fr", whole)
    other, _ = new_person("ivan", PASSPHRASE, "fr", whole)
    assert one.password != other.password
    assert one.key.salt != other.key.salt


def everything_stored() -> bytes:
    """Every value of every table of the three databases, as a thief would read it."""
    found: list[bytes] = []
    for alias in ("default", "erasure", "sessions"):
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                for row in cursor.fetchall():
                    found += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\n".join(found)


def test_a_seized_database_holds_no_passphrase_and_no_root(cast: Cast) -> None:
    import base64

    clients = [sign_in(Client(), name) for name in ("alice", "dana")]
    thief = everything_stored()
    # Sessions are signed, packed JSON: unpacked as well.
    thief += "".join(str(dict(client.session.items())) for client in clients).encode()
    assert b"alice" in thief
    assert PASSPHRASE.encode() not in thief
    alice = cast.keyring_of("alice")
    roots = [principal.root for principal in cast.principals.values()]
    roots += [alice.team(cast.verdun.id, epoch).root for epoch in (1, 2)]
    roots += [alice.team(organisation().id).root, keyfiles.statistics_principal().root, keyfiles.pepper()]
    for root in roots:
        for form in (root, root.hex().encode(), base64.b64encode(root)):
            assert form not in thief


def test_the_user_table_knows_no_address_and_no_date(cast: Cast) -> None:
    columns = {field.name for field in User._meta.concrete_fields}
    assert columns == {"id", "username", "password", "language", "is_active", "is_superuser"}


def test_a_keyring_belongs_to_one_person(cast: Cast) -> None:
    mixed = Keyring(cast.alice, cast.principals["charlie"])
    with pytest.raises(SealBroken):
        mixed.team(cast.verdun.id)
