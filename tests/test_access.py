"""Who may do what: every address and every task, each of the cast, one table. A pattern of the URLconf that stands in no table
fails, and so does a row for a pattern that is gone."""

import base64
import copy
import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import pytest
from celery import current_app
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import rescue, second_factor
from accounts.crypto.recovery_code import new_code, written
from accounts.invitations import invite
from accounts.setup import SETUP_CODE_LENGTH, setup_code
from accounts.views.entrance import invitation_cookie
from casework import (
    contacts,
    erasureorders,
    estimates,
    health,
    heldfiles,
    holding,
    intake,
    intakedrafts,
    jobs,
    ledger,
    receipts,
    releases,
    savedviews,
    sharing,
    vault,
)
from casework.agenda import Contact, DateToKeep, Referral, Task, Told
from casework.consent import PURPOSES
from casework.exporting import drafts
from casework.importing import batches, sheets
from casework.models import ErasedCase, ImportBatch, Job, Release
from casework.record import CaseRecord, Consent
from casework.views import held
from casework.vocabulary.wording import first_script
from tests.cast import PASSPHRASE, Cast, sign_in
from tests.conftest import DATABASES
from tests.evidence_desk import kept
from tests.exhibits import jpeg, png, sound
from tests.factors import with_app
from tests.release_pages import QUESTION as ASKED
from tests.release_pages import a_draft, a_published, approve
from tests.stories import NARRATIVE, story
from tests.stories import person as a_person
from tests.stories import person as story_person
from tests.telling import EVERY_LINE, PASSAGE, an_offer

pytestmark = pytest.mark.django_db

# `alice` is on the team that keeps the case; `other` organizes elsewhere (charlie); `reads` and `changes` are charlie once alice
# has granted it to him by name; dana drafted every release here, erin is the second coordinator; frank audits; grace has left
# alice's team; `root` is a superuser without a seat.
#
# `in`: sent to the sign-in page. `done`: something is kept that was not, and the person is sent on. 302: sent on, nothing
# changed. 401: what was sent comes back sealed, to be sent again. 403: the people in the case have not agreed to it. 422:
# refused in words. 404: told nothing. 405: not with this method.
TABLE: Final = """
url                      method out  alice other reads changes dana erin frank grace root

home                     GET    in   302   302   302   302     302  302  302   302   302
healthz                  GET    200  200   200   200   200     200  200  200   200   200
language                 GET    302  302   302   302   302     302  302  302   302   302
language                 POST   302  302   302   302   302     302  302  302   302   302
quick-exit               GET    405  405   405   405   405     405  405  405   405   405
quick-exit               POST   303  303   303   303   303     303  303  303   303   303
account_login            GET    200  302   302   302   302     302  302  302   302   302
account_login            POST   302  302   302   302   302     302  302  302   302   302
send-again               GET    405  405   405   405   405     405  405  405   405   405
send-again               POST   403  403   403   403   403     403  403  403   403   403
mfa_authenticate         GET    in   302   302   302   302     302  302  302   302   302
mfa_authenticate         POST   in   302   302   302   302     302  302  302   302   302
prove                    GET    in   200   200   200   200     200  200  200   200   200
prove                    POST   in   302   302   302   302     302  302  302   302   302
second-factor            GET    in   200   200   200   200     200  200  200   200   200
factor-app               GET    in   200   200   200   200     200  200  200   200   200
factor-app               POST   in   200   200   200   200     200  200  200   200   200
factor-passkey           GET    in   200   200   200   200     200  200  200   200   200
factor-passkey           POST   in   200   200   200   200     200  200  200   200   200
spare-codes              GET    in   405   405   405   405     405  405  405   405   405
spare-codes              POST   in   404   404   404   404     404  404  404   404   404
factor-remove            GET    in   405   405   405   405     405  405  405   405   405
factor-remove            POST   in   404   404   404   404     404  404  404   404   404
factor-lost              GET    in   302   302   302   302     302  302  302   302   302
factor-lost              POST   in   302   302   302   302     302  302  302   302   302
recover                  GET    200  200   200   200   200     200  200  200   200   200
recover                  POST   200  200   200   200   200     200  200  200   200   200
recovery-code            GET    in   200   200   200   200     200  200  200   200   200
recovery-code            POST   in   200   200   200   200     200  200  200   200   200
own-key                  GET    in   200   200   200   200     200  200  200   200   200
own-key                  POST   in   200   200   200   200     200  200  200   200   409
sessions                 GET    in   200   200   200   200     200  200  200   200   200
sessions                 POST   in   done  done  done  done    done done done  done  done
lockdown                 GET    in   200   200   200   200     200  200  200   200   200
lockdown                 POST   in   in    in    in    in      in   in   in    in    in
lock-everybody           GET    in   405   405   405   405     405  405  405   405   405
lock-everybody           POST   in   404   404   404   404     in   in   404   404   404
people                   GET    in   404   404   404   404     200  200  404   404   404
end-sessions             GET    in   405   405   405   405     405  405  405   405   405
end-sessions             POST   in   404   404   404   404     done done 404   404   404
lock-person              GET    in   405   405   405   405     405  405  405   405   405
lock-person              POST   in   404   404   404   404     done done 404   404   404
rescue-begin             GET    in   405   405   405   405     405  405  405   405   405
rescue-begin             POST   in   404   404   404   404     200  200  404   404   404
trustees                 GET    in   404   404   404   404     200  200  404   404   404
trustees                 POST   in   404   404   404   404     200  200  404   404   404
team-rescue-begin        GET    in   405   405   405   405     405  405  405   405   405
team-rescue-begin        POST   in   404   404   404   404     done done 404   404   404
trustees-rehearse        GET    in   404   404   404   404     200  200  404   404   404
trustees-rehearse        POST   in   404   404   404   404     200  200  404   404   404
rescue                   GET    in   404   404   404   404     200  200  404   404   404
rescue                   POST   in   404   404   404   404     200  200  404   404   404
rescue-approve           GET    in   405   405   405   405     405  405  405   405   405
rescue-approve           POST   in   404   404   404   404     done 404  404   404   404
rescue-finish            GET    in   405   405   405   405     405  405  405   405   405
rescue-finish            POST   in   404   404   404   404     404  404  404   404   404
rescue-accept            GET    404  404   404   404   404     404  404  404   404   404
rescue-accept            POST   404  404   404   404   404     404  404  404   404   404
rescue-link              GET    302  302   302   302   302     302  302  302   302   302
rescue-link              POST   405  405   405   405   405     405  405  405   405   405
account_logout           GET    in   200   200   200   200     200  200  200   200   200
account_logout           POST   in   in    in    in    in      in   in   in    in    in
account_change_password  GET    in   200   200   200   200     200  200  200   200   200
account_change_password  POST   in   in    in    in    in      in   in   in    in    in
setup                    GET    404  404   404   404   404     404  404  404   404   404
setup                    POST   404  404   404   404   404     404  404  404   404   404
invitation               GET    200  200   200   200   200     200  200  200   200   200
invitation               POST   in   done  done  done  done    done done done  done  done
invitation-link          GET    302  302   302   302   302     302  302  302   302   302
invitation-link          POST   405  405   405   405   405     405  405  405   405   405
teams                    GET    in   200   200   200   200     200  200  200   200   200
teams                    POST   in   404   404   404   404     200  200  404   404   404
team                     GET    in   200   404   404   404     404  404  404   404   404
invite                   GET    in   405   405   405   405     405  405  405   405   405
invite                   POST   in   200   404   404   404     404  404  404   404   404
member-steward           GET    in   405   405   405   405     405  405  405   405   405
member-steward           POST   in   done  404   404   404     404  404  404   404   404
member-remove            GET    in   200   404   404   404     404  404  404   404   404
member-remove            POST   in   done  404   404   404     404  404  404   404   404
team-keys                GET    in   200   404   404   404     404  404  404   404   404
team-sweep               GET    in   405   405   405   405     405  405  405   405   405
team-sweep               POST   in   200   404   404   404     404  404  404   404   404
team-renew               GET    in   405   405   405   405     405  405  405   405   405
team-renew               POST   in   done  404   404   404     404  404  404   404   404

cases                    GET    in   200   200   200   200     200  200  200   200   200
case-search              GET    in   405   405   405   405     405  405  405   405   405
case-search              POST   in   200   200   200   200     200  200  200   200   200
case-filters             GET    in   200   200   200   200     200  200  200   200   200
view-add                 GET    in   405   405   405   405     405  405  405   405   405
view-add                 POST   in   done  done  done  done    404  404  404   404   404
saved-view               GET    in   200   404   404   404     404  404  404   404   404
view-remove              GET    in   405   405   405   405     405  405  405   405   405
view-remove              POST   in   done  404   404   404     404  404  404   404   404
case-selection           GET    in   200   200   200   200     404  404  404   404   404
case-selection           POST   in   done  done  done  done    404  404  404   404   404
selection-preview        GET    in   302   302   302   302     404  404  404   404   404
selection-preview        POST   in   302   302   302   302     404  404  404   404   404
selection-done           GET    in   302   302   302   302     404  404  404   404   404
selection-undo           GET    in   405   405   405   405     405  405  405   405   405
selection-undo           POST   in   302   302   302   302     404  404  404   404   404
case-add                 GET    in   200   200   200   200     404  404  404   404   404
case-add                 POST   in   done  422   422   422     404  404  404   404   404
intake-part              GET    in   200   404   404   404     404  404  404   404   404
intake-part              POST   401  done  404   404   404     404  404  404   404   404
intake-summary           GET    in   200   404   404   404     404  404  404   404   404
intake-summary           POST   in   done  404   404   404     404  404  404   404   404
intake-discard           GET    in   405   405   405   405     405  405  405   405   405
intake-discard           POST   in   done  404   404   404     404  404  404   404   404
case                     GET    in   200   404   200   200     404  404  404   404   404
case-alike               GET    in   200   404   200   200     404  404  404   404   404
case-alike               POST   in   done  404   404   done    404  404  404   404   404
case-change              GET    in   200   404   404   200     404  404  404   404   404
case-change              POST   401  done  404   404   done    404  404  404   404   404
case-history             GET    in   200   404   200   200     404  404  404   404   404
case-restore             GET    in   200   404   404   404     404  404  404   404   404
case-restore             POST   in   done  404   404   404     404  404  404   404   404
person-add               GET    in   200   404   404   200     404  404  404   404   404
person-add               POST   401  done  404   404   done    404  404  404   404   404
person-change            GET    in   200   404   404   200     404  404  404   404   404
person-change            POST   401  done  404   404   done    404  404  404   404   404
person-remove            GET    in   200   404   404   200     404  404  404   404   404
person-remove            POST   in   422   404   404   422     404  404  404   404   404
person-safety            GET    in   200   404   404   200     404  404  404   404   404
person-safety            POST   401  done  404   404   done    404  404  404   404   404
case-consent             GET    in   302   404   404   302     404  404  404   404   404
task-add                 GET    in   200   404   404   200     404  404  404   404   404
task-add                 POST   401  done  404   404   done    404  404  404   404   404
task-change              GET    in   200   404   404   200     404  404  404   404   404
task-change              POST   401  done  404   404   done    404  404  404   404   404
task-tick                GET    in   405   405   405   405     405  405  405   405   405
task-tick                POST   in   done  404   404   done    404  404  404   404   404
date-add                 GET    in   200   404   404   200     404  404  404   404   404
date-add                 POST   401  done  404   404   done    404  404  404   404   404
date-change              GET    in   200   404   404   200     404  404  404   404   404
date-change              POST   401  done  404   404   done    404  404  404   404   404
date-keep                GET    in   405   405   405   405     405  405  405   405   405
date-keep                POST   in   done  404   404   done    404  404  404   404   404
review-add               GET    in   200   404   404   200     404  404  404   404   404
review-add               POST   401  done  404   404   done    404  404  404   404   404
log-add                  GET    in   200   404   404   200     404  404  404   404   404
log-add                  POST   401  done  404   404   done    404  404  404   404   404
refer                    GET    in   200   404   404   200     404  404  404   404   404
refer                    POST   401  done  404   404   422     404  404  404   404   404
referral-change          GET    in   200   404   404   200     404  404  404   404   404
referral-change          POST   401  done  404   404   done    404  404  404   404   404
case-move                GET    in   405   405   405   405     405  405  405   405   405
case-move                POST   in   done  404   404   done    404  404  404   404   404
due                      GET    in   200   200   200   200     404  404  404   404   404
due-calendar             GET    in   200   200   200   200     404  404  404   404   404
contacts                 GET    in   200   200   200   200     404  404  404   404   404
contact-add              GET    in   200   200   200   200     404  404  404   404   404
contact-add              POST   401  done  422   422   422     404  404  404   404   404
contact-change           GET    in   200   404   404   404     404  404  404   404   404
contact-change           POST   401  done  404   404   404     404  404  404   404   404
contact-remove           GET    in   405   405   405   405     405  405  405   405   405
contact-remove           POST   in   done  404   404   404     404  404  404   404   404
overview                 GET    in   200   200   200   200     404  404  404   404   404
person-consent           GET    in   200   404   404   200     404  404  404   404   404
person-consent           POST   401  done  404   404   done    404  404  404   404   404
case-stories             GET    in   200   404   200   200     404  404  404   404   404
story-offer              GET    in   200   404   200   200     404  404  404   404   404
story-offer              POST   401  done  404   done  done    404  404  404   404   404
story-take-back          GET    in   405   405   405   405     405  405  405   405   405
story-take-back          POST   in   done  404   done  done    404  404  404   404   404
case-grant               GET    in   405   405   405   405     405  405  405   405   405
case-grant               POST   in   done  404   404   404     404  404  404   404   404
case-revoke              GET    in   405   405   405   405     405  405  405   405   405
case-revoke              POST   in   done  404   404   404     404  404  404   404   404
evidence-add             GET    in   200   404   404   200     404  404  404   404   404
evidence-add             POST   in   done  404   404   done    404  404  404   404   404
evidence                 GET    in   200   404   200   200     404  404  404   404   404
evidence-media           GET    in   302   404   302   302     404  404  404   404   404
evidence-export          GET    in   200   404   404   404     404  404  404   404   404
evidence-export          POST   in   200   404   404   404     404  404  404   404   404
evidence-redact          GET    in   200   404   404   200     404  404  404   404   404
evidence-redact          POST   in   422   404   404   422     404  404  404   404   404
case-erase               GET    in   200   404   404   404     404  404  404   404   404
case-erase               POST   in   done  404   404   404     404  404  404   404   404
case-keep                GET    in   405   405   405   405     405  405  405   405   405
case-keep                POST   in   done  404   404   404     404  404  404   404   404
case-hold                GET    in   200   404   404   200     404  404  404   404   404
case-hold                POST   401  done  404   404   done    404  404  404   404   404
case-hold-agree          GET    in   405   405   405   405     405  405  405   405   405
case-hold-agree          POST   in   302   404   404   done    404  404  404   404   404
case-hold-lift           GET    in   405   405   405   405     405  405  405   405   405
case-hold-lift           POST   in   done  404   404   done    404  404  404   404   404
erased-cases             GET    in   404   404   404   404     200  200  404   404   404
erased-case              GET    in   200   200   200   200     200  200  404   404   404
erasure-certificate      GET    in   200   200   200   200     200  200  404   404   404
registers                GET    in   404   404   404   404     200  200  404   404   404
register                 GET    in   404   404   404   404     200  200  404   404   404
register-add             GET    in   404   404   404   404     200  200  404   404   404
register-add             POST   in   404   404   404   404     done done 404   404   404
register-entry           GET    in   404   404   404   404     200  200  404   404   404
register-entry           POST   in   404   404   404   404     done done 404   404   404
register-file            GET    in   404   404   404   404     200  200  404   404   404
retention                GET    in   200   200   200   200     404  404  404   404   404
import                   GET    in   200   200   200   200     404  404  404   404   404
import                   POST   in   done  422   422   422     404  404  404   404   404
import-sheet             GET    in   200   404   404   404     404  404  404   404   404
import-sheet             POST   in   done  404   404   404     404  404  404   404   404
import-forget            GET    in   405   405   405   405     405  405  405   405   405
import-forget            POST   in   done  404   404   404     404  404  404   404   404
import-undo              GET    in   200   404   404   404     404  404  404   404   404
import-undo              POST   in   200   404   404   404     404  404  404   404   404
import-template          GET    in   200   200   200   200     404  404  404   404   404
exports                  GET    in   405   405   405   405     405  405  405   405   405
exports                  POST   in   done  404   404   404     404  404  404   404   404
export                   GET    in   200   404   404   404     404  404  404   404   404
export                   POST   in   422   404   404   404     404  404  404   404   404
export-file              GET    in   302   404   404   404     404  404  404   404   404
export-file              POST   in   405   405   405   405     405  405  405   405   405
export-forget            GET    in   405   405   405   405     405  405  405   405   405
export-forget            POST   in   done  404   404   404     404  404  404   404   404
exposure                 GET    in   404   404   404   404     200  200  404   404   404
audit                    GET    in   404   404   404   404     404  404  200   404   404

stories                  GET    in   404   404   404   404     200  200  404   404   404
story                    GET    in   404   404   404   404     200  200  404   404   404
story-accept             GET    in   405   405   405   405     405  405  405   405   405
story-accept             POST   in   404   404   404   404     done done 404   404   404
story-send-back          GET    in   405   405   405   405     405  405  405   405   405
story-send-back          POST   in   404   404   404   404     done done 404   404   404
releases                 GET    in   404   404   404   404     200  200  404   404   404
release-draft            GET    in   404   404   404   404     200  200  404   404   404
release-draft            POST   in   404   404   404   404     done done 404   404   404
release                  GET    in   404   404   404   404     200  200  404   404   404
release-estimate         GET    in   405   405   405   405     405  405  405   405   405
release-estimate         POST   in   404   404   404   404     done done 404   404   404
release-estimate-of      GET    in   405   405   405   405     405  405  405   405   405
release-estimate-of      POST   in   404   404   404   404     done done 404   404   404
release-estimated        GET    in   404   404   404   404     200  404  404   404   404
release-estimate-progress GET   in   404   404   404   404     200  404  404   404   404
release-estimate-live    GET    in   404   404   404   404     200  404  404   404   404
release-estimate-choose  GET    in   405   405   405   405     405  405  405   405   405
release-estimate-choose  POST   in   404   404   404   404     302  404  404   404   404
release-estimate-draft   GET    in   405   405   405   405     405  405  405   405   405
release-estimate-draft   POST   in   404   404   404   404     done 404  404   404   404
release-progress         GET    in   404   404   404   404     200  200  404   404   404
release-stories          GET    in   405   405   405   405     405  405  405   405   405
release-stories          POST   in   404   404   404   404     done 302  404   404   404
release-approve          GET    in   405   405   405   405     405  405  405   405   405
release-approve          POST   in   404   404   404   404     302  done 404   404   404
release-words            GET    in   404   404   404   404     200  200  404   404   404
release-words            POST   in   404   404   404   404     done done 404   404   404
release-publish          GET    in   405   405   405   405     405  405  405   405   405
release-publish          POST   in   404   404   404   404     done done 404   404   404
release-draft-again      GET    in   405   405   405   405     405  405  405   405   405
release-draft-again      POST   in   404   404   404   404     done done 404   404   404
release-withdraw         GET    in   404   404   404   404     200  200  404   404   404
release-withdraw         POST   in   404   404   404   404     done done 404   404   404
release-schedule         GET    in   405   405   405   405     405  405  405   405   405
release-schedule         POST   in   404   404   404   404     done done 404   404   404
release-cancel           GET    in   405   405   405   405     405  405  405   405   405
release-cancel           POST   in   404   404   404   404     done done 404   404   404
release-discard          GET    in   405   405   405   405     405  405  405   405   405
release-discard          POST   in   404   404   404   404     done done 404   404   404
receipt                  GET    200  200   200   200   200     200  200  200   200   200
receipt                  POST   422  422   422   422   422     422  422  422   422   422
receipt-in               GET    200  200   200   200   200     200  200  200   200   200
receipt-in               POST   200  200   200   200   200     200  200  200   200   200
receipt-give             GET    in   200   404   404   200     404  404  404   404   404
receipt-give             POST   in   200   404   404   200     404  404  404   404   404
same-person              GET    in   200   404   404   200     404  404  404   404   404
same-person              POST   in   done  404   404   422     404  404  404   404   404
notice-read              GET    in   405   405   405   405     405  405  405   405   405
notice-read              POST   in   done  404   404   done    404  404  404   404   404
part-take-out            GET    in   200   404   404   404     404  404  404   404   404
part-take-out            POST   401  422   404   404   404     404  404  404   404   404
told                     GET    in   405   405   405   405     405  405  405   405   405
told                     POST   in   done  404   404   done    404  404  404   404   404
told-undo                GET    in   405   405   405   405     405  405  405   405   405
told-undo                POST   in   done  404   404   done    404  404  404   404   404
wordings                 GET    in   404   404   404   404     200  200  404   404   404
wording-add              GET    in   404   404   404   404     200  200  404   404   404
wording-add              POST   in   404   404   404   404     done done 404   404   404
wording-version          GET    in   404   404   404   404     200  200  404   404   404
published                GET    200  200   200   200   200     200  200  200   200   200
published                POST   405  405   405   405   405     405  405  405   405   405
published-release        GET    200  200   200   200   200     200  200  200   200   200
published-release        POST   405  405   405   405   405     405  405  405   405   405
published-json           GET    200  200   200   200   200     200  200  200   200   200
published-json           POST   405  405   405   405   405     405  405  405   405   405
published-csv            GET    200  200   200   200   200     200  200  200   200   200
published-csv            POST   405  405   405   405   405     405  405  405   405   405
published-checking       GET    200  200   200   200   200     200  200  200   200   200
published-checking       POST   405  405   405   405   405     405  405  405   405   405
published-pdf            GET    200  200   200   200   200     200  200  200   200   200
published-pdf            POST   405  405   405   405   405     405  405  405   405   405
published-bundle         GET    200  200   200   200   200     200  200  200   200   200
published-bundle         POST   405  405   405   405   405     405  405  405   405   405
published-picture        GET    200  200   200   200   200     200  200  200   200   200
published-picture        POST   405  405   405   405   405     405  405  405   405   405
"""

# Before there is an organisation there is nobody but a stranger.
BEFORE_SETUP: Final = """
url                      method out

home                     GET    302
account_login            GET    302
setup                    GET    200
setup                    POST   in
published                GET    200
cases                    GET    in
"""

# Tasks: which requests bring them about, by whom, and whether the clock does. Nothing else starts one.
TASKS: Final = {
    "casework.tasks.run": {
        ("release-draft", "POST", "dana"),
        ("release-draft", "POST", "erin"),
        ("release-estimate", "POST", "dana"),
        ("release-estimate", "POST", "erin"),
        ("release-estimate-of", "POST", "dana"),
        ("release-estimate-of", "POST", "erin"),
        ("release-estimate-draft", "POST", "dana"),
        ("release-draft-again", "POST", "dana"),
        ("release-draft-again", "POST", "erin"),
        # Somebody withdraws: drafts that counted them are counted again.
        ("person-consent", "POST", "alice"),
        ("person-consent", "POST", "changes"),
    },
    # A worker that counts asks the others.
    "casework.tasks.help_counting": set(),
    "casework.tasks.pick_up": {"beat"},
    "casework.tasks.compact": {"beat"},
    "casework.tasks.chores": {"beat"},
}

CASE_READERS: Final = {"alice", "reads", "changes"}
OF_THE_CASE: Final = ("H-1", "Heron", "Zebulon", NARRATIVE[:30])
COMPRESSED: Final = ("application/pdf", "application/zip")
SIGNED_IN_AS: Final = {"other": "charlie", "reads": "charlie", "changes": "charlie", "root": "root_user"}
Answers = dict[tuple[str, str, str], str]


def parsed(table: str) -> Answers:
    """(url, method, who) → what is answered."""
    head, *rows = [line.split() for line in table.strip().splitlines() if line.strip()]
    return {
        (name, method, who): told
        for name, method, *cells in rows
        for who, told in zip(head[2:], cells, strict=True)
    }


EXPECTED: Final = parsed(TABLE)
PEOPLE: Final = tuple(dict.fromkeys(who for _, _, who in EXPECTED))
REQUESTS: Final = tuple(dict.fromkeys((name, method) for name, method, _ in EXPECTED))


# The world


@dataclass
class World:
    cast: Cast
    case: uuid.UUID
    draft: uuid.UUID
    # Saved twice, and granted to nobody by name.
    revised: uuid.UUID
    person: uuid.UUID
    published: Release
    asked: Release
    drafted: Release
    estimated: uuid.UUID
    approved: Release
    view: uuid.UUID
    contact: uuid.UUID
    recording: uuid.UUID
    photograph: uuid.UUID
    # About two people, and one of them.
    several: uuid.UUID
    leaver: uuid.UUID
    # Ordered to be erased, and another one gone.
    leaving: uuid.UUID
    gone: ErasedCase
    link: str = field(repr=False)
    receipt: str = field(repr=False)
    sheet: heldfiles.Held = field(repr=False)
    batch: uuid.UUID
    copy: heldfiles.Held = field(repr=False)
    # Offered out of the case, and not checked yet.
    story: uuid.UUID


# A task, a date and a referral of the case.
ITEM: Final = uuid.UUID("0000f011-0000-4000-8000-000000000001")


# A referral whose recipient has to be told.
OWED: Final = uuid.UUID("0000f011-0000-4000-8000-000000000002")


def followed_up() -> CaseRecord:
    record = story("H-1", story_person("Heron", "STORE", "STATS", "STORY", "REFER_LEGAL", "REFER_SERVICE"))
    record.verification = "V2"
    day, someone = dt.date(2026, 11, 1), record.persons[0].id
    record.persons[0].consents.append(Consent("REFER_SERVICE", "WITHDRAWN", timezone.localdate()))
    record.told = [Told(ITEM.hex, uuid.uuid4().hex, someone, "Me Salix", day)]
    record.tasks = [Task(ITEM.hex, "Call the sister")]
    record.dates = [DateToKeep(ITEM.hex, "APPEAL", dt.date(2026, 12, 1))]
    record.referrals = [
        Referral(ITEM.hex, someone, uuid.uuid4().hex, "Tilia", "LAWYER", "REFER_LEGAL", day, day),
        Referral(OWED.hex, someone, uuid.uuid4().hex, "Sambucus", "SHELTER", "REFER_SERVICE", day, day),
    ]
    return record


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks the broker was told about."""
    names: list[str] = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda name, **options: names.append(name))
    return names


@pytest.fixture
def world(cast: Cast, sent: list[str]) -> World:
    alice = cast.keyring_of("alice")
    case = intake.create_case(alice, cast.verdun, followed_up())
    contact = contacts.add(alice, cast.verdun, Contact("Tilia Cordata", "LAWYER"))
    holding.ask(alice, case, "A lawsuit", holding.last_day())
    person = vault.open_case(alice, case).record.persons[0]
    revised = intake.create_case(alice, cast.verdun, story("H-2"))
    intake.save_case(alice, revised, vault.open_case(alice, revised).record, 1)
    # Before the drafts: whoever is no longer counted makes a draft outdated.
    leaving = leaving_case(cast)
    gone = erasureorders.erase_now(alice, intake.create_case(alice, cast.verdun, story("H-4")))
    with_app(cast.bob)
    rescue.appoint(cast.keyring_of("dana"), 2, 3)
    for name in ("alice", "bob"):
        rescue.seal_all(cast.keyring_of(name))
    rescue.begin(cast.keyring_of("erin"), cast.alice)
    health.worker_shows_itself()
    several = intake.create_case(
        alice, cast.verdun, story("H-5", story_person("Finch"), story_person("Swift"))
    )
    return World(
        cast=cast,
        case=case,
        draft=begun_draft(cast),
        contact=contact,
        revised=revised,
        person=uuid.UUID(person.id),
        published=a_published(cast),
        asked=asked_release(cast),
        drafted=a_draft(cast.dana),
        approved=approved_release(cast),
        # After the releases: one that is published takes every estimate away.
        estimated=estimates.ask(cast.dana, ASKED | {"tables": [["harm"]]}).pk,
        view=savedviews.keep(alice, savedviews.SavedView("Quiet", {"status": "INTAKE"})),
        recording=kept(cast, case, sound(), "call.wav", "Heron's call"),
        photograph=kept(cast, case, jpeg(), "heron.jpg", "Heron's ticket"),
        several=several,
        leaver=uuid.UUID(vault.open_case(alice, several).record.persons[0].id),
        leaving=leaving,
        gone=gone,
        link=invite(alice, cast.verdun),
        receipt=given_receipt(cast),
        sheet=sheets.receive(alice, cast.verdun, spreadsheet(), timezone.localdate()).held,
        batch=batch_with(cast, case),
        copy=drafts.begin(alice, [case]).held,
        story=an_offer(cast, case),
    )


def begun_draft(cast: Cast) -> uuid.UUID:
    """alice has asked for consent and named the person."""
    keyring = cast.keyring_of("alice")
    draft = intakedrafts.begin(keyring, cast.verdun.pk, "fr", "N-1")
    intakedrafts.keep_part(
        keyring, draft, "consent", {name: [value] for name, value in FIRST_CONSENT.items()}
    )
    person = {"person-alias": ["Wren"], "steps-TOTAL_FORMS": ["0"], "steps-INITIAL_FORMS": ["0"]}
    intakedrafts.keep_part(keyring, draft, "people", person)
    return draft


def given_receipt(cast: Cast) -> str:
    alice = cast.keyring_of("alice")
    case_id = intake.create_case(alice, cast.verdun, story("R-1", a_person("Wren")))
    return receipts.give(alice, case_id, vault.open_case(alice, case_id).record.persons[0].id)


def batch_with(cast: Cast, case: uuid.UUID) -> uuid.UUID:
    batches.enter(cast.verdun, cast.alice, "cases.csv", [case])
    return ImportBatch.objects.get().pk


def leaving_case(cast: Cast) -> uuid.UUID:
    alice = cast.keyring_of("alice")
    case = intake.create_case(alice, cast.verdun, story("H-3"))
    erasureorders.erase_on(alice, case, timezone.localdate() + timedelta(days=7))
    return case


def asked_release(cast: Cast) -> Release:
    """The worker has it in hand."""
    job = Job.objects.create(kind=Job.Kind.DRAFT_RELEASE, state=Job.State.RUNNING, stage="count")
    return Release.objects.create(specification=ASKED, drafted_by=cast.dana, job=job)


def approved_release(cast: Cast) -> Release:
    release = a_draft(cast.dana)
    approve(cast.keyring_of("erin"), release)
    release.refresh_from_db()
    return release


def arguments(world: World, name: str) -> list[Any]:
    """The thing in question is there, and belongs to alice's team, or to the coordinators, or to everybody."""
    release = {
        "release-progress": world.asked,
        "release-cancel": world.asked,
        "release-publish": world.approved,
        "release-withdraw": world.published,
        "release-schedule": world.published,
    }.get(name, world.published if name.startswith("published-") else world.drafted)
    if name in ("task-change", "task-tick", "date-change", "date-keep", "referral-change"):
        return [world.case, ITEM]
    if name == "part-take-out":
        return [world.several, world.leaver]
    if name == "told":
        return [world.case, OWED, world.person]
    if name == "told-undo":
        return [world.case, ITEM]
    if name in ("task-add", "date-add", "review-add", "log-add", "refer", "case-move"):
        return [world.case]
    if name in ("contact-change", "contact-remove"):
        return [world.contact]
    if name == "receipt-in":
        return ["en"]
    if name.startswith("person-") and name != "person-add" or name in ("receipt-give", "same-person"):
        return [world.case, world.person]
    if name.startswith("evidence") and name != "evidence-add":
        return [world.case, world.recording if name == "evidence-media" else world.photograph]
    if name in (
        "evidence-add",
        "case",
        "case-alike",
        "case-change",
        "person-add",
        "case-consent",
        "notice-read",
        "case-grant",
        "case-revoke",
        "case-stories",
        "story-offer",
        "story-take-back",
    ):
        return [world.case]
    if name == "intake-part":
        return [world.draft, "safety"]
    if name.startswith("intake-"):
        return [world.draft]
    if name in ("case-history", "case-erase", "case-hold", "case-hold-agree", "case-hold-lift"):
        return [world.case]
    if name == "case-keep":
        return [world.leaving]
    if name in ("register", "register-add"):
        return ["incidents"]
    if name == "register-file":
        return ["incidents", "json"]
    if name == "register-entry":
        return ["anonymization", world.published.pk]
    if name in ("erased-case", "erasure-certificate"):
        return [world.gone.number]
    if name == "case-restore":
        return [world.revised, 1]
    if name in ("member-remove", "member-steward"):
        return [world.cast.verdun.pk, world.cast.bob.pk]
    if name in ("team", "invite", "team-keys", "team-sweep", "team-renew"):
        return [world.cast.verdun.pk]
    if name == "wording-version":
        return [1]
    if name in ("story", "story-accept", "story-send-back"):
        return [world.story]
    if name in ("saved-view", "view-remove"):
        return [world.view]
    if name in ("import-sheet", "import-forget"):
        return [world.sheet.id]
    if name in ("export", "export-file", "export-forget"):
        return [world.copy.id]
    if name == "import-undo":
        return [world.batch]
    if name == "rescue-link":
        return ["A" * 43]
    if name in ("rescue", "rescue-approve", "rescue-finish"):
        return [world.cast.alice.rescue.pk]
    if name in ("end-sessions", "lock-person", "rescue-begin"):
        return [world.cast.bob.pk]
    if name == "factor-remove":
        return [second_factor.factors(world.cast.bob)[0].pk]
    if name == "invitation-link":
        return [world.link]
    if name in (
        "releases",
        "release-draft",
        "release-estimate",
        "stories",
        "published",
        "published-checking",
    ):
        return []
    if name.startswith("release-estimate") and name != "release-estimate-of":
        return [world.estimated]
    return [release.pk] if name.startswith(("release", "published")) else []


def missing(given: list[Any]) -> list[Any]:
    """The same address with the first id forged."""
    if given[0] in ("incidents", "anonymization"):
        return ["nothing", *given[1:]]
    if str(given[0]).startswith("E-"):
        return [ledger.new_number()]
    return [0 if isinstance(given[0], int) else uuid.uuid4(), *given[1:]]


ANSWERS: Final = {"warrant_shown": "NO", "reasons_given": "NO", "counsel": "NO", "interpreter": "NO"}
NO_ROWS: Final = {
    f"{prefix}-{name}_FORMS": "0"
    for prefix in ("steps", "statements", "denials", "officers")
    for name in ("TOTAL", "INITIAL")
}
WORDING: Final = {"same": "on"} | {
    f"{passage.code}-{language}": f"{text}."
    for passage in first_script()
    for language, text in passage.texts.items()
}
CONSENT: Final = dict.fromkeys(PURPOSES, "NOT_ASKED") | {
    "STORE": "GIVEN", "STATS": "GIVEN", "on": "2026-11-01", "mode": "ORAL", "language": "fr"
}  # fmt: skip
FIRST_CONSENT: Final = {f"consent-{name}": value for name, value in CONSENT.items()}
TRIAGE: Final = tuple(f"safety-{question}" for question in ("detained_now", "counsel", "minors"))
EVENT: Final = {"event-reference": "N-1", "event-reason_given": "NO"}
NEW_PASSPHRASE: Final = {"password1": "seven owls hum slowly", "password2": "seven owls hum slowly"}
ASSESSMENT: Final = {"assessment-verification": "V2"}
QUESTION: Final = {
    "title_fr": "Par année", "title_en": "By year", "unit": "person", "first_year": "2016", "first_quarter": "1",
    "last_year": "2017", "last_quarter": "4", "tables": ["time"], "threshold": "5", "time_level": "year",
    "place_level": "borough",
}  # fmt: skip


def spreadsheet() -> SimpleUploadedFile:
    lines = "reference,event_date,consent_purposes,consent_mode,consent_date\r\nN-2,2024-03,STORE,ORAL,2026-01-01\r\n"
    return SimpleUploadedFile("cases.csv", lines.encode())


SHEET: Final = {"header_line": "1", "dates": "-"} | {f"column-{n}-field": "-" for n in range(1, 6)}
FORMS: Final[dict[str, Callable[[World], dict[str, Any]]]] = {
    "language": lambda w: {"language": "en"},
    "quick-exit": lambda w: {},
    "account_login": lambda w: {"login": "bob", "password": PASSPHRASE},
    "mfa_authenticate": lambda w: {"code": "000000"},
    "prove": lambda w: {"passphrase": PASSPHRASE},
    "factor-app": lambda w: {"code": "000000"},
    "factor-passkey": lambda w: {"name": "grey key", "credential": "{}"},
    "factor-lost": lambda w: {},
    "recover": lambda w: {"username": "bob", "code": written(new_code()), **NEW_PASSPHRASE},
    "recovery-code": lambda w: {},
    "own-key": lambda w: {"passphrase": PASSPHRASE},
    "sessions": lambda w: {"device": "others"},
    "lockdown": lambda w: {"certain": "on"},
    "lock-everybody": lambda w: {"certain": "on"},
    "end-sessions": lambda w: {},
    "lock-person": lambda w: {"certain": "on"},
    "rescue-begin": lambda w: {},
    "trustees": lambda w: {"count": "3", "threshold": "2"},
    "team-rescue-begin": lambda w: {"team": str(w.cast.verdun.pk), "username": "frank"},
    "trustees-rehearse": lambda w: {"shares": "heron"},
    "rescue": lambda w: {"share": "heron"},
    "rescue-approve": lambda w: {},
    "rescue-finish": lambda w: {},
    "rescue-accept": lambda w: NEW_PASSPHRASE,
    "rescue-link": lambda w: {},
    "spare-codes": lambda w: {},
    "factor-remove": lambda w: {},
    "account_logout": lambda w: {},
    "account_change_password": lambda w: {"oldpassword": PASSPHRASE, **NEW_PASSPHRASE},
    "setup": lambda w: {},
    "invitation": lambda w: {"username": "henry", "language": "fr", **NEW_PASSPHRASE},
    "teams": lambda w: {"name": "Rosemont"},
    "invite": lambda w: {},
    "member-steward": lambda w: {"appoint": ""},
    "member-remove": lambda w: {},
    "team-sweep": lambda w: {},
    "team-renew": lambda w: {},
    "case-search": lambda w: {"words": "heron"},
    "view-add": lambda w: {"view-name": "Mine", "status": "INTAKE"},
    "view-remove": lambda w: {},
    "case-selection": lambda w: {"case": [str(w.case)]},
    "selection-preview": lambda w: {},
    "selection-undo": lambda w: {},
    "case-alike": lambda w: {"unlink": "1"},
    "case-add": lambda w: {"team": str(w.cast.verdun.pk), "language": "fr"},
    "intake-part": lambda w: dict.fromkeys(TRIAGE, "UNK"),
    "intake-summary": lambda w: {},
    "intake-discard": lambda w: {},
    "send-again": lambda w: {"name": "0" * 32, "sealed": "AAAA"},
    "case-change": lambda w: {"base": "1", **EVENT, **ASSESSMENT, **NO_ROWS},
    "task-add": lambda w: {"text": "Write to the consulate"},
    "task-change": lambda w: {"text": "Write to the consulate"},
    "task-tick": lambda w: {},
    "date-add": lambda w: {"kind": "REMOVAL", "on": "2026-12-24"},
    "date-change": lambda w: {"kind": "APPEAL", "on": "2026-12-24"},
    "date-keep": lambda w: {},
    "review-add": lambda w: {"person": w.person.hex, "began": "2026-11-03", "result": "CONTINUED"},
    "log-add": lambda w: {"on": "2026-11-03", "kind": "CALL"},
    "refer": lambda w: {
        "person": w.person.hex,
        "contact": w.contact.hex,
        "agreed": "on",
        "agreed_on": "2026-11-03",
        "what": "The name",
    },
    "referral-change": lambda w: {"state": "ACCEPTED"},
    "case-move": lambda w: {"status": "SAFETY"},
    "contact-add": lambda w: {"team": str(w.cast.verdun.pk), "name": "Acer", "kind": "SHELTER"},
    "contact-change": lambda w: {"name": "Acer", "kind": "LAWYER"},
    "contact-remove": lambda w: {},
    "case-restore": lambda w: {"base": "2"},
    "person-add": lambda w: {"base": "1", "person-alias": "Wren", **FIRST_CONSENT, **NO_ROWS},
    "person-change": lambda w: {"base": "1", "person-alias": "Wren", **NO_ROWS},
    # The only person of the case: refused, and what it does stands in tests/test_mistakes.py.
    "person-remove": lambda w: {"base": "1", "heir": "along"},
    "receipt": lambda w: {"code": "1" * 24},
    "receipt-in": lambda w: {"code": w.receipt},
    "receipt-give": lambda w: {"language": "ar"},
    "same-person": lambda w: {"reference": "R-1", "alias": "Wren"},
    "notice-read": lambda w: {},
    "part-take-out": lambda w: {"base": "1"},
    "told": lambda w: {},
    "told-undo": lambda w: {},
    "wording-add": lambda w: WORDING,
    "person-safety": lambda w: {"base": "1", **dict.fromkeys(TRIAGE, "UNK")},
    "person-consent": lambda w: {"base": "1", **CONSENT, "STATS": "WITHDRAWN"},
    "case-grant": lambda w: {"username": "frank"},
    "case-revoke": lambda w: {"grantee": str(w.cast.charlie.pk)},
    "evidence-add": lambda w: {"sent": SimpleUploadedFile("letter.png", png()), "whole": "yes"},
    "evidence-export": lambda w: {
        "what": "original",
        "purpose": "REFER_LEGAL",
        "reason": "for the review",
        "accepted": "on",
    },
    "evidence-redact": lambda w: {"areas-TOTAL_FORMS": "0", "areas-INITIAL_FORMS": "0", "make": "1"},
    "register-add": lambda w: {
        "learned_on": "2026-11-02",
        "happened": "October",
        "what": "loss",
        "information": "A notebook",
        "sensitivity": "low",
        "consequences": "low",
        "likelihood": "low",
    },
    "register-entry": lambda w: {
        "purpose": "For the council",
        "supervisor": "Erin",
        "residual": "Low",
        "reassess_on": "2027-11-01",
    },
    "case-erase": lambda w: {"why": "asked", "when": "0", "reference": "h-1"},
    "case-keep": lambda w: {},
    "case-hold": lambda w: {"words": "A court asked", "until": holding.last_day().isoformat()},
    "case-hold-agree": lambda w: {},
    "case-hold-lift": lambda w: {},
    "import": lambda w: {"team": str(w.cast.verdun.pk), "file": spreadsheet()},
    "import-sheet": lambda w: SHEET,
    "import-forget": lambda w: {},
    "import-undo": lambda w: {},
    "release-withdraw": lambda w: {"why_fr": "Une erreur.", "why_en": "A mistake."},
    "exports": lambda w: {"case": str(w.case)},
    "export": lambda w: {},
    "export-file": lambda w: {},
    "export-forget": lambda w: {},
    "release-draft": lambda w: QUESTION,
    "release-estimate": lambda w: QUESTION,
    "release-estimate-choose": lambda w: {"choice": "0"},
    "release-approve": lambda w: {"read": list(releases.to_read(w.cast.keyring_of("erin"), w.drafted))},
    "release-words": lambda w: {"lead_fr": "Une phrase.", "lead_en": "A sentence."},
    "release-stories": lambda w: {"story": str(w.story)},
    "story-offer": lambda w: {"whom": f"{w.person.hex}:STORY", "text_en": PASSAGE, "changed": "NAMES"},
    "story-take-back": lambda w: {"story": str(w.story)},
    "story-accept": lambda w: {"lines": sorted(EVERY_LINE)},
    "story-send-back": lambda w: {"why": "The place says who it was."},
}


# Asking


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards, in any of the databases."""
    with ExitStack() as stack:
        for alias in DATABASES:
            stack.enter_context(transaction.atomic(using=alias))
            stack.callback(transaction.set_rollback, True, using=alias)
        yield


def client_of(world: World, who: str) -> Client:
    if who in ("alice", "reads", "changes"):
        alice = world.cast.keyring_of("alice")
        sharing.grant(alice, world.case, world.cast.charlie, may_change=who == "changes")
    client = Client()
    if who == "out":
        return client
    sign_in(client, SIGNED_IN_AS.get(who, who))
    # Everybody's session holds the other half: it is no use to those whom the file is not sealed to.
    session = client.session
    session[held.SLOT] = {
        str(file.id): base64.b64encode(file.share).decode() for file in (world.sheet, world.copy)
    }
    session.save()
    return client


def ask(client: Client, world: World, name: str, method: str, given: list[Any] | None = None) -> Any:
    """With cookies of its own: signing out here signs nobody out of the next request."""
    asking = Client(raise_request_exception=False)
    asking.cookies = copy.deepcopy(client.cookies)
    if name == "invitation":
        asking.cookies[invitation_cookie()] = world.link
    address = reverse(name, args=arguments(world, name) if given is None else given)
    if method == "GET":
        return asking.get(address)
    return asking.post(address, FORMS.get(name, lambda w: {})(world))


def told(response: Any) -> str:
    location = response.headers.get("Location", "")
    return (
        "in"
        if response.status_code == 302 and location.startswith(reverse("account_login"))
        else str(response.status_code)
    )


def done(said: str, method: str, before: list[Any]) -> str:
    return "done" if (said, method) == ("302", "POST") and rows() != before else said


def body(response: Any) -> str:
    # What is compressed is no text, and three signs stand in it by chance, once in a hundred papers.
    found = b"".join(response).decode(errors="replace")
    return found.replace("H-1", "") if response.get("Content-Type") in COMPRESSED else found


def _of_the_case(response: Any) -> tuple[str, ...]:
    """In a hundred thousand bytes of a picture or paper three certain ones stand somewhere by chance, once in so many runs."""
    text = response.get("Content-Type", "").startswith(("text/", "application/json"))
    return OF_THE_CASE if text else tuple(word for word in OF_THE_CASE if len(word) > 3)


def rows() -> list[tuple[str, list[Any]]]:
    """Everything that is kept, sessions apart."""
    models = [m for m in apps.get_models() if m._meta.app_label in ("casework", "accounts", "auth", "mfa")]
    return [(model.__name__, sorted(model.objects.values_list(), key=repr)) for model in models]


@contextmanager
def noted_changes() -> Iterator[list[str]]:
    """The statements that change a row, sessions apart: they have a database to themselves."""
    changes: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            changes.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield changes


def without_log(kept: list[tuple[str, list[Any]]]) -> list[tuple[str, list[Any]]]:
    return [(name, values) for name, values in kept if not name.startswith("Audit")]


# Tests


@pytest.mark.parametrize("who", PEOPLE)
def test_everyone_gets_what_the_table_says_and_nothing_more(
    world: World, sent: list[str], django_capture_on_commit_callbacks: Any, who: str
) -> None:
    client = client_of(world, who)
    answered: Answers = {}
    brought_about: dict[str, set[Any]] = {}
    before = rows()
    for name, method in REQUESTS:
        sent.clear()
        with undone():
            with django_capture_on_commit_callbacks(execute=True), noted_changes() as changes:
                response = ask(client, world, name, method)
                content = body(response)
            said = answered[name, method, who] = done(told(response), method, before)
            # That somebody was turned away from a case is written down, and nothing else.
            refused = said in ("404", "405")
            assert not refused or not changes or without_log(rows()) == without_log(before), (
                f"{name} refused {who} and did something all the same"
            )
        assert who in CASE_READERS or not any(word in content for word in _of_the_case(response)), (
            f"{name} told {who} about the case"
        )
        for task in sent:
            brought_about.setdefault(task, set()).add((name, method, who))
    assert answered == {key: said for key, said in EXPECTED.items() if key[2] == who}
    assert brought_about == _of(who)


def _of(who: str) -> dict[str, set[Any]]:
    mine = {
        task: {cause for cause in causes if cause[2] == who}
        for task, causes in TASKS.items()
        if causes != {"beat"}
    }
    return {task: causes for task, causes in mine.items() if causes}


@pytest.mark.parametrize("who", PEOPLE)
def test_missing_and_forbidden_look_alike(world: World, who: str) -> None:
    client = client_of(world, who)
    for name, method in REQUESTS:
        given = arguments(world, name)
        if not given or name in ("invitation-link", "rescue-link", "receipt-in"):
            continue
        with undone():
            there = ask(client, world, name, method)
        with undone():
            not_there = ask(client, world, name, method, missing(given))
        if EXPECTED[name, method, who] in ("in", "401", "404", "405"):
            assert (told(there), shape(there)) == (told(not_there), shape(not_there)), (name, method)
        else:
            # Whoever may do it is told that it is not there, in the same words as everybody.
            assert told(not_there) in ("404", "405"), (name, method)


def shape(response: Any) -> str:
    """The page without what differs by chance: ids of the same length and the token of the form."""
    return re.sub(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/second-factor/)\d+|(?<=/wordings/)\d+|(?<=/registers/)[0-9a-z-]+"
        r"|E-\d{4}-\d{4}|name=\"csrfmiddlewaretoken\" value=\"\w{64}\""
        r"|(?<=name=\"name\" value=\")\w{32}|(?<=name=\"sealed\" value=\")[\w+/=]+",
        "#",
        body(response),
    )


@pytest.mark.parametrize("who", ["alice", "dana"])
def test_every_form_needs_its_token_but_the_way_out(world: World, who: str) -> None:
    client = client_of(world, who)
    guarded = Client(enforce_csrf_checks=True)
    guarded.cookies = client.cookies
    for name, method in REQUESTS:
        if method == "POST" and not name.startswith("published") and name != "quick-exit":
            response = guarded.post(
                reverse(name, args=arguments(world, name)), FORMS.get(name, lambda w: {})(world)
            )
            assert response.status_code in (403, 405), name


def test_before_set_up_a_stranger_finds_one_page_that_asks_for_the_code(
    settings_for_tests: None, db: None
) -> None:
    code = setup_code()
    assert len(code) == SETUP_CODE_LENGTH
    form = {"code": code, "organisation": "Collectif", "username": "dana", "language": "fr", **NEW_PASSPHRASE}
    expected = parsed(BEFORE_SETUP)
    answered = {}
    for name, method, _who in expected:
        client = Client()
        answered[name, method, "out"] = told(
            client.get(reverse(name)) if method == "GET" else client.post(reverse(name), form)
        )
    assert answered == expected


def named_patterns(resolver: Any) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from named_patterns(pattern)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name, so nobody can say who may open it"
            yield pattern.name


def test_no_address_is_missing_from_the_table() -> None:
    assert {name for name, _ in REQUESTS} == set(named_patterns(get_resolver()))


def test_every_address_says_who_may_get_it() -> None:
    assert {name for name, method in REQUESTS if method == "GET"} == {name for name, _ in REQUESTS}


def test_a_row_without_a_form_is_one_that_needs_none() -> None:
    posts = {name for name, method in REQUESTS if method == "POST"}
    bare = {name for name in posts if name.startswith("published")} | {"invitation-link"}
    bare |= {"release-publish", "release-draft-again", "release-cancel", "release-discard"}
    bare |= {"release-estimate-of", "release-estimate-draft", "release-schedule"}
    assert posts - set(FORMS) == bare


def test_no_task_is_missing_from_the_table() -> None:
    current_app.loader.import_default_modules()
    assert {name for name in current_app.tasks if not name.startswith("celery.")} == set(TASKS)


def test_the_clock_asks_for_what_the_table_says() -> None:
    asked = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    assert asked == {task for task, causes in TASKS.items() if causes == {"beat"}}


def test_compaction_is_the_one_job_that_the_clock_begins(world: World, sent: list[str]) -> None:
    from casework.tasks import compact

    Job.objects.all().delete()
    compact()
    assert list(Job.objects.values_list("kind", flat=True)) == [Job.Kind.COMPACT]
