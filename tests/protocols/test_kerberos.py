"""What shows that a KDC is there, and what it is asked: an unused name, and nothing that changes anything."""

import pytest

from scanner.model import Endpoint, FailureKind, ReachTls
from scanner.protocols import protocol
from scanner.protocols.kerberos import realms
from scanner.wire.kerberos import ENCRYPTION_TYPES
from tests.hostile import answering
from tests.protocols.talk import converse, converse_failure
from tests.wire.kerberos_peers import kdc_error, kdc_reply, preauthentication, requested


def test_what_it_is() -> None:
    known = protocol("kerberos")
    assert (known.port, known.transport, known.reach_tls) == (88, "udp", ReachTls.NEVER)


@pytest.mark.parametrize("passive", [False, True])
async def test_an_unused_name_is_asked_for(passive: bool) -> None:
    with answering(lambda _: (kdc_error(6, text="CLIENT_NOT_FOUND\x1b"),)) as (port, counters):
        said = await converse("kerberos", port, passive=passive)
    assert (said.speaks, said.credentials, said.tls_offered) == ("kerberos", "none", None)
    assert said.banner == r"KRB-ERROR C_PRINCIPAL_UNKNOWN (6), realm EXAMPLE.TEST: CLIENT_NOT_FOUND\x1b"
    (request,) = counters.received
    assert requested(request) == ("EXAMPLE.TEST", ("tlsassay-unused-name",), tuple(ENCRYPTION_TYPES))


@pytest.mark.parametrize(
    ("answer", "banner"),
    [
        (kdc_error(68, realm="A.TEST", client_realm="B.TEST"), "KRB-ERROR WRONG_REALM (68), realm A.TEST"),
        (
            kdc_error(25, details=preauthentication(18, 23)),
            "KRB-ERROR PREAUTH_REQUIRED (25), realm EXAMPLE.TEST, a key of aes256-cts-hmac-sha1-96, rc4-hmac",
        ),
        (kdc_error(52), "KRB-ERROR RESPONSE_TOO_BIG (52), realm EXAMPLE.TEST"),
        (kdc_reply(18, 18), "AS-REP, realm EXAMPLE.TEST"),
    ],
)
async def test_whatever_it_answers_it_is_a_kdc(answer: bytes, banner: str) -> None:
    with answering(lambda _: (answer,)) as (port, _):
        said = await converse("kerberos", port)
    assert (said.speaks, said.banner) == ("kerberos", banner)


@pytest.mark.parametrize("answer", [b"hello", kdc_error(6)[:-1], kdc_error(6) + b"x"])
async def test_what_is_no_answer(answer: bytes) -> None:
    with answering(lambda _: (answer,)) as (port, _):
        failure = await converse_failure("kerberos", port)
    assert failure.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kdc.example.test", ("EXAMPLE.TEST", "KDC.EXAMPLE.TEST")),
        ("kdc1.berlin.example.test", ("BERLIN.EXAMPLE.TEST", "EXAMPLE.TEST", "KDC1.BERLIN.EXAMPLE.TEST")),
        ("example.test", ("EXAMPLE.TEST",)),
        ("localhost", ("LOCALHOST",)),
        ("a.b.c.d.e.f.test", ("B.C.D.E.F.TEST", "C.D.E.F.TEST", "D.E.F.TEST", "A.B.C.D.E.F.TEST")),
        (None, ()),
    ],
)
def test_what_the_realm_may_be_called(name: str | None, expected: tuple[str, ...]) -> None:
    endpoint = Endpoint(service="S", url="", protocol="kerberos", host="10.0.0.1", port=88, server_name=name)
    assert realms(endpoint) == expected
