"""Servers whose answers are out of order: not what was offered, anything at all, endless, now this and now that."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner import asking
from scanner.model import FailureKind, Verdict
from scanner.net.limits import Limits
from scanner.plan import FULL, Plan
from scanner.rules.answer_not_offered import judge
from scanner.wire.tls_names import suite_name
from tests.hostile import LONG_RECORD, Peer, Talk, drips, floods, in_turn, says, serving
from tests.hostile_tls import (
    Offered,
    accepts_anything,
    answers,
    by_chance,
    encrypted_flight,
    flight,
    hear,
    message,
    picks,
    record,
    retry,
    server_hello,
    smtp,
)
from tests.probes.looking import LIMITS, PLANS, look
from tests.probes.tls_servers import context, speaks_tls
from tests.servers.certificates import CertificateSpec, Pki

TLS12, TLS13 = 0x0303, 0x0304
GCM, SHA = 0xC02F, 0x002F
"""TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA."""
SMALL = Limits(connect=5.0, connection=0.2, endpoint=6.0, budget=200_000, rate=100_000, per_address_rate=100_000)
Answer = Callable[[Offered], bytes]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE", 0.02)


# --- not what was offered -------------------------------------------------------------------------------------------


def up_to_tls12(suite: int | None = None, **told: Any) -> Answer:
    """A server of two suites and one group, with one fault: what it tells, or the suite it takes for want of one."""

    def answer(offered: Offered) -> bytes:
        if offered.newest not in {TLS12, 0x0305}:
            return b""
        usable = [own for own in (GCM, SHA) if own in offered.suites and (own == SHA or 23 in offered.groups or told)]
        if not usable:
            return flight(offered, suite, group=23, scheme=0x0401) if suite else b""
        return flight(offered, usable[0], **{"group": 23, "scheme": 0x0401, **told})

    return answer


def tls13(answer: Answer) -> Answer:
    """Nothing else is spoken."""
    return lambda offered: answer(offered) if offered.newest == TLS13 else b""


CASES: dict[str, tuple[Answer, str]] = {
    "suite": (up_to_tls12(suite=0x0005), "selected TLS_RSA_WITH_RC4_128_SHA"),
    "group": (up_to_tls12(group=23), "selected the group secp256r1"),
    "version": (up_to_tls12(version=0x0305), "selected 0x0305"),
    "older version": (up_to_tls12(version=0x0200), "selected 0x0200"),
    "compression": (up_to_tls12(compression=1), "selected compression method 1"),
    "scheme": (up_to_tls12(scheme=0x0101), "signed with rsa_pkcs1_md5"),
    "ALPN": (up_to_tls12(alpn=b"h2"), "selected the application protocol 'h2'"),
    "TLS 1.3 for TLS 1.2": (
        lambda offered: record(server_hello(offered, 0x1301, version=TLS13, group=29, share=bytes(range(32)))),
        "selected TLSv1.3",
    ),
    "TLS 1.2 for everything": (lambda offered: flight(offered, GCM, group=23), "selected TLSv1.2"),
    "TLS 1.3 suite": (tls13(lambda offered: retry(offered, offered.groups[0], 0x00AB)), "selected TLS_DHE_PSK"),
    "retry for another group": (tls13(lambda offered: retry(offered, 19)), "selected the group secp192r1"),
    "retry for the same share": (
        tls13(lambda offered: retry(offered, next(iter(offered.shares), offered.groups[0]))),
        "asked for the key share of x25519 that it has",
    ),
    "retry for everything": (
        lambda offered: retry(offered, next(iter(offered.groups), 29)),
        "selected TLSv1.3",
    ),
    "scheme in TLS 1.3": (
        tls13(
            lambda offered: (
                encrypted_flight(offered, 0x1301, 29, 0x0101) if 29 in offered.shares else retry(offered, 29, 0x1301)
            )
        ),
        "signed with rsa_pkcs1_md5",
    ),
}
"""What is wrong → the server, and the deviation."""


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize("name", sorted(CASES))
async def test_what_was_not_offered_is_a_deviation(name: str, plan: Plan) -> None:
    """It is on record, the rule fails, no list has it, and there is an end."""
    answer, deviation = CASES[name]
    with serving(answers(answer)) as (port, counters):
        looked = await look(port, plan=plan, limits=SMALL)
    assert counters.accepted == looked.connections <= 110
    seen = looked["conformance"]
    if plan is FULL or seen.deviations:
        assert any(one.what.startswith(deviation) for one in seen.deviations)
        assert judge(seen, looked.seen("tls_versions")).verdict is Verdict.FAIL
        assert any(line.about == "conformance" and line.reproduce for line in looked.attempts["conformance"].evidence)
    suites, groups, schemes = (looked.seen(probe) for probe in ("cipher_suites", "groups", "signature_schemes"))
    listed = {one for names in (suites.suites if suites else {}).values() for one in names}
    if name == "suite":  # RC4 was offered once, and accepted
        assert listed <= {suite_name(code) for code in (GCM, SHA, 0x0005)}
    assert not {one for names in (groups.groups if groups else {}).values() for one in names} & {"secp192r1", "0x1A1A"}
    assert not {one for names in (schemes.schemes if schemes else {}).values() for one in names} & {"rsa_pkcs1_md5"}
    if "version" in name:
        assert looked["tls_versions"].versions["TLSv1.2"] == "unknown"


async def test_a_version_that_was_not_offered_is_not_accepted_by_that() -> None:
    """A server of TLS 1.3 that ignores what a client speaks: the older versions are neither accepted nor refused."""
    answer, _ = CASES["retry for everything"]
    with serving(answers(answer)) as (port, _):
        looked = await look(port)
    versions = looked["tls_versions"]
    assert versions.versions["TLSv1.3"] == "accepted"
    for label in ("TLSv1.0", "TLSv1.1", "TLSv1.2"):
        assert versions.versions[label] == "unknown"
        assert "not offered" in versions.reasons[label]


# --- anything -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talk", "most"),
    [
        (accepts_anything, 150),
        (picks(lambda offered: offered[-1]), 150),
        (picks(lambda offered: offered[len(offered) // 2]), 650),
    ],
    ids=["first", "last", "middle"],
)
async def test_one_that_accepts_anything_is_cut_off(talk: Talk, most: int) -> None:
    with serving(talk) as (port, counters):
        looked = await look(port, limits=LIMITS)
    suites = looked["cipher_suites"]
    assert "TLSv1.2" in suites.reasons
    assert all("accepts anything" in reason or "not offered" in reason for reason in suites.reasons.values())
    assert not any("0x" in name or "SCSV" in name for names in suites.suites.values() for name in names)
    assert looked["conformance"].deviations
    assert counters.accepted == looked.connections <= most


# --- without an end -------------------------------------------------------------------------------------------------


def begins(rest: Callable[[Peer], None], head: bytes = b"") -> Talk:
    """A ServerHello as it should be, and then something else."""

    def talk(peer: Peer) -> None:
        offered = hear(peer)
        if offered is None:
            return
        peer.send(record(server_hello(offered, GCM if GCM in offered.suites else offered.suites[0])) + head)
        rest(peer)

    return talk


ENDLESS: dict[str, tuple[Talk, set[FailureKind]]] = {
    "a record that drips": (drips(LONG_RECORD, b"\0"), {FailureKind.DEADLINE}),
    "a record that stops": (says(LONG_RECORD[:100]), {FailureKind.DEADLINE}),
    "a header that stops": (says(LONG_RECORD[:3]), {FailureKind.DEADLINE}),
    "a message that stops": (begins(Peer.drain, record(b"\x0b\0\x10\0" + bytes(100))), {FailureKind.DEADLINE}),
    "a flight that stops": (begins(Peer.drain), {FailureKind.DEADLINE}),
    "a message in records of one byte": (
        begins(floods(b"", record(b"\x0b")), record(b"\x0b\x07\0\0")),
        {FailureKind.FLOODED, FailureKind.MALFORMED},
    ),
    "messages without end": (
        begins(floods(b"", record(message(0x16, b"\x01\0\0\x01x")))),
        {FailureKind.FLOODED, FailureKind.MALFORMED},
    ),
    "warnings without end": (
        floods(b"", bytes.fromhex("15030300020170")),
        {FailureKind.FLOODED, FailureKind.MALFORMED},
    ),
    "a certificate of 16 MB": (
        begins(floods(b"", record(bytes(1 << 14))), record(b"\x0b\xff\xff\xff" + bytes(1000))),
        {FailureKind.MALFORMED, FailureKind.FLOODED},
    ),
    "a certificate of 400 KB": (
        begins(floods(b"", record(bytes(1 << 14))), record(b"\x0b\x06\0\0" + bytes(1000))),
        {FailureKind.MALFORMED, FailureKind.FLOODED},
    ),
}


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize("scheme", ["tls", "smtp"])
@pytest.mark.parametrize("name", sorted(ENDLESS))
async def test_one_that_never_comes_to_an_end(name: str, scheme: str, plan: Plan) -> None:
    talk, kinds = ENDLESS[name]
    with serving(talk if scheme == "tls" else smtp(talk)) as (port, counters):
        looked = await look(port, scheme=scheme, plan=plan, limits=SMALL)
    assert looked.failure("tls_versions").kind in kinds
    assert looked.failure("certificate").kind in kinds
    assert counters.accepted == looked.connections <= 8
    assert looked.seconds < SMALL.endpoint


def halts_in_handshakes(offered: Offered) -> bytes:
    """A TLS 1.3 server that names its group, and then says but half of what follows its hello."""
    if offered.newest != TLS13:
        return b""
    if 29 not in offered.shares:
        return retry(offered, 29, 0x1301) if 29 in offered.groups and 0x1301 in offered.suites else b""
    whole = encrypted_flight(offered, 0x1301, 29, 0x0804)
    return whole[: len(whole) // 2]


async def test_one_that_never_finishes_a_tls13_handshake() -> None:
    """What is in the clear is known; the certificate and all else that is encrypted is not, and says why."""
    with serving(answers(halts_in_handshakes)) as (port, counters):
        looked = await look(port, limits=SMALL)
    assert looked["tls_versions"].versions["TLSv1.3"] == "accepted"
    assert looked["cipher_suites"].suites["TLSv1.3"] == ("TLS_AES_128_GCM_SHA256",)
    assert looked["groups"].groups["TLSv1.3"] == ("x25519",)
    assert looked.failure("certificate").kind is FailureKind.DEADLINE
    assert looked["signature_schemes"].reasons.keys() == {"TLSv1.3"}
    assert looked["client_authentication"].wanted == {"TLSv1.3": "unknown"}
    assert looked["resumption"].tickets == {"TLSv1.3": "unknown"}
    assert counters.accepted == looked.connections <= 40


# --- now this and now that ------------------------------------------------------------------------------------------


def nodes(pki: Pki) -> tuple[Talk, Talk]:
    """Two servers of different configuration."""
    old = context(pki, ciphers="ECDHE+AESGCM:AES128-SHA:@SECLEVEL=0", newest="TLSv1_2")
    ecdsa = CertificateSpec(key_type="ecdsa")
    new = context(pki, ecdsa, ciphers="ECDHE+CHACHA20:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", oldest="TLSv1")
    return speaks_tls(old), speaks_tls(new)


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize("seed", [None, *range(3)])
async def test_several_servers_at_one_address(pki: Pki, seed: int | None, plan: Plan) -> None:
    """What is accepted, one of them accepts; where they contradict each other, no list is taken for complete."""
    both = nodes(pki)
    alone = []
    for node in both:
        with serving(node) as (port, _):
            alone.append(await look(port))
    with serving(in_turn(*both) if seed is None else by_chance(seed, *both)) as (port, counters):
        looked = await look(port, plan=plan)
    for probe, field in (("cipher_suites", "suites"), ("groups", "groups"), ("signature_schemes", "schemes")):
        for label, names in getattr(looked.seen(probe), field, {}).items():
            known = {name for one in alone for name in getattr(one[probe], field).get(label, ())}
            assert set(names) <= known
    for label, answer in looked["tls_versions"].versions.items():
        assert answer in {one["tls_versions"].versions[label] for one in alone}
    certificates = {chain.certificates for one in alone for chain in one["certificate"].chains}
    assert {chain.certificates for chain in looked["certificate"].chains} <= certificates
    assert not looked["conformance"].deviations
    assert counters.accepted == looked.connections <= 110
    if plan is FULL and looked["tls_versions"].versions["TLSv1.3"] == "accepted":
        assert "in one answer and declines it in another" in looked["conformance"].contradiction


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
async def test_one_server_does_not_contradict_itself(pki: Pki, plan: Plan) -> None:
    for node in nodes(pki):
        with serving(node) as (port, _):
            looked = await look(port, plan=plan)
        assert looked["conformance"].contradiction == ""
