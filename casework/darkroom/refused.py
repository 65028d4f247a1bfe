"""Why a file was not decoded: a code, never a word of what is in it."""


class Refused(Exception):
    """`reason`: large, unreadable, locked, moving, pages."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
