from django.conf.urls.i18n import set_language
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

urlpatterns = [
    path("language/", login_not_required(set_language), name="language"),
    path("", include("accounts.urls")),
    path("", include("casework.urls")),
]
