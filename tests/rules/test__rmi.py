from scanner.observations.java_rmi import RemoteObject
from scanner.rules._rmi import named


def test_objects_by_name_and_port() -> None:
    objects = [RemoteObject(name="jmxrmi", port=9998), RemoteObject(name="gone\x1b")]
    assert named(objects) == r"'jmxrmi' on port 9998, 'gone\x1b'"


def test_of_many_objects_a_few_are_named() -> None:
    assert named([RemoteObject(name=f"o{n}", port=n) for n in range(1, 40)]).endswith(" more")
