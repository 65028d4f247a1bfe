"""What two organizers of the sample have on their board today: invented contacts, somebody held since yesterday, tasks, dates, a
referral. Made by the same acts as on the pages, so that nothing here can be what a page could not make."""

import datetime as dt
from typing import Final
from uuid import UUID

from accounts.keyring import Keyring
from accounts.models import Team
from casework import contacts, followup, intake
from casework.agenda import Contact, DateToKeep, Interaction, Task
from casework.record import (
    CaseRecord,
    Consent,
    Event,
    Moment,
    Person,
    Safety,
    Statement,
    Step,
    new_person,
    new_record,
)

DAY: Final = dt.timedelta(days=1)
CONTACTS: Final = (
    Contact("Me Tilia Cordata", "LAWYER", "Étude Tilleul", "514 555-0147", languages=["fr", "es"]),
    Contact(
        "Clinique juridique du Faubourg",
        "LEGAL_CLINIC",
        phone="514 555-0100",
        note="Mardi soir, sans rendez-vous.",
    ),
    Contact("Clinique des Érables", "HEALTH", phone="514 555-0160", languages=["fr", "ht"]),
    Contact("Refuge La Passerelle", "SHELTER", phone="514 555-0188", note="Deux semaines d'attente."),
    Contact("Harbour Table", "PARTNER", languages=["en"]),
)
AGREED: Final = ("STORE", "CONTACT", "REFER_LEGAL", "STATS")
STATEMENT: Final = (
    "Elle rentrait du travail. Ils ont pris sa carte, ils ont téléphoné, puis ils ont dit d'attendre. "
    "Personne n'a montré de papier."
)


def follow_somebody_up(alice: Keyring, bob: Keyring, team: Team, today: dt.date) -> UUID:
    """The case of Aubépine, held since yesterday and followed by two organizers."""
    book = [contacts.add(alice, team, contact) for contact in CONTACTS]
    case_id = intake.create_case(alice, team, _case(today))
    lawyer = contacts.contact_for(alice, book[0])

    def act(record: CaseRecord) -> None:
        someone = record.persons[0].id
        followup.refer(
            record,
            someone,
            lawyer,
            today,
            "Son pseudonyme, le lieu de détention, l'heure de la retenue.",
            alice.user.pk,
        )
        followup.log(
            record,
            Interaction(
                followup.new_id(),
                today,
                "FAMILY",
                someone,
                "sa sœur",
                "Elle apporte les médicaments demain.",
                by=bob.user.pk.hex,
            ),
        )
        record.tasks = [
            Task(followup.new_id(), "Confirmer que Me Cordata sera au contrôle", alice.user.pk.hex, today),
            Task(followup.new_id(), "Trouver le numéro du constat", bob.user.pk.hex),
        ]
        record.dates = [
            DateToKeep(followup.new_id(), "ACCESS", body="QC", received_on=today, note="Rapport d'événement")
        ]

    followup.change(alice, case_id, act, "case.refer", contact=str(lawyer.id))
    followup.change(alice, case_id, lambda record: followup.move(record, "REFER"))
    return case_id


def _case(today: dt.date) -> CaseRecord:
    event = Event(
        Moment(f"{_yesterday(today)}T16:50"), "MONTREAL", "VERDUN", ["SPVM"], "TRAFFIC_RANDOM", "ROAD"
    )
    record = new_record("AUBÉPINE", event)
    record.persons = [_person(today)]
    record.statements = [Statement(STATEMENT, "FAMILY", Moment(today.isoformat()), "fr")]
    return record


def _yesterday(today: dt.date) -> str:
    return (today - DAY).isoformat()


def _person(today: dt.date) -> Person:
    someone, day = new_person("VICTIM"), _yesterday(today)
    someone.alias = "Aubépine"
    someone.consents = [Consent(purpose, "GIVEN", today, "ORAL", "fr") for purpose in AGREED]
    someone.safety = Safety(
        detained_now="YES", minors="YES", counsel="NO", reach="Par sa sœur, le soir seulement."
    )
    someone.steps = [
        Step("STOP", Moment(f"{day}T16:50"), agency="SPVM", place="ROAD", reasons_given="NO"),
        Step("DATABASE_QUERY", Moment(f"{day}T16:58"), agency="SPVM"),
        Step("CALL_TO_CBSA", Moment(f"{day}T17:10"), agency="SPVM"),
        _hold(day),
        Step("TRANSFER", Moment(f"{day}T20:40"), agency="CBSA"),
        Step("DETENTION", Moment(f"{day}T22:05"), agency="CBSA", detention_place="IHC_LAVAL"),
    ]  # fmt: skip
    return someone


def _hold(day: str) -> Step:
    step = Step("HOLD", Moment(f"{day}T17:15"), Moment(f"{day}T20:40"), "SPVM", "POLICE_STN", "POLICE_CELL")
    step.warrant_shown, step.reasons_given, step.counsel, step.interpreter = "NO", "NO", "NO", "UNK"
    return step
