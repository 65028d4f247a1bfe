"""`manage.py demo_data`: six accounts, two teams, the sample cases through the same import a group uses, and a first release by
the steps a coordinator takes. Done once; a second call only says who can sign in."""

import io
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation
from django.views.decorators.debug import sensitive_variables

from accounts import keyfiles, teams
from accounts.crypto.principal import Principal
from accounts.hasher import kept_runs
from accounts.keyring import Keyring
from accounts.models import Team, TeamKind, User
from accounts.people import new_person, unwrapped
from accounts.setup import is_set_up, set_up_organisation
from casework import keys, releases, sharing, tasks
from casework.editorials import Editorial
from casework.importing import keeping
from casework.jobs import run
from casework.models import Job, Release
from casework.samples import SampleFile, sample_files
from casework.samples.following import follow_somebody_up
from casework.samples.telling import tell

# Printed for everybody to read, which is why this command refuses to run outside the demonstration.
PASSPHRASE: Final = "heron cedar ferry lantern"  # noqa: S105
# Name, language, what they are in the demonstration. The teams are those of the sample files, in their order.
PEOPLE: Final = (
    ("alice", "fr", "organizer, Comité Passerelle"),
    ("bob", "en", "organizer, Comité Passerelle"),
    ("charlie", "en", "organizer, Harbour Table"),
    ("dana", "fr", "coordinator"),
    ("erin", "en", "coordinator"),
    ("frank", "fr", "auditor"),
)
QUESTION: Final = {
    "title": {
        "fr": "Quand la police appelle l'ASFC, 2015–2025",
        "en": "When the police call the CBSA, 2015–2025",
    },
    "unit": "person",
    "period": {"from": "2015-01", "to": "2025-12"},
    "threshold": 5,
    "tables": [["held"], ["cbsa_involvement"], ["outcome"], ["year"], ["pretext"], ["borough"]],
}


LEAD: Final = {
    "fr": "Une interception par la police peut mener à l'agence frontalière : ce que racontent les gens qui nous l'ont dit.",
    "en": "A stop by the police can lead to the border agency: what people who told us went through.",
}


class Command(BaseCommand):
    help = "Load the demonstration: accounts, teams, sample cases, a first release."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.TEMOIN_DEMO:
            raise CommandError(
                "The demonstration has a passphrase that everybody knows. Set TEMOIN_DEMO=1 to load it."
            )
        with translation.override("fr"):
            rings = {} if is_set_up() else load(self)
            # A demonstration that began with an earlier version has none.
            keyfiles.make_ledger_key()
            if not releases.published().exists():
                self.say("Drafting, approving and publishing a first release, with a story …")
                acting = [rings.get(name) or ring_of(name) for name in ("alice", "dana", "erin")]
                publish_first_release(*acting)
        call_command("check_keys", stdout=self.stdout)
        self.stdout.write(f"Sample accounts, all with the passphrase “{PASSPHRASE}”:")
        for name, _language, role in PEOPLE:
            self.stdout.write(f"  {name:8} {role}")

    def say(self, text: str) -> None:
        self.stderr.write(text)


@sensitive_variables()
def load(command: Command) -> dict[str, Keyring]:
    """The keys of everybody, so that nobody derives them again from the passphrase."""
    with transaction.atomic(), transaction.atomic(using="erasure"):
        command.say("Making six accounts and their keys …")
        rings = accounts()
        files = sample_files(timezone.localdate())
        found = found_teams(rings, files)
        for file, team in zip(files, found, strict=True):
            command.say(f"Importing {file.name} into {team.name} …")
            bring_in(file, team)
        follow_somebody_up(rings["alice"], rings["bob"], found[0], timezone.localdate())
    return rings


def accounts() -> dict[str, Keyring]:
    dana = set_up_organisation("Collectif Témoin", "dana", PASSPHRASE, "fr")
    rings = {"dana": Keyring(dana, opened(dana))}
    whole = teams.organisation()
    for name, language, _role in PEOPLE:
        if name != "dana":
            user, principal = new_person(name, PASSPHRASE, language, rings["dana"].team(whole.pk))
            teams.add_member(rings["dana"], whole, user)
            rings[name] = Keyring(user, principal)
    teams.add_member(rings["dana"], teams.coordinators(), rings["erin"].user)
    teams.add_member(rings["dana"], teams.auditors(), rings["frank"].user)
    teams.set_steward(teams.auditors(), rings["frank"].user, steward=True)
    teams.remove_member(rings["dana"], teams.auditors(), dana, sharing.rewrap_team)
    return rings


def ring_of(name: str) -> Keyring:
    user = User.objects.get(username=name)
    return Keyring(user, opened(user))


def opened(user: User) -> Principal:
    with kept_runs() as runs:
        user.check_password(PASSPHRASE)
        return unwrapped(user, runs[0])


def found_teams(rings: dict[str, Keyring], files: tuple[SampleFile, ...]) -> list[Team]:
    first, second = (file.team for file in files)
    passerelle = teams.create_team(rings["dana"], first, TeamKind.ORGANIZERS, rings["alice"].user)
    teams.add_member(rings["alice"], passerelle, rings["bob"].user)
    return [passerelle, teams.create_team(rings["dana"], second, TeamKind.ORGANIZERS, rings["charlie"].user)]


def bring_in(file: SampleFile, team: Team) -> None:
    content, today = io.BytesIO(file.text.encode()), timezone.localdate()
    found = keeping.check(content, file.name, today)
    if found.bad_rows:
        raise CommandError("; ".join(str(problem) for row in found.bad for problem in row.problems))
    for _kept in keeping.keep(content, file.name, today, team, keys.to_public_key(team.pk), None):
        pass


def publish_first_release(organizer: Keyring, drafter: Keyring, approver: Keyring) -> Release:
    """The story is accepted by one coordinator, chosen by the other."""
    release = releases.request_draft(drafter.user, QUESTION)
    assert release.job is not None
    run(release.job.pk, tasks.WORK)
    release.refresh_from_db()
    if release.status != Release.Status.DRAFTED:
        job = Job.objects.get(pk=release.job.pk)
        raise CommandError(f"The first release could not be drafted: {release.status}, {job.refusal}.")
    groups = [group.key for group in releases.open_draft(drafter, release).groups]
    releases.write_words(drafter, release.pk, Editorial(dict(LEAD), groups=groups))
    releases.choose_stories(drafter, release.pk, [tell(organizer, approver)])
    release.refresh_from_db()
    releases.approve(approver, release.pk, read=list(releases.to_read(approver, release)))
    releases.publish(drafter, release.pk)
    return release
