"""Java object streams, read into plain values and never into objects (Java Object Serialization Specification §6).

What a stream says of its classes is followed only as far as it takes to find where each value ends: no class is looked
up, nothing is run. Numbers stay the bytes they are. References share what they refer to, so a value may contain itself.
"""

from scanner.wire.errors import MalformedError
from scanner.wire.java_values import Instance, JavaClass, Tag, Value
from scanner.wire.reader import Reader

MAGIC = bytes.fromhex("aced0005")
MAX_DEPTH = 64
"""Values within values, or classes that extend classes: an exception with its causes has some ten."""
MAX_STEPS = 2_000
"""Values, fields and classes in one stream: an exception with its stack has a few hundred."""
MAX_COUNT = 1 << 16
"""Elements of an array: each takes a byte at least, and a whole message has no more."""
FIRST_HANDLE = 0x7E0000

WRITES_MORE, SERIALIZABLE, EXTERNALIZABLE, IN_BLOCKS = 1, 2, 4, 8
"""Flags of a class (§6.4.2, `SC_…`)."""
_WIDTHS = {"B": 1, "C": 2, "D": 8, "F": 4, "I": 4, "J": 8, "S": 2, "Z": 1}
"""Bytes of the primitive types."""


class MoreNeededError(Exception):
    """The stream is fine as far as it goes."""


class ObjectStream(Reader):
    """Reads values off a stream. Raises MoreNeededError where it ends too early, MalformedError where it is none."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._handles: list[Value] = []
        self._steps = 0
        self._depth = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises MoreNeededError."""
        if size > self.left:
            raise MoreNeededError
        return super().take(size)

    def magic(self) -> None:
        """The beginning of every stream (§6.4.2). Raises MalformedError."""
        if not MAGIC.startswith(self.data[self.at : self.at + len(MAGIC)]):
            raise MalformedError("no Java object stream")
        self.take(len(MAGIC))

    def value(self) -> Value:
        """The next value, or block of bytes."""
        return self._value(self.number(1))

    def _value(self, code: int) -> Value:
        self._step()
        self._depth += 1
        try:
            match code:
                case Tag.BLOCK:
                    return self.vector(1)
                case Tag.LONG_BLOCK:
                    return self.vector(4)
                case Tag.STRING:
                    return self._text(2)
                case Tag.LONG_STRING:
                    return self._text(8)
                case Tag.OBJECT:
                    return self._object()
                case Tag.ARRAY:
                    return self._array()
                case Tag.ENUM:
                    return self._enum()
                case Tag.CLASS:
                    return self._remember(self._class(self.number(1)))
                case Tag.REFERENCE:
                    return self._reference()
            return self._class(code)
        finally:
            self._depth -= 1

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise MalformedError(f"more than {MAX_STEPS} values in one Java object stream")
        if self._depth >= MAX_DEPTH:
            raise MalformedError(f"more than {MAX_DEPTH} Java values within each other")

    def _remember(self, value: Value) -> Value:
        self._handles.append(value)
        return value

    def _reference(self) -> Value:
        at = self.number(4) - FIRST_HANDLE
        if not 0 <= at < len(self._handles):
            raise MalformedError("a reference to no Java value")
        return self._handles[at]

    def _text(self, width: int) -> Value:
        # modified UTF-8 (§6.2): what differs of it comes out as escapes
        return self._remember(self.vector(width).decode("utf-8", "backslashreplace"))

    def name(self) -> str:
        """A text as `DataOutput.writeUTF` writes it."""
        return self.vector(2).decode("utf-8", "backslashreplace")

    # classes

    def _class(self, code: int) -> JavaClass | None:
        """A class description, new or referred to; None for none."""
        match code:
            case Tag.NULL:
                return None
            case Tag.REFERENCE:
                known = self._reference()
                if not isinstance(known, JavaClass):
                    raise MalformedError("a reference to no Java class")
                return known
            case Tag.CLASS_DESCRIPTION:
                described = JavaClass(self.name())
                self.take(8)  # serialVersionUID
                self._remember(described)
                described.flags = self.number(1)
                described.fields = tuple(self._field() for _ in range(self.number(2)))
            case Tag.PROXY_CLASS:
                described = JavaClass("", flags=SERIALIZABLE)
                self._remember(described)
                described.interfaces = tuple(self._named() for _ in range(self._count()))
            case _:
                raise MalformedError(f"0x{code:02x} begins no Java value")
        self._annotations()
        self._depth += 1
        self._step()
        described.parent = self._class(self.number(1))
        self._depth -= 1
        return described

    def _field(self) -> tuple[str, str]:
        self._step()
        kind, name = chr(self.number(1)), self.name()
        if kind in "L[":
            self.value()  # the name of the type
        elif kind not in _WIDTHS:
            raise MalformedError(f"0x{ord(kind):02x} is no type of a Java field")
        return kind, name

    def _named(self) -> str:
        self._step()
        return self.name()

    def _count(self) -> int:
        count = self.number(4)
        if count > MAX_COUNT:
            raise MalformedError(f"{count} Java values in one")
        return count

    def _annotations(self) -> tuple[Value, ...]:
        """Everything up to the end of what a class wrote by itself."""
        written: list[Value] = []
        while (code := self.number(1)) != Tag.END:
            written.append(self._value(code))
        return tuple(written)

    # instances

    def _known_class(self) -> JavaClass:
        described = self._class(self.number(1))
        if described is None:
            raise MalformedError("a Java value without a class")
        return described

    def _object(self) -> Instance:
        made = Instance(self._known_class())
        self._remember(made)
        for part in self._ancestry(made.of):
            if part.flags & SERIALIZABLE:
                for kind, name in part.fields:
                    made.fields[name] = self._typed(kind)
                if part.flags & WRITES_MORE:
                    made.written[part.name] = self._annotations()
            elif part.flags & EXTERNALIZABLE:
                if not part.flags & IN_BLOCKS:
                    raise MalformedError("a Java object whose end only its class knows")
                made.written[part.name] = self._annotations()
        return made

    def _ancestry(self, youngest: JavaClass) -> list[JavaClass]:
        """A class and those that it extends, the oldest first."""
        found: list[JavaClass] = []
        one: JavaClass | None = youngest
        while one is not None:
            self._step()
            if len(found) > MAX_DEPTH:
                raise MalformedError("a Java class that extends itself")
            found.append(one)
            one = one.parent
        return found[::-1]

    def _typed(self, kind: str) -> Value:
        self._step()
        return self.take(_WIDTHS[kind]) if kind in _WIDTHS else self.value()

    def _array(self) -> Value:
        made = Instance(self._known_class())
        self._remember(made)
        kind = made.of.name[1:2]
        count = self._count()
        if kind in _WIDTHS:
            made.items = (self.take(count * _WIDTHS[kind]),)
        else:
            made.items = tuple(self._typed("L") for _ in range(count))
        return made

    def _enum(self) -> Instance:
        made = Instance(self._known_class())
        self._remember(made)
        made.fields["name"] = self.value()
        return made
