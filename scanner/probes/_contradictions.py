"""Whether an endpoint contradicts itself: what one answer accepts, another declines.

Behind one address there may be several servers of different configuration. Each answer is then true of one of them, and
a list of what is accepted is never known to be complete. No question is asked for this: it shows, where it does, in the
answers to others.
"""

from collections import defaultdict

from scanner.interview import Interview
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import FALLBACK_SCSV, Alert, Version, suite_name
from scanner.wire.tls_tolerance import has_grease

Accepted = dict[int, dict[int, list[tuple[Hello, int | None]]]]
"""Version → suite → the hellos that were answered with them, and the group in the answer."""


def contradiction(interview: Interview) -> str:
    """A version with a suite that the server accepts in one answer and declines in another, in words; empty: none."""
    accepted = _accepted(interview)
    for hello, alert in interview.declined():
        if hello.legacy_version is not None or hello.session_id or has_grease(hello) or FALLBACK_SCSV in hello.suites:
            continue  # that may be what it does not like
        # in a version that is older than the newest of a hello, a server may have what it declines in the newest
        others = accepted.get(hello.version, {})
        for suite in others.keys() & set(hello.suites):
            if alert == Alert.PROTOCOL_VERSION or any(_covers(hello, *other) for other in others[suite]):
                named = f"{hello.version.label} with {suite_name(suite)}"
                return f"accepts {named} in one answer and declines it in another: perhaps several servers answer"
    return ""


def _accepted(interview: Interview) -> Accepted:
    found: Accepted = defaultdict(lambda: defaultdict(list))
    for hello, flight in interview.heard():
        if flight.hello is not None:
            found[flight.hello.version][flight.hello.suite].append((hello, flight.group_code))
    for hello, handshake in interview.handshakes():
        if handshake.hello is not None:
            found[handshake.hello.version][handshake.hello.suite].append((hello, handshake.hello.group))
    return found


def _covers(declined: Hello, accepted: Hello, group: int | None) -> bool:
    """Whether one hello offers all that the other, of the same version, was accepted for."""
    # up to TLS 1.2 the curve of an ECDSA key has to be among them as well (RFC 8422 §5.1)
    groups = {group} if declined.version is Version.TLSv1_3 and group else set(accepted.groups)
    return (
        groups <= set(declined.groups)
        and set(accepted.schemes) <= set(declined.schemes)
        and len(declined.suites) <= max(len(accepted.suites), 127)  # some servers choke on longer ones
    )
