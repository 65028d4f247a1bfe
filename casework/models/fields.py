"""Sealed bytes have a type: a column of this field only takes what an envelope or a public key has sealed."""

from typing import Any

from django.db import models

from accounts.crypto.sealed import Sealed


class SealedField(models.BinaryField):
    """Refuses plain bytes at save: the adversary reads this table one day."""

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise TypeError(f"{self.name} only takes Sealed bytes")
        return super().get_prep_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))
