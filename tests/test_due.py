"""The board of what is due: only what the person may open, the detained first, and a calendar that says nothing but days."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework import followup, intake, vault
from casework.agenda import DateToKeep, Task
from casework.record import Consent, Moment, Outcome, Step
from casework.views.due import SHOWN, board_of
from tests.cast import sign_in
from tests.stories import person, story

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def ring(cast):
    return cast.keyring_of("alice")


def kept(ring, team, reference: str, *, detained: bool = False, days: int = 3, **tasks: str):
    someone = person(f"{reference} alias")
    someone.steps, someone.outcomes = [], [Outcome("DETAINED" if detained else "RELEASED_SCENE")]
    record = story(reference, someone)
    record.dates = [DateToKeep(followup.new_id(), "REMOVAL", timezone.localdate() + days * DAY)]
    record.tasks = [Task(followup.new_id(), text, owner) for text, owner in tasks.items()]
    return intake.create_case(ring, team, record)


def test_it_shows_what_is_due_in_the_cases_of_the_person_and_in_no_other(cast, alice, ring):
    kept(ring, cast.verdun, "A-1")
    kept(cast.keyring_of("charlie"), cast.other_team, "C-9")
    page = alice.get(reverse("due")).content.decode()
    assert "A-1" in page and "C-9" not in page and "1 more within 7 days" in page


def test_cases_of_the_detained_come_first_whatever_the_day(cast, alice, ring):
    kept(ring, cast.verdun, "SOON-1", days=1)
    kept(ring, cast.verdun, "HELD-1", detained=True, days=6)
    page = alice.get(reverse("due")).content.decode()
    assert page.index("HELD-1") < page.index("SOON-1") and "detained now" in page


def test_what_has_long_passed_stands_last_and_says_so(cast, alice, ring):
    kept(ring, cast.verdun, "OLD-1", days=-100)
    kept(ring, cast.verdun, "LATE-1", days=-2)
    page = alice.get(reverse("due")).content.decode()
    assert page.index("LATE-1") < page.index("OLD-1")
    assert "Overdue" in page and "Long past" in page and "<strong>2</strong> days ago" in page


def test_a_review_computed_from_the_hold_is_on_the_board(cast, alice, ring):
    someone = person("Moss")
    someone.outcomes = []
    someone.steps = [Step("HOLD", began=Moment(timezone.localdate().isoformat()))]
    intake.create_case(ring, cast.verdun, story("H-1", someone))
    page = alice.get(reverse("due")).content.decode()
    assert "Detention review, within 48 hours" in page and "between" not in page


def test_only_mine_leaves_out_the_tasks_of_others_and_keeps_every_date(cast, alice, ring):
    kept(ring, cast.verdun, "A-1", **{"Mine to do": cast.alice.pk.hex, "For bob": cast.bob.pk.hex})
    everything = alice.get(reverse("due")).content.decode()
    assert "Mine to do" in everything and "For bob" in everything and "bob does it" in everything
    mine = alice.get(reverse("due"), {"mine": "on"}).content.decode()
    assert "Mine to do" in mine and "For bob" not in mine and "Removal" in mine
    assert alice.get(reverse("due"), {"kind": "NONSENSE", "mine": "perhaps"}).status_code == 200


def test_a_case_whose_consent_has_ended_tells_nothing_here_either(cast, alice, ring):
    case_id = kept(ring, cast.verdun, "A-1", **{"Mine to do": ""})
    record = vault.open_case(ring, case_id).record
    record.persons[0].consents.append(Consent("STORE", "WITHDRAWN", timezone.localdate(), "ORAL", "fr"))
    intake.save_consents(ring, case_id, record, 1)
    page = alice.get(reverse("due")).content.decode()
    assert "A-1" not in page and "Mine to do" not in page


def test_it_asks_the_database_the_same_however_many_cases_and_owners_there_are(cast, alice, ring):
    kept(ring, cast.verdun, "A-1", One=cast.alice.pk.hex)
    with CaptureQueriesContext(connection) as few:
        alice.get(reverse("due"))
    for number in range(6):
        kept(ring, cast.verdun, f"B-{number}", One=cast.bob.pk.hex, Two=cast.alice.pk.hex)
    with CaptureQueriesContext(connection) as many:
        assert "B-5" in alice.get(reverse("due")).content.decode()
    assert len(many) == len(few)


def test_every_date_of_a_card_stands_in_its_group_once():

    from casework.record import Card

    cards = [
        vault.Listed(
            bytes(16), Card(str(n), "2099-01-01", due=("2026-11-30 REMOVAL", "2026-12-30 TASK - Call"))
        )
        for n in range(200)
    ]
    board = board_of(cards, dt.date(2026, 11, 25))
    found = {name: (group.total, len(group.first())) for name, group in board.groups.items() if group.total}
    assert found == {"soon": (200, SHOWN), "later": (200, SHOWN)}


def test_what_a_group_does_not_show_is_one_click_further(cast, alice, ring, monkeypatch):
    monkeypatch.setattr("casework.views.due.SHOWN", 1)
    for number in (1, 2, 3):
        kept(ring, cast.verdun, f"L-{number}", days=20 + number)
    page = alice.get(reverse("due"), {"kind": "REMOVAL"}).content.decode()
    assert "L-1" in page and "L-2" not in page
    address = re.findall(r'href="([^"]+)">\s*and 2 more', page)[0].replace("&amp;", "&")
    page = alice.get(reverse("due") + address).content.decode()
    assert "kind=REMOVAL" in address and "L-2" in page and "L-3" not in page and "and 1 more" in page


def test_the_calendar_holds_days_and_not_one_word_of_a_case(cast, alice, ring):
    kept(ring, cast.verdun, "A-1", days=3, **{"Mine to do": cast.alice.pk.hex})
    kept(ring, cast.verdun, "A-2", days=3)
    kept(ring, cast.verdun, "A-3", days=40)
    kept(ring, cast.verdun, "A-4", days=-100)
    answer = alice.get(reverse("due-calendar"))
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar") and "no-store" in answer["Cache-Control"]
    days = [timezone.localdate() + 3 * DAY, timezone.localdate() + 40 * DAY]
    assert [line for line in text.split("\r\n") if line.startswith("DTSTART")] == [
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}" for day in days
    ]
    allowed = ("BEGIN", "END", "VERSION", "PRODID", "UID", "DTSTAMP", "DTSTART", "SUMMARY:Reminder")
    assert all(line.startswith(allowed) for line in text.split("\r\n") if line)
    for word in ("A-1", "alias", "REMOVAL", "Removal", "Témoin", "temoin", "Mine", "alice"):
        assert word not in text


def test_the_list_of_cases_reminds_of_what_cannot_wait_and_says_no_more(cast, alice, ring):
    kept(ring, cast.verdun, "A-1", days=5)
    assert "cannot wait" not in alice.get(reverse("cases")).content.decode()
    kept(ring, cast.verdun, "A-2", days=-1)
    kept(ring, cast.verdun, "A-3", days=-100)
    kept(cast.keyring_of("charlie"), cast.other_team, "C-1", days=-1)
    assert "1 thing cannot wait" in alice.get(reverse("cases")).content.decode()


def test_the_navigation_leads_to_the_board_for_organizers_only(cast, alice):
    assert f'href="{reverse("due")}"' in alice.get(reverse("cases")).content.decode()
    dana = sign_in(Client(), "dana")
    assert f'href="{reverse("due")}"' not in dana.get(reverse("releases")).content.decode()
