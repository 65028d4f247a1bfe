from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in_page, name="account_login"),
    path("sign-out/", views.sign_out_page, name="account_logout"),
    path("passphrase/", views.change_passphrase, name="account_change_password"),
    path("setup/", views.setup, name="setup"),
    path("exit/", views.quick_exit, name="quick-exit"),
    path("invitation/", views.invitation, name="invitation"),
    path("invitation/<str:token>/", views.invitation_link, name="invitation-link"),
    path("teams/", views.team_list, name="teams"),
    path("teams/<uuid:team_id>/", views.team, name="team"),
    path("teams/<uuid:team_id>/invite/", views.invite, name="invite"),
]
