"""`make bench`: how long the work of a day takes, beside the same work on plain columns.

A module in here that defines `benchmarks(folder: Path) -> Iterator[Benchmark]` is run, in the order of the modules' names.
It is a generator: what stands before a `yield` is preparation and is not timed, and the rows that one benchmark leaves are
there for the next.
"""
