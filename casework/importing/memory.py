"""What a team's earlier imports said about its spreadsheets, under the team's own key: titles and words of a group's file tell
whose it is and what it is about."""

from typing import Final

import msgspec

from accounts.crypto.context import context
from accounts.crypto.padding import pad, unpad
from accounts.crypto.sealed import SealBroken
from accounts.keyring import Keyring
from accounts.models import Team
from casework import vocabulary
from casework.importing.plan import Plan
from casework.importing.survey import Memory, Surveyed
from casework.models import ImportMapping

LABEL: Final = "temoin/v1/import-mapping"
# The day on which people consented is another one in the next file, and nobody should find it filled in.
NOT_REMEMBERED: Final = frozenset({"consent_date", "consent_purposes", "consent_mode", "reference"})


def recall(keyring: Keyring, team: Team) -> Memory:
    """Empty for a team that has none, and when somebody altered it: it is a convenience, and the next import makes another."""
    row = ImportMapping.objects.filter(team=team).first()
    if row is None:
        return Memory()
    try:
        opened = keyring.team(team.pk, row.epoch).open(row.mapping_ciphertext, context(LABEL, team.pk))
        return msgspec.msgpack.decode(unpad(opened), type=Memory)
    except SealBroken:
        return Memory()


def remember(keyring: Keyring, team: Team, plan: Plan, columns: list[Surveyed]) -> None:
    """Added to what was known; what this import said wins."""
    memory = recall(keyring, team)
    for surveyed, planned in zip(columns, plan.columns, strict=False):
        if key := vocabulary.spelling_key(surveyed.title):
            memory.fields[key] = planned.field
            memory.codes[key] = memory.codes.get(key, {}) | planned.codes
    memory.same = {name: text for name, text in plan.same.items() if name not in NOT_REMEMBERED}
    memory.dates = plan.dates
    principal = keyring.team(team.pk)
    sealed = principal.seal(pad(msgspec.msgpack.encode(memory)), context(LABEL, team.pk))
    ImportMapping.objects.update_or_create(
        team=team, defaults={"epoch": principal.epoch, "mapping_ciphertext": sealed}
    )
