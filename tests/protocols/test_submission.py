"""Submission is SMTP on another port, under its own name."""

from scanner.protocols import protocol
from tests.hostile import serving
from tests.protocols.talk import converse, upgrade
from tests.protocols.test_smtp import server


def test_is_smtp_but_for_its_port() -> None:
    submission, smtp = protocol("submission"), protocol("smtp")
    assert (submission.port, smtp.port) == (587, 25)
    assert (submission.upgrade, submission.converse) == (smtp.upgrade, smtp.converse)
    assert submission.starttls == "smtp"


def test_leaves_a_foreign_220_to_smtp() -> None:
    assert protocol("submission").speaks is None


async def test_speaks_under_its_own_name() -> None:
    with serving(server()) as (port, _):
        assert (await converse("submission", port)).speaks == "submission"
        assert await upgrade("submission", port) is None
