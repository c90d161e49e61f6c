"""What each configuration says of itself is what other people's clients see of it."""

import pytest

from tests.servers.harness import Running
from tests.servers.stacks import truth
from tests.servers.stacks.suites import VERSIONS, known_groups, known_suites, of_nassl, of_s_client, registered
from tests.servers.stacks.truth import Witness

pytestmark = pytest.mark.real


def test_versions(stack: Running, witness: Witness) -> None:
    assert {one for one in VERSIONS if witness.version(one)} == stack.truth["tls"].versions


def test_suites(stack: Running, witness: Witness) -> None:
    for version, configured in stack.truth["tls"].suites.items():
        known = set(known_suites(version))
        asked = {one for one in known if version != "TLSv1.2" or one in of_nassl() or one in configured}
        assert {one for one in asked if witness.suite(version, one)} == known.intersection(configured), version


def test_groups(stack: Running, witness: Witness) -> None:
    for version, configured in stack.truth["tls"].groups.items():
        assert witness.groups(version, configured) == set(configured), version
        others = [one for one in known_groups(version) if one not in configured]
        assert not witness.groups(version, others[::4]), version


def test_preference(stack: Running) -> None:
    listener = stack.truth["tls"]
    for version, whose in listener.preference.items():
        configured = listener.suites.get(version) or [one for one in known_suites(version) if one in of_nassl()]
        seen = truth.preference(stack, version, configured)
        assert seen in {whose, "unknown"}, version
        if whose == "server" and version in listener.suites:
            slow = truth.together(version, [one for one in configured if "CHACHA20" not in one])
            assert truth.order(stack, version, slow) == slow[: truth.CHOICES], version
        if version in listener.suites and version != "SSLv3":
            prioritised = truth.chacha20_prioritised(stack, version, configured)
            assert prioritised == (version in listener.chacha20_prioritised), version


def test_certificates(stack: Running) -> None:
    newest = max(stack.truth["tls"].versions)
    if newest == "SSLv2":
        return  # nassl does not tell of its certificate
    for key_type in ("rsa", "ecdsa"):
        issued = stack.certificates("tls").get(key_type)
        assert truth.chain(stack, newest, key_type) == list(issued.chain if issued else ()), key_type


def test_names_of_suites() -> None:
    """The rule that names the suites of OpenSSL 1.0.2 agrees with OpenSSL 3.0's table."""
    old = {name: registered(name) for name in of_nassl().values()}
    new = {name: registry for registry, (name, _) in of_s_client().items() if name in old}
    assert len(new) > 50
    assert new == {name: old[name] for name in new}
