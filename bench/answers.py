"""What a run of tlsassay found: a figure counts only if the answers are there."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def report(output: Path) -> dict[str, Any] | None:
    """report.json of the newest run below an `--output` folder; None if there is none."""
    found = next(iter(output.glob("*/latest/report.json")), None)
    return json.loads(found.read_bytes()) if found else None


def certified(stored: dict[str, Any] | None) -> int:
    """Endpoints whose versions and certificate chains are known."""
    endpoints = stored["endpoints"] if stored else []
    return sum(
        all(one["attempts"].get(probe, {}).get("status") == "ok" for probe in ("tls_versions", "certificate"))
        for one in endpoints
    )


def suites(stored: dict[str, Any] | None) -> dict[str, int]:
    """Cipher suites found on the first endpoint, by version."""
    if not stored:
        return {}
    attempt = stored["endpoints"][0]["attempts"].get("cipher_suites", {})
    found = (attempt.get("observation") or {}).get("suites", {})
    return {version: len(names) for version, names in found.items() if names}


def summary(stored: dict[str, Any] | None) -> str:
    """For people: suites by version, and how the findings came out."""
    if not stored:
        return "no report"
    found = suites(stored)
    parts = [f"{found[version]} suites on {version}" for version in VERSIONS if version in found]
    verdicts = Counter(finding["verdict"] for finding in stored["findings"])
    parts += [f"{count} {verdict}" for verdict, count in sorted(verdicts.items())]
    failed = [
        name for one in stored["endpoints"] for name, attempt in one["attempts"].items() if attempt["status"] != "ok"
    ]
    parts += [f"{name} failed on {count}" for name, count in sorted(Counter(failed).items())]
    return ", ".join(parts)


def undecided(stored: dict[str, Any] | None) -> list[str]:
    """Rules without a verdict: unknown, or not asked."""
    findings = stored["findings"] if stored else []
    return sorted(
        {
            one["rule"]
            for one in findings
            if one["verdict"] == "unknown"
            or (one["verdict"] == "not-applicable" and "not asked" in one.get("message", ""))
        }
    )
