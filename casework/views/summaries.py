"""What a case, a card, a person come down to on a page: labels beside values, in the reader's language."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from casework import consent, vault
from casework.record import Card, CaseRecord, Person, Safety, is_detained_now
from casework.templatetags.display import date_words
from casework.views.timeline import named, when

Facts = list[tuple[str, str]]


def listed(name: str, codes: list[str]) -> str:
    return ", ".join(named(name, code) for code in codes)


def brief(label: str) -> str:
    """A label without the examples in brackets: a card has room for a few words."""
    return label.partition(" (")[0]


def filled(facts: Facts) -> Facts:
    return [(label, value) for label, value in facts if value]


def card_shown(row: vault.Listed) -> dict[str, Any]:
    card = row.card
    news = [{"label": _("said something by receipt"), "kind": "warning"}] if row.news else []
    if not card.open_until:
        ended = {"label": _("closed: consent to keep it has ended"), "kind": "warning"}
        return {
            "url": reverse("case-consent", args=[row.case_id]),
            "title": card.reference,
            "tags": [ended, *news],
        }
    where = [
        named("borough", card.borough) or named("city", card.city),
        ", ".join(brief(named("police_service", c)) for c in card.police_services),
    ]
    return {
        **case_title(row),
        "when": date_words(card.date.partition("T")[0]),
        "where": "\N{NO-BREAK SPACE}· ".join(filter(None, [*where, _how_it_began(card)])),
        "tags": [*news, *_tags(row)],
    }


def case_title(row: vault.Listed) -> dict[str, Any]:
    """Where the case is, and what the group calls it."""
    aliases = ", ".join(row.card.aliases)
    title = f"{aliases}\N{NO-BREAK SPACE}· {row.card.reference}" if aliases else row.card.reference
    return {"url": reverse("case", args=[row.case_id]), "title": title}


def _how_it_began(card: Card) -> str:
    """A refusal of service without any police began with the refusal."""
    if card.pretext or not card.service_types:
        return brief(named("pretext", card.pretext))
    services = ", ".join(brief(named("service_type", code)) for code in card.service_types)
    return _("refused: %(services)s") % {"services": services}


def _tags(row: vault.Listed) -> list[dict[str, str]]:
    card = row.card
    detained = [{"label": _("detained now"), "kind": "danger"}] if card.detained_now else []
    state = [
        {"label": named("case_status", card.status)},
        {"label": brief(named("verification", card.verification))},
    ]
    counted = [] if card.counted else [{"label": _("not counted"), "kind": "warning"}]
    return [*detained, *state, *counted]


def case_facts(record: CaseRecord) -> Facts:
    event = record.event
    return filled(
        [
            (
                _("When"),
                when(event.date) + (f" ({_('uncertain')})" if event.date and event.date.uncertain else ""),
            ),
            (
                _("Where"),
                ", ".join(filter(None, [named("borough", event.borough), named("city", event.city)])),
            ),
            (_("Kind of place"), named("place_type", event.place_type)),
            (_("Place"), event.place_note),
            (_("Services"), listed("police_service", event.police_services)),
            (_("How it began"), named("pretext", event.pretext)),
            (_("Reason given"), named("answer", event.reason_given)),
        ]
    )


def case_summary(record: CaseRecord) -> str:
    """When, where and how it began, in one line above the chain: the rest can wait below it."""
    event = record.event
    place = named("borough", event.borough) or named("city", event.city)
    return "\N{NO-BREAK SPACE}· ".join(
        filter(None, [when(event.date), place, brief(named("pretext", event.pretext))])
    )


def case_state(record: CaseRecord) -> list[dict[str, str]]:
    return [
        {"label": named("case_status", record.status)},
        {"label": named("verification", record.verification)},
    ]


def urgent(record: CaseRecord) -> list[str]:
    """What cannot wait, one sentence each, above everything else on the page."""
    return [
        _("%(alias)s is detained now.") % {"alias": person.alias}
        for person in record.victims()
        if is_detained_now(person)
    ]


def safety_facts(safety: Safety) -> Facts:
    """A question that was not asked is not shown; one that was refused, or to which nobody knows the answer, is."""
    asked = [
        (_("Detained when the story came in"), safety.detained_now),
        (_("Minors concerned"), safety.minors),
        (_("Has a lawyer"), safety.counsel),
    ]
    return [
        *((label, named("answer", answer)) for label, answer in asked if answer != "NOT_ASKED"),
        (_("Where, when the story came in"), named("detention_place", safety.detained_where)),
        (_("Next detention review"), when(safety.next_review)),
        (_("Removal date"), when(safety.removal)),
        (_("How to reach them safely"), safety.reach),
        (_("Agreed to do next"), safety.agreed),
    ]


def person_facts(person: Person) -> Facts:
    return filled(
        [
            *safety_facts(person.safety),
            (_("Real name"), person.name),
            (_("Age"), named("age_band", person.age_band)),
            (_("Gender"), named("gender", person.gender)),
            (_("Region of origin"), named("region", person.region)),
            (_("Language"), named("language", person.language)),
            (_("How status came up"), listed("status_raised", person.status_raised)),
            (_("What raised suspicion"), listed("suspicion_cue", person.suspicion_cue)),
            (_("What the CBSA did"), named("cbsa_involvement", person.cbsa_involvement)),
            (_("Hours held by police"), "" if person.held_hours is None else f"{person.held_hours:g}"),
            (_("What became of it"), listed("outcome", [o.code for o in person.outcomes])),
            (_("Harm done"), listed("harm", person.harms)),
            (_("Immigration basis"), listed("immigration_basis", person.immigration_basis)),
        ]
    )


def consents_shown(person: Person) -> list[dict[str, Any]]:
    return [_consent_shown(person, purpose) for purpose in consent.PURPOSES]


def consent_state(person: Person, purpose: str) -> str:
    """The answer as it counts today. One that was given and no longer holds, for whatever reason, is not shown as given."""
    answer = person.consent_for(purpose)
    state = answer.state if answer else "NOT_ASKED"
    return "EXPIRED" if state == "GIVEN" and not consent.may(person, purpose) else state


def _consent_shown(person: Person, purpose: str) -> dict[str, Any]:
    answer, state = person.consent_for(purpose), consent_state(person, purpose)
    return {
        "purpose": named("purpose", purpose),
        "state": named("consent_state", state),
        "kind": "good" if state == "GIVEN" else "",
        "until": consent.until(person, purpose),
        "mode": named("consent_mode", answer.mode) if answer else "",
        "answer": answer,
    }
