"""Every page is said in French, wholly, rightly and with the right spaces."""

import gettext
import html
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext
from django.utils.translation.reloader import translation_file_changed
from django.utils.translation.template import templatize

from accounts.crypto.recovery_code import new_code, written
from accounts.forms import SetupForm
from casework import intake, vocabulary
from casework.consent import PURPOSES
from casework.models import Job, Release
from casework.vocabulary import series
from tests import catalogue, exhibits, intake_pages, release_pages
from tests.cast import PASSPHRASE, Cast, sign_in
from tests.evidence_desk import kept
from tests.factors import with_app
from tests.release_pages import QUESTION, a_draft, a_published
from tests.stories import person, story

# Said alike in both languages.
ALIKE = {
    "%(good)s, %(bad)s", "Copies", "Page", "document (PDF)", "document (Word)", "archive (ZIP)", "film",
    "Invitation", "date", "Description", "Notes", "Service", "Services", "Source", "Signature",
    "Organisation", "Contact", "Contacts", "Pages", "Dimension %(number)s", "Code", "Conditions", "Sessions",
    "Version %(number)s",
}  # fmt: skip

PERCENT = re.compile(r"%(?:\(\w+\))?[sd]")
BRACES = re.compile(r"\{\w*\}")
TAGS = re.compile(r"</?\w+[^>]*>")
HARD_SPACE = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
BEFORE = re.compile(rf"(?<![{HARD_SPACE}])»|(?<=\w)[;!?](?=\s|$)|(?<=[\w)»}}%]):(?=\s|$)|[ \t][:;!?»]")
AFTER = re.compile(rf"«(?![{HARD_SPACE}])")
LETTERS = re.compile(r"[^\W\d_]+")
# Words no French sentence has; `not`, `for` and the like are common in the English of our sources.
ENGLISH = re.compile(
    r"\b(?:the|and|of|is|are|was|were|your|you|with|not|for|this|that|nothing|cannot|must|has)\b",
    re.IGNORECASE,
)
FRENCH_ONLY = {"headers": {"Accept-Language": "fr"}}


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    catalogue.compile_if_stale()
    # A process that has already spoken French without our catalogue remembers it that way.
    translation_file_changed(None, catalogue.COMPILED)


@pytest.fixture(autouse=True)
def in_french(settings_for_tests: None) -> Iterator[None]:
    with translation.override("fr"):
        yield


def entries() -> list[Message]:
    return [message for message in catalogue.french() if message.id]


def pairs() -> Iterator[tuple[str, str]]:
    """Each English form and the French one that stands for it."""
    for message in entries():
        if isinstance(message.id, str):
            yield message.id, str(message.string)
        else:
            yield from zip(message.id, message.string, strict=True)


def key(message: Message) -> tuple[str, str]:
    return (message.id if isinstance(message.id, str) else message.id[0]), message.context or ""


# The catalogue


def test_every_message_of_the_sources_has_its_french() -> None:
    said = {(message.singular, message.context) for message in catalogue.messages()}
    known = {key(message) for message in entries() if catalogue.is_complete(message.string)}
    assert not said - known, "run `python -m tests.catalogue` and translate what it names"


def test_nothing_stands_in_the_catalogue_that_nobody_says() -> None:
    said = {(message.singular, message.context) for message in catalogue.messages()}
    assert not {key(message) for message in entries()} - said
    assert not catalogue.french().obsolete


def test_nothing_is_guessed() -> None:
    assert not [message.id for message in catalogue.french() if message.fuzzy]
    assert "fuzzy" not in catalogue.FRENCH.read_text(encoding="utf-8")


def test_what_is_counted_has_both_its_forms() -> None:
    counted = {message.singular: message.plural for message in catalogue.messages() if message.plural}
    found = {message.id[0]: message for message in entries() if not isinstance(message.id, str)}
    assert counted == {singular: message.id[1] for singular, message in found.items()}
    assert all(len(message.string) == 2 and all(message.string) for message in found.values())


def test_placeholders_and_markup_agree() -> None:
    for english, french in pairs():
        for pattern in (PERCENT, BRACES, TAGS):
            assert sorted(pattern.findall(english)) == sorted(pattern.findall(french)), (english, french)
        assert english.count("%%") == french.count("%%"), (english, french)


def test_a_message_begins_and_ends_as_the_english_does() -> None:
    for english, french in pairs():
        assert english[:1].isspace() == french[:1].isspace(), (english, french)
        assert english[-1:].isspace() == french[-1:].isspace(), (english, french)
        assert english.endswith(".") == french.endswith("."), (english, french)


def test_nothing_is_left_in_english() -> None:
    for english, french in pairs():
        words = LETTERS.findall(PERCENT.sub("", TAGS.sub("", english)))
        assert english != french or not words or english in ALIKE, english
    for _english, french in pairs():
        assert not ENGLISH.search(PERCENT.sub("", BRACES.sub("", french))), french


def test_what_is_listed_as_alike_is_said() -> None:
    assert {english for english, french in pairs() if english == french} >= ALIKE


def test_spaces_are_those_of_french() -> None:
    for _english, french in pairs():
        assert not BEFORE.search(french), french
        assert not AFTER.search(french), french
        assert "“" not in french and '"' not in TAGS.sub("", french), french
        assert "  " not in french, french


@pytest.mark.parametrize("path", sorted(vocabulary.FOLDER.glob("*.csv")), ids=lambda path: path.stem)
def test_spaces_of_the_coded_lists_are_those_of_french(path: Path) -> None:
    """No English has a space before these signs: the whole file is looked at, whatever its columns are called."""
    assert not re.search(r" [:;!?»]|« ", path.read_text(encoding="utf-8"))


def test_one_word_for_one_thing() -> None:
    """As in the signed method of every release, and never the word of another system."""
    for english, french in pairs():
        if "passphrase" in english.lower():
            assert "phrase de passe" in french.lower() or "phrases de passe" in french.lower(), french
        if "password" not in english:
            assert "mot de passe" not in french.lower(), french
        if re.search(r"suppress(?:ed|es)?\b", english):
            assert "supprim" in french.lower(), (english, french)
        if re.search(r"supersede[sd]?\b", english, re.IGNORECASE) and "supersedes are known" not in english:
            assert "remplac" in french.lower(), (english, french)
        assert not re.search(r"masqu|\beffacé.*cellule|\brapport\b", french), french
        assert not re.search(r"\w·\w|\w\(e\)", french), french


def test_the_catalogue_compiles_to_what_it_says() -> None:
    with catalogue.COMPILED.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in entries():
        if isinstance(message.id, str) and not message.context:
            assert compiled.gettext(message.id) == message.string
    assert [
        compiled.ngettext("%(number)s case", "%(number)s cases", n) % {"number": n} for n in (0, 1, 2)
    ] == [
        "0 dossier",
        "1 dossier",
        "2 dossiers",
    ]


def test_the_extraction_reads_what_django_looks_up() -> None:
    source = '{% blocktranslate count n=n trimmed %}\n one {{ n }} %\n{% plural %} many {% endblocktranslate %}{% x a=_("b c") %}'
    assert "ngettext" in templatize(source)
    assert list(catalogue.in_template(source)) == [
        catalogue.Message("one %(n)s %%", "many"),
        catalogue.Message("b c"),
    ]
    python = "from django.utils.translation import gettext as _now, ngettext\n_now('a' 'b')\nngettext('c', 'd', 2)\n_('e')"
    assert list(catalogue.in_python(python)) == [catalogue.Message("ab"), catalogue.Message("c", "d")]


# The pages


def words_of(page: str) -> str:
    """What is read, heard or shown on hovering; without code and what is in another language on purpose."""
    for one in series.all_series():
        page = page.replace(html.escape(one.source), "")
    page = re.sub(r"<(script|style|code|head)\b.*?</\1>|<!--.*?-->", " ", page, flags=re.DOTALL)
    page = re.sub(r'<(\w+)[^>]*\blang="en"[^>]*>.*?</\1>', " ", page, flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', page)
    return re.sub(r" +", " ", html.unescape(" ".join([re.sub(r"<[^>]*>", " ", page), *spoken])))


def left_in_english(page: str) -> list[str]:
    """Catalogue sentences in English on a page: the stretches between placeholders, when more than two words long."""
    flat = " ".join(html.unescape(page).split())
    stretches = {
        stretch.strip()
        for english, _french in pairs()
        for stretch in re.split(rf"{PERCENT.pattern}|{BRACES.pattern}", english)
        if len(LETTERS.findall(stretch)) > 2
    }
    return sorted(stretch for stretch in stretches if stretch in flat)


def assert_french(response: HttpResponse, *statuses: int) -> str:
    assert response.status_code in (statuses or (200,))
    page = response.content.decode()
    assert '<html lang="fr"' in page
    assert not left_in_english(page)
    found = ENGLISH.search(words_of(page))
    assert not found, words_of(page)[max(0, found.start() - 60) : found.end() + 60]
    assert "mot de passe" not in page.lower()
    return page


@pytest.fixture(autouse=True)
def releases_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a coordinator wrote in French herself is none of the catalogue's."""
    monkeypatch.setattr(release_pages, "words", lambda text: {"en": text, "fr": f"Mot {len(text)}"})


@pytest.fixture
def visitor() -> Client:
    return Client(**FRENCH_ONLY)


@pytest.mark.parametrize(
    "address",
    ["/sign-in/", "/sign-in/?locked=1", "/recovery/", "/invitation/", "/published/", "/published/x/"],
)
def test_signed_out_pages_are_french(visitor: Client, cast: Cast, address: str) -> None:
    assert_french(visitor.get(address), 200, 404)


def test_a_published_release_is_french(visitor: Client, cast: Cast) -> None:
    release = a_published(cast)
    page = assert_french(visitor.get(reverse("published-release", args=[release.pk])))
    assert "Compte des personnes" in page


def test_the_first_start_is_french_and_so_is_what_it_refuses(visitor: Client, db: None) -> None:
    assert_french(visitor.get("/setup/"))
    sent = {
        "organisation": "",
        "username": "a b",
        "password1": "short",
        "password2": "shorter",
        "language": "x",
    }
    page = assert_french(visitor.post("/setup/", sent))
    assert "Ce champ est obligatoire" in page


def test_a_refused_sign_in_is_french(visitor: Client, cast: Cast) -> None:
    assert "phrase de passe" in assert_french(
        visitor.post("/sign-in/", {"login": "alice", "password": "wrong words"})
    )
    assert_french(visitor.post("/sign-in/", {"login": "", "password": ""}))


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_are_french(template: str) -> None:
    assert_french(HttpResponse(render_to_string(template)))


def test_a_form_without_its_token_is_refused_in_french(cast: Cast) -> None:
    assert_french(Client(enforce_csrf_checks=True, **FRENCH_ONLY).post("/sign-in/", {}), 403)


def test_too_many_attempts_are_told_in_french() -> None:
    assert_french(HttpResponse(render_to_string("accounts/too_many_requests.html")))


def test_an_english_reader_gets_english(cast: Cast) -> None:
    page = Client(headers={"Accept-Language": "en"}).get("/sign-in/").content.decode()
    assert '<html lang="en"' in page and "Sign in" in page and "Se connecter" not in page


@pytest.mark.parametrize("name", ["alice", "dana", "frank"])
def test_every_page_without_a_parameter_is_french_inside(cast: Cast, name: str) -> None:
    client = sign_in(Client(**FRENCH_ONLY), name)
    for address in (
        "cases",
        "case-add",
        "import",
        "audit",
        "releases",
        "release-draft",
        "teams",
        "account_change_password",
        "second-factor",
        "factor-app",
        "factor-passkey",
        "recovery-code",
        "sessions",
        "lockdown",
        "people",
        "prove",
        "trustees",
        "trustees-rehearse",
    ):
        assert_french(client.get(reverse(address)), 200, 404)


def test_the_pages_of_a_case_are_french(cast: Cast) -> None:
    someone = person("Héron")
    case = intake.create_case(
        cast.keyring_of("alice"), cast.verdun, story("H-1", someone, narrative="Récit.")
    )
    client = sign_in(Client(**FRENCH_ONLY), "alice")
    for address in ("case", "case-change", "case-history", "person-add", "case-consent"):
        assert_french(client.get(reverse(address, args=[case]), follow=True))
    for address in ("person-change", "person-safety", "person-consent"):
        assert_french(client.get(reverse(address, args=[case, uuid.UUID(someone.id)])))
    assert_french(client.post("/import/", {}), 200, 422)


ASKED = dict.fromkeys(PURPOSES[1:], "NOT_ASKED") | {"on": "2026-11-01", "mode": "ORAL", "language": "fr"}


def test_every_part_of_an_intake_is_french(cast: Cast) -> None:
    client = sign_in(Client(**FRENCH_ONLY), "alice")
    assert_french(client.post("/cases/add/", {}), 422)
    draft = intake_pages.begin(client, cast.verdun.pk)
    assert_french(client.post(intake_pages.address(draft, "consent"), {"consent-STORE": "REFUSED"}), 422)
    consent = {f"consent-{name}": value for name, value in {"STORE": "GIVEN", **ASKED}.items()}
    assert_french(client.post(intake_pages.address(draft, "consent"), consent, follow=True))
    for part in ("safety", "event", "people", "next"):
        assert_french(client.get(intake_pages.address(draft, part)))
    wrong = {"safety-removal": "x", "event-date": "2999", "person-alias": "", "next-reach": "x" * 2001}
    for part, field in zip(("safety", "event", "people", "next"), wrong.items(), strict=True):
        assert_french(client.post(intake_pages.address(draft, part), dict([field])), 422)
    assert_french(client.post(intake_pages.address(draft, "summary")), 422)
    assert_french(client.get("/cases/add/"))
    keyless = Client(**FRENCH_ONLY)
    assert_french(keyless.post(intake_pages.address(draft, "safety"), {"safety-removal": "x"}), 401)
    assert_french(keyless.post("/sign-in/again/", {}), 403)


def test_the_pages_of_evidence_are_french(cast: Cast) -> None:
    someone = person("Héron", "STORE", "REFER_LEGAL")
    record = story("H-1", someone, narrative="Récit.")
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, record)
    client = sign_in(Client(**FRENCH_ONLY), "alice")
    assert_french(client.get(reverse("evidence-add", args=[case])))
    assert_french(client.post(reverse("evidence-add", args=[case]), {}), 422)
    for content in (
        exhibits.pdf(2, "Le texte."),
        exhibits.polyglot(),
        exhibits.sound(),
        exhibits.jpeg()[:900],
    ):
        evidence = kept(cast, case, content, "pièce.docx")
        for name in ("evidence", "evidence-export"):
            assert_french(client.get(reverse(name, args=[case, evidence])))
        assert_french(client.post(reverse("evidence-export", args=[case, evidence]), {"what": "clean"}), 422)
        empty = {"areas-TOTAL_FORMS": "0", "areas-INITIAL_FORMS": "0", "make": "1"}
        assert_french(client.post(reverse("evidence-redact", args=[case, evidence]), empty), 404, 422)
    assert_french(client.get(reverse("case", args=[case])))


def test_what_is_refused_is_refused_in_french(cast: Cast) -> None:
    case = intake.create_case(cast.keyring_of("alice"), cast.verdun, story("H-1", narrative="Récit."))
    alice = sign_in(Client(**FRENCH_ONLY), "alice")
    rows = "reference,event_date,city,consent_purposes,consent_mode,consent_date\nA,2999,Montreol,STATS,ORAL,soon\n"
    for name, content in (("a.csv", rows), ("a.csv", ""), ("a.csv", "a,b\n1,2\n"), ("a.xlsx", "no sheet")):
        assert_french(alice.post("/import/", {"file": SimpleUploadedFile(name, content.encode())}), 422)
    assert_french(alice.post(reverse("case-grant", args=[case]), {"username": "nobody"}), 422)
    assert_french(alice.post("/passphrase/", {"oldpassword": "x", "password1": "short", "password2": "y"}))
    assert_french(alice.post("/cases/search/", {"words": "zzz"}))
    assert_french(alice.get("/sign-out/"))
    assert_french(alice.post("/sign-out/", follow=True))


def test_teams_and_invitations_are_french(cast: Cast) -> None:
    alice = sign_in(Client(**FRENCH_ONLY), "alice")
    assert_french(alice.get(reverse("team", args=[cast.verdun.pk])))
    page = assert_french(alice.post(reverse("invite", args=[cast.verdun.pk])))
    link = html.unescape(re.search(r"https?://[^\s<]+/invitation/[^\s<]+", page)[0])
    newcomer = Client(**FRENCH_ONLY)
    assert_french(newcomer.get(link, follow=True))
    assert_french(newcomer.post("/invitation/", {"username": "alice", "password1": "short"}))


def test_the_second_factor_and_the_way_back_are_french(cast: Cast) -> None:
    alice = sign_in(Client(**FRENCH_ONLY), "alice")
    assert_french(alice.post("/second-factor/app/", {"code": "0"}))
    assert_french(alice.post("/second-factor/passkey/", {"name": "", "credential": "{}"}))
    assert_french(alice.post("/recovery-code/"))
    with_app(cast.alice)
    assert_french(alice.post("/second-factor/codes/"))
    assert_french(alice.get("/second-factor/"))
    assert_french(alice.post("/prove/", {"passphrase": "wrong words"}))
    visitor = Client(**FRENCH_ONLY)
    visitor.post("/sign-in/", {"login": "alice", "password": PASSPHRASE})
    assert_french(visitor.post("/second-step/", {"code": "0"}))
    assert_french(visitor.post("/second-step/lost/", {"code": "x"}))
    weak = {
        "username": "alice",
        "code": written(new_code()),
        "password1": "jesuismontreal1",
        "password2": "j",
    }
    assert_french(visitor.post("/recovery/", weak))
    good = {"password1": "quatre huards au large", "password2": "quatre huards au large"}
    assert_french(visitor.post("/recovery/", weak | good))
    assert_french(sign_in(Client(**FRENCH_ONLY), "dana").post("/lockdown/", {}))


def test_the_trustees_and_a_rescue_are_french(cast: Cast) -> None:
    dana, erin = (sign_in(Client(**FRENCH_ONLY), name) for name in ("dana", "erin"))
    assert_french(dana.post("/trustees/", {"count": "2", "threshold": "3"}))
    words = re.findall(
        r"<code>([a-z ]+)</code>", assert_french(dana.post("/trustees/", {"count": "3", "threshold": "2"}))
    )
    sign_in(Client(), "alice")
    page = assert_french(dana.post(reverse("rescue-begin", args=[cast.alice.pk])))
    link = re.search(r"http://testserver(/rescue/[\w-]+/)", html.unescape(page))[1]
    person = Client(**FRENCH_ONLY)
    assert_french(person.get(link, follow=True), 404)
    here = reverse("rescue", args=[cast.alice.rescue.pk])
    for typed in ("heron", words[0].rpartition(" ")[0], words[0], words[0], words[1]):
        assert_french(dana.post(here, {"share": typed}, follow=True))
    assert_french(dana.post("/trustees/rehearse/", {"shares": words[0]}))
    assert_french(erin.get(here))
    assert_french(erin.post(reverse("rescue-approve", args=[cast.alice.rescue.pk]), follow=True))
    assert_french(dana.post(reverse("rescue-finish", args=[cast.alice.rescue.pk]), follow=True))
    assert_french(person.get("/rescue/"))
    assert_french(dana.get("/people/"))
    assert_french(dana.post("/trustees/rehearse/", {"shares": "\n".join(words[:2])}, follow=True))


def test_every_stage_of_a_release_is_french(cast: Cast) -> None:
    erin = sign_in(Client(**FRENCH_ONLY), "erin")
    job = Job.objects.create(kind=Job.Kind.DRAFT_RELEASE, state=Job.State.RUNNING, stage="count")
    asked = Release.objects.create(specification=QUESTION, drafted_by=cast.dana, job=job)
    refused = a_draft(cast.dana, document=None, suppressed=[], refusal="unprotectable")
    for release in (asked, refused, a_draft(cast.dana), a_published(cast)):
        assert_french(erin.get(reverse("release", args=[release.pk])))
        assert_french(
            erin.post(reverse("release-approve", args=[release.pk]), follow=True), 200, 404, 409, 422
        )
    assert_french(erin.get("/releases/"))
    assert_french(erin.post("/releases/draft/", {"title_fr": "x"}), 422)


# What Django says on our pages


def test_what_django_refuses_is_said_in_french() -> None:
    said = []
    for field, value in (
        (forms.CharField(max_length=3), "four"),
        (forms.ChoiceField(choices=[("a", "a")]), "b"),
        (forms.MultipleChoiceField(choices=[("a", "a")]), ["b"]),
        (forms.IntegerField(max_value=3), "9"),
        (forms.DateField(), "x"),
        (forms.FileField(), None),
    ):
        with pytest.raises(ValidationError) as refused:
            field.clean(value)
        said += refused.value.messages
    assert not [text for text in said if ENGLISH.search(text)]


def test_django_s_word_for_a_passphrase_is_nowhere() -> None:
    form = SetupForm({})
    assert form.errors
    assert "mot de passe" not in str(form).lower()
    assert ngettext("%(number)s day", "%(number)s days", 2) == "%(number)s jours"
