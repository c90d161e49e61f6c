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


_ACRONYMS = {"tls", "starttls", "ssh", "dns", "http", "ocsp", "alpn", "sni", "crl", "hsts", "dh", "rsa", "ca"}
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", re.ASCII)


def visible(text: Any) -> Any:
    """Show control characters, bidirectional overrides and other invisible characters as `\\x1b`, `\\u202e`.

    Anything but a plain `str` is handed back as it is, so that this can stand as Jinja's `finalize`.
    """
    if type(text) is not str or text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def label(identifier: str) -> str:
    """`tls_versions` → `TLS versions`: an ID as a heading."""
    words = re.split(r"[-_]", identifier)
    return " ".join(word.upper() if word in _ACRONYMS else word for word in words)


def moment(at: str) -> str:
    """`2026-03-14T02:10:07Z` → `2026-03-14 02:10:07 UTC`; anything else is left alone."""
    return f"{at[:10]} {at[11:19]} UTC" if _RFC3339.fullmatch(at) else at


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 service`, `1,204 services`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def cut(text: str, limit: int = 600) -> str:
    """A text that may list hundreds of names, up to `limit` characters; a cut one says where the rest is."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters, all of them in report.json)"


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
