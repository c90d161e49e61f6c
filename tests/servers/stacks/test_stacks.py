"""What a full scan says of each stack is what the configuration says, and what other people's clients negotiate."""

import asyncio
import random
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
import pytest

from scanner.inventory import adhoc_inventory
from scanner.model import Attempt
from scanner.net.limits import Limits
from scanner.scan import scan
from tests.servers.harness import Running
from tests.servers.stacks import truth
from tests.servers.stacks.suites import VERSIONS, known_groups, known_suites, of_nassl
from tests.servers.stacks.truth import Witness

pytestmark = pytest.mark.real

LIMITS = Limits(rate=10_000, per_address_rate=10_000)
COMMON_GROUPS = {"x25519", "x448", "secp256r1", "secp384r1", "secp521r1"}
COMMON_SCHEMES = {"rsa_pss_rsae_sha256", "rsa_pkcs1_sha256", "ecdsa_secp256r1_sha256"}
SAMPLE, FEW = 4, 2
"""How many more are asked of slow clients although the scanner says no."""


async def _attempts(server: Running) -> list[Attempt[Any]]:
    url = f"tls://{server.address}:{server.ports['tls']}"
    inventory = adhoc_inventory([url], trust=[str(server.ca_pem)], server_name=server.server_name)
    return [attempt async for attempt in scan(inventory, limits=LIMITS)]


@pytest.fixture(scope="session")
def answer(stack: Running) -> dict[str, Any]:
    """One full scan: observations by probe, as in report.json; of a failed probe, its failure."""
    attempts = asyncio.run(_attempts(stack))
    return {one.probe: msgspec.to_builtins(one.observation or one.failure) for one in attempts}


def some(names: Iterable[str], most: int = SAMPLE) -> list[str]:
    """The same sample each time."""
    ordered = sorted(names)
    return random.Random(0).sample(ordered, min(most, len(ordered)))


def accepted(answer: dict[str, Any]) -> set[str]:
    """Versions that the scan found."""
    return {version for version, state in answer["tls_versions"]["versions"].items() if state == "accepted"}


def test_versions(stack: Running, witness: Witness, answer: dict[str, Any]) -> None:
    said = answer["tls_versions"]
    assert set(said["versions"]) == set(VERSIONS)
    in_doubt = {version for version, state in said["versions"].items() if state == "unknown"}
    assert in_doubt <= stack.truth["tls"].undecided & set(said["reasons"]), said
    assert accepted(answer) == stack.truth["tls"].versions
    assert accepted(answer) == {one for one in VERSIONS if witness.version(one)}


def test_certificates(stack: Running, answer: dict[str, Any]) -> None:
    said = answer["certificate"]
    served = {one["key_type"]: [each["sha256"] for each in one["certificates"]] for one in said.get("chains", ())}
    assert served == {key: list(issued.chain) for key, issued in stack.certificates("tls").items()}, said


def test_suites(stack: Running, witness: Witness, answer: dict[str, Any]) -> None:
    said = answer["cipher_suites"]
    listener = stack.truth["tls"]
    assert set(said["suites"]) == listener.versions
    in_doubt = said.get("reasons", {}).keys()
    assert not in_doubt or "suites" in listener.undecided, said["reasons"]
    for version, names in said["suites"].items():
        assert len(set(names)) == len(names), version
        if version in in_doubt:
            assert set(names) <= set(listener.suites[version]), version
            continue
        if version in listener.suites:
            assert set(names) == set(listener.suites[version]), version
            if listener.preference.get(version) == "server":
                assert tuple(names) == listener.suites[version], version
        known = set(known_suites(version))
        alone = {name for name in names if name not in known and "_PSK_" not in name}  # a client without a key has none
        assert alone <= set(listener.suites.get(version, ())), f"{version}: nobody confirms"
        assert [one for one in names if one in known and not witness.suite(version, one)] == [], version
        cheap = known.intersection(of_nassl()) if version != "TLSv1.3" else known
        asked = (cheap | set(some(known - cheap))).difference(names)
        assert {one for one in asked if witness.suite(version, one)} == set(), version


def test_preference(stack: Running, answer: dict[str, Any]) -> None:
    said = answer["cipher_suites"]
    listener = stack.truth["tls"]
    for version, names in said["suites"].items():
        if version == "SSLv2":
            continue  # the client chooses
        whose = said["preference"][version]
        if len(names) > 1 and version in listener.preference:
            assert whose == listener.preference[version], version
        seen = truth.preference(stack, version, names)
        assert seen in {whose, "unknown"}, version
        if whose == "server":
            slow = [one for one in names if "CHACHA20" not in one]
            assert truth.order(stack, version, slow) == truth.together(version, slow)[: truth.CHOICES], version
            prioritised = said["chacha20_prioritised"].get(version)
            assert prioritised in {None, truth.chacha20_prioritised(stack, version, names)}, version


def test_groups(stack: Running, witness: Witness, answer: dict[str, Any]) -> None:
    said = answer["groups"]
    listener = stack.truth["tls"]
    for version in listener.versions & {"TLSv1.2", "TLSv1.3"}:
        names = said["groups"].get(version, [])
        is_open = said["open"].get(version, [])
        if version in listener.groups:
            assert set(names) == set(listener.groups[version]), version
        refused = set(known_groups(version)).difference(names, is_open)
        missed = refused.intersection(COMMON_GROUPS).union(some(refused))
        assert _confirmed(witness, version, names) == set(names), version
        assert witness.groups(version, missed) == set(), version


def _confirmed(witness: Witness, version: str, names: Collection[str]) -> set[str]:
    """Those that other people's clients negotiate, and those that they do not have."""
    known = set(known_groups(version))
    return witness.groups(version, known.intersection(names)) | set(names).difference(known)


def test_signature_schemes(witness: Witness, answer: dict[str, Any]) -> None:
    said = answer["signature_schemes"]
    assert not said.get("reasons"), said["reasons"]
    for version, names in said.get("schemes", {}).items():
        asked = set(names).intersection(truth.SIGNED)
        assert {one for one in asked if not witness.signs(version, one)} == set(), version
        refused = set(truth.SIGNED).difference(names)
        others = refused.intersection(COMMON_SCHEMES).union(some(refused, FEW))
        assert {one for one in others if witness.signs(version, one)} == set(), version


def test_extensions(stack: Running, answer: dict[str, Any]) -> None:
    older = stack.truth["tls"].versions & {"TLSv1.0", "TLSv1.1", "TLSv1.2"}
    for name, seen in truth.extensions(stack, max(older)).items() if older else ():
        said = answer["extensions"]
        assert said[name] is seen or (said[name] is None and name in said["reasons"]), name


def test_fallback(stack: Running, answer: dict[str, Any]) -> None:
    *older, _ = sorted(stack.truth["tls"].versions)
    seen = truth.heeds_fallback(stack, older[-1]) if older and older[-1] >= "TLSv1.0" else None
    if seen is not None:
        # a server that hangs up instead may leave it open
        assert answer["downgrade"]["fallback_scsv"] in ({"honoured", "unknown"} if seen else {"ignored"})


def test_nothing_breaks(answer: dict[str, Any]) -> None:
    assert [probe for probe, said in answer.items() if said.get("kind") == "internal"] == []


def test_dh_bits(stack: Running, answer: dict[str, Any]) -> None:
    bits = stack.truth["tls"].dh_bits
    if bits is not None:
        assert answer["groups"]["dh_bits"] == bits, answer["groups"]
