"""One organisation for all benchmarks of a run: it can be set up only once."""

from functools import cache

from tests.cast import Cast, build_cast


@cache
def everybody() -> Cast:
    return build_cast()
