"""What a captured worker could try: every key-like thing it can lay hands on, against every sealed row there is.

Run as a process of its own: `python -m tests.worker_attack furnish`, in the environment of the web process, makes the
organisation to attack and prints a case and the roots of its people; `attack`, in the environment of the worker, reads that from
standard input. The roots serve the counter-proof only: each shows that the attack succeeds with the right key."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import django

django.setup()

from django.apps import apps  # noqa: E402 - Django must be set up first
from django.conf import settings  # noqa: E402
from django.db import DatabaseError  # noqa: E402
from django.http import Http404  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts import invitations, keyfiles, rescue, trustees  # noqa: E402
from accounts.crypto.context import (  # noqa: E402
    audit_context,
    contact_context,
    context,
    draft_context,
    field_context,
    own_note_context,
    recovery_code_context,
    register_context,
    release_context,
    story_context,
    user_root_context,
)
from accounts.crypto.envelope import open_sealed  # noqa: E402
from accounts.crypto.passphrase import KdfParameters  # noqa: E402
from accounts.crypto.principal import Principal  # noqa: E402
from accounts.crypto.sealed import SealBroken  # noqa: E402
from accounts.crypto.shares import join  # noqa: E402
from accounts.fields import BytesField, SealedField  # noqa: E402
from accounts.keyring import Keyring, Locked  # noqa: E402
from accounts.models import (  # noqa: E402
    Invitation,
    PastOwnRoot,
    PastRoot,
    RecoveryKey,
    Rescue,
    RescueShare,
    Seat,
    Team,
    TrusteeSeal,
    User,
    UserKey,
    past_own_root_context,
    past_root_context,
    seat_context,
)
from accounts.teams import auditors, coordinators  # noqa: E402
from casework import (  # noqa: E402
    consentrecords,
    contacts,
    custody,
    drafts,
    editorials,
    estimates,
    heldfiles,
    holding,
    intake,
    intakedrafts,
    keys,
    notes,
    passages,
    receipts,
    register,
    registers,
    sharing,
    vault,
)
from casework.agenda import Contact  # noqa: E402
from casework.consent import ConsentMissing  # noqa: E402
from casework.evidence import keeping  # noqa: E402
from casework.evidence.receiving import receive  # noqa: E402
from casework.importing import batches, memory  # noqa: E402
from casework.importing.plan import Plan  # noqa: E402
from casework.models import (  # noqa: E402
    AuditEntry,
    Case,
    CaseCard,
    CaseExport,
    CaseTeamKey,
    CaseText,
    CaseUserKey,
    ConsentKey,
    ConsentRecord,
    CustodyEntry,
    ErasureShare,
    Estimate,
    Evidence,
    HeldFile,
    HeldPart,
    ImportBatch,
    ImportMapping,
    IntakeDraft,
    LegalHold,
    OwnNote,
    RegisterEntry,
    Release,
    Revision,
    Story,
)
from casework.models import Contact as ContactRow  # noqa: E402

Attempt = Callable[[bytes], object]
FAILURES = (
    SealBroken,
    Locked,
    Http404,
    ConsentMissing,
    ValueError,
    keyfiles.KeysMissing,
    invitations.InvitationRefused,
)


def furnish() -> dict[str, str]:
    """One case kept by a team and granted to somebody by name, a draft, an invitation; and the roots, for the counter-proof."""
    from tests.cast import build_cast
    from tests.release_pages import a_draft
    from tests.stories import story

    cast = build_cast()
    alice = cast.keyring_of("alice")
    case = intake.create_case(alice, cast.verdun, story())
    sharing.grant(alice, case, cast.charlie, may_change=False)
    registers.note_communication(cast.alice, "evidence.clean", "REFER_LEGAL", "evidence")
    holding.ask(alice, case, "A lawsuit", holding.last_day())
    keeping.keep(alice, case, [receive(case, "letter.txt", b"Dear council,")])
    release = a_draft(cast.dana)
    approve(cast, release)
    an_estimate(cast, release)
    invitations.invite(alice, cast.verdun)
    under_way(cast)
    held = exchanged(alice, cast.verdun, case)
    beside_cases(cast)
    roots = {name: ring.root.hex() for name, ring in cast.principals.items()}
    team, erasure = alice.team(cast.verdun.pk), ErasureShare.objects.get(pk=case)
    row = CaseTeamKey.objects.get(case=case)
    people = keys.open_share(team, case, 1, row.key_ciphertext, wrapped=row.wrapped)
    governing = cast.keyring_of("dana").team(coordinators().pk), cast.keyring_of("frank").team(auditors().pk)
    roots |= {"coordinators": governing[0].root.hex(), "auditors": governing[1].root.hex()}
    code = receipts.give(alice, case, vault.open_case(alice, case).record.persons[0].id)
    holder = receipts._principal(code)
    answers = consentrecords.opened_by(holder, holder.id)
    assert answers is not None
    roots["held file"] = held.hex()
    roots["content key"] = told(cast).hex()
    roots |= {"receipt": holder.root.hex(), "answers": answers.key.hex()}
    return {
        "case": str(case),
        "verdun": team.root.hex(),
        "case key": join(people, bytes(erasure.share)).hex(),
        **roots,
    }


def told(cast: Any) -> bytes:
    """A passage that was accepted and one that was sent back. The content key of the second."""
    from casework import stories
    from tests.telling import a_case, an_accepted, an_offer

    case = a_case(cast)
    an_accepted(cast, case)
    back = an_offer(cast, case)
    passages.send_back(cast.keyring_of("erin"), back, "The place says who it was.")
    person = vault.open_case(cast.keyring_of("alice"), case).record.persons[0]
    return stories.content_key(person.statistic_token, back)


def under_way(cast: Any) -> None:
    """A printed code, trustees, and a rescue at each of its two stages."""
    from accounts import recovery
    from accounts.crypto.sealing import seal_to

    dana, alice = cast.keyring_of("dana"), cast.keyring_of("alice")
    recovery.new_code(alice)
    shares = rescue.appoint(dana, 2, 3)
    rescue.seal_all(alice)
    rescue.begin(dana, cast.alice)
    row = Rescue.objects.get()
    rescue.add_share(cast.erin, row, shares[0])
    row.root_ciphertext = seal_to(row.public_key, alice.principal.root, rescue._root_context(row, 1))
    row.save()


def exchanged(alice: Keyring, team: Team, case: UUID) -> bytes:
    """An import that can be undone, what was remembered of it, a copy that left, a file on its way. The key of that file."""
    batches.enter(team, alice.user, "cases.csv", [case])
    memory.remember(alice, team, Plan(), [])
    now, until = timezone.now(), timezone.localdate()
    who = ("LAWYER", "Me Roy", "REFER_LEGAL", "A stay", "csv")
    register.enter(
        keys.open_key(alice, Case.objects.get(pk=case)),
        register.Exported(now, alice.user.pk, *who, [], until),
    )
    held = heldfiles.hold(alice.principal, "import", b"what is known of it", [b"reference"], 60)
    return alice.principal.derive(heldfiles.LABEL, held.id, held.share)


def beside_cases(cast: Any) -> None:
    """A contact, a case that is being told, and somebody who renewed their own key."""
    from accounts import renewal
    from tests.cast import PASSPHRASE

    bob = cast.keyring_of("bob")
    contacts.add(bob, cast.verdun, Contact("Maître Tremblay", "LAWYER"))
    intakedrafts.begin(bob, cast.verdun.pk, "fr", "H-9")
    notes.keep(bob, "view", drafts.Proposal("year", [], 1, 2))
    renewal.renew_own(cast.keyring_of("grace"), PASSPHRASE, lambda keyring, now: None)


def an_estimate(cast: Any, release: Release) -> None:
    """What the worker itself has answered: sealed to others, it does not open again."""
    answered = Estimate(specification=release.specification, asked_by=cast.dana)
    answered.answer_ciphertext, answered.answer_epoch = estimates.sealed(answered.pk, estimates.Answer())
    answered.save()


def approve(cast: Any, release: Release) -> None:
    from tests.release_pages import approve as approved

    approved(cast.keyring_of("erin"), release)


# What the worker holds


def material() -> Iterator[bytes]:
    """Anything of 32 bytes, and a hash of everything else."""
    statistics = keyfiles.statistics_principal()
    yield from (
        statistics.root,
        statistics.signing_public_key,
        hashlib.sha256(statistics.public_key).digest(),
    )
    yield from map(as_key, os.environ.values())
    for folder in (Path(settings.TEMOIN_KEYS_DIR), settings.DATA_DIR):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size < 10_000:
                yield from map(as_key, path.read_text(errors="replace").split())
    for value in stored():
        yield value if len(value) == 32 else hashlib.sha256(value).digest()


def as_key(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = text.encode()
    return raw if len(raw) == 32 else hashlib.sha256(raw).digest()


def stored() -> Iterator[bytes]:
    """Every value of bytes that is not sealed, in every table the worker can read."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, BytesField) and not isinstance(field, SealedField):
                for value in model._default_manager.values_list(field.name, flat=True):
                    yield bytes(value or b"")


# What it tries


def attempts() -> Iterator[tuple[str, Attempt]]:
    """Each sealed value with the right place and the right name of its holder: only the key is missing."""
    for row in UserKey.objects.all():
        place = user_root_context(
            row.pk, bytes(row.salt), KdfParameters(row.iterations, row.memory_kib, row.lanes)
        )
        yield "UserKey.root_ciphertext", raw(row.epoch, row.root_ciphertext, place)
    for seat in Seat.objects.all():
        place = seat_context(seat.team_id, seat.epoch, seat.user_id, 1)
        yield "Seat.root_ciphertext", of("user", seat.user_id, 1, seat.root_ciphertext, place)
    for past in PastRoot.objects.all():
        place = past_root_context(past.team_id, past.epoch)
        yield (
            "PastRoot.root_ciphertext",
            of("team", past.team_id, past.epoch + 1, past.root_ciphertext, place),
        )
    for invited in Invitation.objects.all():
        yield "Invitation.team_root_ciphertext", lambda key, row=invited: invitations._opened(key, row)
        yield (
            "Invitation.organisation_root_ciphertext",
            lambda key, row=invited: invitations._opened(key, row),
        )
    yield from attempts_on_ways_back()
    yield from attempts_on_answers()
    yield from attempts_on_cases()
    yield from attempts_on_files()
    yield from attempts_on_stories()
    yield from attempts_beside_cases()
    for entry in AuditEntry.objects.all():
        place = audit_context(entry.sequence)
        yield (
            "AuditEntry.entry_ciphertext",
            of("team", auditors().pk, entry.epoch, entry.entry_ciphertext, place),
        )
    for line in RegisterEntry.objects.all():
        place = register_context(line.kind, line.pk)
        yield (
            "RegisterEntry.entry_ciphertext",
            of("team", coordinators().pk, line.epoch, line.entry_ciphertext, place),
        )
    for estimate in Estimate.objects.all():
        place = estimates.place(estimate.pk)
        yield (
            "Estimate.answer_ciphertext",
            of("team", coordinators().pk, estimate.answer_epoch, estimate.answer_ciphertext, place),
        )
    for release in Release.objects.all():
        holder, draft, approval = (
            coordinators().pk,
            drafts.place(release.pk),
            release_context("approval", release.pk),
        )
        yield (
            "Release.draft_ciphertext",
            of("team", holder, release.draft_epoch, release.draft_ciphertext, draft),
        )
        words = editorials.place(release.pk)
        yield (
            "Release.editorial_ciphertext",
            of("team", holder, release.editorial_epoch, release.editorial_ciphertext, words),
        )
        yield (
            "Release.approval_ciphertext",
            of("team", holder, release.approval_epoch, release.approval_ciphertext, approval),
        )


def attempts_on_ways_back() -> Iterator[tuple[str, Attempt]]:
    for row in RecoveryKey.objects.all():
        cost = KdfParameters(row.iterations, row.memory_kib, row.lanes)
        place = recovery_code_context(row.pk, bytes(row.salt), cost)
        yield "RecoveryKey.root_ciphertext", raw(row.epoch, row.root_ciphertext, place)
    for sealed in TrusteeSeal.objects.all():
        holder = sealed.trustee_set_id
        place = trustees._context(sealed.kind, sealed.principal_id, sealed.principal_epoch, holder)
        yield "TrusteeSeal.root_ciphertext", of("recovery", holder, 1, sealed.root_ciphertext, place)
    for under in Rescue.objects.all():
        place = rescue._root_context(under, under.root_epoch)
        yield "Rescue.root_ciphertext", of("user", under.pk, 1, under.root_ciphertext, place)
    for part in RescueShare.objects.all():
        place, holder = rescue._share_context(part.rescue, part.member), part.rescue.begun_by_id
        yield "RescueShare.share_ciphertext", of("user", holder, 1, part.share_ciphertext, place)


def attempts_on_answers() -> Iterator[tuple[str, Attempt]]:
    for row in ConsentKey.objects.all():
        holders = [("receipt", row.pk, 1), *(("case", case.pk, case.epoch) for case in Case.objects.all())]
        for kind, holder, epoch in holders:
            place = consentrecords._key_place(row.record_id, holder, epoch)
            yield "ConsentKey.key_ciphertext", of(kind, holder, epoch, row.key_ciphertext, place)
    for record in ConsentRecord.objects.all():
        place = consentrecords._place(record.pk)
        yield "ConsentRecord.ciphertext", raw(consentrecords.EPOCH, record.ciphertext, place)


def attempts_on_stories() -> Iterator[tuple[str, Attempt]]:
    holder = coordinators().pk
    for row in Story.objects.all():
        for part, sealed in (
            (passages.PASSAGE, row.passage_ciphertext),
            (passages.REPLY, row.reply_ciphertext),
        ):
            place = story_context(part, row.pk)
            yield f"Story.{part}_ciphertext", raw(passages.EPOCH, sealed or b"", place)
        key, acceptance = (story_context(part, row.pk) for part in (passages.KEY, passages.ACCEPTANCE))
        yield "Story.key_ciphertext", of("team", holder, row.key_epoch, row.key_ciphertext, key)
        yield (
            "Story.acceptance_ciphertext",
            of("team", holder, max(row.acceptance_epoch, 1), row.acceptance_ciphertext, acceptance),
        )


def attempts_on_files() -> Iterator[tuple[str, Attempt]]:
    for batch in ImportBatch.objects.all():
        sealed, place = batch.facts_ciphertext, batches._place(batch)
        yield "ImportBatch.facts_ciphertext", of("team", batch.team_id, batch.epoch, sealed, place)
    for row in ImportMapping.objects.all():
        sealed, place = row.mapping_ciphertext, context(memory.LABEL, row.team_id)
        yield "ImportMapping.mapping_ciphertext", of("team", row.team_id, row.epoch, sealed, place)
    for held in HeldFile.objects.all():
        place = context(heldfiles.LABEL, held.pk, heldfiles.FACTS)
        yield "HeldFile.facts_ciphertext", raw(held.owner_epoch, held.facts_ciphertext, place)
    for part in HeldPart.objects.select_related("file"):
        place = context(heldfiles.LABEL, part.file_id, part.number)
        yield "HeldPart.ciphertext", raw(part.file.owner_epoch, part.ciphertext, place)


def attempts_beside_cases() -> Iterator[tuple[str, Attempt]]:
    for own in PastOwnRoot.objects.all():
        place = past_own_root_context(own.user_id, own.epoch)
        yield (
            "PastOwnRoot.root_ciphertext",
            of("user", own.user_id, own.epoch + 1, own.root_ciphertext, place),
        )
    for draft in IntakeDraft.objects.all():
        place = draft_context(draft.user_id, draft.pk)
        yield "IntakeDraft.ciphertext", of("user", draft.user_id, draft.epoch, draft.ciphertext, place)
    for note in OwnNote.objects.all():
        place = own_note_context(note.kind, note.user_id, note.pk)
        yield "OwnNote.note_ciphertext", of("user", note.user_id, note.epoch, note.note_ciphertext, place)
    for kept in ContactRow.objects.all():
        place = contact_context(kept.team_id, kept.pk)
        yield (
            "Contact.contact_ciphertext",
            of("team", kept.team_id, kept.epoch, kept.contact_ciphertext, place),
        )


def attempts_on_cases() -> Iterator[tuple[str, Attempt]]:
    for row in CaseTeamKey.objects.all():
        yield "CaseTeamKey.key_ciphertext", share("team", row.permission.group.team.pk, row)
    for named in CaseUserKey.objects.all():
        yield "CaseUserKey.key_ciphertext", share("user", named.permission.user_id, named)
    for case in Case.objects.all():
        sealed = [("CaseCard.ciphertext", "card", case.pk, CaseCard.objects.get(pk=case.pk).ciphertext)]
        sealed += [
            ("CaseText.ciphertext", "search_text", case.pk, CaseText.objects.get(pk=case.pk).ciphertext)
        ]
        holds = LegalHold.objects.filter(case=case)
        sealed += [
            ("LegalHold.reason_ciphertext", holding.HOLD, case.pk, row.reason_ciphertext) for row in holds
        ]
        rows = Revision.objects.filter(case=case)
        sealed += [
            ("Revision.record_ciphertext", vault.RECORD, row.pk, row.record_ciphertext) for row in rows
        ]
        copies = CaseExport.objects.filter(case=case)
        sealed += [
            ("CaseExport.entry_ciphertext", register.EXPORT, row.pk, row.entry_ciphertext) for row in copies
        ]
        sealed += of_evidence(case)
        for name, label, row_id, ciphertext in sealed:
            yield name, raw(case.epoch, ciphertext, field_context(label, case.pk, row_id), case.pk)


def of_evidence(case: Case) -> Iterator[tuple[str, str, UUID, bytes]]:
    for piece in Evidence.objects.filter(case=case):
        yield "Evidence.details_ciphertext", custody.DETAILS, piece.pk, piece.details_ciphertext
    for entry in CustodyEntry.objects.filter(evidence__case=case):
        yield "CustodyEntry.entry_ciphertext", custody.CUSTODY, entry.pk, entry.entry_ciphertext


def raw(epoch: int, sealed: bytes, place: bytes, case: UUID | None = None) -> Attempt:
    """With the key as it is, and as the half of a case's key."""

    def attempt(key: bytes) -> object:
        try:
            return open_sealed(key, epoch, sealed, place)
        except SealBroken:
            if case is None:
                raise
            return open_sealed(join(key, keys.erasure_share(case)), epoch, sealed, place)

    return attempt


def of(kind: str, holder: UUID, epoch: int, sealed: bytes | None, place: bytes) -> Attempt:
    def attempt(key: bytes) -> object:
        principal = Principal(kind, holder, epoch, key)
        try:
            return principal.open(sealed or b"", place)
        except SealBroken:
            return principal.open_from(sealed or b"", place)

    return attempt


def share(kind: str, holder: UUID, row: CaseTeamKey | CaseUserKey) -> Attempt:
    def attempt(key: bytes) -> object:
        grantee = Principal(kind, holder, row.grantee_epoch, key)
        return keys.open_share(grantee, row.case_id, row.epoch, row.key_ciphertext, wrapped=row.wrapped)

    return attempt


def calls(case: UUID) -> Iterator[tuple[str, Attempt]]:
    """The application's own functions, in the name of each person, with a key that the worker holds for theirs."""
    for user in User.objects.all():
        yield f"open_case as {user.username}", lambda key, u=user: vault.open_case(ring(u, key), case)
        yield (
            f"open_key as {user.username}",
            lambda key, u=user: keys.open_key(ring(u, key), Case.objects.get(pk=case)),
        )
        yield f"cards as {user.username}", lambda key, u=user: vault.cards(ring(u, key)).cases[0]
        yield f"search as {user.username}", lambda key, u=user: vault.search(ring(u, key), "heron").cases[0]


def ring(user: User, key: bytes) -> Keyring:
    return Keyring(user, Principal("user", user.pk, 1, key))


def attack(case: UUID, roots: dict[str, bytes]) -> dict[str, Any]:
    """With everything the worker holds; and, by way of counter-proof, with each of `roots` alone."""
    held = list(dict.fromkeys(material()))
    tries, own = list(attempts()), keyfiles.statistics_principal().root
    return {
        "held": len(held),
        "tried": len(held) * len(tries),
        "kinds": sorted({name for name, _ in tries}),
        "fields": sealed_fields(),
        "may": may(case),
        "opened": opened(tries, held) + opened(calls(case), [own]),
        "with": {name: opened([*tries, *calls(case)], [root]) for name, root in roots.items()},
    }


def opened(tries: Iterable[tuple[str, Attempt]], held: list[bytes]) -> list[str]:
    return sorted({name for name, attempt in tries if any(succeeds(attempt, key) for key in held)})


def succeeds(attempt: Attempt, key: bytes) -> bool:
    try:
        attempt(key)
    except (*FAILURES, IndexError, DatabaseError):
        return False
    return True


def may(case: UUID) -> dict[str, bool]:
    """What the worker's environment lacks."""
    return {
        "knows the case": Case.objects.filter(pk=case).exists(),
        "reads its erasure share": ErasureShare.objects.filter(pk=case).exists(),
        "has the pepper": keyfiles.path_of(keyfiles.PEPPER).exists(),
        "has sessions": (settings.DATA_DIR / "sessions.sqlite3").exists(),
    }


def sealed_fields() -> list[str]:
    """Every column of sealed bytes in the application."""
    return sorted(
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SealedField)
    )


if __name__ == "__main__":
    given = json.load(sys.stdin) if sys.argv[1] == "attack" else {}
    case = UUID(given.pop("case")) if given else None
    told = attack(case, {name: bytes.fromhex(root) for name, root in given.items()}) if case else furnish()
    json.dump(told, sys.stdout)
