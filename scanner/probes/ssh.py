"""Exchange keys with an SSH server once for each kind of host key that it has."""

import shlex
from collections.abc import Sequence
from functools import partial

from scanner.interview import Interview
from scanner.model import AskFailedError
from scanner.net.ssh import Heard, Proven, host_key
from scanner.observations.cleartext import Cleartext
from scanner.observations.ssh import BothWays, Ssh, SshHostKey
from scanner.wire.ssh import Identification, KexInit
from scanner.wire.ssh_keys import KINDS, kind_of
from scanner.wire.ssh_weaknesses import SIGNALS, STRICT, truncatable, weaknesses
from scanner.wire.text import printable

QUICK = True

_OLD_CIPHERS = ("aes128-cbc", "aes256-cbc", "3des-cbc")
_OLD_MACS = ("hmac-md5", "hmac-sha1-96", "hmac-md5-96")
"""That OpenSSH still has, but offers only if told to."""


async def probe(interview: Interview, _said: Cleartext) -> Ssh:
    """The first connection asks for all kinds and gets the server's lists with one key. Raises AskFailedError."""
    heard = Heard()
    keys: list[SshHostKey] = []
    reasons: dict[str, str] = {}
    left = tuple(KINDS)
    while left:
        algorithms = tuple(name for kind in left for name in KINDS[kind])
        try:
            answer = await interview.talk(("ssh", algorithms), partial(host_key, algorithms=algorithms, heard=heard))
        except AskFailedError as error:
            if heard.offered is None:
                raise
            answer = str(error)
        if heard.offered is None:
            break  # SSH-1 alone
        left = offered_kinds(left, heard.offered)
        if not left:
            break  # none that is known
        (kind, *others) = left
        left = tuple(others)
        if isinstance(answer, Proven):
            keys.append(_record(answer))
        else:
            reasons[kind] = answer
        _cite_key(interview, kind, answer, heard.offered)
    assert heard.identification is not None  # noqa: S101 - or there would be no answer
    _cite_offer(interview, heard.identification, heard.offered)
    return _observed(heard.identification, heard.offered, tuple(keys), reasons)


def offered_kinds(kinds: Sequence[str], offered: KexInit) -> tuple[str, ...]:
    """Those of these kinds of which the server has a key, in the same order."""
    return tuple(kind for kind in kinds if any(name in offered.host_keys for name in KINDS[kind]))


def _record(answer: Proven) -> SshHostKey:
    return SshHostKey(
        type=answer.key.kind,
        bits=answer.key.bits,
        fingerprint=answer.key.fingerprint,
        public_key=answer.key.line,
        algorithm=answer.algorithm,
        key_exchange=answer.method,
    )


def _observed(
    identification: Identification, offered: KexInit | None, keys: tuple[SshHostKey, ...], reasons: dict[str, str]
) -> Ssh:
    banner, version, ssh1 = printable(identification.line), identification.version, identification.speaks_ssh1
    if offered is None:
        return Ssh(banner=banner, version=version, ssh1=ssh1)
    strict = STRICT in offered.key_exchange
    exposed = (
        *truncatable(offered.ciphers_to_server, offered.macs_to_server),
        *truncatable(offered.ciphers_to_client, offered.macs_to_client),
    )
    return Ssh(
        banner=banner,
        version=version,
        ssh1=ssh1,
        key_exchange=tuple(name for name in _shown(offered.key_exchange) if name not in SIGNALS),
        host_key_algorithms=_shown(offered.host_keys),
        ciphers=_both(offered.ciphers_to_server, offered.ciphers_to_client),
        macs=_both(offered.macs_to_server, offered.macs_to_client),
        compression=_both(offered.compression_to_server, offered.compression_to_client),
        strict_key_exchange=strict,
        terrapin=() if strict else _shown(tuple(dict.fromkeys(exposed))),
        host_keys=keys,
        reasons=reasons,
        not_asked=_shown([name for name in offered.host_keys if kind_of(name) is None]),
    )


def _shown(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(printable(name, 64) for name in names)


def _both(to_server: Sequence[str], to_client: Sequence[str]) -> BothWays:
    return BothWays(to_server=_shown(to_server), to_client=_shown(to_client))


def _cite_key(interview: Interview, kind: str, answer: Proven | str, offered: KexInit) -> None:
    if isinstance(answer, str):
        said, command = answer, _keyscan(interview, kind)
    else:
        said = f"{answer.key.bits} {answer.key.fingerprint}, {answer.algorithm} over {answer.method}: possession proven"
        command = _keyscan(interview, kind) if _usual(answer.method, offered) else _host_key(interview, answer)
    interview.cite(kind, f"key exchange for a host key of kind {kind}", said, command)


def _usual(method: str, offered: KexInit) -> bool:
    """Whether OpenSSH agrees with the server without being told to."""
    ciphers = [name for name in offered.ciphers_to_client if not weaknesses(name)]
    macs = [name for name in offered.macs_to_client if weaknesses(name) <= {"mac-sha1", "64-bit-tag"}]
    return not weaknesses(method) and bool(ciphers and macs)


def _keyscan(interview: Interview, kind: str) -> str:
    one = interview.endpoint
    # ssh-keyscan knows ECDSA as one kind
    return f"ssh-keyscan -t {kind.partition('-')[0]} -p {one.port} {shlex.quote(one.address)} | ssh-keygen -lf -"


def _host_key(interview: Interview, answer: Proven) -> str:
    """What shows the key of a server with which OpenSSH agrees only if told to."""
    exchange = f"-o KexAlgorithms={answer.method} -o HostKeyAlgorithms={answer.algorithm}"
    old = f"-o Ciphers=+{','.join(_OLD_CIPHERS)} -o MACs=+{','.join(_OLD_MACS)}"
    return f"{_ssh(interview, '-v', exchange, old)} | grep 'Server host key'"


def _ssh(interview: Interview, *options: str) -> str:
    """Stops at the host key, which nobody knows, before any login."""
    unknown = "-o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null"
    one = interview.endpoint
    return f"ssh -F none {' '.join(options)} {unknown} -p {one.port} -l nobody {shlex.quote(one.address)} 2>&1"


def _cite_offer(interview: Interview, identification: Identification, offered: KexInit | None) -> None:
    version = f"{_ssh(interview, '-v')} | grep 'Remote protocol version'"
    interview.cite("version", "identification string", f"'{printable(identification.line)}'", version)
    if offered is None:
        return
    command = f"{_ssh(interview, '-vv')} | sed -n '/peer server KEXINIT/,/first_kex_follows/p'"
    for about, names in (
        ("key exchange", offered.key_exchange),
        ("host key algorithms", offered.host_keys),
        ("ciphers", (*offered.ciphers_to_server, *offered.ciphers_to_client)),
        ("macs", (*offered.macs_to_server, *offered.macs_to_client)),
    ):
        interview.cite(about, f"KEXINIT: {about}", ", ".join(dict.fromkeys(names)), command)
