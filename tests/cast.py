"""The same people in every test, each with real keys.

alice and bob organize in the team "Verdun", charlie in another team and must see nothing of theirs, dana and erin coordinate,
frank audits, grace was on alice's team and has left it, root_user is a superuser without a seat anywhere.
"""

from dataclasses import dataclass, field

from django.conf import settings
from django.test import Client

from accounts.crypto.principal import Principal
from accounts.keyring import Keyring
from accounts.models import Team, TeamKind, User
from accounts.people import new_person
from accounts.setup import set_up_organisation
from accounts.teams import (
    add_member,
    auditors,
    coordinators,
    create_team,
    organisation,
    remove_member,
    seat,
    set_steward,
)

PASSPHRASE = "nine llamas knit quietly"
NAMES = ("alice", "bob", "charlie", "dana", "erin", "frank", "grace", "root_user")


@dataclass
class Cast:
    users: dict[str, User]
    principals: dict[str, Principal] = field(repr=False)
    verdun: Team
    other_team: Team

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["users"][name]
        except KeyError:
            raise AttributeError(name) from None

    def keyring_of(self, name: str) -> Keyring:
        return Keyring(self.users[name], self.principals[name])


def nothing_to_rewrap(team: Team, before: Principal, now: Principal) -> None:
    """No case hangs on the team yet."""


def build_cast() -> Cast:
    """dana sets the organisation up; everyone else joins it as they would, without the forms."""
    users = {"dana": set_up_organisation("Collectif Témoin", "dana", PASSPHRASE, "fr")}
    principals = {"dana": _opened(users["dana"])}
    dana = Keyring(users["dana"], principals["dana"])
    for name in NAMES:
        if name != "dana":
            users[name], principals[name] = _joined(dana, name)
    verdun = create_team(dana, "Verdun", TeamKind.ORGANIZERS, users["alice"])
    other = create_team(dana, "Limoilou", TeamKind.ORGANIZERS, users["charlie"])
    made = Cast(users, principals, verdun, other)
    _take_seats(made)
    made.verdun.refresh_from_db()
    return made


def _opened(user: User) -> Principal:
    from accounts.hasher import kept_runs
    from accounts.people import unwrapped

    with kept_runs() as runs:
        assert user.check_password(PASSPHRASE)
        return unwrapped(user, runs[0])


def _joined(dana: Keyring, name: str) -> tuple[User, Principal]:
    whole = organisation()
    user, principal = new_person(name, PASSPHRASE, "en" if name == "bob" else "fr", dana.team(whole.id))
    if name == "root_user":
        user.is_superuser = True
        user.save()
    else:
        seat(whole, dana.team(whole.id), user)
    return user, principal


def _take_seats(made: Cast) -> None:
    alice, dana = made.keyring_of("alice"), made.keyring_of("dana")
    add_member(alice, made.verdun, made.users["bob"])
    add_member(alice, made.verdun, made.users["grace"])
    add_member(dana, coordinators(), made.users["erin"])
    add_member(dana, auditors(), made.users["frank"])
    set_steward(auditors(), made.users["frank"], steward=True)
    remove_member(dana, auditors(), made.users["dana"], nothing_to_rewrap)
    remove_member(alice, made.verdun, made.users["grace"], nothing_to_rewrap)


def sign_in(client: Client, name: str, passphrase: str = PASSPHRASE) -> Client:
    """Through the real page."""
    response = client.post("/sign-in/", {"login": name, "password": passphrase})
    assert response.status_code == 302, response.content.decode()
    return client


def in_english(client: Client) -> Client:
    """Most of the cast reads French, and these tests read English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def opened_anew(name: str) -> Keyring:
    """As signing in opens it, after somebody renewed their own key."""
    user = User.objects.get(username=name)
    return Keyring(user, _opened(user))


def keyring_of(name: str, cast: Cast) -> Keyring:
    return cast.keyring_of(name)
