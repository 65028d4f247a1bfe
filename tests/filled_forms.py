"""A form as a browser would send it back: every field of the page with what stands in it."""

from html.parser import HTMLParser
from typing import Any


def as_it_stands(page: str, action: str | None = None) -> dict[str, Any]:
    """Of the form with that action; of the one without an action when none is named."""
    reader = _Fields(action)
    reader.feed(page)
    assert reader.met, f"no form with the action {action}"
    return reader.found


class _Fields(HTMLParser):
    def __init__(self, action: str | None) -> None:
        super().__init__()
        self.action, self.met, self.inside = action, False, False
        self.found: dict[str, Any] = {}
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("method") == "post" and given.get("action") == self.action
            self.met = self.met or self.inside
        if not self.inside:
            return
        name, value = given.get("name") or "", given.get("value")
        if tag == "select":
            self.select = name
            self.found.setdefault(name, "")
        elif tag == "option" and "selected" in given:
            self.found[self.select] = value or ""
        elif tag == "input" and name:
            self._input(name, value, given)

    def _input(self, name: str, value: str | None, given: dict[str, str | None]) -> None:
        if given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                self.found.setdefault(name, []).append(value or "on")
        else:
            self.found[name] = value or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
