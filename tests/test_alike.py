"""Cases like this one: suggested with reasons, linked to one event, and silent about what one may not see."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from casework import alike, coarsening, intake, vault
from casework.models import AuditEntry
from casework.record import Consent, Event, Moment, Officer
from tests.cast import in_english, sign_in
from tests.stories import person, story
from tests.test_costs import queries

pytestmark = pytest.mark.django_db


def tale(reference: str, name: str = "", date: str = "2016-08-14", **event: str):
    someone = person(f"Alias {reference}")
    someone.name = name or f"Person {reference}"
    record = story(reference, someone)
    record.event = Event(
        **{
            "date": Moment(date),
            "city": "MONTREAL",
            "borough": "VERDUN",
            "police_services": ["SPVM"],
            "pretext": "TRAFFIC_MOVING",
            **event,
        }
    )
    return record


def keep(cast, record, name: str = "alice"):
    team = cast.other_team if name == "charlie" else cast.verdun
    return intake.create_case(cast.keyring_of(name), team, record)


def suggested(cast, record, name: str = "alice", but=None):
    return {
        listed.card.reference: listed.match.reasons
        for listed in alike.alike(cast.keyring_of(name), record, but)
    }


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        (tale("B"), ("day", "borough", "service", "pretext")),
        (tale("B", date="2016-08-16"), ("days", "borough", "service", "pretext")),
        (tale("B", date="2016-Q3"), ("period", "borough", "service", "pretext")),
        (tale("B", date="2017-08-14"), None),
        (tale("B", borough="LASALLE", pretext="FARE_CHECK"), ("day", "city", "service")),
        (tale("B", borough="", city="TORONTO", pretext="FARE_CHECK", police_services=["TPS"]), None),
        (tale("B", "Hasan Muhammad", date="2019"), ("borough", "service", "pretext", "name")),
        (tale("B", "Someone Else", date="2019"), None),
    ],
)
def test_a_duplicate_is_suggested_with_its_reasons_and_a_stranger_story_is_not(cast, other, reasons):
    keep(cast, other)
    assert suggested(cast, tale("A", "Mohamed Hassan")) == ({"B": reasons} if reasons else {})


def test_the_badge_of_an_officer_is_a_reason(cast):
    one, two = tale("A"), tale("B", date="2016-08-15")
    one.officers, two.officers = [Officer("SPVM", "0421")], [Officer("SPVM", "421")]
    keep(cast, two)
    assert "badge" in suggested(cast, one)["B"]


def test_the_case_itself_is_not_suggested_and_at_most_five_are(cast):
    ids = [keep(cast, tale(f"N-{number}")) for number in range(7)]
    found = suggested(cast, vault.open_case(cast.keyring_of("alice"), ids[0]).record, but=ids[0])
    assert len(found) == 5 and "N-0" not in found


def test_nothing_is_suggested_of_what_one_may_not_open_and_it_costs_the_same(cast):
    mine = tale("MINE", "Mohamed Hassan")
    without = queries(lambda: suggested(cast, mine, "charlie"))
    for number in range(4):
        keep(cast, tale(f"T-{number}", "Mohamed Hassan"))
    assert suggested(cast, mine, "charlie") == {}
    assert queries(lambda: suggested(cast, mine, "charlie")) == without
    assert len(suggested(cast, mine, "bob")) == 4


def test_a_case_whose_consent_has_ended_is_not_suggested(cast):
    case_id = keep(cast, tale("B"))
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    opened.record.persons[0].consents.append(Consent("STORE", "WITHDRAWN", timezone.localdate()))
    intake.save_consents(cast.keyring_of("alice"), case_id, opened.record, 1)
    assert suggested(cast, tale("A")) == {}


def test_two_cases_told_to_be_one_event_are_counted_as_one_until_it_is_taken_back(cast):
    one, two = keep(cast, tale("A")), keep(cast, tale("B"))
    alice = cast.keyring_of("alice")

    def events():
        records = [vault.open_case(alice, case).record for case in (one, two)]
        return {coarse.event for record in records for _, coarse in coarsening.coarsen(record)}

    assert len(events()) == 2
    page = in_english(sign_in(Client(), "alice"))
    assert page.post(f"/cases/{one}/alike/", {"other": str(two)}).status_code == 302
    assert len(events()) == 1
    shown = page.get(f"/cases/{one}/alike/").content.decode()
    assert "told to be the same event" in shown and "Not the same event after all" in shown
    assert page.post(f"/cases/{one}/alike/", {"unlink": "1"}).status_code == 302
    assert len(events()) == 2


def test_a_case_is_not_linked_to_one_that_may_not_be_opened_nor_changed_by_a_reader(cast):
    from casework import sharing

    mine, theirs = keep(cast, tale("A")), keep(cast, tale("C"), "charlie")
    alice = sign_in(Client(), "alice")
    before = vault.open_case(cast.keyring_of("alice"), mine)
    for other in (str(theirs), "nonsense", "", str(dt.date.min)):
        assert alice.post(f"/cases/{mine}/alike/", {"other": other}).status_code == 404
    assert vault.open_case(cast.keyring_of("alice"), mine).revision == before.revision
    sharing.grant(cast.keyring_of("alice"), mine, cast.charlie, may_change=False)
    charlie = in_english(sign_in(Client(), "charlie"))
    page = charlie.get(f"/cases/{mine}/alike/").content.decode()
    assert "It is the same event" not in page and "C" in page
    assert charlie.post(f"/cases/{mine}/alike/", {"other": str(theirs)}).status_code == 404
    assert charlie.get(f"/cases/{theirs}/alike/").status_code == 200
    assert alice.get(f"/cases/{theirs}/alike/").status_code == 404


def test_looking_is_written_down(cast):
    before = AuditEntry.objects.count()
    suggested(cast, tale("A"))
    assert AuditEntry.objects.count() == before + 1
