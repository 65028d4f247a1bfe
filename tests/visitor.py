"""Somebody with a browser and no script: follows forms as they stand on the page, keeps cookies, shows what came."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass
class Page:
    status: int
    address: str
    text: str
    content: bytes

    def found(self, pattern: str) -> str:
        match = re.search(pattern, self.text)
        assert match, f"{pattern} is not on {self.address} ({self.status})"
        return unescape(match[1])


class StaysHere(HTTPRedirectHandler):
    """Quick exit leads to somebody else's site; a test asks nothing of it."""

    def redirect_request(self, req: Request, *rest: Any) -> Request | None:
        here = urlsplit(req.full_url).netloc == urlsplit(rest[-1]).netloc
        return super().redirect_request(req, *rest) if here else None


class Visitor:
    def __init__(self, address: str) -> None:
        self.address, self.cookies = address, CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies), StaysHere())

    def cookie(self, name: str) -> str:
        return next(c.value or "" for c in self.cookies if c.name == name)

    def get(self, path: str, *, expect: int = 200) -> Page:
        return self._ask(Request(urljoin(self.address, path)), expect)

    def post(
        self,
        path: str,
        form: Mapping[str, Any],
        *,
        on: str | None = None,
        expect: int = 200,
        token_in_address: bool = False,
    ) -> Page:
        """Redirects are followed, so 200 is what a saved form ends with. `on`: the page the form stands on."""
        page = self.get(path if on is None else on)
        token = page.found(TOKEN.pattern)
        if token_in_address:
            path = page.found(r'action="([^"]+[?]token=[^"]+)"')
        data = encode_multipart(BOUNDARY, {**form, "csrfmiddlewaretoken": token})
        headers = {"Content-Type": MULTIPART_CONTENT}
        return self._ask(Request(urljoin(self.address, quote(path, safe=":/?&=")), data, headers), expect)

    def _ask(self, request: Request, expect: int) -> Page:
        try:
            answer = self.opener.open(request, timeout=60)
        except HTTPError as error:
            answer = error  # type: ignore[assignment]
        with answer:
            content = answer.read()
        page = Page(answer.status, answer.url, content.decode(errors="replace"), content)
        assert page.status == expect, f"{page.status} for {page.address}: {what_is_wrong(page.text)}"
        return page

    def sign_in(self, name: str, passphrase: str) -> "Visitor":
        page = self.post("/sign-in/", {"login": name, "password": passphrase})
        assert "/sign-in/" not in page.address, words_of(page.text)
        return self


def what_is_wrong(page: str) -> str:
    """The messages beside the fields, or else the page."""
    errors = re.findall(r'id="id_[^"]+_error".*?</ul>|class="errorlist.*?</ul>', page, re.DOTALL)
    return " | ".join(map(words_of, errors)) or words_of(page)[:1500]


def words_of(page: str) -> str:
    main = page.partition("<main")[2] or page
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
