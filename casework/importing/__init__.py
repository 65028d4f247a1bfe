"""From a group's spreadsheet to typed case records: every bad row named with line, column, value and what was expected.

`read_cases` is the whole of it; nothing here touches the database. `uploads` keeps what a browser sends off the disk.
"""

from casework.importing.problems import BadRow, FileRefused, Problem
from casework.importing.rows import read_cases

__all__ = ["BadRow", "FileRefused", "Problem", "read_cases"]
