from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from accounts.gate import open_before_enrolment

urlpatterns = [
    path("language/", open_before_enrolment(login_not_required(set_language)), name="language"),
    path("", include("accounts.urls")),
    path("", include("casework.urls")),
]

handler429 = "accounts.views.entrance.too_many_requests"
