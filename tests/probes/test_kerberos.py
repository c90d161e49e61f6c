"""Which encryption types a KDC uses: what it says to each, and what cannot be known."""

from collections.abc import Callable

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.net.limits import Limits
from scanner.observations.kerberos import Kerberos
from scanner.probes.kerberos import NO_TYPE, probe
from scanner.wire.kerberos import ENCRYPTION_TYPES
from tests.hostile import answering
from tests.probes.tls_servers import interview
from tests.wire.kerberos_peers import REALM, kdc_error, kdc_reply, preauthentication, requested

AES, RC4 = 18, 23
PRINCIPAL = ("krbtgt", REALM)
SHORT = Limits(connect=0.2, connection=0.3, endpoint=3.0)
Kdc = Callable[[str, tuple[str, ...], tuple[int, ...]], bytes]


def mit(*keys: int, without_preauthentication: bool = False) -> Kdc:
    """Answers in the order of MIT's KDC: the client, the encryption type, pre-authentication."""

    def answer(realm: str, client: tuple[str, ...], types: tuple[int, ...]) -> bytes:
        if client != PRINCIPAL:
            return kdc_error(6, realm=realm, client_realm=realm)
        usable = [one for one in types if one in keys]
        if not usable:
            return kdc_error(14)
        if without_preauthentication:
            return kdc_reply(usable[0], keys[0])
        return kdc_error(25, details=preauthentication(usable[0]))

    return answer


async def looked_at(kdc: Kdc, *, name: str | None = "kdc.example.test", passive: bool = False) -> Kerberos:
    with answering(lambda asked: (kdc(*requested(asked)),)) as (port, counters):
        seen = await probe(interview(port, scheme="kerberos", name=name, passive=passive))
    assert {requested(one)[1][0] for one in counters.received} <= {"krbtgt", "tlsassay-unused-name"}
    return seen


def why_unknown(seen: Kerberos) -> str:
    """The one reason why no encryption type is known."""
    assert set(seen.encryption_types) == set(ENCRYPTION_TYPES.values())
    assert set(seen.encryption_types.values()) == {"unknown"}
    assert set(seen.reasons) == set(seen.encryption_types)
    (reason,) = set(seen.reasons.values())
    return reason


@pytest.mark.parametrize("without_preauthentication", [False, True])
@pytest.mark.parametrize("keys", [(AES,), (AES, RC4), (RC4,), tuple(ENCRYPTION_TYPES)])
async def test_each_type_is_asked_alone(keys: tuple[int, ...], without_preauthentication: bool) -> None:
    seen = await looked_at(mit(*keys, without_preauthentication=without_preauthentication))
    expected = {name: "accepted" if number in keys else "refused" for number, name in ENCRYPTION_TYPES.items()}
    assert seen.encryption_types == expected
    assert (seen.realm, seen.principal, seen.reasons) == (REALM, f"krbtgt/{REALM}", {})


async def test_evidence() -> None:
    with answering(lambda asked: (mit(AES)(*requested(asked)),)) as (port, _):
        asking = interview(port, scheme="kerberos", name="kdc.example.test")
        await probe(asking)
    evidence = {line.about: line for line in asking.take_evidence()}
    assert evidence["rc4-hmac"].asked == "AS-REQ for krbtgt/EXAMPLE.TEST with rc4-hmac"
    assert evidence["rc4-hmac"].answered.startswith("KRB-ERROR ETYPE_NOSUPP (14)")
    assert evidence["rc4-hmac"].reproduce.endswith(f"| xxd -r -p | nc -u -w 3 127.0.0.1 {port} | xxd")
    assert asking.connections == len(ENCRYPTION_TYPES) + 2


@pytest.mark.parametrize(
    ("code", "said"),
    [(18, "CLIENT_REVOKED (18)"), (12, "POLICY (12)"), (60, "GENERIC (60)"), (14, "ETYPE_NOSUPP (14)")],
)
async def test_who_answers_otherwise_tells_nothing(code: int, said: str) -> None:
    """Active Directory has krbtgt disabled, Heimdal lets it be no client, and `vague_errors` are what they say."""
    seen = await looked_at(lambda *_: kdc_error(code))
    assert said in why_unknown(seen)
    assert seen.realm == REALM


async def test_a_kdc_that_does_not_look_at_types_is_not_believed() -> None:
    seen = await looked_at(lambda *_: kdc_error(25))
    assert "a type that does not exist" in why_unknown(seen)


async def test_one_that_refuses_each_alone_is_not_believed() -> None:
    seen = await looked_at(lambda _realm, _client, types: kdc_error(14 if len(types) == 1 else 25))
    assert "each of them alone" in why_unknown(seen)


async def test_a_single_odd_answer_is_unknown_alone() -> None:
    def odd(realm: str, client: tuple[str, ...], types: tuple[int, ...]) -> bytes:
        return kdc_error(52) if types == (RC4,) else mit(AES, RC4)(realm, client, types)

    seen = await looked_at(odd)
    assert seen.encryption_types["rc4-hmac"] == "unknown"
    assert seen.reasons == {"rc4-hmac": "answered with KRB-ERROR RESPONSE_TOO_BIG (52)"}
    assert seen.encryption_types["aes256-cts-hmac-sha1-96"] == "accepted"


async def test_one_lost_answer_is_unknown_alone() -> None:
    def deaf(asked: bytes) -> tuple[bytes, ...]:
        given = requested(asked)
        return () if given[2] == (RC4,) else (mit(AES)(*given),)

    with answering(deaf) as (port, _):
        seen = await probe(interview(port, scheme="kerberos", name="kdc.example.test", limits=SHORT))
    assert seen.encryption_types["rc4-hmac"] == "unknown"
    assert "open|filtered" in seen.reasons["rc4-hmac"]
    assert "accepted" in seen.encryption_types.values()


@pytest.mark.parametrize("name", ["kdc1.berlin.example.test", "example.test"])
async def test_the_realm_is_found_among_the_names(name: str) -> None:
    assert (await looked_at(mit(AES), name=name)).realm == REALM


@pytest.mark.parametrize("name", ["kdc.elsewhere.test", "localhost", None])
async def test_a_realm_that_nobody_tells_is_unknown(name: str | None) -> None:
    seen = await looked_at(mit(AES), name=name)
    assert "the realm is not known" in why_unknown(seen)
    assert (seen.realm, seen.principal) == ("", "")


async def test_the_kdc_may_tell_the_realm() -> None:
    def elsewhere(realm: str, client: tuple[str, ...], types: tuple[int, ...]) -> bytes:
        if realm != REALM:
            return kdc_error(68, realm=realm, client_realm=REALM)
        return mit(AES)(realm, client, types)

    assert (await looked_at(elsewhere, name=None)).realm == REALM


async def test_a_kdc_that_sends_one_from_realm_to_realm() -> None:
    asked: list[str] = []

    def onward(realm: str, _client: tuple[str, ...], _types: tuple[int, ...]) -> bytes:
        asked.append(realm)
        return kdc_error(68, realm=realm, client_realm=f"R{len(asked)}\x1b.TEST")

    seen = await looked_at(onward)
    assert "the realm is not known" in why_unknown(seen)
    assert len(asked) == 5


async def test_passive_asks_for_nobody_that_exists() -> None:
    with answering(lambda _: (kdc_error(6),)) as (port, counters):
        seen = await probe(interview(port, scheme="kerberos", name="kdc.example.test", passive=True))
    assert why_unknown(seen) == "not asked: --passive"
    assert [requested(one)[1] for one in counters.received] == [("tlsassay-unused-name",)]


async def test_silence_is_a_failure() -> None:
    with answering(lambda _: ()) as (port, _), pytest.raises(AskFailedError) as caught:
        await probe(interview(port, scheme="kerberos", name="kdc.example.test", limits=SHORT))
    assert caught.value.failure.kind is FailureKind.TIMED_OUT


def test_the_type_that_does_not_exist() -> None:
    assert NO_TYPE not in ENCRYPTION_TYPES
