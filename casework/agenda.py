"""What is still to be done for somebody: the part of a case that looks ahead. Pure: shapes only, inside the sealed record.

People are named by the hex digits of their ids: a person's in the case, a user's account, a contact's row.
"""

import datetime as dt

import msgspec


class Task(msgspec.Struct):
    id: str
    text: str
    owner: str = ""
    due: dt.date | None = None
    done_on: dt.date | None = None
    done_by: str = ""


class DateToKeep(msgspec.Struct):
    """A day that somebody else has set, or, for an access request, the day from which the body must answer."""

    id: str
    kind: str
    on: dt.date | None = None
    person: str = ""
    # Of an access request: whose law, the day it was received, and whether the body gave itself more time.
    body: str = ""
    received_on: dt.date | None = None
    extended: bool = False
    note: str = ""
    kept_on: dt.date | None = None


class Interaction(msgspec.Struct):
    """A call, a visit, a letter. `told_outcome`: the person was told what became of their case, which is owed to them."""

    id: str
    on: dt.date
    kind: str
    person: str = ""
    whom: str = ""
    text: str = ""
    told_outcome: bool = False
    by: str = ""


class Referral(msgspec.Struct):
    """What was passed on, to whom, and that the person agreed to this recipient. The name stays as it was told to them, though
    the contact may be removed later: a withdrawal has to reach it."""

    id: str
    person: str
    contact: str
    name: str
    kind: str
    purpose: str
    on: dt.date
    agreed_on: dt.date
    what: str = ""
    state: str = "MADE"
    answered_on: dt.date | None = None
    note: str = ""
    by: str = ""


class Told(msgspec.Struct):
    """Who received something was told that a person no longer agrees. `item`: the copy, or the referral."""

    id: str
    item: str
    person: str
    name: str
    on: dt.date
    by: str = ""


class Contact(msgspec.Struct):
    """Whom people are referred to, sealed to the team that keeps it: no case stands in it."""

    name: str
    kind: str
    organisation: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    languages: list[str] = []
    note: str = ""
