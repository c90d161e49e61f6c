"""What a test needs and a machine may lack: a program, a right, recorded data beside the checkout."""

import os
from typing import NoReturn

import pytest


def not_run(why: str) -> NoReturn:
    """Skip, because a newcomer's machine need not have it; where all is required, as in CI, fail instead."""
    if os.environ.get("TLSASSAY_REQUIRE_SERVERS") == "1":
        pytest.fail(f"required here: {why}")
    # a newcomer without root, or without some program, still sees all the rest pass; no test skips in any other way
    pytest.skip(f"not run: {why}")
