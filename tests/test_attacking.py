"""The attack from outside on everything that was published: it finds nothing in what is protected, and whatever was planted."""

import copy
import re
from io import StringIO
from typing import Any

import msgspec
import pytest
from django.core.management import CommandError, call_command

from casework import attacking, documents, releasepaper, releases
from casework.attacking import Copy, attack
from casework.management.commands import attack_published
from casework.management.commands.demo_data import QUESTION
from casework.models import Release
from tests.cast import Cast
from tests.statistics_rows import fill
from tests.test_drafting import publish, run_next_job

SENSITIVE = attack_published.SENSITIVE
TABLES = [["held", "year"], ["cbsa_involvement"], ["outcome"], ["pretext"], ["hold_length"]]


def a_release(cast: Cast, capture: Any, **changes: Any) -> Release:
    with capture():
        release = releases.request_draft(cast.dana, QUESTION | {"tables": TABLES} | changes)
    run_next_job()
    release.refresh_from_db()
    return publish(cast, release)


@pytest.fixture
def published(cast: Cast, django_capture_on_commit_callbacks: Any) -> list[Copy]:
    """The demonstration's question, over two periods and in a second edition, as a reader saves them."""
    fill(160)
    first = a_release(cast, django_capture_on_commit_callbacks)
    a_release(cast, django_capture_on_commit_callbacks, supersedes=str(first.pk))
    return [attack_published.fetched(release) for release in releases.published().reverse()]


def test_nothing_is_found_in_what_was_published(published: list[Copy]) -> None:
    assert len(published) == 2
    assert attack(published, SENSITIVE) == []
    out = StringIO()
    call_command("attack_published", stdout=out)
    assert "Nothing was found" in out.getvalue() or "Rien n'a été trouvé" in out.getvalue()


def hidden_cell(document: dict[str, Any]) -> dict[str, Any]:
    return next(
        c
        for t in document["tables"]
        if t["dimensions"] == ["pretext"]
        for c in t["cells"]
        if c["value"] is None
    )


def planted(published: list[Copy], **changes: Any) -> list[str]:
    one = published[-1]
    return attack([*published[:-1], Copy(**{**vars(one), **changes})], SENSITIVE)


def test_every_form_is_read_and_says_what_the_document_says(published: list[Copy]) -> None:
    """Otherwise nothing would be found because nothing was read."""
    document = published[-1].document
    cells = {
        attacking._place(cell["at"]): cell["value"]
        for table in document["tables"]
        for cell in table["cells"]
        if cell["value"] is not None
    }
    for sheet in published[-1].sheets:
        assert attacking.read_sheet(sheet) == cells
    for page in published[-1].pages:
        read = attacking.read_page(page, document)
        assert set(read) <= set(cells) and all(cells[place] == value for place, value in read.items())
        shown = {place for place, value in cells.items() if value}
        assert shown <= set(read), "every number but a whole row of zeros stands on the page"
    for paper in published[-1].papers:
        read = attacking.read_paper(paper, document)
        assert set(read) <= set(cells) and all(cells[place] == value for place, value in read.items())
        assert shown <= set(read), "and on paper"


def test_a_small_number_left_in_a_csv_is_found(published: list[Copy]) -> None:
    cell = hidden_cell(dict(published[-1].document))
    code = cell["at"]["pretext"]
    sheet = re.sub(rf"({code},)×", r"\g<1>3", published[-1].sheets[0])
    found = planted(published, sheets=[sheet])
    assert f"shown elsewhere: pretext={code} is kept back in one form and 3 in another" in found
    assert f"printed: pretext={code} = 3" in found


@pytest.mark.parametrize("language", [0, 1])
def test_a_small_number_left_on_a_page_is_found(published: list[Copy], language: int) -> None:
    document = published[-1].document
    cell = hidden_cell(dict(document))
    [dimension] = [d for d in document["dimensions"] if d["code"] == "pretext"]
    word = next(
        c["label"][attacking.LANGUAGES[language]]
        for c in dimension["categories"]
        if c["code"] == cell["at"]["pretext"]
    )
    from django.utils.html import escape

    page = published[-1].pages[language]
    head = f'<th scope="row">{escape(word)}</th><td class="is-number">'
    assert head in page
    at = page.index(head) + len(head)
    page = page[:at] + "2" + page[page.index("</td>", at) :]
    assert any(line.startswith("shown elsewhere: pretext=") for line in planted(published, pages=[page]))


@pytest.mark.parametrize("language", attacking.LANGUAGES)
def test_a_small_number_left_on_paper_is_found(published: list[Copy], language: str) -> None:
    """Printed by whatever makes the PDF, from a document that keeps it back."""
    loose = copy.deepcopy(dict(published[-1].document))
    cell = hidden_cell(loose)
    cell["value"] = 3
    paper = releasepaper.pdf(msgspec.convert(loose, documents.Document), language)
    found = planted(published, papers=[paper])
    assert (
        f"shown elsewhere: pretext={cell['at']['pretext']} is kept back in one form and 3 in another" in found
    )


def test_a_column_of_percentages_is_found(published: list[Copy]) -> None:
    page, document = published[-1].pages[0], published[-1].document
    start = page.index(">Pretext</th>")
    end = page.index("</table>", start)
    table = page[start:end].replace("</tr></thead>", '<th scope="col">%</th></tr></thead>', 1)
    total = next(
        c["value"] for t in document["tables"] for c in t["cells"] if set(c["at"].values()) == {"TOTAL"}
    )
    share = f"{100 * 3 / total:.1f}%"
    rows = re.sub(
        r"(<td[^>]*>(?:(?!</td>).)*×(?:(?!</td>).)*</td>)</tr>",
        rf"\1<td>{share}</td></tr>",
        table,
        count=1,
        flags=re.DOTALL,
    )
    assert rows != table
    page = page[:start] + rows + page[end:]
    assert any("kept back in one form and 3 in another" in line for line in planted(published, pages=[page]))


def test_a_cell_printed_in_the_document_itself_gives_others_away(published: list[Copy]) -> None:
    document = copy.deepcopy(dict(published[-1].document))
    hidden_cell(document)["value"] = 3
    found = planted(published, document=document, sheets=[], pages=[])
    assert any(line.startswith("printed: ") for line in found)


def test_a_copy_that_was_never_protected_gives_everything_away(cast: Cast, published: list[Copy]) -> None:
    """The true counts, with only the small cells crossed out: what a group without this program would publish."""
    from casework import drafting, questions
    from casework.counting import Layout
    from casework.statistics import worker_root
    from casework.tallying import Tally
    from tests.test_drafting import TODAY, Quiet

    question = questions.parse(QUESTION | {"tables": TABLES}, TODAY)
    layout = Layout(question)
    tally = Tally(layout)
    linked = tally.linked(drafting.count(tally, worker_root(), TODAY, Quiet()), layout.tables, ())
    document = copy.deepcopy(dict(published[0].document))
    for number, table in enumerate(document["tables"]):
        truth = {attacking._place(at): int(linked.values[cell]) for at, cell in layout.cells(linked, number)}
        for cell in table["cells"]:
            value = truth[attacking._place(cell["at"])]
            cell["value"] = None if 0 < value < 5 else value
    found = attack([Copy(document)], SENSITIVE)
    assert any(line.startswith("exact: ") for line in found)
    assert any(line.startswith("recognisable: ") for line in found)


def test_a_contradiction_between_two_forms_is_named(published: list[Copy]) -> None:
    document = published[-1].document
    cell = next(
        c
        for t in document["tables"]
        if t["dimensions"] == ["pretext"]
        for c in t["cells"]
        if (c["value"] or 0) > 9
    )
    code = cell["at"]["pretext"]
    sheet = re.sub(rf"({code},){cell['value']}\b", rf"\g<1>{cell['value'] + 1}", published[-1].sheets[0])
    assert any(
        line.startswith("contradiction: ")
        for line in planted(published, sheets=[sheet, published[-1].sheets[1]])
    )


def test_the_command_fails_when_something_is_found(
    published: list[Copy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attack_published, "attack", lambda *_: ["printed: held=NO = 2"])
    with pytest.raises(CommandError):
        call_command("attack_published", stdout=StringIO())
