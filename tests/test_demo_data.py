"""The demonstration: loaded by the steps a group takes, once, and never on a real server."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Team, User
from accounts.setup import is_set_up
from casework import audit, contacts, releases, vault
from casework.management.commands import demo_data
from casework.models import Case, Release, Statistic, Story
from casework.samples import telling
from casework.views import due

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def demo(settings, tmp_path):
    settings.TEMOIN_DEMO = True
    settings.TEMOIN_STATISTICS_ROOT_FILE = str(tmp_path / "keys" / "statistics.root")
    return lambda: call_command("demo_data", stdout=io.StringIO(), stderr=io.StringIO())


def test_it_refuses_outside_the_demonstration(settings):
    settings.TEMOIN_DEMO = False
    with pytest.raises(CommandError, match="everybody knows"):
        call_command("demo_data")
    assert not is_set_up() and not User.objects.exists()


def test_it_loads_people_cases_and_a_published_release_once(demo):
    demo()
    assert sorted(User.objects.values_list("username", flat=True)) == [
        "alice",
        "bob",
        "charlie",
        "dana",
        "erin",
        "frank",
    ]
    assert Case.objects.count() == 259
    release = Release.objects.get()
    assert release.status == Release.Status.PUBLISHED and release.drafted_by != release.approved_by
    assert b'"value":null' in bytes(release.document)
    (told,) = releases.document_of(release).stories
    assert told.text == telling.PASSAGE and Story.objects.count() == 2
    assert audit.verify() is None
    kept = (Case, Statistic, Release, Story)
    before = [model.objects.count() for model in kept]
    demo()
    assert [model.objects.count() for model in kept] == before


def test_the_two_teams_see_their_own_cases_and_coordinators_see_none(demo):
    demo()
    seen = {
        name: len(vault.cards(demo_data.ring_of(name)).cases) for name, _language, _role in demo_data.PEOPLE
    }
    assert seen == {"alice": 189, "bob": 189, "charlie": 70, "dana": 0, "erin": 0, "frank": 0}
    assert Team.objects.filter(kind="ORGANIZERS").count() == 2
    board = due.board_of(vault.cards(demo_data.ring_of("bob")).cases, timezone.localdate())
    assert board.number_in("now") and board.number_in("soon") and board.number_in("undated")
    assert len(contacts.book(demo_data.ring_of("bob")).contacts) == 5
    assert contacts.book(demo_data.ring_of("charlie")).contacts == []
