"""What a Report looks like, one file a format; the file name is the format's ID.

A renderer is pure: it sees nothing but `scanner.model.Report` and what it writes to. A module defines

    SUFFIX: str                                       the file is named `report.<SUFFIX>`; empty: not a file
    def render(report: Report[Any], out: BinaryIO) -> None

and the terminal, which is no file, `def render(report, out: TextIO, *, color: bool, width: int) -> None`.

`report.endpoints` and `report.findings` are read anew from disk at each iteration and may be longer than memory:
iterate and hold only what the page needs at once. Both are in the same order: findings come grouped by endpoint, in
the order of the endpoints, and the endpoints of one service stand together. `_walk.py` walks the two side by side.

Every string of a report may have been chosen by a hostile server. `_text.visible` shows what does not print; each
format escapes on top of that by its own means, never by hand.
"""
