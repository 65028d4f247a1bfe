"""What a seizure yields is said field by field, and nothing is left unsaid."""

import io
import json
import uuid

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation.reloader import translation_file_changed

from casework import exposure, intake
from tests import catalogue
from tests.cast import Cast, sign_in
from tests.stories import NARRATIVE, story

pytestmark = pytest.mark.django_db


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("exposure", *words, stdout=out)
    return out.getvalue()


def test_every_field_of_every_model_has_a_class() -> None:
    assert exposure.unclassified() == []


def test_no_class_is_given_to_a_field_that_is_gone() -> None:
    installed = {model._meta.label: model for model in exposure.models()}
    for label, fields in exposure.FIELDS.items():
        if label in installed:
            assert set(fields) == {field.name for field in installed[label]._meta.local_fields}, label


def test_every_class_is_one_of_those_that_are_explained() -> None:
    assert {kind for fields in exposure.FIELDS.values() for kind in fields.values()} == set(exposure.CLASSES)


def test_what_is_called_sealed_is_a_sealed_column() -> None:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            sealed = exposure.FIELDS[model._meta.label][field.name] == exposure.SEALED
            if model._meta.app_label in ("casework", "accounts"):
                assert sealed == (type(field).__name__ == "SealedField"), field


def test_tables_that_are_called_unused_are_empty_after_a_day_of_work(cast: Cast) -> None:
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story())
    for table in exposure.tables():
        if set(table.fields.values()) == {exposure.UNUSED}:
            assert table.rows == 0, table.name


def test_a_new_field_without_a_class_is_named_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(exposure.FIELDS["casework.Case"], "erase_after")
    with pytest.raises(CommandError, match="casework.Case.erase_after"):
        command("--json")


def test_the_command_counts_rows_and_leaves_nothing_unclassified(cast: Cast) -> None:
    intake.create_case(cast.keyring_of("alice"), cast.verdun, story())
    told = json.loads(command("--json"))
    assert told["schema"] == "temoin-exposure/1" and told["unclassified"] == []
    rows = {table["name"]: (table["store"], table["rows"]) for table in told["tables"]}
    assert rows["casework.Case"] == ("main", 1)
    assert rows["casework.ErasureShare"] == ("erasure", 1)
    assert rows["sessions.Session"][0] == "sessions"
    assert {store["store"] for store in told["stores"]} >= {"Main database", "Erasure database", "Backups"}


def test_the_words_are_there_in_both_languages(cast: Cast) -> None:
    catalogue.compile_if_stale()
    translation_file_changed(None, catalogue.COMPILED)
    assert "Nowhere: names, stories" in command("--language", "en")
    assert "Nulle part" in command("--language", "fr")


def test_coordinators_read_it_and_it_names_no_case_and_no_person(cast: Cast) -> None:
    case_id = intake.create_case(cast.keyring_of("alice"), cast.verdun, story())
    page = sign_in(Client(), "dana").get(reverse("exposure")).content.decode()
    assert "casework.Case" in page and "erase_after" in page
    for word in (str(case_id), "Zebulon", "H-1", NARRATIVE[:20], "charlie"):
        assert word not in page
    assert uuid.UUID(str(case_id))


@pytest.mark.parametrize("name", ["alice", "charlie", "frank", "grace", "root_user"])
def test_to_everybody_else_the_page_does_not_exist(cast: Cast, name: str) -> None:
    assert sign_in(Client(), name).get(reverse("exposure")).status_code == 404
