"""One run of Argon2id answers two questions: is this the passphrase, and what is its wrap key. Django's password hashing only
asks the first, so the second answer is handed over to whoever said beforehand that they want it."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import BasePasswordHasher
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from accounts.crypto.passphrase import SALT_BYTES, KdfParameters, Stretched, stretch
from accounts.crypto.sealed import Unspoken
from accounts.keyfiles import pepper


@dataclass(frozen=True, eq=False, repr=False)
class Run(Unspoken):
    """One run of Argon2id: what went in, except the passphrase, and what came out."""

    salt: bytes
    parameters: KdfParameters
    stretched: Stretched


_kept: ContextVar[list[Run] | None] = ContextVar("temoin_kept_runs", default=None)


@contextmanager
def kept_runs() -> Iterator[list[Run]]:
    """The runs made inside the block, in order; forgotten at its end."""
    runs: list[Run] = []
    token = _kept.set(runs)
    try:
        yield runs
    finally:
        runs.clear()
        _kept.reset(token)


class SplitArgon2idHasher(BasePasswordHasher):
    """`temoin_argon2id$iterations$memory$lanes$salt$verifier`; the verifier is already keyed with the pepper."""

    algorithm = "temoin_argon2id"

    def salt(self) -> str:
        return base64.b64encode(os.urandom(SALT_BYTES)).decode()

    @sensitive_variables()
    def encode(self, password: str, salt: str) -> str:
        cost: KdfParameters = settings.TEMOIN_KDF
        run = self._run(password, base64.b64decode(salt), cost)
        verifier = base64.b64encode(run.stretched.verifier).decode()
        return f"{self.algorithm}${cost.iterations}${cost.memory_kib}${cost.lanes}${salt}${verifier}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, iterations, memory, lanes, salt, verifier = encoded.split("$")
        return {
            "algorithm": algorithm,
            "parameters": KdfParameters(int(iterations), int(memory), int(lanes)),
            "salt": base64.b64decode(salt),
            "verifier": base64.b64decode(verifier),
        }

    @sensitive_variables()
    def verify(self, password: str, encoded: str) -> bool:
        stored = self.decode(encoded)
        run = self._run(password, stored["salt"], stored["parameters"])
        return run.stretched.matches(stored["verifier"])

    def must_update(self, encoded: str) -> bool:
        # Django would hash again on its own, and the root would stay under the old salt. A new cost comes with the
        # next passphrase, together with the root.
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to even out: one run, whatever the answer."""

    def safe_summary(self, encoded: str) -> Any:
        """What an administrator's page may show: not even a masked verifier."""
        return {gettext("algorithm"): self.algorithm}

    @sensitive_variables()
    def _run(self, passphrase: str, salt: bytes, parameters: KdfParameters) -> Run:
        run = Run(salt, parameters, stretch(passphrase, salt, parameters, pepper()))
        kept = _kept.get()
        if kept is not None:
            kept.append(run)
        return run
