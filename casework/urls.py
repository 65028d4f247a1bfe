from django.urls import path, re_path

from casework.views import (
    auditing,
    cases,
    exposing,
    home,
    importing,
    mapping,
    people,
    published,
    releases,
    sharing,
    teams,
)

urlpatterns = [
    path("", home.home, name="home"),
    re_path(r"^healthz/?$", home.healthz, name="healthz"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/search/", cases.case_search, name="case-search"),
    path("cases/add/", cases.case_add, name="case-add"),
    path("cases/<uuid:case_id>/", cases.case_detail, name="case"),
    path("cases/<uuid:case_id>/change/", cases.case_change, name="case-change"),
    path("cases/<uuid:case_id>/people/add/", people.person_add, name="person-add"),
    path("cases/<uuid:case_id>/people/<uuid:person_id>/", people.person_change, name="person-change"),
    path(
        "cases/<uuid:case_id>/people/<uuid:person_id>/consent/", people.person_consent, name="person-consent"
    ),
    path("cases/<uuid:case_id>/consent/", people.consents, name="case-consent"),
    path("cases/<uuid:case_id>/grant/", sharing.grant, name="case-grant"),
    path("cases/<uuid:case_id>/revoke/", sharing.revoke, name="case-revoke"),
    path("import/", importing.import_page, name="import"),
    path("import/template.csv", importing.import_template, name="import-template"),
    path("import/<uuid:held_id>/", mapping.import_sheet, name="import-sheet"),
    path("import/<uuid:held_id>/forget/", mapping.import_forget, name="import-forget"),
    path("import/<uuid:batch_id>/undo/", importing.import_undo, name="import-undo"),
    path("exposure/", exposing.exposure_page, name="exposure"),
    path("audit/", auditing.audit_log, name="audit"),
    path("teams/<uuid:team_id>/members/<uuid:member_id>/remove/", teams.member_remove, name="member-remove"),
    path("teams/<uuid:team_id>/keys/", teams.team_keys, name="team-keys"),
    path("teams/<uuid:team_id>/keys/sweep/", teams.team_sweep, name="team-sweep"),
    path("teams/<uuid:team_id>/keys/renew/", teams.team_renew, name="team-renew"),
    *releases.urlpatterns,
    *published.urlpatterns,
]
