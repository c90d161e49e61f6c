"""What FTP servers say to USER before TLS, and how AUTH TLS is found out about."""

import pytest

from scanner.model import FailureKind
from scanner.protocols import protocol
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

GREETING = b"220 (vsFTPd 3.0.3)\r\n"
FEAT = b"211-Features:\r\n AUTH TLS\r\n EPSV\r\n211 End\r\n"
ASKED = b"331 Please specify the password.\r\n"
REFUSED = b"530 Non-anonymous sessions must use encryption.\r\n"
UNKNOWN = b"500 Unknown command.\r\n"


def server(
    greeting: bytes = GREETING, feat: bytes = FEAT, user: bytes = ASKED, auth: bytes = b"234 Proceed.\r\n"
) -> Talk:
    """Answers in these words; hangs up after an empty one."""
    answers = {b"FEAT": feat, b"USER": user, b"AUTH": auth}

    def talk(peer: Peer) -> None:
        peer.send(greeting)
        while line := peer.line():
            answer = answers.get(line.split()[0], UNKNOWN)
            peer.send(answer)
            if not answer or answer == REFUSED:  # vsftpd hangs up then
                return

    return talk


@pytest.mark.parametrize(
    ("user", "credentials"),
    [
        (ASKED, "accepted"),
        (b"331-Hello\r\n nobody\r\n331 Password?\r\n", "accepted"),
        (b"332 Need account for login.\r\n", "accepted"),
        (b"230 Login successful.\r\n", "accepted"),
        (REFUSED, "refused"),
        (b"550 SSL/TLS required on the control channel\r\n", "refused"),  # ProFTPD
        (b"421 Sorry, cleartext sessions are not accepted on this server.\r\n", "refused"),  # Pure-FTPd
        (b"534-Policy requires SSL.\r\n Win32 error\r\n534 End\r\n", "refused"),  # IIS
        (b"503 Use AUTH first.\r\n", "refused"),  # FileZilla
        (b"530 This FTP server is anonymous only.\r\n", "none"),
        (b"530 Permission denied.\r\n", "unknown"),
        (b"530 Authorisation failed.\r\n", "unknown"),
        (b"421 Too many users.\r\n", "unknown"),
        (b"421 Too many users on Example Secure FTP server, try later.\r\n", "unknown"),
        (b"530 User cannot log in to the secured area.\r\n", "unknown"),
        (UNKNOWN, "unknown"),
    ],
)
async def test_credentials(user: bytes, credentials: str) -> None:
    with serving(server(user=user)) as (port, _):
        said = await converse("ftp", port)
    assert (said.speaks, said.credentials, said.tls_offered) == ("ftp", credentials, True)
    assert user[:3].decode() in said.how
    assert said.banner == "220 (vsFTPd 3.0.3)"
    assert said.capabilities == ("AUTH TLS", "EPSV")


@pytest.mark.parametrize(
    ("feat", "auth", "offered"),
    [
        (b"211-Features:\r\n AUTH SSL;TLS;TLS-C;\r\n211 End\r\n", UNKNOWN, True),
        (b"211-Features:\r\n auth tls\r\n211 End\r\n", UNKNOWN, True),
        (b"211-Features:\r\n EPSV\r\n211 End\r\n", UNKNOWN, False),
        (b"211-Features:\r\n AUTH SSL\r\n AUTHENTICATED TLS\r\n211 End\r\n", UNKNOWN, False),
        (b"211 no features\r\n", UNKNOWN, False),
        (UNKNOWN, b"234 AUTH TLS successful\r\n", True),
        (b"530 Please login with USER and PASS.\r\n", b"234 go\r\n", True),
        (UNKNOWN, UNKNOWN, False),
        (UNKNOWN, b"534 no\r\n", False),
        (UNKNOWN, b"431 certificate missing\r\n", None),
        (UNKNOWN, b"530 Please login with USER and PASS.\r\n", None),
        (UNKNOWN, b"", None),
    ],
)
async def test_offers(feat: bytes, auth: bytes, offered: bool | None) -> None:
    with serving(server(feat=feat, auth=auth)) as (port, _):
        assert (await converse("ftp", port)).tls_offered is offered


async def test_a_server_that_hangs_up_after_user_may_still_offer_tls() -> None:
    with serving(server(feat=UNKNOWN, user=REFUSED)) as (port, _):
        said = await converse("ftp", port)
    assert (said.credentials, said.tls_offered) == ("refused", None)


async def test_sends_nobodys_name_and_no_password() -> None:
    with serving(server()) as (port, counters):
        await converse("ftp", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"FEAT\r\nUSER tlsassay-unused-name\r\n"


async def test_passive_sends_no_name() -> None:
    with serving(server()) as (port, counters):
        said = await converse("ftp", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"FEAT\r\n"
    assert (said.credentials, said.tls_offered) == ("unknown", True)
    assert "--passive" in said.how


async def test_no_answer_is_no_refusal() -> None:
    with serving(server(user=b"")) as (port, _):
        assert (await converse_failure("ftp", port)).kind is FailureKind.CLOSED_EARLY


async def test_what_it_shows_is_printable() -> None:
    with serving(server(b"220 \x1b[2JFTP\r\n", b"211-\r\n \x1b]0;x\r\n211 \r\n", b"331 \x07\r\n")) as (port, _):
        said = await converse("ftp", port)
    assert all(one.isprintable() for one in (said.banner, said.how, *said.capabilities))


@pytest.mark.parametrize("greeting", [b"421 too busy\r\n", b"530 not you\r\n", b"120-wait\r\n120 a minute\r\n"])
async def test_a_server_that_will_not_talk_is_no_answer(greeting: bytes) -> None:
    with serving(server(greeting)) as (port, counters):
        for failure in (await converse_failure("ftp", port), await upgrade("ftp", port)):
            assert failure is not None
            assert failure.kind is FailureKind.CLOSED_EARLY
            assert greeting[:3].decode() in failure.detail
    assert counters.everything == b""


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"234 Proceed with negotiation.\r\n", None),
        (b"234-TLS\r\n234 now\r\n", None),
        (b"334 more\r\n", FailureKind.UPGRADE_REFUSED),
        (b"500 AUTH not understood\r\n", FailureKind.UPGRADE_REFUSED),
        (b"?\r\n", FailureKind.MALFORMED),
        (b"", FailureKind.CLOSED_EARLY),
    ],
)
async def test_auth_tls(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(auth=answer)) as (port, counters):
        failure = await upgrade("ftp", port)
    assert (failure.kind if failure else None) is kind
    assert counters.everything == b"AUTH TLS\r\n"


@pytest.mark.parametrize(
    ("words", "ftp"),
    [
        (GREETING, True),
        (b"220-Welcome to Pure-FTPd\r\n", True),
        (b"220 ftp.example.test ESMTP Postfix\r\n", False),
        (b"220 mail.example.test ESMTP\r\n220 FTP\r\n", False),
    ],
)
def test_is_told_from_mail(words: bytes, ftp: bool) -> None:
    speaks = protocol("ftp").speaks
    assert speaks is not None
    assert (speaks.match(words) is not None) is ftp
