"""One day in a Témoin, in which every text is one that occurs nowhere else, so that it can be looked for afterwards."""

import base64
import datetime as dt
import html
import io
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from django.conf import settings

from casework import vocabulary
from casework.consent import PURPOSES
from tests.exhibits import CANARY, jpeg, pdf
from tests.filled_forms import as_it_stands
from tests.importing_files import csv_file, xlsx_file
from tests.intake_pages import tell_as
from tests.processes import Temoin, wait_for
from tests.visitor import Visitor, words_of

PASSPHRASES = {
    "dana": "sept hérissons violets patientent",
    "erin": "neuf cormorans tièdes murmurent",
    "alice": "onze libellules sobres comptent",
    "bob": "treize salamandres lentes dansent",
    "charlie": "quinze tournesols muets tricotent",
}
FORMER_PASSPHRASE = "quatre moulins pressés grelottent"
PHRASE = "la lanterne verte clignotait sous le viaduc Xanthippe"
# These stand in the clear by design: what finds them in a seized server would find anything else there.
CONTROL = ("Comité de Limoilou", "casework.tasks.run")
SEARCHED = "mnemosyne correction xanthippe"
SEARCHED_IN_VAIN = "hameçonnages introuvables"
# Not used by the release that is published, so these may stand nowhere.
CODES = (
    "VILLERAY_SAINT_MICHEL_PARC_EXTENSION", "MEXICO_CENTRAL_AMERICA", "WARRANT_REMOVAL", "DB_PREV_REMOVED", "SELF_DISCLOSED",
    "TRAFFIC_COLLISION", "STREET_CHECK_REG",
)  # fmt: skip
FACTS = {
    "borough": CODES[0],
    "region": CODES[1],
    "immigration_basis": CODES[2],
    "status_raised": "|".join(CODES[3:5]),
}
BEHAVIOUR = ("PHONE_HOLD", "ATTENDED", "PICKUP_STN")
QUESTION = {
    "title_fr": "Ce que l'ASFC a fait", "title_en": "What the CBSA did", "unit": "person", "first_year": "2016",
    "first_quarter": "1", "last_year": "2017", "last_quarter": "4", "tables": ["cbsa", "time"], "threshold": "5",
    "time_level": "year", "place_level": "borough",
}  # fmt: skip
Rows = list[dict[str, str]]


@dataclass
class Typed:
    """What people typed that day, and what they were handed and must keep to themselves. Names of accounts and of teams are not
    here: they stand in the database, and `docs/threat-model.md` says so."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, list[bytes]] = field(default_factory=dict)

    def note(self, kind: str, text: str) -> str:
        self.texts.setdefault(kind, []).append(text)
        return text

    def note_key(self, kind: str, coded: str, raw: bytes) -> None:
        self.note(kind, coded)
        self.keys.setdefault(kind, []).append(raw)


class Story:
    def __init__(self, temoin: Temoin, store: "Store") -> None:
        self.temoin, self.store, self.typed = temoin, store, Typed()
        self.people: dict[str, Visitor] = {}
        self.crashes = 0
        for passphrase in (*PASSPHRASES.values(), FORMER_PASSPHRASE):
            self.typed.note("passphrase", passphrase)
        for code in CODES:
            self.typed.note("coded fact", code)

    def told(self, where: str) -> str:
        self.typed.note("narrative", PHRASE)
        return self.typed.note("narrative", f"Selon {where}-Mnémosyne, {PHRASE}.")

    # Coming in

    def set_up(self) -> None:
        code = self.temoin.manage("setup", "--code", kept=False).strip()
        self.typed.note("set-up code", code)
        passphrase = {"password1": PASSPHRASES["dana"], "password2": PASSPHRASES["dana"]}
        form = {"code": code, "organisation": "Collectif", "username": "dana", "language": "fr", **passphrase}
        self.visitor().post("/setup/", form)
        self.arrive("dana")

    def visitor(self) -> Visitor:
        return Visitor(self.temoin.address)

    def arrive(self, name: str) -> Visitor:
        """Sign in, and note what only this browser holds."""
        visitor = self.people[name] = self.visitor().sign_in(name, PASSPHRASES[name])
        key = visitor.cookie("vaultkey").strip('"')
        self.typed.note_key("key of a session", key, base64.b64decode(key))
        return visitor

    def invite(self, name: str, path: str, form: dict[str, str], on: str) -> None:
        """`path`: where a link comes from. The new person follows it and makes an account."""
        host = self.people["alice"] if name == "bob" else self.people["dana"]
        link = host.post(path, form, on=on).found(r"(/invitation/[\w-]{30,}/)")
        token = link.split("/")[2]
        self.typed.note_key("invitation", token, base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        guest = self.visitor()
        guest.get(link)
        passphrase = {"password1": PASSPHRASES[name], "password2": PASSPHRASES[name]}
        guest.post("/invitation/", {"username": name, "language": "fr", **passphrase})
        self.arrive(name)

    def gather(self) -> None:
        self.set_up()
        dana = self.people["dana"]
        coordinators = dana.get("/teams/").found(r'href="(/teams/[^"]+/)">Coordi')
        self.invite("erin", f"{coordinators}invite/", {}, on=coordinators)
        self.invite("alice", "/teams/", {"name": "Verdun"}, on="/teams/")
        self.team = self.people["alice"].get("/teams/").found(r'href="(/teams/[^"]+/)">Verdun')
        self.invite("bob", f"{self.team}invite/", {}, on=self.team)
        self.invite("charlie", "/teams/", {"name": CONTROL[0]}, on="/teams/")

    def mistake(self) -> None:
        """What tired people type into the wrong field, and what strangers put into addresses."""
        wrong = self.typed.note("passphrase typed wrong", "sept hérissons violets patientaient")
        name = self.typed.note("passphrase typed as a user name", "onze_libellules_sobres_comptent")
        self.visitor().post("/sign-in/", {"login": "alice", "password": wrong})
        self.visitor().post("/sign-in/", {"login": name, "password": wrong})
        address = self.typed.note("word in an address", "zinzolin-balthazar")
        self.people["alice"].get(f"/cases/{address}/?{address}={address}", expect=404)
        self.people["alice"].get(f"/cases/?status={address}&q={address}")
        bad = {
            **self.case("erreur"),
            "event-date": self.typed.note("refused input", "le lendemain de la kermesse"),
        }
        tell_as(self.people["alice"], self.team.split("/")[2], bad, expect=422)

    def change_passphrase(self) -> None:
        form = {
            "oldpassword": PASSPHRASES["bob"],
            "password1": FORMER_PASSPHRASE,
            "password2": FORMER_PASSPHRASE,
        }
        self.people["bob"].post("/passphrase/", form)
        back = self.visitor().sign_in("bob", FORMER_PASSPHRASE)
        again = {"password1": PASSPHRASES["bob"], "password2": PASSPHRASES["bob"]}
        back.post("/passphrase/", {"oldpassword": FORMER_PASSPHRASE, **again})
        self.arrive("bob")

    # Cases

    def case(self, where: str) -> dict[str, Any]:
        note = self.typed.note
        sent: dict[str, Any] = {f"consent-{purpose}": "NOT_ASKED" for purpose in PURPOSES}
        sent |= {
            "consent-STORE": "GIVEN",
            "consent-STATS": "GIVEN",
            "consent-REFER_LEGAL": "GIVEN",
            "consent-STORY": "GIVEN",
            "consent-on": today(-3),
            "consent-mode": "ORAL",
        }
        sent |= {"consent-language": "fr"}
        sent |= {f"safety-{question}": "NOT_ASKED" for question in ("detained_now", "counsel", "minors")}
        sent |= {
            "event-reference": note("reference", f"DOSSIER-{where}-77431"),
            "event-date": "2017-03-14 17:20",
        }
        sent |= {
            "event-borough": CODES[0],
            "event-pretext": CODES[5],
            "event-reason_given": "NO",
            "event-city": "MONTREAL",
        }
        sent |= {"event-place_note": note("place in words", "derrière la buanderie Kolmogorov")}
        sent |= {
            "person-alias": note("alias", "Plumecendre-des-Marais"),
            "person-name": note("name", "Zébulonne Ostrander"),
        }
        sent |= {
            "person-region": CODES[1],
            "person-immigration_basis": CODES[2],
            "person-status_raised": CODES[3:5],
        }
        answers = dict.fromkeys(("warrant_shown", "reasons_given", "counsel", "interpreter"), "NO")
        step = {
            "kind": "STOP",
            "began": "2017-03-14 17:20",
            "agency": "SPVM",
            "legal_basis": CODES[6],
            **answers,
        }
        step |= {
            "note": note("note", "le gyrophare grinçait comme une poulie"),
        }
        denial = {
            "place": note("place in words", "rue Zwicky-Nord"),
            "service_type": "SHELTER",
            "mechanism": "REFUSED",
            "note": note("note", "la gardienne a rangé son trousseau"),
        }
        statement = {"text": self.told(where), "source": "SELF"}
        return sent | rows("steps", step) | rows("statements", statement) | rows("denials", denial)

    def keep_cases(self) -> None:
        alice = self.people["alice"]
        self.case_address = tell_as(alice, self.team.split("/")[2], self.case("formulaire")).address
        officer = {"service": "SPVM", "badge": self.typed.note("badge", "BDG-77431-QX9")}
        officer |= {"name": self.typed.note("officer", "Wolfgangus Brindamour")}
        officer |= {"description": self.typed.note("officer", "une cicatrice en hameçon")}
        changed = {"base": "1", "event-reference": self.typed.note("reference", "DOSSIER-corrigé-77431")}
        changed |= {
            "event-reason_given": "NO",
            "assessment-verification": "V2",
        }
        changed |= rows("statements", {"text": self.told("correction"), "source": "WITNESS"})
        changed |= rows("denials") | rows("officers", officer)
        alice.post(f"{self.case_address}change/", changed)

    def follow_up(self) -> None:
        """A contact, a task, a date, a conversation, a referral to the contact; the board and the days of the calendar."""
        alice, note = self.people["alice"], self.typed.note
        contact = {
            "team": self.team.split("/")[2],
            "name": note("contact", "Maître Ursuline Vandeputte-Okafor"),
        }
        contact |= {"kind": "LAWYER", "phone": note("contact", "514 555-0199 poste 77431")}
        alice.post("/contacts/add/", contact)
        case = self.case_address
        alice.post(
            f"{case}tasks/add/", {"text": note("task", "porter les lunettes chez la belle-mère Zwicky")}
        )
        alice.post(
            f"{case}dates/add/",
            {"kind": "REMOVAL", "on": "2031-04-17", "note": note("note", "vol de nuit 77431")},
        )
        talk = {
            "on": today(-1),
            "kind": "CALL",
            "text": note("note", "la sœur a raccroché deux fois, effrayée"),
        }
        alice.post(f"{case}log/add/", talk)
        page = alice.get(f"{case}refer/")
        referral = {
            "person": page.found(r'<option value="(\w{32})"[^>]*>'),
            "agreed": "on",
            "agreed_on": today(-1),
        }
        contacts = re.findall(r'<option value="(\w{32})"', page.text.partition('name="contact"')[2])
        referral |= {
            "contact": contacts[0],
            "what": note("what is passed on", "le nom de jeune fille, et rien d'autre"),
        }
        alice.post(f"{case}refer/", referral)
        assert "belle-mère Zwicky" in alice.get("/due/").text
        assert "Vandeputte" not in alice.get("/due/calendar.ics").text

    def tell(self) -> None:
        """A passage with a mark in it that is refused, then one that is accepted, and one that is sent back."""
        offer = f"{self.case_address}stories/offer/"
        for words in (
            "l'omoplate tremblait sous le réverbère mandarine",
            "une girouette ronflait derrière la buée",
        ):
            self.offer(offer, f"Ce soir-là, {self.typed.note('passage', words)}.")
        waiting = re.findall(r'href="(/stories/[0-9a-f-]{36}/)"', self.people["erin"].get("/stories/").text)
        assert len(waiting) == 2
        ticked = {"lines": list(vocabulary.codes("never_leaves"))}
        self.people["erin"].post(f"{waiting[0]}accept/", ticked, on=waiting[0])
        why = {"why": self.typed.note("reply", "la girouette désigne la maison du bedeau")}
        self.people["erin"].post(f"{waiting[1]}send-back/", why, on=waiting[1])
        assert why["why"] in self.people["alice"].get(f"{self.case_address}stories/").text

    def offer(self, address: str, text: str) -> None:
        alice = self.people["alice"]
        sent = {"whom": alice.get(address).found(r'name="whom" value="([^"]+)"'), "changed": "NAMES"}
        name = self.typed.note("refused input", "la concierge Xénoclée Quatrebarbes")
        alice.post(address, sent | {"text_fr": f"Puis {name} a appelé."}, expect=422)
        done = alice.post(address, sent | {"text_fr": text})
        assert done.address.endswith("/stories/") and text[-24:] in done.text, words_of(done.text)

    def hand_in_evidence(self) -> None:
        """A letter and a photograph, looked at, cleaned, blacked out and handed out; one upload ends in the middle."""
        alice, note = self.people["alice"], self.typed.note
        letter = io.BytesIO(
            pdf(1, words=note("words in a file", "La greffiere portait un chapeau Ptolemaique"))
        )
        letter.name = note("name of a file", "lettre-du-greffe-Zwicky.pdf")
        photograph = io.BytesIO(jpeg() + bytes(3_000_000) + note("words in a file", CANARY).encode())
        photograph.name = "photo.jpg"
        described = note("description of evidence", "la plaque minéralogique du fourgon gris")
        add = f"{self.case_address}evidence/add/"
        for file in (letter, photograph):
            alice.post(add, {"description": described, "sent": file, "whole": "yes"}, token_in_address=True)
        letter.seek(0)
        alice.post(add, {"description": described, "sent": letter}, token_in_address=True, expect=422)
        found = re.findall(r'class="exhibit__name" href="([^"]+)"', alice.get(self.case_address).text)
        assert len(found) == 2
        for address in found:
            assert "data:image/jpeg;base64," in alice.get(address).text
        areas = {"areas-TOTAL_FORMS": "1", "areas-INITIAL_FORMS": "0", "areas-0-page": "1"}
        areas |= {"areas-0-left": "10", "areas-0-top": "10", "areas-0-width": "30", "areas-0-height": "20"}
        assert "data-ruled" in alice.get(f"{found[0]}redact/").text
        alice.post(f"{found[0]}redact/", {**areas, "make": "1"})
        leaving = {"what": "original", "purpose": "REFER_LEGAL", "accepted": "on"}
        leaving |= {"reason": note("reason", "pour maître Quenneville-Ostrander")}
        handed_out = alice.post(f"{found[1]}export/", leaving)
        assert CANARY.encode() in handed_out.content

    def share_and_revoke(self) -> None:
        alice, charlie = self.people["alice"], self.people["charlie"]
        charlie.get(self.case_address, expect=404)
        alice.post(
            f"{self.case_address}grant/", {"username": "charlie", "may_change": "on"}, on=self.case_address
        )
        shown = charlie.get(self.case_address)
        assert PHRASE in shown.text, words_of(shown.text)
        grantee = alice.get(self.case_address).found(r'name="grantee" value="([0-9a-f-]+)"')
        alice.post(f"{self.case_address}revoke/", {"grantee": grantee}, on=self.case_address)
        charlie.get(self.case_address, expect=404)

    def search(self) -> None:
        for words in (SEARCHED, SEARCHED_IN_VAIN):
            self.typed.note("search", words)
            found = self.people["alice"].post("/cases/search/", {"words": words}, on="/cases/")
            assert ("DOSSIER-corrigé-77431" in found.text) == (words == SEARCHED)

    # Imports

    def spreadsheet(self, where: str, count: int, filler: int = 0) -> Rows:
        note = self.typed.note
        return [
            {
                "reference": note("reference", f"RANGÉE-{where}-{number:03}-77431"),
                "event_date": f"{2016 + number % 2}-0{1 + number % 9}",
                "person_alias": note("alias", f"Martinpêcheur-{where}-{number:03}"),
                "person_name": note("name", f"Ombeline Trescarville-{where}-{number:03}"),
                "officer_badge": note("badge", f"MATRICULE-{where}-{number:03}"),
                "narrative": self.told(f"{where}-{number}") + " Rien de plus." * filler,
                "pretext": CODES[5],
                "verification": "V1",
                "cbsa_involvement": BEHAVIOUR[number % 3],
                "consent_purposes": "STORE|STATS",
                "consent_mode": "ORAL",
                "consent_date": today(-30),
                **FACTS,
            }
            for number in range(count)
        ]

    def import_all(self, desk: Path) -> None:
        """By page and by command line, both formats; the first is larger than what Django would put into a temporary file."""
        self.import_by_page(
            csv_file(*self.spreadsheet("page-csv", 24, filler=10_000)), "zirconium-du-comité.csv"
        )
        self.import_by_page(as_xlsx(self.spreadsheet("page-xlsx", 12)), "zirconium-du-comité.xlsx")
        for name, made in (("un.csv", csv_file), ("deux.xlsx", lambda *r: as_xlsx(list(r)))):
            file = desk / name
            file.write_bytes(made(*self.spreadsheet(f"terminal-{name[:4]}", 12)).getvalue())
            self.temoin.manage("import_cases", str(file), "--team", "Verdun")
        self.typed.note("name of a file", "zirconium-du-comité")
        self.refuse_import()

    def import_by_page(self, file: io.BytesIO, name: str, expect: int = 200) -> None:
        file.name = name
        form = {"team": self.team.split("/")[2], "file": file}
        alice = self.people["alice"]
        arrived = alice.post("/import/", form)
        filled = as_it_stands(arrived.text) | {"do": "keep"}
        alice.post(urlsplit(arrived.address).path, filled, expect=expect)

    def refuse_import(self) -> None:
        bad = self.spreadsheet("refus-page", 2)
        bad[1]["event_date"] = self.typed.note("refused input", "au temps des cerises bleues")
        self.import_by_page(csv_file(*bad), "refus.csv", expect=422)

    # A release

    def draft(self) -> str:
        return self.people["dana"].post("/releases/draft/", QUESTION).address

    def draft_and_crash(self) -> None:
        """The worker is killed while it counts; the clock is put forward, and whoever comes next begins again."""
        for _attempt in range(5):
            pids = self.temoin.worker_pids()
            self.release = self.draft()
            wait_for(lambda: self.store.job(self.release)[0] != "queued", "the worker to begin")
            self.temoin.kill_worker(pids)
            if self.store.job(self.release)[0] == "running":
                self.crashes += 1
                # Until a new worker is up, this one's message lies in the broker.
                self.waiting = self.draft()
                return
            self.people["dana"].post(f"{self.release}discard/", {}, on=self.release)
        raise AssertionError("the worker was always done before it could be killed")

    def take_up_again(self) -> None:
        self.people["dana"].post(f"{self.waiting}discard/", {}, on=self.waiting)
        wait_for(
            lambda: self.store.job(self.release)[0] in ("done", "failed"), "the job to be taken up again"
        )
        assert self.store.job(self.release) == ("done", 2)
        assert "/words/" in self.people["erin"].get(self.release).text

    def words(self) -> dict[str, Any]:
        """The lead, and every group decided as it was drafted."""
        page = self.people["dana"].get(f"{self.release}words/").text
        groups = [html.unescape(found) for found in re.findall(r'name="groups" value="([^"]+)"', page)]
        return {"lead_fr": "Ce que l'ASFC a fait.", "lead_en": "What the CBSA did.", "groups": groups}

    def publish(self) -> None:
        erin, dana = self.people["erin"], self.people["dana"]
        dana.post(f"{self.release}words/", self.words(), on=f"{self.release}words/")
        ticked = re.findall(r'name="read" value="([0-9a-f]+)"', erin.get(self.release).text)
        erin.post(f"{self.release}approve/", {"read": ticked}, on=self.release)
        done = dana.post(f"{self.release}publish/", {}, on=self.release)
        assert "/published/" in done.text.partition("<main")[2], words_of(done.text)
        stranger = self.visitor()
        page = stranger.get("/published/").found(r'href="(/published/[0-9a-f-]{36}/)"')
        assert "ASFC" in stranger.get(page).text
        self.document = json.loads(stranger.get(f"{page[:-1]}.json").content)
        assert stranger.get(f"{page[:-1]}.csv").content

    def leave(self) -> None:
        self.people["charlie"].post("/sign-out/", {})
        self.people["bob"].post("/exit/", {}, on="/cases/", expect=303)


def rows(prefix: str, *filled: dict[str, str]) -> dict[str, str]:
    sent = {f"{prefix}-TOTAL_FORMS": str(len(filled)), f"{prefix}-INITIAL_FORMS": "0"}
    return sent | {
        f"{prefix}-{n}-{name}": value for n, row in enumerate(filled) for name, value in row.items()
    }


def today(days: int) -> str:
    return (dt.date.today() + dt.timedelta(days=days)).isoformat()


def as_xlsx(table: Rows) -> io.BytesIO:
    return xlsx_file(list(table[0]), *(list(row.values()) for row in table))


def reveal(temoin: Temoin) -> dict[str, list[bytes]]:
    """Every key that people held at the end of the day."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.reveal_keys"],
        cwd=settings.BASE_DIR,
        env=temoin.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        input=json.dumps(PASSPHRASES),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return {kind: [bytes.fromhex(key) for key in keys] for kind, keys in json.loads(done.stdout).items()}


class Store:
    """A look into the database beside the processes, which are using it."""

    JOB = "SELECT state, attempts FROM casework_job WHERE replace(cast(subject AS text), '-', '') = '{}'"
    AGE = "UPDATE casework_job SET heartbeat = '2020-01-01 00:00:00' WHERE state = 'running'"

    def __init__(self, connect: Callable[[], Any]) -> None:
        self.connect = connect

    def job(self, release: str) -> tuple[str, int]:
        """State and attempts of the job that drafts the release of this address."""
        found: tuple[str, int] = self._run(self.JOB.format(UUID(release.split("/")[-2]).hex), fetch=True)
        return found

    def age_jobs(self) -> None:
        self._run(self.AGE)

    def _run(self, statement: str, fetch: bool = False) -> Any:
        connection = self.connect()
        try:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if fetch else None
            connection.commit()
        finally:
            connection.close()
        return row


def sqlite_store(temoin: Temoin) -> Store:
    return Store(lambda: sqlite3.connect(temoin.data / "main.sqlite3", timeout=20))


def postgres_store(url: str, name: str) -> Store:
    return Store(lambda: psycopg.connect(url, dbname=name))


def is_only_a_key(text: str) -> bool:
    """What a key file may hold: hexadecimal digits, and for the statistics root whose and which it is."""
    return re.fullmatch(r"(temoin-statistics-root/1 [0-9a-f-]{36} \d+ )?[0-9a-f]+\n?", text) is not None
