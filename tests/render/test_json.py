"""`report.json`: valid by its own schema, lossless, one item a line, and stable."""

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from scanner.observations import of_any_observation
from scanner.render import json as renderer
from scanner.report import Report
from tests.render.example import report

GOLDEN = Path(__file__).parents[1] / "golden" / "report.json"


def rendered(one: Report[Any]) -> bytes:
    """What the renderer writes."""
    out = io.BytesIO()
    renderer.render(one, out)
    return out.getvalue()


def test_is_what_it_was() -> None:
    # To accept a change: python -m tests.render.test_json > tests/golden/report.json, and read the diff.
    assert rendered(report()).decode() == GOLDEN.read_text("utf-8")


def test_is_valid_by_the_published_schema() -> None:
    validator = jsonschema.Draft202012Validator(renderer.schema())
    validator.check_schema(renderer.schema())
    validator.validate(json.loads(rendered(report())))


def test_schema_refuses_what_is_no_report() -> None:
    validator = jsonschema.Draft202012Validator(renderer.schema())
    for path, wrong in (
        (("schema_version",), "2.0"),
        (("summary", "verdict"), "ok"),
        (("findings", 0, "verdict"), "passed"),
        (("endpoints", 0, "reachability"), "yes"),
        (("endpoints", 0, "attempts", "tls_versions", "observation", "versions", "TLSv1.2"), "maybe"),
    ):
        document = json.loads(rendered(report()))
        place = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = wrong
        assert not validator.is_valid(document), path


def test_schema_lets_objects_grow_within_a_major_version() -> None:
    document = json.loads(rendered(report()))
    document["services"][0]["new"] = document["findings"][0]["new"] = document["new"] = 1
    jsonschema.Draft202012Validator(renderer.schema()).validate(document)


def test_schema_names_are_short_and_resolve() -> None:
    text = json.dumps(renderer.schema())
    assert "scanner." not in text
    assert '"$id"' not in text
    names = set(renderer.schema()["$defs"])
    assert {"Finding", "EndpointResult", "Service", "Certificate"} <= names
    assert {part.split('"')[0] for part in text.split('"#/$defs/')[1:]} <= names


def test_decodes_into_the_same_values() -> None:
    assert msgspec.json.decode(rendered(report()), type=of_any_observation(Report)) == report()


def test_one_endpoint_and_one_finding_a_line() -> None:
    lines = rendered(report()).decode().splitlines()
    items = [json.loads(line.strip().removesuffix(",")) for line in lines if line.startswith("  {")]
    assert len(items) == len(report().endpoints) + len(report().findings)
    assert items[-1]["rule"] == list(report().findings)[-1].rule


def test_keys_stand_in_the_documented_order() -> None:
    keys = list(json.loads(rendered(report())))
    assert keys[:3] == ["schema_version", "tool", "run"]
    assert keys[-2:] == ["endpoints", "findings"]


def test_empty_lists_are_still_json() -> None:
    empty = msgspec.structs.replace(report(), endpoints=[], findings=[])
    document = json.loads(rendered(empty))
    assert document["endpoints"] == []
    assert document["findings"] == []


def test_holds_one_item_at_a_time() -> None:
    class Once:
        """A collection that hands out fresh items and notices when an earlier one is kept."""

        def __init__(self, items: Any) -> None:
            self.items, self.ahead = list(items), 0

        def __len__(self) -> int:
            return len(self.items)

        def __contains__(self, item: object) -> bool:
            return item in self.items

        def __iter__(self) -> Any:
            for item in self.items:
                self.ahead += 1
                yield item

    class Watch(io.BytesIO):
        """Notes how far the collection has been read at each write."""

        def write(self, data: Any) -> int:
            if data.lstrip(b",\n ").startswith(b'{"rule":'):
                seen.append(findings.ahead)
            return super().write(data)

        def writelines(self, lines: Any) -> None:
            for line in lines:
                self.write(line)

    seen: list[int] = []
    findings = Once(report().findings)
    renderer.render(msgspec.structs.replace(report(), findings=findings), Watch())
    assert seen == list(range(1, len(findings) + 1))


@pytest.mark.parametrize("text", ["\u2028", "</script>", "\x00\x1b", "ü", "\U0001f600"])
def test_any_text_survives(text: str) -> None:
    (first, *rest) = report().findings
    changed = msgspec.structs.replace(report(), findings=[msgspec.structs.replace(first, message=text), *rest])
    assert json.loads(rendered(changed))["findings"][0]["message"] == text


if __name__ == "__main__":
    import sys

    sys.stdout.write(rendered(report()).decode())
