"""What the certificate rules share: going through the chains of a server, reading dates, quoting what a server says."""

from collections.abc import Callable
from datetime import datetime

from scanner.declared import Service
from scanner.model import Judgement, Verdict, worst
from scanner.observations.certificate import Certificate, CertificateFacts, Chain, Trust


def each_chain(seen: Certificate, judge_chain: Callable[[Chain], Judgement]) -> Judgement:
    """Judge every chain and let the worst decide.

    A key type that could not be asked counts as `unknown`, so that a sound RSA chain does not vouch for an ECDSA
    chain that nobody saw. Messages name the key type where there are several.
    """
    several = len(seen.chains) + len(seen.failures) > 1
    parts = []
    for chain in seen.chains:
        one = judge_chain(chain) if chain.certificates else Judgement(Verdict.UNKNOWN, "the chain holds no certificate")
        message = f"{chain.key_type} chain: {one.message}" if several else one.message
        parts.append(Judgement(one.verdict, message, one.cites or (chain.key_type,)))
    for key_type, failure in seen.failures.items():
        message = f"the {key_type} chain could not be asked: {failure}"
        parts.append(Judgement(Verdict.UNKNOWN, message, (key_type,)))
    return worst(parts) if parts else Judgement(Verdict.UNKNOWN, "no chain was seen")


def each_leaf(seen: Certificate, judge_leaf: Callable[[CertificateFacts], Judgement]) -> Judgement:
    """Judge the server's own certificate of every chain."""
    return each_chain(seen, lambda chain: judge_leaf(chain.certificates[0]))


def each_certificate(seen: Certificate, judge_one: Callable[[CertificateFacts], Judgement]) -> Judgement:
    """Judge every certificate served, except self-issued ones above the leaf: roots come from the client's store."""

    def judge_chain(chain: Chain) -> Judgement:
        leaf, *above = chain.certificates
        parts = [judge_one(leaf)]
        for certificate in above:
            if not certificate.self_issued:
                one = judge_one(certificate)
                message = f"{quoted(certificate.subject)} above it: {one.message}"
                parts.append(Judgement(one.verdict, message, one.cites))
        return worst(parts)

    return each_chain(seen, judge_chain)


def each_store(service: Service, seen: Certificate, judge_store: Callable[[str, Trust], Judgement]) -> Judgement:
    """Judge what each declared trust store says of every chain; of a store that is a path, messages name the file."""
    stores = service.certificate.trust
    if not stores:
        return Judgement(Verdict.NOT_APPLICABLE, "no trust store is declared")

    def judge_one(chain: Chain, store: str) -> Judgement:
        name, trust = store.rpartition("/")[2], chain.trust.get(store)
        return judge_store(name, trust) if trust else Judgement(Verdict.UNKNOWN, f"the store {name} was not asked")

    return each_chain(seen, lambda chain: worst(judge_one(chain, store) for store in stores))


def instant(text: str) -> datetime | None:
    """An RFC 3339 time in whole seconds, the unit of a certificate's dates; None for what is no such time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found.replace(microsecond=0)


def unread(certificate: CertificateFacts, what: str) -> Judgement:
    """`unknown`: a field that the rule needs did not parse."""
    why = f": {quoted(certificate.malformed)}" if certificate.malformed else ""
    return Judgement(Verdict.UNKNOWN, f"{what} could not be read{why}")


def quoted(text: str, limit: int = 200) -> str:
    """What a server said, in quotes, on one line, without control characters, and cut to a bearable length."""
    return repr(text if len(text) <= limit else text[:limit] + "…")


def told(text: str) -> str:
    """A probe's reason, as `quoted` but without the quotes: it quotes the server's words within itself."""
    return quoted(text)[1:-1]


def listed(items: tuple[str, ...], limit: int = 6) -> str:
    """The first few of a server's words, quoted, and how many more there are."""
    shown = ", ".join(quoted(item) for item in items[:limit])
    return f"{shown} and {len(items) - limit} more" if len(items) > limit else shown or "none"
