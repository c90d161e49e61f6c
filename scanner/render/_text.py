"""Strings as people may see them: nothing in them moves the cursor, turns the text round or hides."""

import re
from collections.abc import Iterator
from typing import Any

WORDS = {
    "fail": "violation",
    "unknown": "unknown",
    "warn": "warning",
    "waived": "waived",
    "pass": "pass",
    "not-applicable": "not applicable",
}
"""What a finding is called, the one that needs attention first."""

SYMBOLS = {"fail": "✗", "unknown": "?", "warn": "!", "waived": "≈", "pass": "✓", "not-applicable": "·"}


def visible(text: Any) -> Any:
    """Show control characters, bidirectional overrides and other invisible characters as `\\x1b`, `\\u202e`.

    Anything but a plain `str` is handed back as it is, so that this can stand as Jinja's `finalize`.
    """
    if type(text) is not str or text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 service`, `1,204 services`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def prose(text: str) -> Iterator[tuple[str, list[str]]]:
    """Split a rule's text into ("p", "li" or "pre", pieces); every other piece is code, as between backticks."""
    for block in re.split(r"\n[ \t]*\n", text.strip("\n")):
        lines = block.splitlines()
        if all(line.startswith("    ") for line in lines):
            yield "pre", ["\n".join(line[4:] for line in lines)]
            continue
        for item in re.split(r"(?m)^\s*(?=[-*] )", block):
            if words := " ".join(item.split()):
                bullet = words[:2] in {"- ", "* "}
                yield "li" if bullet else "p", (words[2:] if bullet else words).split("`")
