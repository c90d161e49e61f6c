"""Strings as people may see them: nothing in them moves the cursor, turns the text round or hides."""

from typing import Any

from scanner.model import Finding, Verdict

WORDS = {
    "fail": "violation",
    "unknown": "unknown",
    "warn": "warning",
    "waived": "waived",
    "pass": "pass",
    "not-applicable": "not applicable",
}
"""What a finding is called, the one that needs attention first."""

SYMBOLS = {"fail": "✗", "unknown": "?", "warn": "!", "waived": "≈", "pass": "✓", "not-applicable": "–"}


def visible(text: Any) -> Any:
    """Show control characters, bidirectional overrides and other invisible characters as `\\x1b`, `\\u202e`.

    Anything but a plain `str` is handed back as it is, so that this can stand as Jinja's `finalize`.
    """
    if type(text) is not str or text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def standing(finding: Finding) -> str:
    """The verdict, or `waived` where a waiver in force covers a finding that needs one."""
    return "waived" if finding.waived and finding.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN} else finding.verdict


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 service`, `1,204 services`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
