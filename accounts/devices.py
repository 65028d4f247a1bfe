"""Where somebody is signed in, as far as they need to know it: a rough name and a day. No address is kept, and no exact time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import events
from accounts.models import User
from accounts.sessions import SLOT

DEVICE: Final = "device"
# The first that is found names it; an exact version would tell two phones of one model apart.
BROWSERS: Final = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
                   ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS: Final = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
                  ("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


@dataclass(frozen=True)
class Device:
    """`id` names the session on the page without being the cookie that opens it."""

    id: str
    name: str
    day: date | None
    is_this: bool


def remember(request: HttpRequest) -> None:
    """When somebody has come in."""
    agent = request.headers.get("User-Agent", "")
    request.session[DEVICE] = [rough_name(agent), timezone.localdate().isoformat()]


def rough_name(agent: str) -> str:
    """“Firefox · Android”; empty when it says neither."""
    found = [next((name for sign, name in table if sign in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found))


def devices(user: User, this: str | None = None) -> list[Device]:
    found = [_device(row, row.get_decoded(), this) for row in _of(user)]
    return sorted(found, key=lambda device: (not device.is_this, device.name, device.id))


def end(user: User, device: str) -> bool:
    """False when there is no such session of theirs, any more or at all."""
    for row in _of(user):
        if constant_time_compare(_id(row.session_key), device):
            row.delete()
            events.tell(user, "sessions.end", user.pk, number=1)
            return True
    return False


def end_all(actor: User | None, user: User, but: str | None = None) -> int:
    """Every session of theirs, also those still waiting for a second factor; `but` keeps one."""
    ended = 0
    for row in _of(user):
        if row.session_key != but:
            row.delete()
            ended += 1
    events.tell(actor, "sessions.end", user.pk, number=ended)
    return ended


def _of(user: User) -> Iterator[Session]:
    """Sessions hold no readable name: each is opened to see whose it is. A group has dozens."""
    for row in Session.objects.filter(expire_date__gt=timezone.now()):
        held = row.get_decoded()
        if str(user.pk) in (held.get(SESSION_KEY), held.get(SLOT, {}).get("user")):
            yield row


def _device(row: Session, held: dict[str, Any], this: str | None) -> Device:
    name, day = held.get(DEVICE, ["", ""])
    when = date.fromisoformat(day) if day else None
    return Device(_id(row.session_key), name, when, row.session_key == this)


def _id(session_key: str) -> str:
    return salted_hmac("temoin.device", session_key, algorithm="sha256").hexdigest()[:32]
