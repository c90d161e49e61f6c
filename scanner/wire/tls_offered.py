"""Whether a server selected only what it was offered (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3)."""

from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Version, group_name, scheme_name, suite_name, version_name


def not_offered(hello: Hello, flight: Flight) -> tuple[str, ...]:
    """What the server selected although `hello` does not offer it, as words: `selected TLSv1.3`, …"""
    answer = flight.accepted
    if answer is None:
        return ()
    exchange = flight.key_exchange
    wrong = [f"selected {version_name(answer.version)}"] if answer.version not in hello.offered_versions else []
    if answer.suite not in hello.suites:
        wrong.append(f"selected {suite_name(answer.suite)}")
    if answer.version == Version.TLSv1_3 and (group := answer.group) is not None and group not in hello.groups:
        wrong.append(f"selected the group {group_name(group)}")
    if exchange.group is not None and hello.groups and exchange.group not in hello.groups:
        wrong.append(f"selected the group {group_name(exchange.group)}")
    if answer.compression not in hello.compressions:
        wrong.append(f"selected compression method {answer.compression}")
    if exchange.scheme is not None and hello.schemes and exchange.scheme not in hello.schemes:
        wrong.append(f"signed with {scheme_name(exchange.scheme)}")
    if answer.alpn is not None and answer.alpn not in hello.alpn:
        wrong.append(f"selected the application protocol {answer.alpn!r}")
    return tuple(wrong)
