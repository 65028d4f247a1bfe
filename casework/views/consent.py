"""Asking for consent: whose, for what, in which words."""

from typing import Any
from uuid import UUID

import msgspec
import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.carried import keeps_words
from accounts.crypto import receipt_code
from accounts.sessions import SignedInRequest
from casework import consent, intake, permissions, receipts, sameperson, vault, wordings
from casework.folding import normalise
from casework.forms.cases import RevisionForm, all_valid
from casework.forms.consent import ConsentForm, ReceiptForm, SamePersonForm
from casework.record import Person
from casework.views.notices import notices_context
from casework.views.people import person_of
from casework.views.receipts import languages
from casework.views.summaries import consents_shown
from casework.views.wordings import scripts
from casework.vocabulary.receipts import words
from casework.vocabulary.wording import LANGUAGES, RIGHT_TO_LEFT


@sensitive_variables()
@sensitive_post_parameters()
def consents(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Whom to ask, when there are several; works while consent has lapsed, and shows aliases only."""
    opened = vault.open_consents(request.keyring, case_id)
    people = opened.record.victims()
    if len(people) == 1:
        return redirect("person-consent", case_id, UUID(people[0].id))
    people_shown = [(UUID(person.id), person.alias) for person in people]
    context = {"case": opened.case, "people": people_shown, **_said(request, opened)}
    return render(request, "casework/cases/consents.html", context)


def _said(request: SignedInRequest, opened: vault.OpenCase) -> dict[str, Any]:
    """Whoever is here may change the case."""
    may = permissions.allowed(request.user, opened.case.pk)
    return {
        **notices_context(request, opened),
        "may_change": permissions.CHANGE in may,
        "may_share": permissions.SHARE in may,
    }


@keeps_words
@sensitive_variables()
@sensitive_post_parameters()
def person_consent(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    opened = vault.open_consents(request.keyring, case_id)
    person = person_of(opened.record, person_id)
    data = request.POST if request.method == "POST" else None
    form = ConsentForm(data, person=msgspec.structs.replace(person), withdrawing=True)
    base = RevisionForm(data, initial={"base": opened.revision})
    valid = data is not None and all_valid([form, base])
    if valid and not form.knows(person):
        return _asked_meanwhile(request, opened, person_id)
    if valid and form.fits(person, opened.record.event.date):
        person.consents = [*person.consents, *form.answers()]
        try:
            return _kept(request, opened, base.cleaned_data["base"], form.cooling())
        except intake.SavedMeanwhile as met:
            return _asked_meanwhile(request, met.theirs, person_id)
    status = 422 if data is not None else 200
    return _page(request, opened, person, form, base, status)


def _kept(request: SignedInRequest, opened: vault.OpenCase, base: int, cooling: int) -> HttpResponse:
    intake.save_consents(request.keyring, opened.case.pk, opened.record, base, cooling)
    messages.success(request, _("The answers are kept, and hold from now on."))
    return redirect("cases")


def _asked_meanwhile(request: SignedInRequest, theirs: vault.OpenCase, person_id: UUID) -> HttpResponse:
    """Somebody else wrote answers down, or the person said theirs by receipt. What was typed stays, but no yes over a new no."""
    person = person_of(theirs.record, person_id)
    form = ConsentForm(ConsentForm.brought_up_to(person, request.POST), person=person, withdrawing=True)
    form.add_error(
        None,
        _(
            "Somebody saved this case, or the person answered by receipt, while you were writing. Look below at what stands "
            "now, then send your answers again."
        ),
    )
    return _page(request, theirs, person, form, RevisionForm(initial={"base": theirs.revision}), 409)


def _page(
    request: SignedInRequest,
    opened: vault.OpenCase,
    person: Person,
    form: ConsentForm,
    base: RevisionForm,
    status: int,
) -> HttpResponse:
    context = {
        "case": opened.case,
        "alias": person.alias,
        "person_id": UUID(person.id),
        "form": form,
        "base": base,
        "scripts": scripts(person.language),
        "answers": answers_shown(person),
        **_said(request, opened),
        "may_have_receipt": consent.may(person, "STORE"),
        "among_others": len(opened.record.victims()) > 1,
    }
    return render(request, "casework/cases/consent.html", context, status=status)


def answers_shown(person: Person) -> list[dict[str, Any]]:
    """Each answer beside the very words it was given to, in the language of the conversation."""
    return [_with_words(shown) for shown in consents_shown(person) if shown["answer"]]


def _with_words(shown: dict[str, Any]) -> dict[str, Any]:
    answer = shown["answer"]
    language = answer.language if answer.language in LANGUAGES else (get_language() or "fr")[:2]
    try:
        asked = wordings.question(answer.purpose, language, answer.wording)
    except KeyError:
        asked = ""
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    return {**shown, "asked": asked, "language": language, "direction": direction}


# The receipt


@sensitive_variables()
@sensitive_post_parameters()
def receipt_give(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    """The digits are in this one answer and nowhere else: neither kept nor sent again."""
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    person = person_of(opened.record, person_id)
    form = ReceiptForm(request.POST or None, initial={"language": _own_language(person)})
    if request.method == "POST" and form.is_valid():
        code = receipts.give(request.keyring, case_id, person.id)
        return _paper(request, code, form.cleaned_data["language"], case_id, person_id)
    context = {"case": opened.case, "person_id": person_id, "alias": person.alias, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "casework/cases/receipt.html", context, status=status)


def _own_language(person: Person) -> str:
    return person.language if person.language in LANGUAGES else (get_language() or "fr")[:2]


@sensitive_variables()
def _paper(
    request: SignedInRequest, code: str, language: str, case_id: UUID, person_id: UUID
) -> HttpResponse:
    address = request.build_absolute_uri(reverse("receipt-in", args=[language]))
    # After the sign: a browser sends that part of an address to nobody.
    qr = segno.make(f"{address}#{code}", error="m")
    context = {
        "words": words(language),
        "language": language,
        **languages(language),
        "groups": receipt_code.written(code).split(),
        "address": address.partition("//")[2],
        "qr": qr.svg_data_uri(scale=4, light="#fff"),
        "back": reverse("person-consent", args=[case_id, person_id]),
        "reader": get_language(),
    }
    return render(request, "casework/receipt/paper.html", context)


# The same person, in another case


@sensitive_variables()
@sensitive_post_parameters()
def same_person(request: SignedInRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    """Their answers become one list for all their cases. The other case is named as the group names it; nobody is guessed."""
    opened = vault.open_case(request.keyring, case_id, permissions.CHANGE)
    person = person_of(opened.record, person_id)
    form = SamePersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        other = _named(request, case_id, form.cleaned_data["reference"], form.cleaned_data["alias"])
        if other is not None:
            return _joined(request, (case_id, person.id), other)
        form.add_error(
            "reference",
            _(
                "No case you may change has this reference and somebody of this alias, or several have. Nothing was changed."
            ),
        )
    context = {"case": opened.case, "person_id": person_id, "alias": person.alias, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "casework/cases/same_person.html", context, status=status)


def _named(request: SignedInRequest, here: UUID, reference: str, alias: str) -> sameperson.Place | None:
    """The one person meant, or None."""
    called = normalise(reference), normalise(alias)
    found, _broken = vault.every_card(
        request.keyring, lambda cards: [c.case_id for c in cards if _is_of(c, *called)]
    )
    others = [case_id for case_id in found if case_id != here]
    if len(others) != 1:
        return None
    try:
        other = vault.open_case(request.keyring, others[0], permissions.CHANGE)
    except permissions.Denied:
        return None
    people = [p for p in other.record.victims() if normalise(p.alias) == normalise(alias)]
    return (others[0], people[0].id) if len(people) == 1 else None


def _is_of(listed: vault.Listed, reference: str, alias: str) -> bool:
    return normalise(listed.head.reference) == reference and alias in map(normalise, listed.card.aliases)


def _joined(request: SignedInRequest, here: sameperson.Place, other: sameperson.Place) -> HttpResponse:
    sameperson.join(request.keyring, here, other)
    messages.success(request, _("One person: what they answer in one of their cases holds in all of them."))
    return redirect("case-consent", here[0])


urlpatterns: list[URLPattern] = [
    path("cases/<uuid:case_id>/people/<uuid:person_id>/same/", same_person, name="same-person"),
    path("cases/<uuid:case_id>/consent/", consents, name="case-consent"),
    path("cases/<uuid:case_id>/people/<uuid:person_id>/consent/", person_consent, name="person-consent"),
    path("cases/<uuid:case_id>/people/<uuid:person_id>/receipt/", receipt_give, name="receipt-give"),
]
