"""Endpoints and findings are walked side by side, and none is lost on the way."""

import pytest
from msgspec.structs import replace

from scanner.render._walk import by_endpoint, by_service
from tests.render.example import report


def test_every_endpoint_comes_with_its_own_findings() -> None:
    whole = report()
    walked = list(by_endpoint(whole))
    assert [endpoint for endpoint, _ in walked] == list(whole.endpoints)
    assert [finding for _, findings in walked for finding in findings] == list(whole.findings)
    for endpoint, findings in walked:
        here = (endpoint.service, endpoint.url, endpoint.address)
        assert {(one.service, one.url, one.address) for one in findings} <= {here}


def test_services_come_once_and_whole() -> None:
    whole = report()
    services = [(service, [endpoint for endpoint, _ in judged]) for service, judged in by_service(whole)]
    assert [service for service, _ in services] == list(dict.fromkeys(one.service for one in whole.endpoints))
    assert [one for _, endpoints in services for one in endpoints] == list(whole.endpoints)


def test_a_finding_without_its_endpoint_is_an_error_and_not_dropped() -> None:
    whole = report()
    stray = replace(next(iter(whole.findings)), address="203.0.113.99")
    with pytest.raises(ValueError, match=r"203\.0\.113\.99.* follows no endpoint"):
        list(by_endpoint(replace(whole, findings=[*whole.findings, stray])))
