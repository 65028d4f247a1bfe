"""The procedures by which keys change hands, each once from its pages, with real keys: what opens afterwards, and what no longer
does. docs/threat-model.md says which test shows which refusal; the last tests here keep that table true."""

import html
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring, Locked
from accounts.models import PublicKey, Seat, UserKey
from casework import intake, keys, vault
from casework.models import Case, CaseCard, CaseTeamKey, CaseText, CaseUserKey, Job, Revision
from tests.cast import PASSPHRASE, Cast, in_english, sign_in
from tests.factors import first_step
from tests.stories import NARRATIVE, story

pytestmark = pytest.mark.django_db
NEW = "seven otters sing at dusk"


def reads(client: Client, case_id: uuid.UUID) -> bool:
    page = client.get(reverse("case", args=[case_id]))
    assert page.status_code in (200, 404)
    return NARRATIVE[:30] in page.content.decode()


def sealed_rows(case_id: uuid.UUID) -> list[bytes]:
    """Every sealed byte of the case itself."""
    rows = [(CaseCard, "ciphertext"), (CaseText, "ciphertext"), (Revision, "record_ciphertext")]
    return [
        bytes(v)
        for model, name in rows
        for v in model.objects.filter(case=case_id).values_list(name, flat=True)
    ]


def opens_with(key: keys.CaseKey, case_id: uuid.UUID) -> bool:
    revision = Revision.objects.filter(case=case_id).latest("number")
    try:
        vault.open_revision(key, revision)
    except SealBroken:
        return False
    return True


def grant(alice: Client, case_id: uuid.UUID, name: str = "charlie") -> None:
    alice.post(reverse("case-grant", args=[case_id]), {"username": name})


def test_grant_gives_permission_and_key_at_once(cast: Cast, alice: Client, case_id: uuid.UUID) -> None:
    charlie = sign_in(Client(), "charlie")
    assert not reads(charlie, case_id)
    grant(alice, case_id)
    assert reads(charlie, case_id)
    row = CaseUserKey.objects.get()
    assert (row.permission.user, row.permission.content_object_id) == (cast.charlie, case_id)
    assert row.permission.permission.codename == "view_case"
    assert opens_with(keys.open_key(cast.keyring_of("charlie"), Case.objects.get()), case_id)


def test_revoke_takes_both_and_seals_every_byte_anew(cast: Cast, alice: Client, case_id: uuid.UUID) -> None:
    grant(alice, case_id)
    grant(alice, case_id, "frank")
    charlie, frank = sign_in(Client(), "charlie"), sign_in(Client(), "frank")
    kept, before = keys.open_key(cast.keyring_of("charlie"), Case.objects.get()), sealed_rows(case_id)
    assert opens_with(kept, case_id)
    alice.post(reverse("case-revoke", args=[case_id]), {"grantee": str(cast.charlie.pk)})
    assert not reads(charlie, case_id) and reads(frank, case_id) and reads(alice, case_id)
    assert list(CaseUserKey.objects.values_list("permission__user", flat=True)) == [cast.frank.pk]
    assert not opens_with(kept, case_id)
    assert not set(before) & set(sealed_rows(case_id))
    assert Case.objects.get().epoch == kept.epoch + 1


def test_whoever_is_removed_opens_nothing_and_what_they_kept_ends_with_the_sweep(
    cast: Cast, alice: Client, case_id: uuid.UUID
) -> None:
    bob, held = sign_in(Client(), "bob"), cast.keyring_of("bob")
    team, kept = held.team(cast.verdun.pk), keys.open_key(held, Case.objects.get())
    assert reads(bob, case_id)
    alice.post(reverse("member-remove", args=[cast.verdun.pk, cast.bob.pk]))
    assert not reads(bob, case_id) and reads(alice, case_id)
    row = CaseTeamKey.objects.get()
    assert row.grantee_epoch == team.epoch + 1 and Case.objects.get().rekey_due
    with pytest.raises(SealBroken):
        keys.open_share(team, case_id, row.epoch, row.key_ciphertext, wrapped=row.wrapped)
    assert opens_with(kept, case_id)
    swept = alice.post(reverse("team-sweep", args=[cast.verdun.pk]))
    assert "1 case was sealed anew" in b"".join(swept).decode()
    assert not opens_with(kept, case_id) and reads(alice, case_id)


def test_the_printed_code_opens_the_same_root_under_a_new_passphrase(
    cast: Cast, alice: Client, case_id: uuid.UUID
) -> None:
    code = shown(alice.post("/recovery-code/"), r"<code>([0-9A-Z-]{34})</code>")
    form = {"username": "alice", "code": code, "password1": NEW, "password2": NEW}
    next_code = shown(Client().post("/recovery/", form), r"<code>([0-9A-Z-]{34})</code>")
    assert next_code != code
    assert first_step(Client(), "alice", PASSPHRASE).status_code == 200
    assert reads(sign_in(Client(), "alice", NEW), case_id)


def test_the_trustees_bring_back_somebody_who_lost_everything(
    cast: Cast, alice: Client, case_id: uuid.UUID
) -> None:
    dana, erin = in_english(sign_in(Client(), "dana")), in_english(sign_in(Client(), "erin"))
    cards = dana.post("/trustees/", {"count": "3", "threshold": "2"}).content.decode()
    words = re.findall(r"<code>([a-z ]+)</code>", cards)
    sign_in(Client(), "alice")
    said = dana.post("/trustees/rehearse/", {"shares": "\n".join(words[:2])}, follow=True)
    assert "The shares work. Nothing was opened." in said.content.decode()
    link = shown(
        dana.post(reverse("rescue-begin", args=[cast.alice.pk])), r"http://testserver(/rescue/[\w-]{43}/)"
    )
    underway = reverse("rescue", args=[cast.alice.rescue.pk])
    for client, share in ((dana, words[0]), (erin, words[2])):
        client.post(underway, {"share": share})
    erin.post(f"{underway}approve/")
    dana.post(f"{underway}finish/")
    back = Client()
    back.get(link)
    assert back.post("/rescue/", {"password1": NEW, "password2": NEW}).status_code == 200
    assert reads(sign_in(Client(), "alice", NEW), case_id)
    assert not reads(dana, case_id) and not reads(erin, case_id)


def test_a_lockdown_ends_every_session_and_only_paper_opens_again(
    cast: Cast, alice: Client, case_id: uuid.UUID
) -> None:
    codes = {"alice": shown(alice.post("/recovery-code/"), r"<code>([0-9A-Z-]{34})</code>")}
    dana = in_english(sign_in(Client(), "dana"))
    codes["dana"] = shown(dana.post("/recovery-code/"), r"<code>([0-9A-Z-]{34})</code>")
    dana.post("/lockdown/everybody/", {"certain": "on"})
    assert not UserKey.objects.exists()
    assert alice.get("/cases/")["Location"].startswith("/sign-in/")
    assert first_step(Client(), "alice", PASSPHRASE).status_code == 200
    for name, code in codes.items():
        form = {"username": name, "code": code, "password1": NEW, "password2": NEW}
        assert Client().post("/recovery/", form).status_code == 200
    assert reads(sign_in(Client(), "alice", NEW), case_id)


def shown(page: Any, pattern: str) -> str:
    found = re.search(pattern, html.unescape(page.content.decode()))
    assert found, page.content.decode()
    return found[1]


# What a page says when somebody has written to the database


def says(page: Any) -> str:
    assert page.status_code == 409
    return str(page.content.decode())


def test_a_row_moved_to_another_case_is_said_and_shows_nothing(
    cast: Cast, alice: Client, case_id: uuid.UUID
) -> None:
    other = intake.create_case(
        cast.keyring_of("alice"), cast.verdun, story("H-2", narrative="A wren was stopped at dusk.")
    )
    moved = Revision.objects.get(case=other).record_ciphertext
    Revision.objects.filter(case=case_id).update(record_ciphertext=moved)
    page = says(alice.get(reverse("case", args=[case_id])))
    assert "altered or lost" in page and "wren" not in page and "H-2" not in page
    assert not reads(alice, other) and alice.get(reverse("case", args=[other])).status_code == 200


def test_a_public_key_swapped_in_the_database_gets_no_case(
    cast: Cast, alice: Client, case_id: uuid.UUID
) -> None:
    """By one whose root the writer knows."""
    theirs = Principal.generate("user", cast.charlie.pk).public_key
    PublicKey.objects.filter(principal_id=cast.charlie.pk).update(public_key=theirs)
    page = alice.post(reverse("case-grant", args=[case_id]), {"username": "charlie"})
    assert "altered or lost" in says(page)
    assert not CaseUserKey.objects.exists()
    assert not reads(sign_in(Client(), "charlie"), case_id)


def test_a_seat_written_by_hand_opens_no_team(cast: Cast, case_id: uuid.UUID) -> None:
    hers = Seat.objects.get(team=cast.verdun, user=cast.bob)
    Seat.objects.create(
        team=cast.verdun, user=cast.charlie, epoch=hers.epoch, root_ciphertext=hers.root_ciphertext
    )
    cast.verdun.group.user_set.add(cast.charlie)
    charlie = in_english(sign_in(Client(), "charlie"))
    assert "altered or lost" in says(charlie.get(reverse("case", args=[case_id])))
    with pytest.raises((SealBroken, Locked)):
        Keyring(cast.charlie, cast.principals["charlie"]).team(cast.verdun.pk)


def test_a_lost_worker_key_is_said_to_coordinators_by_name(
    cast: Cast, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from casework.tasks import run

    monkeypatch.setattr("casework.jobs.current_app.send_task", lambda name, **options: None)
    (Path(settings.TEMOIN_KEYS_DIR) / "statistics.root").unlink()
    dana = in_english(sign_in(Client(), "dana"))
    question = {
        "title_fr": "Par année", "title_en": "By year", "unit": "person", "first_year": "2016", "first_quarter": "1",
        "last_year": "2017", "last_quarter": "4", "tables": ["time"], "threshold": "5",
        "time_level": "year", "place_level": "borough",
    }  # fmt: skip
    address = dana.post("/releases/draft/", question)["Location"]
    run(job_id=str(Job.objects.get().pk))
    page = dana.get(address).content.decode()
    assert "statistics root" in page and "statistics.root" not in page


# The table of refusals

DOCUMENT = Path(__file__).parent.parent / "docs" / "threat-model.md"


def test_every_refusal_that_is_promised_names_tests_that_exist() -> None:
    table = (
        DOCUMENT.read_text().partition("## What is refused, and which test shows it")[2].partition("\n## ")[0]
    )
    named = re.findall(r"`(test_\w+)`", table)
    assert len(named) >= 14
    here = "\n".join(path.read_text() for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name in named if f"def {name}(" not in here] == []
