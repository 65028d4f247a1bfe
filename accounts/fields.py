"""The column types of keys: ciphertext, and bytes that are public."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

from accounts.crypto.sealed import Sealed

Given = TypeVar("Given", contravariant=True)
Taken = TypeVar("Taken", covariant=True)

if TYPE_CHECKING:
    BinaryColumn = models.BinaryField
else:

    class BinaryColumn(models.BinaryField):
        """Django's own is generic for the type checker only."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls


class SealedField(BinaryColumn[Given, Taken]):
    """Refuses anything that was not sealed: a root cannot be stored in the open by accident."""

    _pyi_private_set_type: Sealed
    _pyi_private_get_type: Sealed

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise TypeError("only sealed bytes are stored here")
        return super().get_prep_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))


class BytesField(BinaryColumn[Given, Taken]):
    """`bytes` on every database: PostgreSQL would hand out a memoryview."""

    _pyi_private_set_type: bytes
    _pyi_private_get_type: bytes

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)
