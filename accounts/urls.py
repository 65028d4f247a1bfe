from django.urls import path

from accounts import carried
from accounts.views import entrance, factors, recovery, rescues, safety

urlpatterns = [
    path("sign-in/", entrance.sign_in_page, name="account_login"),
    path("sign-in/again/", carried.send_again, name="send-again"),
    # By the name allauth's sign-in looks for.
    path("second-step/", factors.second_step, name="mfa_authenticate"),
    path("sign-out/", entrance.sign_out_page, name="account_logout"),
    path("prove/", factors.prove, name="prove"),
    path("passphrase/", entrance.change_passphrase, name="account_change_password"),
    path("second-factor/", factors.overview, name="second-factor"),
    path("second-factor/app/", factors.enrol_app, name="factor-app"),
    path("second-factor/passkey/", factors.enrol_passkey, name="factor-passkey"),
    path("second-factor/codes/", factors.spare_codes, name="spare-codes"),
    path("second-factor/<int:pk>/remove/", factors.remove, name="factor-remove"),
    path("second-step/lost/", recovery.lost_factor, name="factor-lost"),
    path("recovery/", recovery.recover, name="recover"),
    path("recovery-code/", recovery.recovery_code, name="recovery-code"),
    path("sessions/", safety.session_list, name="sessions"),
    path("lockdown/", safety.lock_down, name="lockdown"),
    path("lockdown/everybody/", safety.lock_everybody, name="lock-everybody"),
    path("people/", safety.people, name="people"),
    path("people/<uuid:person>/end-sessions/", safety.end_sessions, name="end-sessions"),
    path("people/<uuid:person>/lock/", safety.lock_person, name="lock-person"),
    path("people/<uuid:person>/rescue/", rescues.begin, name="rescue-begin"),
    path("trustees/", rescues.trustee_page, name="trustees"),
    path("trustees/team/", rescues.begin_for_team, name="team-rescue-begin"),
    path("trustees/rehearse/", rescues.rehearse, name="trustees-rehearse"),
    path("rescues/<uuid:rescue_id>/", rescues.detail, name="rescue"),
    path("rescues/<uuid:rescue_id>/approve/", rescues.approve, name="rescue-approve"),
    path("rescues/<uuid:rescue_id>/finish/", rescues.finish, name="rescue-finish"),
    path("rescue/", rescues.accept, name="rescue-accept"),
    path("rescue/<str:token>/", rescues.link, name="rescue-link"),
    path("setup/", entrance.setup, name="setup"),
    path("exit/", entrance.quick_exit, name="quick-exit"),
    path("invitation/", entrance.invitation, name="invitation"),
    path("invitation/<str:token>/", entrance.invitation_link, name="invitation-link"),
    path("teams/", entrance.team_list, name="teams"),
    path("teams/<uuid:team_id>/", entrance.team, name="team"),
    path("teams/<uuid:team_id>/invite/", entrance.invite, name="invite"),
]
