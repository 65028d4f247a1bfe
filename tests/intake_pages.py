"""Telling a new case through its pages, in tests: the whole form as one mapping, sent part by part as a browser would."""

import re
from collections.abc import Mapping
from typing import Any

from django.test import Client
from django.urls import reverse

from casework.forms.intake import PARTS
from casework.views.intake import SUMMARY


def begin(client: Client, team: object, language: str = "fr") -> str:
    """The id of a new draft."""
    response = client.post("/cases/add/", {"team": str(team), "language": language})
    assert response.status_code == 302, response.content.decode()
    return re.search(r"/cases/add/([0-9a-f-]{36})/", response["Location"])[1]


def address(draft: str, part: str) -> str:
    if part == SUMMARY:
        return reverse("intake-summary", args=[draft])
    return reverse("intake-part", args=[draft, part])


def of_part(form: Mapping[str, Any], part: Any) -> dict[str, Any]:
    return {name: value for name, value in form.items() if name.startswith(part.prefixes)}


def tell(client: Client, team: object, form: Mapping[str, Any]) -> Any:
    """The answer to keeping it, or of the first part that was refused."""
    draft = begin(client, team)
    for part in PARTS:
        response = client.post(address(draft, part.name), of_part(form, part))
        if response.status_code != 302:
            return response
    return client.post(address(draft, SUMMARY))


def tell_as(visitor: Any, team: str, form: Mapping[str, Any], expect: int = 200) -> Any:
    """The same for a visitor of running processes. `expect`: what the part about the event is answered with."""
    page = visitor.post("/cases/add/", {"team": team, "language": "fr"})
    summary = page.address.rsplit("/", 2)[0] + "/"
    for part in PARTS:
        asked = expect if part.name == "event" else 200
        page = visitor.post(f"{summary}{part.name}/", of_part(form, part), expect=asked)
        if asked != 200:
            return page
    return visitor.post(summary, {}, on=summary)
