"""The list as people use it: filtered by any fact, put in order, searched in any spelling; and to everybody else, nothing."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from casework import coding, deadlines, intake, vault
from casework.agenda import Task
from casework.forms.filters import TESTS, CaseFilterForm
from casework.record import (
    Consent,
    Moment,
    Officer,
    Outcome,
    Safety,
    ServiceDenial,
    Statement,
    Step,
    decode_head,
    encode,
)
from tests.cast import in_english, sign_in
from tests.stories import given, person, story

pytestmark = pytest.mark.django_db


def full_story(reference: str = "FULL"):
    """Every coded fact a list can be filtered by, once."""
    someone = person("Fern", "STORE", "STATS", "STORY")
    someone.age_band, someone.gender, someone.region, someone.language = "25_34", "WOMAN", "CARIBBEAN", "ht"
    someone.safety = Safety(minors="YES", counsel="REFUSED")
    someone.immigration_basis, someone.status_raised = ["OVERSTAY"], ["CALL_STATUS"]
    someone.suspicion_cue, someone.harms, someone.cbsa_involvement = ["ACCENT"], ["FORCE"], "ATTENDED"
    someone.outcomes = [Outcome("REMOVED")]
    someone.steps = [
        Step(
            "DETENTION",
            agency="CBSA",
            place="ROAD",
            detention_place="IHC_LAVAL",
            legal_basis="IRPA_55_1",
            warrant_shown="NO",
            reasons_given="REFUSED",
            counsel="YES",
            interpreter="UNK",
        )
    ]
    record = story(reference, someone, narrative="Un agent l’a arrêtée.")
    record.event.place_type, record.event.reason_given = "METRO", "NO"
    record.denials = [ServiceDenial("SHELTER", "ASKED_STATUS")]
    told = record.statements[0]
    told.source, told.language, told.source_credibility, told.information_validity = (
        "FAMILY",
        "ht",
        "USUALLY",
        "PROBABLE",
    )
    record.officers = [Officer("SPVM", "00421", "Corvin Vale", "tall")]
    record.status, record.verification = "VERIFY", "V2"
    record.tasks = [Task("t1", "Call the clinic", due=timezone.localdate())]
    return record


def test_the_context_of_a_page_holds_no_card_that_is_not_shown(cast):
    """Django's contexts go only when cycles are collected: until then, every open card would stay in memory with it."""
    keep(cast, story("SHOWN"))
    page = sign_in(Client(), "alice").get("/cases/")
    kept = [value for context in page.context for layer in context.dicts for value in layer.values()]
    assert page.context["total"] == 1 and page.context["page"] in kept
    assert not any(
        isinstance(value, list) and any(isinstance(v, vault.Listed) for v in value) for value in kept
    )
    assert not any(isinstance(listed, vault.Listed) for listed in page.context["page"].paginator.object_list)


def keep(cast, record, name: str = "alice"):
    team = cast.other_team if name == "charlie" else cast.verdun
    return intake.create_case(cast.keyring_of(name), team, record)


def listed(client, query: str = "") -> str:
    response = client.get(f"/cases/{query}")
    assert response.status_code == 200
    return response.content.decode()


def searched(client, words: str, **more: str) -> str:
    response = client.post("/cases/search/", {"words": words, **more})
    assert response.status_code == 200
    return response.content.decode()


FACTS = {
    "status": ("VERIFY", "SAFETY"),
    "pretext": ("TRAFFIC_MOVING", "FARE_CHECK"),
    "police_service": ("SPVM", "STM"),
    "borough": ("VILLERAY_SAINT_MICHEL_PARC_EXTENSION", "VERDUN"),
    "outcome": ("REMOVED", "STAY"),
    "verification": ("V2", "V3"),
    "since": ("2016-08", "2017"),
    "until": ("2016-08", "2016-Q2"),
    "counted": ("YES", "NO"),
    "age_band": ("25_34", "35_44"),
    "minor": ("NO", "YES"),
    "minors": ("YES", "NO"),
    "lawyer": ("REFUSED", "UNK"),
    "gender": ("WOMAN", "MAN"),
    "region": ("CARIBBEAN", "NORTH_AFRICA"),
    "language": ("ht", "fr"),
    "immigration_basis": ("OVERSTAY", "CLAIMANT"),
    "status_raised": ("CALL_STATUS", "TIP"),
    "suspicion_cue": ("ACCENT", "NAME"),
    "cbsa_involvement": ("ATTENDED", "NONE"),
    "harm": ("FORCE", "INCOME"),
    "city": ("MONTREAL", "LAVAL"),
    "place_type": ("METRO", "BUS"),
    "step_kind": ("DETENTION", "REVIEW"),
    "agency": ("CBSA", "SPVM"),
    "detention_place": ("IHC_LAVAL", "PROV_RDP"),
    "legal_basis": ("IRPA_55_1", "OTHER"),
    "reason_given": ("NO", "YES"),
    "warrant_shown": ("NO", "YES"),
    "reasons_given": ("REFUSED", "NO"),
    "counsel": ("YES", "NO"),
    "interpreter": ("UNK", "YES"),
    "service_type": ("SHELTER", "FOOD"),
    "denial_mechanism": ("ASKED_STATUS", "FEE"),
    "report_source": ("FAMILY", "SELF"),
    "told_in": ("ht", "fr"),
    "credibility": ("USUALLY", "RELIABLE"),
    "validity": ("PROBABLE", "POSSIBLE"),
    "consent": ("STORY", "MEDIA"),
    "refused": ("MEDIA", "STORY"),
    "owner": ("nobody", "mine"),
    "due": ("7", "none"),
}


@pytest.mark.parametrize("name", FACTS)
def test_every_coded_fact_is_a_filter(cast, name):
    """Without a page: the card as it is sealed, and the question as it is asked."""
    record = full_story()
    facts, due = coding.facts_of(record), deadlines.for_card(record)
    card = vault.card_of(record, counted=True, open_until="2999-01-01", facts=facts, due=due)
    for value, expected in zip(FACTS[name], (True, False), strict=True):
        form = CaseFilterForm({name: value}, user=cast.alice, teams=[cast.verdun])
        assert not form.errors, (name, value, form.errors)
        of_head = form.tests(of_head=True)
        [test] = of_head or form.tests(of_head=False)
        assert test(decode_head(encode(card)) if of_head else card) is expected, (name, value)
        named = [vault.Listed(bytes(16), card, encode(card)).names(code) for code in form.codes()]
        assert all(named) or not expected, name


def test_no_filter_is_left_out_of_the_table_above(cast):
    fields = set(CaseFilterForm({}, user=cast.alice, teams=[]).fields)
    assert fields - set(FACTS) == {"detained", "team", "consent_ends"}
    assert {name for group in CaseFilterForm.GROUPS for name in group[1]} == fields
    facts = {name for name, field in CaseFilterForm.base_fields.items() if getattr(field, "fact", "")}
    assert fields - facts - {"team"} == set(TESTS)


def test_filters_hold_together_and_stand_in_the_address(cast, alice):
    keep(cast, full_story())
    keep(cast, story("RIVER"))
    assert "FULL" in listed(alice) and "RIVER" in listed(alice)
    page = listed(alice, "?harm=FORCE&counsel=YES")
    assert "FULL" in page and "RIVER" not in page
    assert "FULL" not in listed(alice, "?harm=FORCE&counsel=NO")
    # Each is named, and can be taken away by itself.
    assert 'href="/cases/?counsel=YES"' in page, page
    assert 'href="/cases/?harm=FORCE"' in page


def test_a_code_that_no_longer_exists_is_named_and_the_rest_holds(cast, alice):
    keep(cast, full_story())
    keep(cast, story("RIVER"))
    page = listed(alice, "?harm=FORCE&pretext=BEWITCHED")
    assert "BEWITCHED" in page and "FULL" in page and "RIVER" not in page


def test_the_team_that_keeps_a_case_is_a_filter(cast):
    from casework import sharing

    own = keep(cast, story("OWN"), "charlie")
    granted = keep(cast, story("GRANTED"))
    sharing.grant(cast.keyring_of("alice"), granted, cast.charlie, may_change=False)
    charlie = sign_in(Client(), "charlie")
    assert own and "GRANTED" in listed(charlie) and "OWN" in listed(charlie)
    mine = listed(charlie, f"?team={cast.other_team.pk.hex}")
    assert "OWN" in mine and "GRANTED" not in mine
    other = listed(charlie, "?team=elsewhere")
    assert "OWN" not in other and "GRANTED" in other


def test_consent_that_ends_soon_and_consent_that_has_ended_are_filters(cast, alice):
    today = timezone.localdate()
    soon = story("SOON")
    soon.persons[0].consents = [Consent("STORE", "GIVEN", today, expires=today + dt.timedelta(20))]
    later, ended = story("LATER"), keep(cast, story("ENDED"))
    keep(cast, soon)
    keep(cast, later)
    opened = vault.open_case(cast.keyring_of("alice"), ended)
    opened.record.persons[0].consents.append(Consent("STORE", "WITHDRAWN", today))
    intake.save_consents(cast.keyring_of("alice"), ended, opened.record, 1)
    within = listed(alice, "?consent_ends=30")
    assert "SOON" in within and "LATER" not in within and "ENDED" not in within
    over = listed(alice, "?consent_ends=ended")
    assert "ENDED" in over and "SOON" not in over


def test_somebody_detained_now_comes_first_in_every_order(cast, alice):
    held = person("Held")
    held.outcomes = [Outcome("DETAINED")]
    free = [person(f"Free {n}") for n in range(2)]
    for someone in free:
        someone.outcomes = [Outcome("RELEASED_SCENE")]
    for reference, someone in (("A", free[0]), ("M", held), ("Z", free[1])):
        keep(cast, story(reference, someone))
    for order in (
        "",
        "?sort=reference",
        "?sort=-reference",
        "?sort=status",
        "?sort=-consent",
        "?sort=nonsense",
    ):
        page = listed(alice, order)
        assert page.index("Held") < min(page.index("Free 0"), page.index("Free 1")), order
    page = searched(alice, "heron", kind="words")
    assert page.index("Held") < min(page.index("Free 0"), page.index("Free 1"))


TOLD = {
    "fr": ("L’agente a crié. Sa sœur Élise attendait près du métro.", "SOEUR elise", "sœur"),
    "en": ("They waited. The officer wouldn’t explain why.", "wouldn't", "wouldn’t"),
    "es": ("Lo pararon. El niño lloró toda la mañana.", "nino manana", "niño"),
    "ar": ("أوقفوه. قالت الشُّرطةُ إنّها تنتظر.", "الشرطه", "الشُّرطةُ"),
    "ht": ("Lapolis kanpe l. M’ap tann papa m’ depi twa èdtan.", "m'ap edtan", "M’ap"),
}


@pytest.mark.parametrize("language", TOLD)
def test_a_search_shows_the_sentence_with_the_words_marked(cast, alice, language):
    text, typed, marked = TOLD[language]
    keep(cast, story("THIS", narrative=text))
    keep(cast, story("RIVER", narrative="Nothing of the kind."))
    page = searched(alice, typed)
    assert "THIS" in page and "RIVER" not in page
    assert f"<mark>{marked}</mark>" in page
    assert text.partition(". ")[0] not in page


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("« near the bridge »", True),
        ('"the near bridge"', False),
        ("bridge near", True),
        ("corvin", True),
        ("wetland", True),
        ("blue file", True),
        ("bridge corvin", True),
        ('"bridge corvin"', False),
        ("   ", False),
        ("'-’", False),
    ],
)
def test_words_are_looked_for_in_every_field_and_phrases_in_one(cast, alice, words, found):
    record = story("THIS", narrative="It was near the bridge.")
    record.officers = [Officer("SPVM", "0421", "Corvin Vale")]
    record.event.place_note = "by the wetland"
    record.tags = ["blue file"]
    keep(cast, record)
    assert ("THIS" in searched(alice, words)) is found


def test_words_far_apart_are_shown_in_a_sentence_each(cast, alice):
    keep(cast, story("THIS", narrative="An egret flew. " + "It rained. " * 60 + "A bittern called."))
    page = searched(alice, "egret bittern")
    assert "<mark>egret</mark>" in page and "<mark>bittern</mark>" in page
    assert page.count('class="hit"') == 2


def test_html_and_turning_characters_in_a_text_are_shown_as_text(cast, alice):
    keep(cast, story("THIS", narrative="<script>alert(1)</script> heron <b>bold</b>"))
    page = searched(alice, "heron")
    assert "<script>alert" not in page and "<b>bold" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark>heron</mark>" in page


def test_names_are_found_however_they_are_written_the_nearest_first(cast, alice):
    names = {
        "A": "Mohamed Hassan",
        "B": "Hasan Muhammad",
        "C": "Ahmed Hassan",
        "D": "محمد حسن",
        "E": "Mohamed",
    }
    for reference, name in names.items():
        someone = person(f"Alias {reference}")
        someone.name = name
        someone.outcomes = [Outcome("STAY")]
        keep(cast, story(f"REF-{reference}", someone))
    page = searched(alice, "hassan mohamed", kind="names")
    for reference, found in {"A": True, "B": True, "C": False, "D": True, "E": True}.items():
        assert (f"REF-{reference}" in page) is found, reference
    assert page.index("REF-A") < page.index("REF-B")
    # The words of a narrative are no names.
    assert "REF-A" not in searched(alice, "accent", kind="names")


@pytest.mark.parametrize(
    ("typed", "found"),
    [("421", True), ("00421", True), ("4-21", True), ("42", True), ("9421", False), ("4", False)],
)
def test_an_officer_is_found_by_badge(cast, alice, typed, found):
    keep(cast, full_story())
    page = searched(alice, typed, kind="badge")
    assert ("FULL" in page) is found
    assert ("Corvin Vale" in page) is found


def test_a_tag_is_found_by_post_and_only_whole(cast, alice):
    record = story("TAGGED")
    record.tags = ["Médias 2026"]
    keep(cast, record)
    assert "TAGGED" in searched(alice, "medias 2026", kind="tag")
    assert "TAGGED" not in searched(alice, "medias", kind="tag")


def test_a_search_within_filters_keeps_them_and_can_drop_one(cast, alice):
    keep(cast, full_story())
    keep(cast, story("RIVER"))
    assert "RIVER" in searched(alice, "a")
    page = searched(alice, "a", harm="FORCE")
    assert "FULL" in page and "RIVER" not in page
    assert 'name="harm" value="FORCE"' in page
    assert "RIVER" in searched(alice, "a", harm="FORCE", drop="harm")


def test_pages_of_a_search_are_asked_for_by_post(cast, alice, monkeypatch):
    monkeypatch.setattr("casework.views.finding.PAGE", 2)
    for number in range(3):
        keep(cast, story(f"N-{number}"))
    first, second = searched(alice, "heron"), searched(alice, "heron", page="2")
    assert 'name="page" value="2"' in first
    assert sum(f"N-{n}" in first for n in range(3)) == 2
    assert sum(f"N-{n}" in second for n in range(3)) == 1


def test_a_search_never_stands_in_an_address_or_in_what_the_browser_keeps(cast, alice):
    keep(cast, story())
    page = searched(alice, "telephoned")
    assert "?words" not in page and "telephoned" not in page.partition("</head>")[0]
    assert alice.get("/cases/search/?words=telephoned").status_code == 405
    # Words in the address of the list are not a search of ours: nobody is taught to put them there.
    assert "words=" not in listed(alice)


def test_a_case_whose_consent_has_ended_is_not_found(cast, alice):
    case_id = keep(cast, story("GONE"))
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    opened.record.persons[0].consents.append(Consent("STORE", "WITHDRAWN", timezone.localdate()))
    intake.save_consents(cast.keyring_of("alice"), case_id, opened.record, 1)
    for words, kind in (("heron", "words"), ("quillfeather", "names"), ("gone", "words")):
        assert "GONE" not in searched(alice, words, kind=kind), kind
    assert vault.newest_cases(cast.keyring_of("alice"), [case_id]) == {}


def test_a_stranger_finds_nothing_by_any_search_or_filter(cast):
    keep(cast, full_story())
    charlie = in_english(sign_in(Client(), "charlie"))
    empty = listed(charlie)
    assert "0 cases" in empty
    for query in ("?harm=FORCE", "?owner=nobody", "?team=elsewhere", "?detained=on"):
        page = listed(charlie, query)
        assert "0 cases" in page and "FULL" not in page
    for words, kind in (("agent", "words"), ("Fern", "names"), ("421", "badge")):
        page = searched(charlie, words, kind=kind)
        assert "0 cases" in page and "FULL" not in page and "<mark>" not in page
    [case_id] = [row.case_id for row in vault.cards(cast.keyring_of("alice")).cases]
    assert vault.newest_cases(cast.keyring_of("charlie"), [case_id]) == {}


def test_a_page_of_hits_costs_as_many_queries_as_one_hit(cast, alice, django_assert_num_queries):
    from tests.test_costs import queries

    keep(cast, story("A"))
    one = queries(lambda: searched(alice, "heron"))
    for number in range(12):
        keep(cast, story(f"B-{number}", person(f"Hero{number}")))
    assert queries(lambda: searched(alice, "heron")) == one <= 60


def test_facts_say_the_day_on_which_the_first_of_the_consents_ends():
    two = story("TWO", person("A"), person("B"))
    first, second = two.persons
    first.consents = given("STORE", "STATS")
    second.consents = [
        *given("STORE"),
        Consent("STATS", "GIVEN", timezone.localdate(), expires=dt.date(2099, 1, 1)),
    ]
    facts = coding.facts_of(two)
    assert coding.value_of(facts, "may:STATS") < "2099"
    second.consents = given("STORE")
    assert coding.value_of(coding.facts_of(two), "may:STATS") == ""


def test_a_fact_is_whole_or_not_there():
    record = full_story()
    record.persons[0].harms = ["FORCE WITH SPACE", "INJURY"]
    facts = coding.facts_of(record)
    assert coding.holds(facts, "harm", "INJURY") and not coding.holds(facts, "harm", "INJ")
    assert "WITH SPACE" not in facts


def test_a_statement_added_later_is_found_after_the_save(cast, alice):
    case_id = keep(cast, story("LATE"))
    assert "LATE" not in searched(alice, "kingfisher")
    opened = vault.open_case(cast.keyring_of("alice"), case_id)
    opened.record.statements.append(Statement("A kingfisher was seen.", "WITNESS", Moment("2016")))
    intake.save_case(cast.keyring_of("alice"), case_id, opened.record, 1)
    assert "LATE" in searched(alice, "kingfisher")
