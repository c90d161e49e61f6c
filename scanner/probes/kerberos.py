"""Ask a KDC for a ticket with one encryption type at a time, in the name of a principal that every realm has.

To a stranger's name a KDC says that there is none, whatever the encryption types. For krbtgt/REALM, the ticket-granting
service itself, MIT Kerberos looks at them first: ETYPE_NOSUPP, or it wants pre-authentication, which is where the
question ends. A KDC that does not say ETYPE_NOSUPP to a type that does not exist does not look, and one that disables
that account, as Active Directory does, says so instead: unknown.
"""

import secrets
import shlex

from scanner.interview import Interview
from scanner.model import AskFailedError
from scanner.observations.kerberos import Answer, Kerberos
from scanner.protocols.kerberos import NO_REALM, exchange, realms, shown
from scanner.wire.kerberos import ENCRYPTION_TYPES, ErrorCode, KdcAnswer, as_request, encryption_type, framed
from scanner.wire.text import printable

QUICK = True

MOST_REALMS = 5
NO_TYPE = 99
"""No encryption type has this number."""
_GOES_ON = {None, ErrorCode.PREAUTH_REQUIRED}
_NO_SUCH = {ErrorCode.C_PRINCIPAL_UNKNOWN, ErrorCode.S_PRINCIPAL_UNKNOWN, ErrorCode.WRONG_REALM}


async def probe(interview: Interview) -> Kerberos:
    """The encryption types for krbtgt/REALM, or why they are not known. Raises AskFailedError when nobody answers."""
    if interview.passive:
        await interview.reach()
        return _unknown("not asked: --passive")
    realm, answer = await _find_realm(interview)
    if answer.error in _NO_SUCH:
        return _unknown("the realm is not known: it is none of the domains of the host's name, or server_name")
    if answer.error not in _GOES_ON:
        return _unknown(f"krbtgt/{printable(realm, 128)} was answered with {answer}", realm)
    control = await _ask(interview, realm, (NO_TYPE,))
    if control.error != ErrorCode.ETYPE_NOSUPP:
        return _unknown(f"to a type that does not exist the KDC says {control}: it does not look at them", realm)
    answers: dict[str, Answer] = {}
    reasons: dict[str, str] = {}
    for number, name in ENCRYPTION_TYPES.items():
        answers[name], reason = await _one(interview, realm, number)
        if reason:
            reasons[name] = reason
    if "accepted" not in answers.values():
        return _unknown("the KDC refused each of them alone, although not all together", realm)
    return _known(realm, answers, reasons)


async def _find_realm(interview: Interview) -> tuple[str, KdcAnswer]:
    """The first realm of which the KDC knows its own principal, and what it answers; else the last that was tried."""
    waiting = [*realms(interview.endpoint)] or [NO_REALM]
    tried: dict[str, KdcAnswer] = {}
    while waiting and len(tried) < MOST_REALMS:
        realm = waiting.pop(0)
        tried[realm] = answer = await _ask(interview, realm, tuple(ENCRYPTION_TYPES))
        if answer.error not in _NO_SUCH:
            break
        if answer.error == ErrorCode.WRONG_REALM and answer.client_realm not in {"", *tried}:
            waiting.insert(0, answer.client_realm)
    return realm, answer


async def _one(interview: Interview, realm: str, number: int) -> tuple[Answer, str]:
    """Whether one encryption type would do; why that is not known."""
    try:
        answer = await _ask(interview, realm, (number,))
    except AskFailedError as error:
        return "unknown", str(error)
    if answer.error in _GOES_ON:
        return "accepted", ""
    return ("refused", "") if answer.error == ErrorCode.ETYPE_NOSUPP else ("unknown", f"answered with {answer}")


async def _ask(interview: Interview, realm: str, numbers: tuple[int, ...]) -> KdcAnswer:
    """What the KDC says to krbtgt/REALM that has these encryption types. Raises AskFailedError."""
    stream = interview.protocol.transport == "tcp"
    request = as_request(realm, ("krbtgt", realm), numbers, secrets.randbits(31))
    types = encryption_type(numbers[0]) if len(numbers) == 1 else "all encryption types"
    asked = f"AS-REQ for krbtgt/{printable(realm, 128)} with {types}"
    where = f"{shlex.quote(interview.endpoint.address)} {interview.endpoint.port}"
    sent = framed(request).hex() if stream else request.hex()
    command = f"echo {sent} | xxd -r -p | nc {'' if stream else '-u '}-w 3 {where} | xxd"
    about = types if len(numbers) == 1 else "kerberos"
    try:
        answer = await interview.talk(("AS-REQ", realm, numbers), lambda line: exchange(line, request, stream=stream))
    except AskFailedError as error:
        interview.cite(about, asked, str(error), command)
        raise
    interview.cite(about, asked, shown(answer), command)
    return answer


def _known(realm: str, answers: dict[str, Answer], reasons: dict[str, str]) -> Kerberos:
    safe = printable(realm, 128)
    return Kerberos(realm=safe, principal=f"krbtgt/{safe}" if safe else "", encryption_types=answers, reasons=reasons)


def _unknown(why: str, realm: str = "") -> Kerberos:
    """Nothing is known but, perhaps, the realm."""
    names = tuple(ENCRYPTION_TYPES.values())
    return _known(realm, dict.fromkeys(names, "unknown"), dict.fromkeys(names, why))
