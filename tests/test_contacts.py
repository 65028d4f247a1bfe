"""The contacts of a team: for its members, sealed to its epoch, and out of reach of whoever left."""

import re

import pytest
from django.http import Http404
from django.urls import reverse

from accounts.crypto.sealed import SealBroken, Sealed
from accounts.teams import auditors
from casework import audit, contacts, membership
from casework.agenda import Contact
from casework.models import Contact as Row

pytestmark = pytest.mark.django_db

TILIA = Contact(
    "Tilia Cordata", "LAWYER", "Étude Tilleul", "514 555-0147", languages=["fr", "es"], note="Evenings"
)


@pytest.fixture
def tilia(cast):
    return contacts.add(cast.keyring_of("alice"), cast.verdun, TILIA)


def test_members_read_it_and_nobody_else_does(cast, tilia):
    assert contacts.contact_for(cast.keyring_of("bob"), tilia).contact == TILIA
    for name in ("charlie", "dana", "frank", "grace", "root_user"):
        assert contacts.book(cast.keyring_of(name)).contacts == []
        with pytest.raises(Http404):
            contacts.contact_for(cast.keyring_of(name), tilia)


def test_the_row_says_nothing_of_it(tilia):
    kept = b"".join(bytes(str(value), "utf-8") for value in Row.objects.values_list().get())
    for word in ("Tilia", "LAWYER", "555", "Tilleul"):
        assert word.encode() not in kept


def test_a_row_moved_to_another_place_does_not_open(cast, tilia):
    other = contacts.add(cast.keyring_of("alice"), cast.verdun, Contact("Acer", "SHELTER"))
    moved = Row.objects.get(pk=tilia).contact_ciphertext
    Row.objects.filter(pk=other).update(contact_ciphertext=moved)
    with pytest.raises(SealBroken):
        contacts.contact_for(cast.keyring_of("alice"), other)
    book = contacts.book(cast.keyring_of("alice"))
    assert [kept.id for kept in book.contacts] == [tilia] and book.broken == 1


def test_an_epoch_written_into_the_row_is_counted_as_broken(cast, tilia):
    Row.objects.update(epoch=99)
    assert contacts.book(cast.keyring_of("alice")).broken == 1


def test_a_new_epoch_seals_the_contacts_anew_so_that_the_leavers_root_opens_none(cast, tilia):
    ring = cast.keyring_of("alice")
    before, old = Row.objects.get(), ring.team(cast.verdun.pk)
    membership.remove(ring, cast.verdun.pk, cast.bob.pk)
    after = Row.objects.get()
    assert after.epoch == before.epoch + 1 and after.contact_ciphertext != before.contact_ciphertext
    from accounts.crypto.context import contact_context

    with pytest.raises(SealBroken):
        old.open(after.contact_ciphertext, contact_context(cast.verdun.pk, tilia))
    assert contacts.contact_for(cast.keyring_of("alice"), tilia).contact == TILIA
    assert contacts.book(cast.keyring_of("bob")).contacts == []


def test_an_altered_row_does_not_keep_a_leaver_in(cast, tilia):
    broken = Sealed(bytes(Row.objects.get().contact_ciphertext)[::-1])
    Row.objects.update(contact_ciphertext=broken)
    membership.remove(cast.keyring_of("alice"), cast.verdun.pk, cast.bob.pk)
    assert contacts.book(cast.keyring_of("alice")).broken == 1


def test_it_is_added_changed_and_removed_on_pages_and_each_is_written_down(cast, alice):
    form = {"team": str(cast.verdun.pk), "name": "Acer", "kind": "SHELTER", "note": "Two weeks of waiting"}
    assert alice.post(reverse("contact-add"), form).status_code == 302
    row = Row.objects.get()
    assert "Acer" in alice.get(reverse("contacts")).content.decode()
    alice.post(reverse("contact-change", args=[row.pk]), form | {"name": "Acer rubrum"})
    assert contacts.contact_for(cast.keyring_of("bob"), row.pk).contact.name == "Acer rubrum"
    alice.post(reverse("contact-remove", args=[row.pk]))
    assert not Row.objects.exists()
    done = [entry.action for entry in audit.entries(cast.keyring_of("frank"), auditors().id)]
    assert [act for act in done if act.startswith("contact.")] == [
        "contact.remove",
        "contact.save",
        "contact.add",
    ]


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"kind": "FRIEND"}, {"name": "x" * 121}, {"languages": ["xx"]}]
)
def test_bad_input_is_answered_in_words_and_keeps_nothing(cast, alice, wrong):
    form = {"team": str(cast.verdun.pk), "name": "Acer", "kind": "SHELTER", "note": "typed"} | wrong
    answer = alice.post(reverse("contact-add"), form)
    assert answer.status_code == 422 and "typed" in answer.content.decode()
    assert not Row.objects.exists()


def test_the_list_asks_the_database_the_same_however_many_there_are(
    cast, alice, tilia, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        alice.get(reverse("contacts"))
    for number in range(8):
        contacts.add(cast.keyring_of("alice"), cast.verdun, Contact(f"Acer {number}", "SHELTER"))
    with CaptureQueriesContext(connection) as many:
        page = alice.get(reverse("contacts")).content.decode()
    assert len(re.findall("Acer ", page)) == 8 and len(many) == len(few)
