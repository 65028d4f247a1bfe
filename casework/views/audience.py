"""Pages for some people only: to everybody else they do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponseBase

from accounts import teams
from accounts.models import User
from accounts.sessions import SignedInRequest

Page = Callable[..., HttpResponseBase]


def only(allowed: Callable[[User], bool]) -> Callable[[Page], Page]:
    def decorator(page: Page) -> Page:
        @wraps(page)
        def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not allowed(request.user):
                raise Http404
            return page(request, *args, **kwargs)

        return checked

    return decorator


organizers_only = only(teams.is_organizer)
coordinators_only = only(teams.is_coordinator)
auditors_only = only(teams.is_auditor)
