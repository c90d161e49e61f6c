"""What probes found out, in short words: yes, no, or not known and why. No opinion: that is what findings are for."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from scanner.observations.client_authentication import ClientAuthentication
from scanner.observations.conformance import Conformance
from scanner.observations.downgrade import Downgrade
from scanner.observations.extensions import Extensions
from scanner.observations.java_rmi import JavaRmi, RemoteObject
from scanner.observations.kerberos import Kerberos
from scanner.observations.resumption import Resumption
from scanner.observations.server_names import ServerNames, Shown
from scanner.observations.tolerance import Tolerance
from scanner.observations.upgrade import Upgrade
from scanner.render._suites import alike
from scanner.render._text import count

MOST_AUTHORITIES = 20
"""Names that a page lists; `report.json` has them all."""

_NO_REASON = "no reason was recorded"


class Fact(Struct, frozen=True):
    """One line of a table."""

    name: str
    text: str
    state: Literal["yes", "no", "open", "said", "odd"] = "said"
    """`open`: not known, the text says why; `odd`: against the protocol."""


def merged(facts: Iterator[Fact]) -> list[Fact]:
    """What is not known for one and the same reason in one line, after everything that is known."""
    known: list[Fact] = []
    unknown: dict[str, list[str]] = {}
    for fact in facts:
        if fact.state == "open":
            unknown.setdefault(fact.text, []).append(fact.name)
        else:
            known.append(fact)
    return known + [
        Fact(", ".join([names[0], *map(_inside, names[1:])]), text, "open") for text, names in unknown.items()
    ]


def _inside(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def _answer(name: str, value: bool | None, reason: str, *, yes: str = "yes", no: str = "no") -> Fact:
    if value is None:
        return _open(name, reason)
    return Fact(name, yes, "yes") if value else Fact(name, no, "no")


def _open(name: str, reason: str) -> Fact:
    return Fact(name, f"not known: {reason or _NO_REASON}", "open")


def extensions(it: Extensions, *, quick: bool) -> Iterator[Fact]:
    """Application protocols, what is negotiated up to TLS 1.2, what comes with the certificate."""
    why = it.reasons.get
    rest = f"unfinished: {why('alpn')}" if why("alpn") else "others not asked at this depth" if quick else ""
    if it.alpn or not why("alpn"):
        names = ", ".join(name[:100] for name in it.alpn) or "none selected"
        yield Fact("ALPN", f"{names} ({rest})" if rest else names, "yes" if it.alpn else "no")
    else:
        yield _open("ALPN", why("alpn", ""))
    for name, field in (
        ("Extended master secret", "extended_master_secret"),
        ("Encrypt-then-MAC", "encrypt_then_mac"),
        ("Secure renegotiation", "secure_renegotiation"),
        ("Session tickets", "session_tickets"),
        ("Heartbeat", "heartbeat"),
    ):
        yield _answer(name, getattr(it, field), why(field, ""))
    yield _answer("Compression", it.compression, why("compression", ""), yes="DEFLATE")
    staple = it.ocsp_staple
    valid = (
        f", {staple.this_update[:10] or '?'} to {staple.next_update[:10] or 'no end'}"
        if staple and staple.this_update
        else ""
    )
    yield _answer(
        "OCSP staple",
        it.stapled,
        why("stapled", "no answer could have shown it"),
        yes=f"{staple.status}{valid}" if staple else "yes",
    )
    if it.scts is None:
        yield _open("SCTs sent by TLS", why("scts", "no answer could have shown it"))
    else:
        yield Fact("SCTs sent by TLS", f"{it.scts}" if it.scts else "none", "yes" if it.scts else "no")


def sessions(it: Resumption) -> Iterator[Fact]:
    """Tickets with their lifetimes, session IDs, early data."""
    for name, answers in (("tickets", it.tickets), ("session IDs", it.session_ids)):
        for version, answer in answers.items():
            lifetime = it.ticket_lifetimes.get(version) if name == "tickets" else None
            lasts = f", lifetime {duration(lifetime)}" if lifetime is not None else ""
            if answer == "unknown":
                yield _open(f"{version} {name}", it.reasons.get(version, ""))
            else:
                yield Fact(f"{version} {name}", f"{answer}{lasts}", "yes" if answer == "resumed" else "no")
    if it.early_data is not None:
        yes = f"accepted{_up_to(it.max_early_data)}"
        refused = f"refused, although tickets promise it{_up_to(it.max_early_data)}"
        yield _answer("Early data", it.early_data, "", yes=yes, no=refused if it.max_early_data else "no")
    elif "TLSv1.3" in it.tickets:
        yield _open("Early data", it.reasons.get("TLSv1.3", ""))


def _up_to(size: int | None) -> str:
    return f", up to {size:,} bytes" if size is not None else ""


def duration(seconds: int) -> str:
    """`300` → `5 min`, `7200` → `2 h`, `604800` → `7 days`; what is not a whole number of them stays in seconds."""
    for length, one, many in ((86400, "day", "days"), (3600, "h", "h"), (60, "min", "min")):
        if seconds and not seconds % length:
            return count(seconds // length, one, many)
    return f"{seconds:,} s"


def client_certificates(it: ClientAuthentication) -> Iterator[Fact]:
    """Whether a certificate of the client is wanted; the authorities stand apart."""
    answers = alike({version: (wanted, it.reasons.get(version, "")) for version, wanted in it.wanted.items()})
    for versions, (wanted, reason) in answers:
        name = "Client certificate" if len(answers) == 1 else f"Client certificate, {versions}"
        if wanted == "unknown":
            yield _open(name, reason)
        elif wanted == "none":
            yield Fact(name, "not wanted", "no")
        else:
            yield Fact(name, f"{wanted}{f' ({reason})' if reason else ''}", "yes")


def names(it: ServerNames) -> Iterator[Fact]:
    """What SNI changes."""
    if it.with_name is not None:
        yield _shown("The endpoint's name in SNI", it.with_name)
    yield _shown("No SNI", it.without_name, it.with_name)
    yield _shown("Unknown name in SNI", it.unknown_name, it.with_name)
    if it.required:
        yield Fact("SNI required", "yes", "yes")


def _shown(name: str, shown: Shown, own: Shown | None = None) -> Fact:
    if shown.outcome == "unknown":
        return _open(name, shown.how)
    if shown.outcome == "declined":
        return Fact(name, f"declined{f': {shown.how}' if shown.how else ''}", "no")
    if own is None or not own.sha256 or not shown.sha256:
        return Fact(name, "accepted", "yes")
    return Fact(name, f"accepted, {'the same' if shown.sha256 == own.sha256 else 'another'} certificate", "yes")


def protection(it: Downgrade) -> Iterator[Fact]:
    """Fallback signal and sentinel."""
    if it.fallback_scsv == "unknown":
        yield _open("Fallback SCSV", it.reason)
    else:
        said = {"not-applicable": "not applicable: one version only"}.get(it.fallback_scsv, it.fallback_scsv)
        yield Fact("Fallback SCSV", said, "yes" if it.fallback_scsv == "honoured" else "no")
    for versions, sent in alike(it.sentinel):
        yield Fact("Downgrade sentinel", f"{'sent' if sent else 'not sent'} in {versions}", "yes" if sent else "no")


def tolerance(it: Tolerance) -> Iterator[Fact]:
    """GREASE and newer versions."""
    for name, field, state in (
        ("GREASE", "grease", it.grease),
        ("Newer versions", "newer_versions", it.newer_versions),
    ):
        reason = it.reasons.get(field, "")
        if state == "unknown":
            yield _open(name, reason)
        elif state == "intolerant":
            yield Fact(name, f"not tolerated{f': {reason}' if reason else ''}", "odd")
        else:
            yield Fact(name, state.replace("-", " "), "yes" if state == "tolerated" else "no")


def conformance(it: Conformance) -> Iterator[Fact]:
    """Number of deviations; what they are stands apart."""
    of = f" in {count(it.answers, 'answer')}" if it.answers else ""
    if it.deviations:
        yield Fact("Deviations", f"{len(it.deviations)}{of}", "odd")
    elif it.answers:
        yield Fact("Deviations", f"none{of}", "no")
    else:
        yield _open("Deviations", "no ClientHello was answered")


def kerberos(it: Kerberos) -> Iterator[Fact]:
    """The realm, and what its ticket-granting service does with each encryption type."""
    if it.realm:
        yield Fact("Realm", it.realm)
    if names := [name for name, one in it.encryption_types.items() if one == "accepted"]:
        yield Fact("Encryption types accepted", ", ".join(names), "yes")
    if names := [name for name, one in it.encryption_types.items() if one == "refused"]:
        yield Fact("Encryption types refused", ", ".join(names), "no")
    for name, one in it.encryption_types.items():
        if one == "unknown":
            yield _open(name, it.reasons.get(name, ""))


def inside(it: Upgrade) -> Iterator[Fact]:
    """What begins and ends with TLS; nothing of a protocol that does not say."""
    if it.after is not None:
        again = _answer("Upgrade offered inside TLS", it.after.tls_offered, it.after.how)
        yield replace(again, state="odd") if it.after.tls_offered else again
        yield Fact("Credentials inside TLS", _listed(it.after.mechanisms) or "no mechanism named")
        if it.before is not None:
            gone, new = set(it.before) - set(it.after.capabilities), set(it.after.capabilities) - set(it.before)
            yield Fact("Offered only before TLS", _listed(one for one in it.before if one in gone) or "nothing")
            yield Fact(
                "Offered only inside TLS", _listed(one for one in it.after.capabilities if one in new) or "nothing"
            )
    if it.injection == "unknown":
        yield _open("Command behind the upgrade", it.how)
    elif it.injection is not None:
        text = f"{it.injection}: {it.how}" if it.how else it.injection
        yield Fact("Command behind the upgrade", text, "odd" if it.injection == "executed" else "no")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def java_rmi(it: JavaRmi) -> Iterator[Fact]:
    """The registry, and each of its objects: where its stub says it is, and how it is reached."""
    yield Fact("Registry", {"tls": "over TLS", "plaintext": "in plaintext"}[it.registry], "said")
    if it.lists_names:
        yield Fact("Names listed to anybody", ", ".join(it.names) or "none at the moment", "yes")
    else:
        yield Fact("Names listed to anybody", f"no: {it.reasons.get('lists_names', _NO_REASON)}", "no")
    for one in it.objects:
        yield from _object(one)
    for field in ("names", "objects"):
        if why := it.reasons.get(field):
            yield _open(f"All {field}", why)


def _object(it: RemoteObject) -> Iterator[Fact]:
    if it.transport == "unknown":
        yield _open(it.name, it.how)
    else:
        how = {"tls": "over TLS", "plaintext": "in plaintext"}[it.transport]
        claimed = f"{it.host}:{it.port}" if it.host else f"port {it.port}"
        yield Fact(it.name, f"{', '.join(it.types)}, by its stub at {claimed}: reached {how}")
    if it.login_how:
        said = {"none": f"not required: {it.login_how}", "required": f"required: {it.login_how}"}
        if it.login in said:
            yield Fact(f"Login to {it.name}", said[it.login], "yes" if it.login == "required" else "no")
        else:
            yield _open(f"Login to {it.name}", it.login_how)


def by_reason(reasons: Mapping[str, str]) -> list[tuple[str, str]]:
    """Versions with the same reason together."""
    return [(versions, reason) for versions, reason in alike(reasons) if reason]
