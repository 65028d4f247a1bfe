"""The trustees bring one person back, or give one person a seat in a team that nobody can open any more: shares are entered one
after the other, on one device or several, each kept sealed to whoever began; a second coordinator agrees; the key is rebuilt in
memory, opens one root, and reseals it: the person's own to a link that they hold, a team's to the person."""

import base64
import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import devices, events, recovery, second_factor, trustees
from accounts.crypto import trustee_shares
from accounts.crypto.context import context, grant_context
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.crypto.sealing import seal_to
from accounts.crypto.trustee_shares import ReadShare, ShareRefused
from accounts.keyring import Keyring, Locked
from accounts.models import Rescue, RescueShare, Team, TrusteeSet, User
from accounts.people import wrap_under
from accounts.publickeys import recipient, seal_to_principal
from accounts.teams import organisation, seat, set_steward

VALID_DAYS: Final = 7
TOKEN_BYTES: Final = 32
HASH: Final = "temoin/v1/rescue/hash"


class RescueRefused(Exception):
    """Not now, not by this person, or not with this link."""


@sensitive_variables()
def appoint(keyring: Keyring, threshold: int, count: int) -> list[str]:
    """New trustees in place of the old: their shares, shown once. Raises ValueError for numbers that make no sense, OSError when
    the key's fingerprint cannot be pinned."""
    principal = Principal.generate("recovery")
    shares = trustee_shares.split(principal.root, threshold, count)
    number = trustee_shares.read(shares[0]).set_number
    made = TrusteeSet(id=principal.id, threshold=threshold, count=count, number=number)
    trustees.replace(keyring.user, keyring.team(organisation().id), principal, made)
    seal_all(keyring)
    return shares


def seal_all(keyring: Keyring) -> None:
    """What this person can open, to the trustees: themselves and the teams they have a seat in."""
    if trustees.present() is None:
        return
    opened = [keyring.principal]
    for team in keyring.teams:
        # A seat somebody tampered with is noticed where it is needed, and must keep nobody from signing in.
        with suppress(Locked, SealBroken):
            opened.append(keyring.team(team))
    trustees.keep_sealed(*opened)


@sensitive_variables()
def rehearse(typed: Iterable[str]) -> None:
    """Whether these shares rebuild the pinned key; opens nothing. Raises ShareRefused."""
    _rebuilt(_read_all(typed))


@sensitive_variables()
def _read_all(typed: Iterable[str]) -> list[ReadShare]:
    made, shares = _trustee_set(), list[ReadShare]()
    for words in typed:
        share = trustee_shares.read(words)
        trustee_shares.check_one_more(share, made.number, [known.member for known in shares])
        shares.append(share)
    return shares


def _trustee_set() -> TrusteeSet:
    made = trustees.present()
    if made is None:
        raise RescueRefused
    return made


@sensitive_variables()
def _rebuilt(shares: list[ReadShare]) -> Principal:
    """In memory, for one act. Raises ShareRefused, SealBroken."""
    made, root = _trustee_set(), trustee_shares.combine(shares)
    principal, pinned = Principal("recovery", made.pk, 1, root), trustees.key()
    if pinned is None or principal.public_key != pinned.public_key:
        raise ShareRefused("wrong")
    return principal


# One person's rescue


@sensitive_variables()
def begin(keyring: Keyring, user: User) -> str:
    """The token of a link for the person, who alone can open what the trustees reseal. Raises RescueRefused."""
    if user.pk == keyring.user.pk or not trustees.is_sealed(user):
        raise RescueRefused
    token = os.urandom(TOKEN_BYTES)
    with transaction.atomic():
        rescue = _new(keyring, user)
        rescue.token_hash, rescue.public_key = _hash(token), _holder(rescue, token).public_key
        rescue.save(force_insert=True)
        events.tell(keyring.user, "rescue.begin", user.pk)
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def begin_for_team(keyring: Keyring, team: Team, user: User) -> Rescue:
    """Towards a seat for `user` in a team whose members have all lost theirs. Raises RescueRefused."""
    if user.pk == keyring.user.pk or not trustees.is_team_sealed(team):
        raise RescueRefused
    with transaction.atomic():
        rescue = _new(keyring, user)
        rescue.team = team
        rescue.save(force_insert=True)
        events.tell(keyring.user, "rescue.team", team.pk, person=str(user.pk))
    return rescue


def _new(keyring: Keyring, user: User) -> Rescue:
    Rescue.objects.filter(Q(user=user) | Q(expires_on__lt=timezone.localdate())).delete()
    ends = timezone.localdate() + timedelta(days=VALID_DAYS)
    return Rescue(user=user, begun_by=keyring.user, trustee_set=_trustee_set(), expires_on=ends)


@sensitive_variables()
def add_share(actor: User, rescue: Rescue, typed: str) -> None:
    """Raises ShareRefused, which names what is wrong with it."""
    share = trustee_shares.read(typed)
    with transaction.atomic():
        locked = Rescue.objects.select_for_update().get(pk=rescue.pk)
        members = list(locked.shares.values_list("member", flat=True))
        trustee_shares.check_one_more(share, locked.trustee_set.number, members)
        place = _share_context(locked, share.member)
        sealed, _ = seal_to_principal(locked.begun_by_id, share.words.encode(), place)
        RescueShare.objects.create(rescue=locked, member=share.member, share_ciphertext=sealed)
        events.tell(actor, "rescue.share", locked.user_id, number=share.member + 1)


def approve(actor: User, rescue: Rescue) -> None:
    """Two people: neither whoever began it nor the person it is about. Raises RescueRefused."""
    if actor.pk in (rescue.begun_by_id, rescue.user_id) or rescue.approved_by_id:
        raise RescueRefused
    with transaction.atomic():
        Rescue.objects.filter(pk=rescue.pk).update(approved_by=actor)
        events.tell(actor, "rescue.approve", rescue.user_id)


@sensitive_variables()
def finish(keyring: Keyring, rescue: Rescue) -> None:
    """By whoever began. Raises RescueRefused, ShareRefused; shares that do not fit together are forgotten."""
    if keyring.user.pk != rescue.begun_by_id or not rescue.approved_by_id or rescue.root_ciphertext:
        raise RescueRefused
    shares = [_opened(keyring, rescue, row) for row in rescue.shares.order_by("member")]
    try:
        rebuilt = _rebuilt(shares)
    except ShareRefused as refused:
        if refused.reason == "wrong":
            rescue.shares.all().delete()
        raise
    if rescue.team:
        _take_seat(keyring.user, rescue.team, rescue.user, rebuilt, len(shares))
    else:
        root = trustees.open_root(rebuilt, "user", rescue.user_id)
        _hand_over(keyring.user, rescue, root, len(shares))


@sensitive_variables()
def _take_seat(actor: User | None, team: Team, user: User, rebuilt: Principal, shares: int) -> None:
    """One seat, and its holder may invite the others. Raises RescueRefused when the key was renewed after the trustees had it."""
    with transaction.atomic():
        locked = Team.objects.select_for_update().get(pk=team.pk)
        principal = trustees.open_root(rebuilt, locked.principal_kind, locked.pk)
        known = recipient(locked.pk)
        if (principal.epoch, principal.public_key) != (locked.epoch, known.public_key):
            raise RescueRefused
        seat(locked, principal, user)
        set_steward(locked, user, steward=True)
        Rescue.objects.filter(user=user, team=locked).delete()
        events.tell(actor, "rescue.seat", locked.pk, person=str(user.pk), shares=shares)


@sensitive_variables()
def _hand_over(actor: User, rescue: Rescue, principal: Principal, shares: int) -> None:
    with transaction.atomic():
        place = _root_context(rescue, principal.epoch)
        rescue.root_ciphertext = seal_to(rescue.public_key or b"", principal.root, place)
        rescue.root_epoch = principal.epoch
        rescue.save(update_fields=["root_ciphertext", "root_epoch"])
        rescue.shares.all().delete()
        events.tell(actor, "rescue.open", rescue.user_id, shares=shares)


@sensitive_variables()
def _opened(keyring: Keyring, rescue: Rescue, row: RescueShare) -> ReadShare:
    words = keyring.principal.open_from(row.share_ciphertext, _share_context(rescue, row.member))
    return trustee_shares.read(words.decode())


# The person


@sensitive_variables()
def find(token: str) -> Rescue:
    """Raises RescueRefused for a link that is unknown, expired or used."""
    rescue = Rescue.objects.filter(
        token_hash=_hash(_decoded(token)), expires_on__gte=timezone.localdate()
    ).first()
    if rescue is None:
        raise RescueRefused
    return rescue


@sensitive_variables()
def accept(token: str, passphrase: str) -> str:
    """The same root under a new passphrase, and a new recovery code. Raises RescueRefused while the trustees are not done."""
    with transaction.atomic():
        rescue = find(token)
        gone, _ = Rescue.objects.filter(pk=rescue.pk, root_ciphertext__isnull=False).delete()
        if not gone or rescue.root_ciphertext is None:
            raise RescueRefused
        return bring_back(rescue.user, _root(rescue, _decoded(token)), passphrase)


@sensitive_variables()
def bring_back(user: User, principal: Principal, passphrase: str) -> str:
    """Whoever needs trustees has lost everything: second factors are forgotten, and every session dies."""
    with transaction.atomic():
        wrap_under(user, principal, passphrase)
        second_factor.forget_all(user)
        code = recovery.new_code(Keyring(user, principal))
        events.tell(user, "rescue.accept", user.pk)
    devices.end_all(None, user)
    return code


@sensitive_variables()
def recover_at_console(user: User, typed: Iterable[str], passphrase: str) -> str:
    """Without pages: everybody is in the room. Raises ShareRefused, SealBroken."""
    principal = trustees.open_root(_rebuilt(_read_all(typed)), "user", user.pk)
    return bring_back(user, principal, passphrase)


@sensitive_variables()
def seat_at_console(team: Team, user: User, typed: Iterable[str]) -> None:
    """The same for a team. Raises ShareRefused, SealBroken, RescueRefused."""
    shares = _read_all(typed)
    _take_seat(None, team, user, _rebuilt(shares), len(shares))


@sensitive_variables()
def _root(rescue: Rescue, token: bytes) -> Principal:
    try:
        root = _holder(rescue, token).open_from(
            rescue.root_ciphertext or b"", _root_context(rescue, rescue.root_epoch)
        )
    except SealBroken:
        raise RescueRefused from None
    return Principal("user", rescue.user_id, rescue.root_epoch, root)


@sensitive_variables()
def _holder(rescue: Rescue, token: bytes) -> Principal:
    """Whoever has the link, as somebody things can be sealed to."""
    return Principal("user", rescue.pk, 1, token)


def _share_context(rescue: Rescue, member: int) -> bytes:
    return grant_context("rescue-share", rescue.pk, member, rescue.begun_by_id, 1)


def _root_context(rescue: Rescue, epoch: int) -> bytes:
    return grant_context("rescue-root", rescue.user_id, epoch, rescue.pk, 1)


def _hash(token: bytes) -> bytes:
    return hashlib.sha256(context(HASH, token)).digest()


def _decoded(token: str) -> bytes:
    try:
        decoded = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise RescueRefused from None
    if len(decoded) != TOKEN_BYTES:
        raise RescueRefused
    return decoded
