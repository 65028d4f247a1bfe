"""Bytes in, bytes out: every key, seal and file of the project. No Django, no database, no clock.

The format is written down in ``docs/format.md``; a change there needs a new version byte and a dual read.
"""
