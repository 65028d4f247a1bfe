"""Invented cases in number, the same for the same seed: what a group's spreadsheet of eleven years could look like."""

import datetime as dt
from random import Random
from typing import Final

from casework.samples import weights as w
from casework.samples.narratives import Told, narrative

Row = dict[str, str]

DETAINED: Final = {"SHORT", "WEEK", "LONG"}
RELEASED: Final = {"NO_CONTACT", "PHONE_ONLY", "CALL_IN", "PHONE_HOLD"}
PAID: Final = {"HEALTH", "EDUCATION", "CHILDCARE"}
WARRANTS: Final = {"DB_WARRANT", "CALL_WARRANT"}
BIRDS: Final = (
    *(
        "Alouette",
        "Bernache",
        "Colombe",
        "Fauvette",
        "Gélinotte",
        "Grive",
        "Hirondelle",
        "Huard",
        "Jaseur",
        "Loriot",
        "Mésange",
    ),
    *(
        "Moineau",
        "Moqueur",
        "Paruline",
        "Pluvier",
        "Roselin",
        "Sittelle",
        "Sterne",
        "Tangara",
        "Tourterelle",
        "Troglodyte",
        "Viréo",
    ),
)
PLACES: Final = (
    *(
        "du canal",
        "des toits",
        "de la ruelle",
        "du quai",
        "des érables",
        "du marché",
        "de la côte",
        "des neiges",
        "du matin",
    ),
    *(
        "du fleuve",
        "de la gare",
        "des jardins",
        "du viaduc",
        "de l'aube",
        "des lilas",
        "du carrefour",
        "de l'étang",
        "des balcons",
    ),
)


def pick(random: Random, weights: dict[str, float]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def generate(random: Random, team: str, count: int, today: dt.date) -> list[Row]:
    """`count` rows with the columns of the import. `team` is one of the keys of `weights.TEAM_CITIES`."""
    return [_row(random, team, number, today) for number in range(1, count + 1)]


def _row(random: Random, team: str, number: int, today: dt.date) -> Row:
    date, latest = _date(random)
    row: Row = {"event_date": date, **_place(random, team), **_person(random, number)}
    denial_only = random.random() < w.ONLY_A_DENIAL
    told = _denial(random, row) if denial_only else _encounter(random, row, latest)
    language = "fr" if random.random() < w.IN_FRENCH[team] else "en"
    hours, days = row.get("held_hours"), row.pop("days", None)
    row["narrative"] = narrative(
        random, told, language, float(hours) if hours else None, int(days) if days else None
    )
    row["reference"] = f"{team.upper()}-{date[:4]}-{number:03d}"
    row["source"] = pick(random, w.SOURCES)
    row["verification"] = pick(random, w.VERIFICATION)
    return row | _consent(random, row, latest, today)


def _date(random: Random) -> tuple[str, dt.date]:
    """As it was told, and the latest day it can mean."""
    year, precision = int(pick(random, w.YEARS)), pick(random, w.PRECISION)
    month, day = random.randint(1, 12), random.randint(1, 28)
    quarter = (month + 2) // 3
    return {
        "year": (f"{year}", dt.date(year, 12, 31)),
        "quarter": (f"{year}-Q{quarter}", dt.date(year, 3 * quarter, 30)),
        "month": (f"{year}-{month:02d}", dt.date(year, month, 28)),
        "day": (f"{year}-{month:02d}-{day:02d}", dt.date(year, month, day)),
    }[precision]


def _place(random: Random, team: str) -> Row:
    city = pick(random, w.TEAM_CITIES[team])
    known = city == "MONTREAL" and random.random() < 0.95
    return {"city": city, "borough": pick(random, w.BOROUGHS) if known else ""}


def _person(random: Random, number: int) -> Row:
    region = pick(random, w.REGIONS)
    bird, place = BIRDS[number % len(BIRDS)], PLACES[number // len(BIRDS) % len(PLACES)]
    return {
        "age_band": pick(random, w.AGES),
        "gender": pick(random, w.GENDERS),
        "region": region,
        "language": pick(random, w.ORIGINS[region]),
        "person_alias": f"{bird} {place}",
    }


def _denial(random: Random, row: Row) -> Told:
    service, mechanism = pick(random, w.DENIED), pick(random, w.MECHANISMS)
    if mechanism == "FEE" and service not in PAID:
        mechanism = "ASKED_ID"
    row |= {
        "service_type": service,
        "denial_mechanism": mechanism,
        "harm": random.choice(["CHILL", "PSYCH", "NONE"]),
    }
    return {"denial": service, "mechanism": mechanism, "harm": row["harm"], "closing": ""}


def _encounter(random: Random, row: Row, latest: dt.date) -> Told:
    row |= _stop(random, row["city"])
    path = _path(random, row["pretext"])
    row |= _contact(random, path, row["pretext"])
    row |= _detention(random, path, row["city"], latest)
    row["immigration_basis"] = _basis(random, path, row["status_raised"])
    row["outcome"], end = _outcome(random, path, int(row.get("days", 0)))
    harms = _harms(random, path)
    row["harm"] = "|".join(harms)
    if random.random() < w.ALSO_A_DENIAL:
        row |= {"service_type": "POLICE_PROT", "denial_mechanism": "DETERRED"}
    told = {"opening": row["pretext"], "status": row["status_raised"], "path": path}
    return told | {"harm": harms[-1], "end": end, "closing": ""}


def _path(random: Random, pretext: str) -> str:
    """In a joint operation the border agency is there from the start: nobody is simply let go."""
    path = pick(random, w.PATHS)
    return "CONDITIONS" if pretext == "JOINT_OP" and path in RELEASED else path


def _basis(random: Random, path: str, status: str) -> str:
    if status in WARRANTS:
        return random.choice(["WARRANT_REMOVAL", "WARRANT_EXAM"])
    if status == "DB_PREV_REMOVED":
        return "RETURN_NO_AUTH"
    basis = pick(random, w.BASES)
    return "OVERSTAY" if basis == "HAS_STATUS" and path in DETAINED else basis


def _stop(random: Random, city: str) -> Row:
    pretext = pick(random, w.PRETEXTS)
    service = pick(random, w.SERVICES[city])
    if pretext == "FARE_CHECK" and city == "MONTREAL":
        service = random.choice(["STM", "STM|SPVM", "SPVM_METRO"])
    return {
        "pretext": pretext,
        "police_service": service,
        "place_type": pick(random, w.PLACES.get(pretext, {"ROAD": 1})),
        "officer_badge": f"FIC-{random.randint(91_000, 99_999)}" if random.random() < 0.12 else "",
    }


def _contact(random: Random, path: str, pretext: str) -> Row:
    status, involvement = pick(random, w.STATUS), pick(random, w.HANDED)
    if path == "NO_CONTACT":
        status, involvement = random.choice(["NOT_RAISED", "ASKED", "NOT_RAISED", "NO_ID"]), "NONE"
    elif path in RELEASED:
        involvement = path
        status = "CALL_STATUS" if status in WARRANTS else status
    if pretext == "JOINT_OP":
        status, involvement = "CBSA_PRESENT", "JOINT"
    elif status == "INSTITUTION" and pretext != "WORKPLACE":
        status = "CALL_STATUS"
    cue = "" if status == "NOT_RAISED" else pick(random, w.CUES)
    return {
        "status_raised": status,
        "suspicion_cue": cue,
        "cbsa_involvement": involvement,
        **_held(random, path),
    }


def _held(random: Random, path: str) -> Row:
    if path == "NO_CONTACT":
        return {}
    if path in {"PHONE_ONLY", "CALL_IN"}:
        return {"held_hours": random.choice(["0.5", "1", "1.5", "2"])}
    return {"held_hours": str(random.randint(2, 14))}


def _detention(random: Random, path: str, city: str, latest: dt.date) -> Row:
    if path not in DETAINED:
        return {}
    shortest, longest = w.WEEK
    if path == "LONG":
        shortest, longest = random.choices(list(w.LONG), list(w.LONG.values()))[0]
    days = 1 if path == "SHORT" else random.randint(shortest, longest)
    return {"detention_place": _detained_at(random, path, city, latest), "days": str(days)}


def _detained_at(random: Random, path: str, city: str, latest: dt.date) -> str:
    """Holding centres by region; provincial jails only while they were used, the airport cells only before 2020."""
    jails = latest < dt.date(2025, 9, 1) and path == "LONG" and random.random() < 0.3
    if city in w.TEAM_CITIES["montreal"]:
        return "PROV_RDP" if jails else "IHC_LAVAL"
    if city in {"VANCOUVER", "SURREY", "METRO_VANCOUVER"}:
        return (
            "YVR_CELLS"
            if latest.year < 2020 and path == "SHORT"
            else "PROV_OTHER"
            if latest.year < 2020
            else "IHC_SURREY"
        )
    if city in {"EDMONTON", "CALGARY"}:
        return "PROV_OTHER" if latest < dt.date(2025, 9, 1) else "OTHER"
    return "PROV_ON" if jails else "IHC_TORONTO"


def _outcome(random: Random, path: str, days: int) -> tuple[str, str]:
    """The outcomes in the order they came, and the last one when a sentence tells it."""
    if path in RELEASED:
        ticket = ["TICKET"] if random.random() < 0.5 else []
        held = ["HELD_POLICE"] if path == "PHONE_HOLD" else []
        return "|".join([*ticket, *held, "RELEASED_SCENE", *(["ONGOING"] if path == "CALL_IN" else [])]), ""
    if path == "CONDITIONS":
        return "HELD_POLICE|HANDED_OVER|REL_CONDITIONS", ""
    end = pick(random, w.ENDS)
    reviews = _reviews(days)
    last = (
        ["REVIEW_RELEASED"]
        if reviews and end in {"ATD", "STAY", "STATUS_OBTAINED", "ONGOING", "LOST_CONTACT"}
        else []
    )
    continued = ["REVIEW_CONTINUED"] * (reviews - len(last))
    return "|".join(["HELD_POLICE", "HANDED_OVER", "DETAINED", *continued, *last, end]), end


def _reviews(days: int) -> int:
    """After 48 hours, within 7 days of that, and then every 30 days."""
    return sum(days >= due for due in (2, 9, 39, 69, 99, 129, 159))


def _harms(random: Random, path: str) -> list[str]:
    first = [] if path == "NO_CONTACT" else ["LIBERTY"]
    likely = w.HARMS_OF_DETENTION if path in DETAINED else w.HARMS
    return list(dict.fromkeys([*first, *(pick(random, likely) for _ in range(random.randint(1, 2)))]))


def _consent(random: Random, row: Row, latest: dt.date, today: dt.date) -> Row:
    """People were asked again: within eighteen months, never before the event and never in the future."""
    asked = max(today - dt.timedelta(days=random.randint(3, 540)), min(latest, today))
    minor = row["age_band"] in {"UNDER_14", "14_17"}
    return {
        "consent_purposes": "|".join(
            ["STORE", *(p for p, share in w.GIVEN.items() if random.random() < share)]
        ),
        "consent_mode": "DELEGATE" if minor else pick(random, w.MODES),
        "consent_date": asked.isoformat(),
        "consent_language": row["language"],
    }
