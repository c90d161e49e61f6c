"""What an RMI registry tells anybody, and where and how the objects that it names are reached."""

from typing import Literal

from msgspec import Struct, field

from scanner.model import Observation

Transport = Literal["plaintext", "tls", "unknown"]
Login = Literal["required", "none", "unknown", "not-asked"]


class RemoteObject(Struct, frozen=True, kw_only=True):
    """What a name stands for, and how the port that its stub names was found to speak."""

    name: str
    types: tuple[str, ...] = ()
    """Interfaces of a proxy, or the class of the stub."""
    host: str = ""
    """By the stub's own word; asked was the endpoint's address."""
    port: int = 0
    socket_factory: str = ""
    """Class of the sockets that the stub tells its clients to use; empty: plain ones."""
    transport: Transport = "unknown"
    how: str = ""
    """What shows it, or why it is not known."""
    login: Login = "not-asked"
    """Of JMX: whether a login as nobody is refused (`required`) or taken (`none`: no authentication at all)."""
    login_how: str = ""


class JavaRmi(Observation, frozen=True, kw_only=True):
    """A registry, as a client without an account sees it."""

    needs_tls = False
    protocols = frozenset({"rmi", "rmis", "jmx", "jmxs"})

    registry: Literal["plaintext", "tls"]
    """What the registry's port begins with."""
    lists_names: bool
    """Whether the registry lists its names to anybody; of a refusal, `reasons` tells."""
    names: tuple[str, ...] = ()
    objects: tuple[RemoteObject, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    """Field → why it is empty, or not complete."""
