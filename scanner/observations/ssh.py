"""What an SSH server offers, and its host keys."""

from typing import ClassVar

from msgspec import Struct, field

from scanner.model import Observation


class BothWays(Struct, frozen=True, kw_only=True):
    """Names in the server's order, by direction."""

    to_server: tuple[str, ...] = ()
    to_client: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of both, each once."""
        return tuple(dict.fromkeys((*self.to_server, *self.to_client)))


class SshHostKey(Struct, frozen=True, kw_only=True):
    """One key, with whose signature over a key exchange the server proved that it has it."""

    type: str
    """`ed25519`, `ecdsa-nistp256`, `rsa`, `dsa`, …"""
    bits: int
    fingerprint: str
    """`SHA256:…`, as `ssh-keygen -l` prints it: what a pin names."""
    public_key: str
    """As in `known_hosts`, behind the host."""
    algorithm: str
    """That the exchange was signed with: `rsa-sha2-512`, …"""
    key_exchange: str


class Ssh(Observation, frozen=True, kw_only=True):
    """Everything that SSH says before it encrypts (RFC 4253 §7.1)."""

    needs_tls = False
    protocols: ClassVar[frozenset[str]] = frozenset({"ssh"})

    banner: str
    """The identification string."""
    version: str
    """`2.0`; `1.99`: SSH-1 as well; `1.5`: SSH-1 alone, and then nothing else was asked."""
    ssh1: bool
    """Whether SSH-1 is offered."""
    key_exchange: tuple[str, ...] = ()
    host_key_algorithms: tuple[str, ...] = ()
    ciphers: BothWays = BothWays()
    macs: BothWays = BothWays()
    compression: BothWays = BothWays()
    strict_key_exchange: bool = False
    """`kex-strict-s-v00@openssh.com` is offered, which ends Terrapin (CVE-2023-48795)."""
    terrapin: tuple[str, ...] = ()
    """Algorithms that Terrapin works with, offered without strict key exchange."""
    host_keys: tuple[SshHostKey, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    """Type of a key that is offered → why it is not among `host_keys`."""
    not_asked: tuple[str, ...] = ()
    """Host key algorithms that are not asked for: certificates, and what the scanner does not know."""
