"""What a server said, made safe to show."""


def printable(data: bytes | str, limit: int = 512) -> str:
    """Text for a terminal, a log, a table or a page: at most `limit` characters, every one of them printable.

    Undecodable bytes and whatever `str.isprintable` denies (ESC, line ends, bidirectional controls, lone surrogates)
    appear as backslash escapes, so the result is one line that cannot steer what shows it. Longer text is cut between
    two escapes and ends with `…`. Markup is left alone: that is for the renderer to escape.
    Raises ValueError for a limit below 1.
    """
    if limit < 1:
        raise ValueError("no text fits into less than one character")
    # A character has at most four bytes: what lies behind is cut anyway, however much a server sends.
    text = data[: limit * 4 + 4].decode("utf-8", "backslashreplace") if isinstance(data, bytes) else data[: limit + 1]
    if len(text) <= limit and text.isprintable():
        return text
    shown: list[str] = []
    length = 0
    fitting = 0
    for character in text:
        piece = character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        length += len(piece)
        if length > limit:
            return "".join(shown[:fitting]) + "…"
        shown.append(piece)
        if length < limit:
            fitting = len(shown)
    return "".join(shown)
