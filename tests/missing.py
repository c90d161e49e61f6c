"""What a test needs and a machine may lack: a program, a right, recorded data beside the checkout."""

import os
from typing import NoReturn

import pytest


def not_run(why: str) -> NoReturn:
    """Skip, because a newcomer's machine need not have it; where all is required, as in CI, fail instead."""
    if os.environ.get("TLSASSAY_REQUIRE_SERVERS") == "1":
        pytest.fail(f"required here: {why}")
    pytest.skip(f"not run: {why}")  # the one skip there is: a newcomer without root or servers still sees the rest pass
