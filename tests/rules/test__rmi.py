import pytest

from scanner.model import Verdict
from scanner.observations.java_rmi import RemoteObject
from scanner.rules._rmi import named, unasked
from tests.rules.make import endpoint


@pytest.mark.parametrize("scheme", ["rmi", "rmis", "jmx", "jmxs"])
def test_a_registry_that_could_not_be_asked_is_unknown(scheme: str) -> None:
    assert unasked(endpoint(f"{scheme}://www.example.com:1099")).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("scheme", ["https", "tcp", "hazelcast"])
def test_what_is_no_rmi_is_not_judged(scheme: str) -> None:
    judgement = unasked(endpoint(f"{scheme}://www.example.com:1099"))
    assert (judgement.verdict, judgement.message) == (Verdict.NOT_APPLICABLE, f"{scheme} is not Java RMI")


def test_objects_by_name_and_port() -> None:
    objects = [RemoteObject(name="jmxrmi", port=9998), RemoteObject(name="gone\x1b")]
    assert named(objects) == r"'jmxrmi' on port 9998, 'gone\x1b'"


def test_of_many_objects_a_few_are_named() -> None:
    assert named([RemoteObject(name=f"o{n}", port=n) for n in range(1, 40)]).endswith(" more")
