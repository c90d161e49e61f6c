"""What a Java object stream holds, as plain values (Java Object Serialization Specification §6.4).

Numbers stay the bytes they are; references share what they refer to, so a value may contain itself. Names and texts are
as sent: not safe to show as they are.
"""

from dataclasses import dataclass, field
from enum import IntEnum


class Tag(IntEnum):
    """What begins a value (§6.4.2, `TC_…`)."""

    NULL = 0x70
    REFERENCE = 0x71
    CLASS_DESCRIPTION = 0x72
    OBJECT = 0x73
    STRING = 0x74
    ARRAY = 0x75
    CLASS = 0x76
    BLOCK = 0x77
    END = 0x78
    LONG_BLOCK = 0x7A
    LONG_STRING = 0x7C
    PROXY_CLASS = 0x7D
    ENUM = 0x7E


@dataclass(eq=False)
class JavaClass:
    """A class as a stream describes it. Names are as sent: not safe to show as they are."""

    name: str
    interfaces: tuple[str, ...] = ()
    """Of a proxy, which has no name."""
    flags: int = 0
    fields: tuple[tuple[str, str], ...] = ()
    """Type and name."""
    parent: "JavaClass | None" = None


@dataclass(eq=False)
class Instance:
    """An object, an enum constant (whose `name` is its field) or, with `items`, an array."""

    of: JavaClass
    fields: dict[str, "Value"] = field(default_factory=dict)
    written: dict[str, tuple["Value", ...]] = field(default_factory=dict)
    """What the classes of the object wrote besides their fields, by the class's name: bytes and values."""
    items: tuple["Value", ...] = ()
    """Of primitive types: one item, the bytes of all."""


Value = JavaClass | Instance | bytes | str | None
