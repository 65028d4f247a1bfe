"""What everybody reads: the same figures on the page, in the file and under the signature, and nothing more."""

import csv
import io
import json
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from casework import charts, documents, releases, rendering
from casework.charts import Bars, Trend
from casework.models import Release
from tests.cast import Cast
from tests.release_pages import VALUES, a_document, a_draft, a_published

ENGLISH = {"accept-language": "en"}


@pytest.fixture
def release(cast: Cast) -> Release:
    return a_published(cast)


# The page


def test_everybody_reads_a_published_release_signed_out(client: Client, release: Release) -> None:
    listed = client.get("/published/", headers=ENGLISH)
    assert f"/published/{release.pk}/" in listed.content.decode()
    page = client.get(f"/published/{release.pk}/", headers=ENGLISH)
    assert page.status_code == 200
    assert "Stops and what followed" in page.content.decode()


def test_the_page_shows_every_visible_figure_and_no_reason(client: Client, release: Release) -> None:
    text = client.get(f"/published/{release.pk}/", headers=ENGLISH).content.decode()
    table = text[text.index("<tbody>") : text.index("</tbody>")]
    assert rendering.read_html(table) == [VALUES[held, year] for held in ("YES", "NO", "UNK", "TOTAL")
                                          for year in ("2015", "2016", "TOTAL")]  # fmt: skip
    assert "suppressed__why" not in text
    assert "complementary" not in text


def test_the_page_names_nobody_who_made_it(client: Client, release: Release) -> None:
    text = client.get(f"/published/{release.pk}/").content.decode()
    for user in User.objects.all():
        assert user.username not in text


def test_a_suppressed_cell_is_drawn_without_a_height_that_says_something(cast: Cast) -> None:
    document = a_document(uuid.uuid4())
    trend = charts.trend("Stops", [("2015", 6), ("2016", None), ("2017", 12), ("2018", None)])
    hidden = [column for column in trend.columns if column.value is None]
    assert {(column.y, column.height) for column in hidden} == {(hidden[0].y, hidden[0].height)}
    chart = charts.chart(document, document.tables[0], "en")
    assert isinstance(chart, Bars)
    assert [bar["value"] for bar in chart.bars] == [15, 14, 11]


def test_time_is_drawn_standing_and_its_scale_holds_the_tallest() -> None:
    trend = charts.trend("Stops", [(str(year), value) for year, value in ((2015, 0), (2016, 43), (2017, 1))])
    assert isinstance(trend, Trend)
    assert [line.label for line in trend.lines] == [0, 10, 20, 30, 40, 50]
    heights = [column.height for column in trend.columns]
    assert heights[0] == 0
    assert max(heights) < trend.height
    assert all(column.y >= 0 for column in trend.columns)


def test_an_empty_chart_is_still_a_chart() -> None:
    assert charts.trend("Stops", [("2015", None)]).lines[-1].label == 1
    assert charts.trend("Stops", []).columns == []


@pytest.mark.parametrize("page", ["{}/", "{}.json", "{}.csv"])
def test_a_draft_an_unknown_and_a_forged_id_are_not_found(client: Client, cast: Cast, page: str) -> None:
    draft = a_draft(cast.dana)
    for wrong in (draft.pk, uuid.uuid4()):
        assert client.get("/published/" + page.format(wrong)).status_code == 404
    assert client.get("/published/" + page.format("../../etc/passwd")).status_code == 404


def test_nothing_is_written_on_a_public_page(client: Client, release: Release) -> None:
    for page in ("", f"{release.pk}/", f"{release.pk}.json", f"{release.pk}.csv"):
        assert client.post(f"/published/{page}").status_code == 405


def test_the_later_edition_is_announced_on_the_earlier_one(
    client: Client, cast: Cast, release: Release
) -> None:
    later = a_published(cast, supersedes=release)
    text = client.get(f"/published/{release.pk}/", headers=ENGLISH).content.decode()
    assert f"/published/{later.pk}/" in text
    listed = client.get("/published/", headers=ENGLISH).content.decode()
    assert listed.index(str(later.pk)) < listed.index(str(release.pk))


def test_a_digit_changed_in_the_database_is_not_served(client: Client, release: Release) -> None:
    release.document = bytes(release.document).replace(b'"value":6', b'"value":7')
    release.save()
    for page in ("{}/", "{}.json", "{}.csv"):
        response = client.get("/published/" + page.format(release.pk))
        assert response.status_code == 409
        assert b'"value":7' not in response.content


# Outside series


def test_outside_figures_keep_their_unit_definition_and_source_and_are_never_added_up(
    client: Client, db: None
) -> None:
    text = client.get("/published/", headers=ENGLISH).content.decode()
    for code in ("E1", "E2", "E3", "E4"):
        assert f'id="{code}"' in text
    assert "3,608" in text
    assert "Status checks only, as counted by CBSA" in text
    assert "HuffPost" in text
    figures = [cell for cell in rendering.read_html(text) if cell is not None]
    assert 4254 in figures
    assert 4770 not in figures, "a sum of ours among somebody else's figures"


def test_a_year_nobody_published_is_missing_and_not_zero(client: Client, db: None) -> None:
    text = client.get("/published/", headers=ENGLISH).content.decode()
    one = text[text.index('id="E1"') : text.index('id="E2"')]
    assert "TPS, 2016" in one
    assert "TPS, 2015" not in one
    assert ">0<" not in one


# Files


def test_the_json_is_the_very_bytes_that_were_signed(client: Client, release: Release) -> None:
    response = client.get(f"/published/{release.pk}.json")
    assert response.headers["Content-Type"] == "application/json"
    assert response.content == bytes(release.document)
    documents.verify(documents.read(response.content))


def test_the_csv_holds_every_cell_and_its_title(client: Client, release: Release) -> None:
    response = client.get(f"/published/{release.pk}.csv", headers=ENGLISH)
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert rows[0] == ["Held × Year"]
    assert rows[1] == ["Held", "Year", "held", "year", "Number"]
    found = {tuple(row[2:4]): None if row[4] == "×" else int(row[4]) for row in rows[2:]}
    assert found == VALUES


def test_no_cell_of_the_csv_begins_a_formula(client: Client, release: Release) -> None:
    text = client.get(f"/published/{release.pk}.csv", headers=ENGLISH).content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=YES" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_csv_speaks_the_reader_s_language(client: Client, release: Release, language: str) -> None:
    text = client.get(f"/published/{release.pk}.csv", headers={"accept-language": language}).content.decode(
        "utf-8-sig"
    )
    assert ("Held (fr)" in text) is (language == "fr")


# What the audit attacks is what a reader gets


def test_the_rendering_reads_back_as_the_document(cast: Cast) -> None:
    document = a_document(uuid.uuid4())
    rendering.check_rendering(document)
    [reading] = rendering.read_csv(rendering.csv_text(document, "fr"))
    assert reading == {rendering.key_of(c.at): c.value for c in document.tables[0].cells}


def test_a_template_that_shows_another_number_is_caught(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def slip(template: str, context: dict[str, Any]) -> str:
        return "".join(f"<td>{c.value or 0}</td>" for row in context["table"].rows for c in row.cells)

    monkeypatch.setattr(rendering, "render_to_string", slip)
    with pytest.raises(rendering.RenderedWrong):
        rendering.check_rendering(a_document(uuid.uuid4()))


def test_a_csv_that_shows_another_number_is_caught(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    true_text = rendering.csv_text
    monkeypatch.setattr(rendering, "csv_text", lambda d, language: true_text(d, language).replace("15", "16"))
    with pytest.raises(rendering.RenderedWrong):
        rendering.check_rendering(a_document(uuid.uuid4()))


def test_categories_with_nobody_in_them_are_named_under_the_table(cast: Cast) -> None:
    document = a_document(uuid.uuid4())
    for cell in document.tables[0].cells:
        if cell.at["held"] == "UNK":
            cell.value = 0
    [shown] = rendering.shown_tables(document, "en")
    assert shown.nobody == ["=UNK"]
    assert [row.label for row in shown.rows] == ["=YES", "=NO", "Total"]


def test_a_table_of_three_dimensions_is_shown_in_slices(cast: Cast) -> None:
    document = a_document(uuid.uuid4())
    gender = documents.Dimension("gender", {"en": "Gender", "fr": "Genre"}, [
        documents.Category(c, {"en": c, "fr": c}) for c in ("WOMAN", "MAN")])  # fmt: skip
    document.dimensions.append(gender)
    cells = [
        documents.Cell({"held": h, "year": y, "gender": g}, 1)
        for h in ("YES", "NO", "UNK", "TOTAL") for y in ("2015", "2016", "TOTAL") for g in ("WOMAN", "MAN", "TOTAL")
    ]  # fmt: skip
    document.tables = [documents.Table({"en": "t", "fr": "t"}, ["held", "year", "gender"], cells)]
    shown = rendering.shown_tables(document, "en")
    assert [table.note for table in shown] == ["Held: =YES", "Held: =NO", "Held: =UNK", "Held: Total"]
    assert sum(len(row.cells) for table in shown for row in table.rows) == len(cells)


# verify_release


@pytest.fixture
def file(release: Release, tmp_path: Path) -> Path:
    path = tmp_path / "release.json"
    path.write_bytes(bytes(release.document))
    return path


def test_verify_release_says_who_signed(
    file: Path, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    key = documents.read(bytes(release.document)).signature.key  # type: ignore[union-attr]
    call_command("verify_release", file)
    assert key in capsys.readouterr().out
    call_command("verify_release", file, key=key)


def changed(content: bytes) -> bytes:
    return content.replace(b'"threshold":5', b'"threshold":6')


def without_signature(content: bytes) -> bytes:
    plain = json.loads(content)
    del plain["signature"]
    return json.dumps(plain).encode()


def with_another_total(content: bytes) -> bytes:
    return content.replace(b'"value":40', b'"value":41')


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (changed, "signature"),
        (without_signature, "signature"),
        (with_another_total, "add up"),
        (lambda _content: b"", "not a release document"),
        (lambda _content: b"\x89PNG", "not a release document"),
        (lambda content: content.replace(b"temoin-release/1", b"temoin-release/9"), "another schema"),
    ],
)
def test_verify_release_refuses_in_words(file: Path, spoil: Any, said: str, settings: Any) -> None:
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(CommandError, match=said):
        call_command("verify_release", file)


def test_verify_release_refuses_another_s_key_and_a_key_that_is_none(file: Path) -> None:
    with pytest.raises(CommandError, match="signature"):
        call_command("verify_release", file, key="0" * 64)
    with pytest.raises(CommandError, match="64 hexadecimal"):
        call_command("verify_release", file, key="my key")


def test_verify_release_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_release", tmp_path / "none.json")


def test_verify_release_ends_with_an_exit_code(file: Path) -> None:
    root = Path(documents.__file__).parent.parent
    file.write_bytes(changed(file.read_bytes()))
    run = subprocess.run(
        [sys.executable, "manage.py", "verify_release", str(file)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "CommandError" in run.stderr
    assert not re.search(r"Traceback", run.stderr)


def test_the_published_list_takes_few_queries(
    client: Client, cast: Cast, release: Release, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(2):
        client.get("/published/")
    assert releases.published().count() == 1
