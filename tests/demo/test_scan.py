"""The demo's promise: a scan of its estate shows every planted defect and no other."""

import json
from collections import defaultdict
from pathlib import Path

from typer.testing import CliRunner

from scanner.cli import app
from scanner.demo import PLANTED, WAIVED


def test_every_planted_defect_and_no_other(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["demo", "--output", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    (folder,) = (path for path in (tmp_path / "demo-estate").iterdir() if not path.is_symlink())
    assert str(folder / "report.html") in done.stdout.replace("\n", "")
    report = json.loads((folder / "report.json").read_text())
    found: dict[str, set[str]] = defaultdict(set)
    for finding in report["findings"]:
        found[finding["service"]]
        if finding["verdict"] in {"fail", "warn"}:
            found[finding["service"]].add(finding["rule"])
    assert found == PLANTED
    waived = {(one["rule"], one["service"]) for one in report["findings"] if one["waiver"]}
    assert waived == {WAIVED}
    page = (folder / "report.html").read_text()
    for service, rules in PLANTED.items():
        assert service in page
        for rule in rules:
            assert rule in page
    # what is unknown is so for a planted reason: nobody listens, or TLS is not offered
    unknown = {one["service"] for one in report["findings"] if one["verdict"] == "unknown"}
    assert unknown == {
        service for service, rules in PLANTED.items() if rules & {"service-unreachable", "starttls-not-offered"}
    }
