"""Logs for a server that may be seized: they say what kind of thing failed and where, never with which values."""

import logging
import traceback
from types import TracebackType
from typing import Any

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter


def places(error_traceback: TracebackType | None) -> str:
    return " < ".join(f"{f.name}:{f.lineno}" for f in reversed(traceback.extract_tb(error_traceback)))


class NoContentFormatter(logging.Formatter):
    """Exception texts can quote data (a bad value, a row), so only the type and the code places are printed."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name logging calls
        kind, _, error_traceback = ei
        return f"{kind.__name__ if kind else 'error'} at {places(error_traceback)}"

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the name logging calls
        return ""


class SilentReporter(ExceptionReporter):
    """Django's report prints local variables; ours prints nothing, whoever asks for it."""

    def get_traceback_text(self) -> SafeString:
        return SafeString("A page failed. The log names the place.")

    get_traceback_html = get_traceback_text
