"""Facts in words: yes, no, and not known with its reason."""

from typing import Any

import pytest

from scanner.observations.conformance import Conformance, Deviation
from scanner.observations.extensions import Extensions
from scanner.observations.java_rmi import JavaRmi, RemoteObject
from scanner.observations.kerberos import Answer, Kerberos
from scanner.observations.resumption import Resumption
from scanner.observations.server_names import ServerNames, Shown
from scanner.observations.upgrade import Advertised, Upgrade
from scanner.render._facts import (
    Fact,
    conformance,
    duration,
    extensions,
    inside,
    java_rmi,
    kerberos,
    merged,
    names,
    sessions,
)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (300, "5 min"),
        (7200, "2 h"),
        (86400, "1 day"),
        (604800, "7 days"),
        (86401, "86,401 s"),
    ],
)
def test_durations(seconds: int, said: str) -> None:
    assert duration(seconds) == said


def test_what_is_unknown_for_one_reason_is_said_once_and_last() -> None:
    facts = [Fact("SCTs", "not known: x", "open"), Fact("A", "yes", "yes"), Fact("Early data", "not known: x", "open")]
    assert merged(iter(facts)) == [Fact("A", "yes", "yes"), Fact("SCTs, early data", "not known: x", "open")]


def test_unknown_is_never_no() -> None:
    facts = {fact.name: fact for fact in extensions(Extensions(), quick=False)}
    assert facts.pop("ALPN").text == "none selected"
    assert {fact.state for fact in facts.values()} == {"open"}
    assert facts["Heartbeat"].text == "not known: no reason was recorded"


def test_unfinished_application_protocols() -> None:
    (alpn, *_) = extensions(Extensions(alpn=("h2",), reasons={"alpn": "reset"}), quick=False)
    assert alpn.text == "h2 (unfinished: reset)"
    (alpn, *_) = extensions(Extensions(reasons={"alpn": "reset"}), quick=False)
    assert alpn == Fact("ALPN", "not known: reset", "open")


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Resumption(early_data=False), "no"),
        (Resumption(early_data=False, max_early_data=9), "refused, although tickets promise it, up to 9 bytes"),
        (Resumption(early_data=True), "accepted"),
    ],
)
def test_early_data(seen: Resumption, said: str) -> None:
    (fact,) = sessions(seen)
    assert fact.text == said


def test_sessions_that_are_not_known() -> None:
    seen = Resumption(tickets={"TLSv1.3": "unknown"}, reasons={"TLSv1.3": "reset"})
    assert [(fact.name, fact.text) for fact in sessions(seen)] == [
        ("TLSv1.3 tickets", "not known: reset"),
        ("Early data", "not known: reset"),
    ]


def test_names_of_an_endpoint_without_one_are_not_compared() -> None:
    shown = Shown(outcome="accepted", sha256="a0")
    seen = ServerNames(without_name=shown, unknown_name=Shown(outcome="unknown", how="reset"))
    assert [fact.text for fact in names(seen)] == ["accepted", "not known: reset"]
    seen = ServerNames(with_name=shown, without_name=shown, unknown_name=Shown(outcome="accepted", sha256="b1"))
    assert [fact.text for fact in names(seen)] == [
        "accepted",
        "accepted, the same certificate",
        "accepted, another certificate",
    ]


@pytest.mark.parametrize(
    ("seen", "said", "state"),
    [
        (Conformance(), "not known: no ClientHello was answered", "open"),
        (Conformance(answers=1), "none in 1 answer", "no"),
        (Conformance(answers=9, deviations=(Deviation(what="a", asked="b"),)), "1 in 9 answers", "odd"),
    ],
)
def test_no_answer_is_no_proof_of_conformance(seen: Conformance, said: str, state: str) -> None:
    (fact,) = conformance(seen)
    assert (fact.text, fact.state) == (said, state)


def test_encryption_types() -> None:
    seen = Kerberos(
        realm="EXAMPLE.TEST",
        principal="krbtgt/EXAMPLE.TEST",
        encryption_types={"aes256-cts-hmac-sha1-96": "accepted", "rc4-hmac": "unknown", "des-cbc-md5": "refused"},
        reasons={"rc4-hmac": "no answer"},
    )
    assert merged(kerberos(seen)) == [
        Fact("Realm", "EXAMPLE.TEST"),
        Fact("Encryption types accepted", "aes256-cts-hmac-sha1-96", "yes"),
        Fact("Encryption types refused", "des-cbc-md5", "no"),
        Fact("rc4-hmac", "not known: no answer", "open"),
    ]


def test_encryption_types_of_a_realm_that_is_not_known() -> None:
    types: dict[str, Answer] = {"rc4-hmac": "unknown", "des-cbc-md5": "unknown"}
    seen = Kerberos(encryption_types=types, reasons=dict.fromkeys(types, "whose?"))
    assert merged(kerberos(seen)) == [Fact("rc4-hmac, des-cbc-md5", "not known: whose?", "open")]


def test_nothing_is_said_of_a_protocol_that_does_not_say() -> None:
    assert list(inside(Upgrade())) == []


@pytest.mark.parametrize(
    ("offered", "text", "state"),
    [(False, "no", "no"), (True, "yes", "odd"), (None, "not known: EHLO was answered with '502'", "open")],
)
def test_an_upgrade_inside_tls_is_odd(offered: bool | None, text: str, state: str) -> None:
    seen = Upgrade(after=Advertised(tls_offered=offered, how="EHLO was answered with '502'"))
    assert (next(inside(seen)).text, next(inside(seen)).state) == (text, state)


def test_what_comes_and_goes_with_tls() -> None:
    after = Advertised(capabilities=("IDLE", "AUTH=PLAIN", "AUTH=LOGIN"), mechanisms=("AUTH=PLAIN", "AUTH=LOGIN"))
    seen = Upgrade(before=("IDLE", "STARTTLS", "LOGINDISABLED"), after=after)
    assert {fact.name: fact.text for fact in inside(seen)} == {
        "Upgrade offered inside TLS": "not known: no reason was recorded",
        "Credentials inside TLS": "AUTH=PLAIN, AUTH=LOGIN",
        "Offered only before TLS": "STARTTLS, LOGINDISABLED",
        "Offered only inside TLS": "AUTH=PLAIN, AUTH=LOGIN",
    }
    alike = {fact.name: fact.text for fact in inside(Upgrade(before=("A",), after=Advertised(capabilities=("A",))))}
    assert alike["Offered only before TLS"] == alike["Offered only inside TLS"] == "nothing"
    assert alike["Credentials inside TLS"] == "no mechanism named"


@pytest.mark.parametrize(
    ("injection", "text", "state"),
    [
        ("executed", "executed: as seen", "odd"),
        ("dropped", "dropped: as seen", "no"),
        ("unknown", "not known: as seen", "open"),
    ],
)
def test_a_command_behind_the_upgrade(injection: Any, text: str, state: str) -> None:
    (fact,) = inside(Upgrade(injection=injection, how="as seen"))
    assert (fact.name, fact.text, fact.state) == ("Command behind the upgrade", text, state)


def test_a_registry_and_its_objects() -> None:
    connector = RemoteObject(
        name="jmxrmi",
        types=("Stub",),
        host="10.0.0.1",
        port=9998,
        transport="tls",
        login="required",
        login_how="looked at",
    )
    gone = RemoteObject(name="gone", how="java.rmi.NotBoundException")
    seen = JavaRmi(
        registry="plaintext",
        lists_names=True,
        names=("jmxrmi", "gone"),
        objects=(connector, gone),
        reasons={"objects": "of 3, the first 2 were looked up"},
    )
    assert list(java_rmi(seen)) == [
        Fact("Registry", "in plaintext"),
        Fact("Names listed to anybody", "jmxrmi, gone", "yes"),
        Fact("jmxrmi", "Stub, by its stub at 10.0.0.1:9998: reached over TLS"),
        Fact("Login to jmxrmi", "required: looked at", "yes"),
        Fact("gone", "not known: java.rmi.NotBoundException", "open"),
        Fact("All objects", "not known: of 3, the first 2 were looked up", "open"),
    ]


def test_a_registry_that_refuses() -> None:
    seen = JavaRmi(registry="tls", lists_names=False, reasons={"lists_names": "TLS: alert certificate required"})
    assert list(java_rmi(seen)) == [
        Fact("Registry", "over TLS"),
        Fact("Names listed to anybody", "no: TLS: alert certificate required", "no"),
    ]
    open_ = RemoteObject(name="jmxrmi", host="h", port=1, transport="plaintext", login="not-asked", login_how="passive")
    facts = {fact.name: fact for fact in java_rmi(JavaRmi(registry="tls", lists_names=True, objects=(open_,)))}
    assert facts["Names listed to anybody"].text == "none at the moment"
    assert facts["Login to jmxrmi"].state == "open"
