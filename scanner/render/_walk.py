"""A report's two long lists, side by side."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from scanner.report import EndpointResult, Finding, Report

Judged = tuple[EndpointResult[Any], list[Finding]]


def by_endpoint(report: Report[Any]) -> Iterator[Judged]:
    """Each endpoint with its findings; no more than one endpoint is held at a time.

    Raises ValueError when a finding belongs to no endpoint, or stands out of order: it would be missing from the page.
    """
    findings = iter(report.findings)
    ahead = next(findings, None)
    for endpoint in report.endpoints:
        own = []
        here = endpoint.service, endpoint.url, endpoint.address, endpoint.zone
        while ahead is not None and (ahead.service, ahead.url, ahead.address, ahead.zone) == here:
            own.append(ahead)
            ahead = next(findings, None)
        yield endpoint, own
    if ahead is not None:
        raise ValueError(f"finding {ahead.rule} on {ahead.url} [{ahead.address}] follows no endpoint of the report")


def by_service(report: Report[Any]) -> Iterator[tuple[str, Iterator[Judged]]]:
    """Runs of endpoints of one service; a service whose endpoints do not stand together comes up again."""
    return groupby(by_endpoint(report), key=lambda judged: judged[0].service)
