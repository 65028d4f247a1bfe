"""What is taken away from this process before it sees the first byte: files, connections, children, memory without end.

Everything it will need has been imported by then. The limits are the kernel's own and work everywhere; Landlock comes on top
where the kernel has it, for the case that whoever wrote the file takes the process over.
"""

import codecs
import ctypes
import resource
from typing import Final

MEMORY: Final = 1024 * 1024 * 1024
# Standard input, output and errors are there; a fourth file or connection cannot be opened.
OPEN_FILES: Final = 3
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
# The same three numbers on every architecture.
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446
# Every right over files that the first version of Landlock knows: none of them is given back.
ALL_FILE_RIGHTS: Final = (1 << 13) - 1
# Python imports these when a decoder first asks for them: names in archives, text in pages and in pictures.
CODECS: Final = ("cp437", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "ascii", "unicode_escape", "idna")


def confine(seconds: int) -> None:
    for name in CODECS:
        codecs.lookup(name)
    _no_files_by_landlock()
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(limit, (value, value))


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


def _no_files_by_landlock() -> None:
    """Nothing is said when the kernel does not know it: the limits above hold all the same."""
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    kernel.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    rules = _Ruleset(ALL_FILE_RIGHTS)
    ruleset = kernel.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if ruleset >= 0:
        kernel.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0)
        kernel.close(ruleset)
