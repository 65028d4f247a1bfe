"""Every page of the application needs a person whose keys are open in this request; pages say so with one decorator."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from accounts import teams
from accounts.keyring import Keyring
from accounts.models import User


class SignedIn(HttpRequest):
    """What a page behind the decorators is handed."""

    user: User
    keyring: Keyring


Page = Callable[..., HttpResponse]


def with_keys(page: Page) -> Page:
    @wraps(page)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if getattr(request, "keyring", None) is None:
            return redirect_to_login(request.get_full_path())
        return page(request, *args, **kwargs)

    return checked


def only(allowed: Callable[[User], bool]) -> Callable[[Page], Page]:
    """A page for some people; to everybody else it does not exist."""

    def decorator(page: Page) -> Page:
        @wraps(page)
        def checked(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request.user):
                raise Http404
            return page(request, *args, **kwargs)

        return with_keys(checked)

    return decorator


organizers_only = only(teams.is_organizer)
auditors_only = only(teams.is_auditor)
