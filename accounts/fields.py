"""The column types of keys: ciphertext, and bytes that are public."""

from typing import Any

from django.db import models

from accounts.crypto.sealed import Sealed


class SealedField(models.BinaryField):
    """Refuses anything that was not sealed: a root cannot be stored in the open by accident."""

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise TypeError("only sealed bytes are stored here")
        return super().get_prep_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))


class BytesField(models.BinaryField):
    """`bytes` on every database: PostgreSQL would hand out a memoryview."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)
