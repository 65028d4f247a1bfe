"""Some of many bring one person back; fewer cannot, and no coordinator alone."""

import html
import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import keyfiles, lockdown, rescue, second_factor, trustees
from accounts.crypto import trustee_shares
from accounts.crypto.principal import Principal
from accounts.crypto.sealed import SealBroken, Sealed
from accounts.crypto.trustee_shares import ShareRefused
from accounts.models import PublicKey, Rescue, RescueShare, Seat, TrusteeSeal, TrusteeSet, UserKey
from accounts.teams import auditors, coordinators, is_steward, organisation, rotate
from casework import audit, intake
from tests.cast import PASSPHRASE, Cast, sign_in
from tests.factors import first_step, with_app
from tests.stories import NARRATIVE, story

WHOAMI = "/test/whoami/"
NEW = "seven otters sing at dusk"


@pytest.fixture(autouse=True)
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.account_pages"
    settings.LANGUAGES = [("en", "English")]


@pytest.fixture
def dana(cast: Cast) -> Client:
    return sign_in(Client(), "dana")


@pytest.fixture
def shares(dana: Client) -> list[str]:
    """dana appoints; alice and bob sign in and are sealed."""
    page = dana.post("/trustees/", {"count": "5", "threshold": "3"}).content.decode()
    found = re.findall(r"<code>([a-z ]+)</code>", page)
    assert len(found) == 5 and page.count("data:image/svg") == 5
    for name in ("alice", "bob"):
        sign_in(Client(), name)
    return found


def begin(dana: Client, cast: Cast, name: str = "alice") -> tuple[Rescue, str]:
    page = dana.post(reverse("rescue-begin", args=[cast.users[name].pk]))
    found = re.search(r"http://testserver(/rescue/[\w-]{43}/)", html.unescape(page.content.decode()))
    assert found
    return Rescue.objects.get(user=cast.users[name]), found[1]


def enter(client: Client, underway: Rescue, words: str) -> str:
    return html.unescape(
        client.post(reverse("rescue", args=[underway.pk]), {"share": words}, follow=True).content.decode()
    )


def come_back(link: str) -> Any:
    person = Client()
    person.get(link)
    return person.post("/rescue/", {"password1": NEW, "password2": NEW})


def damaged(words: str) -> str:
    first, second, *rest = words.split()
    return (
        " ".join([second, first, *rest]) if first != second else " ".join([first, rest[0], second, *rest[1:]])
    )


def told(cast: Cast) -> list[tuple[Any, str]]:
    return [(entry.actor, entry.action) for entry in audit.entries(cast.keyring_of("frank"), auditors().pk)]


# Shares


def test_any_three_of_five_rebuild_the_root_and_two_do_not() -> None:
    root = bytes(range(32))
    made = [trustee_shares.read(words) for words in trustee_shares.split(root, 3, 5)]
    assert trustee_shares.combine([made[4], made[0], made[2]]) == root
    assert trustee_shares.combine(made) == root
    for few in ([], made[:1], made[1:3]):
        with pytest.raises(ShareRefused, match="few"):
            trustee_shares.combine(few)


@pytest.mark.parametrize(("threshold", "count"), [(1, 5), (6, 5), (2, 17), (0, 0)])
def test_numbers_that_protect_nobody_are_refused(threshold: int, count: int) -> None:
    with pytest.raises(ValueError, match="at least two"):
        trustee_shares.split(bytes(32), threshold, count)


def test_what_is_wrong_with_a_share_is_named() -> None:
    words = trustee_shares.split(bytes(32), 2, 3)
    one = trustee_shares.read(words[0])
    with pytest.raises(ShareRefused) as unknown:
        trustee_shares.read(words[0].replace(words[0].split()[5], "temoignage", 1))
    assert (unknown.value.reason, unknown.value.word) == ("word", "temoignage")
    for typed, reason in (
        (" ".join(words[0].split()[:-1]), "length"),
        ("", "length"),
        (damaged(words[0]), "damaged"),
    ):
        with pytest.raises(ShareRefused, match=reason):
            trustee_shares.read(typed)
    with pytest.raises(ShareRefused, match="repeated"):
        trustee_shares.check_one_more(one, one.set_number, [one.member])
    with pytest.raises(ShareRefused, match="foreign"):
        trustee_shares.check_one_more(one, one.set_number ^ 1, [])
    assert trustee_shares.read(f"  {words[0].upper()}\n") == one


# Appointing


def test_the_key_is_pinned_and_its_root_is_nowhere(cast: Cast, shares: list[str]) -> None:
    made = TrusteeSet.objects.get()
    found = trustees.key()
    assert found and keyfiles.trustees_pin() == trustee_shares.fingerprint(made.pk, found.public_key)
    assert (made.threshold, made.count) == (3, 5)


def test_whoever_signs_in_is_sealed_and_so_are_their_teams(cast: Cast, shares: list[str]) -> None:
    sealed = set(TrusteeSeal.objects.values_list("principal_id", flat=True))
    assert {cast.alice.pk, cast.bob.pk, cast.dana.pk, cast.verdun.pk} <= sealed
    assert cast.charlie.pk not in sealed and cast.other_team.pk not in sealed
    root = trustee_shares.combine([trustee_shares.read(words) for words in shares])
    principal = Principal("recovery", TrusteeSet.objects.get().pk, 1, root)
    assert trustees.open_root(principal, "user", cast.alice.pk).root == cast.principals["alice"].root
    verdun = trustees.open_root(principal, "team", cast.verdun.pk)
    assert verdun.root == cast.keyring_of("alice").team(cast.verdun.pk).root


def test_a_key_exchanged_in_the_database_gets_nothing(cast: Cast, shares: list[str]) -> None:
    """Even with the organisation's own signature, which any member could make."""
    made = TrusteeSet.objects.get()
    stranger = Principal("recovery", made.pk, 2, bytes(32))
    from accounts.publickeys import admit
    from accounts.teams import organisation

    admit(cast.keyring_of("charlie").team(organisation().pk), stranger)
    with pytest.raises(SealBroken):
        trustees.key()
    sign_in(Client(), "charlie")
    assert not trustees.is_sealed(cast.charlie)
    assert "not the one pinned" in sign_in(Client(), "erin").get("/trustees/").content.decode()


def test_new_trustees_end_the_old_shares(cast: Cast, dana: Client, shares: list[str]) -> None:
    dana.post("/trustees/", {"count": "3", "threshold": "2"})
    assert TrusteeSet.objects.get().count == 3
    assert not trustees.is_sealed(cast.alice) and trustees.is_sealed(cast.dana)
    assert PublicKey.objects.filter(kind="recovery").count() == 1
    page = dana.post("/trustees/rehearse/", {"shares": "\n".join(shares[:3])}).content.decode()
    assert "another set of trustees" in page


@pytest.mark.parametrize("name", ["alice", "charlie", "frank", "root_user"])
def test_only_coordinators_see_any_of_it(cast: Cast, dana: Client, shares: list[str], name: str) -> None:
    underway, _ = begin(dana, cast)
    client = sign_in(Client(), name)
    for address in ("/trustees/", "/trustees/rehearse/", reverse("rescue", args=[underway.pk])):
        assert client.get(address).status_code == 404
        assert client.post(address, {"share": shares[0], "count": 2, "threshold": 2}).status_code == 404
    for named in ("rescue-approve", "rescue-finish"):
        assert client.post(reverse(named, args=[underway.pk])).status_code == 404
    assert client.post(reverse("rescue-begin", args=[cast.bob.pk])).status_code == 404
    assert not RescueShare.objects.exists()


def test_a_keys_folder_that_is_read_only_changes_nothing(
    cast: Cast, dana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(keyfiles, "pin_trustees", read_only)
    page = dana.post("/trustees/", {"count": "5", "threshold": "3"})
    assert "manage.py trustees appoint" in page.content.decode()
    assert not TrusteeSet.objects.exists()


# Rehearsal


def test_a_rehearsal_opens_and_keeps_nothing(cast: Cast, dana: Client, shares: list[str]) -> None:
    page = dana.post("/trustees/rehearse/", {"shares": "\n".join(shares[1:4])}, follow=True)
    assert "The shares work. Nothing was opened." in page.content.decode()
    assert not Rescue.objects.exists()
    for typed, said in (
        (shares[:2], "not enough shares"),
        ([shares[0], shares[0], shares[1]], "entered already"),
        ([damaged(shares[0]), *shares[1:3]], "do not go together"),
    ):
        page = dana.post("/trustees/rehearse/", {"shares": "\n".join(typed)})
        assert said in page.content.decode()
        assert shares[0] not in page.content.decode()


# Rescue


def test_three_trustees_and_two_coordinators_bring_alice_back(
    cast: Cast, dana: Client, shares: list[str]
) -> None:
    with_app(cast.alice)
    lockdown.lock_account(cast.dana, cast.alice)
    underway, link = begin(dana, cast)
    erin = sign_in(Client(), "erin")
    enter(dana, underway, shares[4])
    enter(erin, underway, shares[0])
    assert "3 of 3 shares entered" in enter(dana, underway, shares[2])
    assert come_back(link).status_code == 404
    assert erin.post(reverse("rescue-approve", args=[underway.pk])).status_code == 302
    assert dana.post(reverse("rescue-finish", args=[underway.pk])).status_code == 302
    assert not RescueShare.objects.exists()
    assert come_back(link).status_code == 200
    assert not second_factor.has_factor(cast.alice)
    back = sign_in(Client(), "alice", NEW)
    assert back.get(WHOAMI).json()["public_key"] == cast.principals["alice"].public_key.hex()
    assert first_step(Client(), "alice", PASSPHRASE).status_code == 200
    assert come_back(link).status_code == 404
    assert set(told(cast)) >= {
        (cast.dana.pk, "trustees.appoint"),
        (cast.dana.pk, "rescue.begin"),
        (cast.erin.pk, "rescue.share"),
        (cast.erin.pk, "rescue.approve"),
        (cast.dana.pk, "rescue.open"),
        (cast.alice.pk, "rescue.accept"),
    }


def test_it_takes_a_second_person_and_enough_shares(cast: Cast, dana: Client, shares: list[str]) -> None:
    underway, link = begin(dana, cast)
    assert dana.post(reverse("rescue-approve", args=[underway.pk])).status_code == 404
    for words in shares[:3]:
        enter(dana, underway, words)
    assert dana.post(reverse("rescue-finish", args=[underway.pk])).status_code == 404
    sign_in(Client(), "erin").post(reverse("rescue-approve", args=[underway.pk]))
    RescueShare.objects.filter(member=0).delete()
    page = dana.post(reverse("rescue-finish", args=[underway.pk]), follow=True)
    assert "not enough shares" in page.content.decode()
    assert Rescue.objects.get().root_ciphertext is None
    assert come_back(link).status_code == 404
    assert UserKey.objects.filter(user=cast.alice, stale=False).exists()


def test_nobody_begins_or_approves_their_own(cast: Cast, dana: Client, shares: list[str]) -> None:
    assert dana.post(reverse("rescue-begin", args=[cast.dana.pk])).status_code == 404
    erin = sign_in(Client(), "erin")
    underway, _ = begin(dana, cast, "erin")
    assert erin.post(reverse("rescue-approve", args=[underway.pk])).status_code == 404


def test_nobody_who_is_not_sealed_can_be_rescued(cast: Cast, dana: Client, shares: list[str]) -> None:
    assert dana.post(reverse("rescue-begin", args=[cast.charlie.pk])).status_code == 404


def test_a_share_that_is_wrong_is_named_and_not_kept(cast: Cast, dana: Client, shares: list[str]) -> None:
    underway, _ = begin(dana, cast)
    foreign = trustee_shares.split(bytes(32), 3, 5)[0]
    enter(dana, underway, shares[0])
    for words, said in (
        (shares[0], "entered already"),
        (foreign, "another set of trustees"),
        (damaged(shares[1]), "do not go together"),
        (shares[1] + " academic", "33 words"),
        (shares[1].replace(shares[1].split()[7], "heron", 1), "“heron” is in no share"),
    ):
        page = enter(dana, underway, words)
        assert said in page
        assert words not in page
    assert list(RescueShare.objects.values_list("member", flat=True)) == [
        trustee_shares.read(shares[0]).member
    ]


def test_shares_that_do_not_fit_are_forgotten(
    cast: Cast, dana: Client, shares: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forged with the right numbers."""
    underway, _ = begin(dana, cast)
    from shamir_mnemonic import Share

    for words in shares[:2]:
        enter(dana, underway, words)
    real = Share.from_mnemonic(shares[2])
    forged = Share(**{**real.__dict__, "value": bytes(32)}).mnemonic()
    enter(dana, underway, forged)
    sign_in(Client(), "erin").post(reverse("rescue-approve", args=[underway.pk]))
    page = dana.post(reverse("rescue-finish", args=[underway.pk]), follow=True)
    assert "do not fit together" in page.content.decode()
    assert not RescueShare.objects.exists() and Rescue.objects.get().root_ciphertext is None


def test_shares_wait_sealed_and_the_link_is_not_stored(cast: Cast, dana: Client, shares: list[str]) -> None:
    underway, link = begin(dana, cast)
    enter(dana, underway, shares[0])
    stored = str(list(RescueShare.objects.values())) + str(list(Rescue.objects.values()))
    assert shares[0].split()[9] not in stored and link.split("/")[2] not in stored


def test_only_whoever_began_can_put_the_shares_together(cast: Cast, dana: Client, shares: list[str]) -> None:
    underway, _ = begin(dana, cast)
    erin = sign_in(Client(), "erin")
    for words in shares[:3]:
        enter(erin, underway, words)
    erin.post(reverse("rescue-approve", args=[underway.pk]))
    assert erin.post(reverse("rescue-finish", args=[underway.pk])).status_code == 404
    with pytest.raises(SealBroken):
        row = underway.shares.first()
        cast.principals["erin"].open_from(row.share_ciphertext, rescue._share_context(underway, row.member))


# A team nobody can open any more


def seats_lost(cast: Cast) -> None:
    """None of them opens any more."""
    Seat.objects.filter(team=cast.verdun).update(root_ciphertext=Sealed(b"\x01\x01" + bytes(1200)))


def begin_for_team(client: Client, cast: Cast, name: str = "charlie", team: Any = None) -> Any:
    form = {"team": str((team or cast.verdun).pk), "username": name}
    return client.post(reverse("team-rescue-begin"), form)


def test_trustees_and_two_coordinators_seat_one_person_in_a_lost_team(
    cast: Cast, dana: Client, shares: list[str]
) -> None:
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, story())
    seats_lost(cast)
    charlie = sign_in(Client(), "charlie")
    assert charlie.get(reverse("case", args=[case])).status_code == 404
    begun = begin_for_team(dana, cast)
    underway = Rescue.objects.get(user=cast.charlie)
    assert begun["Location"] == reverse("rescue", args=[underway.pk])
    erin = sign_in(Client(), "erin")
    enter(dana, underway, shares[4])
    enter(erin, underway, shares[0])
    assert "3 of 3 shares entered" in enter(dana, underway, shares[2])
    assert dana.post(reverse("rescue-finish", args=[underway.pk])).status_code == 404
    erin.post(reverse("rescue-approve", args=[underway.pk]))
    page = dana.post(reverse("rescue-finish", args=[underway.pk]), follow=True)
    assert "charlie has a seat in the team Verdun" in page.content.decode()
    assert not Rescue.objects.exists() and not RescueShare.objects.exists()
    assert NARRATIVE[:30] in charlie.get(reverse("case", args=[case])).content.decode()
    assert is_steward(cast.charlie, cast.verdun)
    assert charlie.post(reverse("invite", args=[cast.verdun.pk])).status_code == 200
    assert set(told(cast)) >= {
        (cast.dana.pk, "rescue.team"),
        (cast.erin.pk, "rescue.share"),
        (cast.erin.pk, "rescue.approve"),
        (cast.dana.pk, "rescue.seat"),
    }


def test_neither_coordinator_seats_themselves(cast: Cast, dana: Client, shares: list[str]) -> None:
    said = begin_for_team(dana, cast, "dana")
    assert said.status_code == 422 and "another coordinator begins it" in said.content.decode()
    begin_for_team(dana, cast, "erin")
    underway = Rescue.objects.get(user=cast.erin)
    erin = sign_in(Client(), "erin")
    assert erin.post(reverse("rescue-approve", args=[underway.pk])).status_code == 404
    assert not Seat.objects.filter(team=cast.verdun, user__in=[cast.dana, cast.erin]).exists()


def test_a_team_whose_present_key_the_trustees_do_not_have_is_refused(
    cast: Cast, dana: Client, shares: list[str]
) -> None:
    said = begin_for_team(dana, cast, "frank", cast.other_team).content.decode()
    assert "do not have this team" in said and "Limoilou" in said
    assert "Nobody here has this user name" in begin_for_team(dana, cast, "nobody").content.decode()
    assert begin_for_team(dana, cast, "frank", organisation()).status_code == 422
    assert not Rescue.objects.exists()


def test_a_key_renewed_after_the_shares_were_entered_seats_nobody(
    cast: Cast, dana: Client, shares: list[str]
) -> None:
    begin_for_team(dana, cast)
    underway = Rescue.objects.get(user=cast.charlie)
    for words in shares[:3]:
        enter(dana, underway, words)
    sign_in(Client(), "erin").post(reverse("rescue-approve", args=[underway.pk]))
    rotate(cast.keyring_of("alice"), cast.verdun, lambda team, before, now: None)
    TrusteeSeal.objects.filter(principal_id=cast.verdun.pk, principal_epoch__gt=cast.verdun.epoch).delete()
    assert dana.post(reverse("rescue-finish", args=[underway.pk])).status_code == 404
    assert not Seat.objects.filter(team=cast.verdun, user=cast.charlie).exists()


# The console


def console(monkeypatch: pytest.MonkeyPatch, act: str, *lines: str, **options: Any) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    said = io.StringIO()
    call_command("trustees", act, stdout=said, **options)
    return said.getvalue()


def test_the_whole_ceremony_works_at_the_console(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = console(monkeypatch, "appoint", PASSPHRASE, user="dana", threshold=2, count=3)
    words = [line.partition(": ")[2] for line in made.splitlines()]
    console(monkeypatch, "seal", PASSPHRASE, user="alice")
    assert "The shares work" in console(monkeypatch, "rehearse", *words[:2])
    lockdown.lock_everybody(None)
    assert "Recovery code" in console(monkeypatch, "recover", NEW, *words[1:], user="alice")
    back = sign_in(Client(), "alice", NEW)
    assert back.get(WHOAMI).json()["public_key"] == cast.principals["alice"].public_key.hex()


def test_a_seat_in_a_lost_team_at_the_console(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The coordinators' own, for one: then no page is left that could begin it."""
    made = console(monkeypatch, "appoint", PASSPHRASE, user="dana", threshold=2, count=3)
    words = [line.partition(": ")[2] for line in made.splitlines()]
    team = coordinators()
    Seat.objects.filter(team=team).delete()
    team.group.user_set.clear()
    for lines, options, said in (
        ([words[0], damaged(words[1])], {"team": team.name}, "do not go together"),
        ([words[0], words[0]], {"team": team.name}, "entered already"),
        (words[:1], {"team": team.name}, "not enough shares"),
        (words[:2], {"team": "no such team"}, "no such team"),
        (words[:2], {"team": "Limoilou"}, "a key does not match"),
    ):
        with pytest.raises(CommandError, match=said):
            console(monkeypatch, "seat", *lines, user="bob", **options)
    assert not Seat.objects.filter(team__in=[team, cast.other_team], user=cast.bob).exists()
    assert "bob has the seat" in console(monkeypatch, "seat", *words[1:], user="bob", team=team.name)
    assert sign_in(Client(), "bob").get("/people/").status_code == 200
    assert cast.keyring_of("bob").team(team.pk).root and is_steward(cast.bob, team)


def test_the_console_names_what_is_wrong(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for act, lines, options, said in (
        ("appoint", ["not her passphrase"], {"user": "dana"}, "is wrong"),
        ("appoint", [PASSPHRASE], {"user": "alice"}, "Only a coordinator"),
        ("appoint", [PASSPHRASE], {"user": "dana", "threshold": 1}, "Two or more"),
        ("rehearse", ["academic"], {}, "no trustees"),
        ("recover", [NEW], {"user": "nobody"}, "no such account"),
    ):
        with pytest.raises(CommandError, match=said):
            console(monkeypatch, act, *lines, **options)
    assert not TrusteeSet.objects.exists()
