"""What one answer accepts and another declines, and what only looks like it."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from scanner.interview import Interview
from scanner.probes._contradictions import contradiction
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import FALLBACK_SCSV, Alert, Version
from scanner.wire.tls_questions import offering
from scanner.wire.tls_tolerance import of_the_future, with_grease

SUITE = 0xC02F
HELLO = offering(Version.TLSv1_2, (SUITE, 0xC030), groups=(29, 23))


class Answers:
    """What an interview remembers: `HELLO` was accepted, `hello` declined."""

    def __init__(self, hello: Hello, alert: int, *, version: Version = Version.TLSv1_2) -> None:
        self.accepted, self.refused = replace(HELLO, version=version), (hello, alert)

    def heard(self) -> list[tuple[Hello, Any]]:
        """One flight, on x25519."""
        hello = SimpleNamespace(version=int(self.accepted.version), suite=SUITE)
        return [(self.accepted, SimpleNamespace(hello=hello, group_code=29))]

    def handshakes(self) -> Iterator[tuple[Hello, Any]]:
        """None."""
        return iter(())

    def declined(self) -> Iterator[tuple[Hello, int]]:
        """One."""
        yield self.refused


def found(hello: Hello, alert: int = Alert.HANDSHAKE_FAILURE) -> str:
    return contradiction(cast(Interview, Answers(hello, alert)))


@pytest.mark.parametrize("hello", [HELLO, replace(HELLO, groups=(29, 23, 24)), offering(Version.TLSv1_2, (SUITE,))])
def test_all_that_was_accepted_declined(hello: Hello) -> None:
    assert "accepts TLSv1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 in one answer and declines it" in found(hello)


@pytest.mark.parametrize(
    "hello",
    [
        replace(HELLO, groups=(29,)),  # 23 may be the curve of the key
        replace(HELLO, schemes=HELLO.schemes[:1]),
        offering(Version.TLSv1_2, (0xC030,)),
        replace(HELLO, suites=(*HELLO.suites, *range(0x1300, 0x1300 + 130))),  # some choke on so many
        replace(HELLO, version=Version.TLSv1_1),
        replace(HELLO, suites=(*HELLO.suites, FALLBACK_SCSV)),
        replace(HELLO, session_id=b"s" * 32),
        with_grease(HELLO),
        of_the_future(HELLO),
    ],
)
def test_what_may_have_another_cause(hello: Hello) -> None:
    assert found(hello) == ""


def test_the_version_is_declined_whatever_else_was_offered() -> None:
    fewer = replace(HELLO, groups=(29,))
    assert found(fewer) == ""
    assert found(fewer, Alert.PROTOCOL_VERSION)
