"""The real pages, and three more that show what a page of the application would be handed."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from accounts.sessions import SignedInRequest, passive
from config.urls import urlpatterns as real_pages


def whoami(request: SignedInRequest) -> HttpResponse:
    public_key = request.keyring.principal.public_key.hex() if request.keyring else None
    return JsonResponse({"user": request.user.get_username(), "public_key": public_key})


@login_not_required
def open_to_all(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"keyring": getattr(request, "keyring", None) is not None})


@passive
def reloads_itself(request: HttpRequest) -> HttpResponse:
    return HttpResponse("50 %")


urlpatterns = [
    path("test/whoami/", whoami),
    path("test/open/", open_to_all),
    path("test/progress/", reloads_itself),
    *real_pages,
]
