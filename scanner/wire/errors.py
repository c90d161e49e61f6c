"""What a codec says when bytes cannot be what they should be."""


class MalformedError(ValueError):
    """The bytes cannot be the message that is expected here, however many more arrive."""
