"""Every input that was ever of interest to the fuzzer is read again, without the fuzzer."""

import ast
import re
from pathlib import Path

import pytest

from scanner.wire import errors
from tests.fuzz import targets
from tests.fuzz.targets import TARGETS, outcome

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize("name", TARGETS)
def test_every_promise_is_kept_for_the_whole_corpus(name: str) -> None:
    outcomes = []
    for path in sorted((CORPUS / name).iterdir()):
        try:
            outcomes.append(outcome(TARGETS[name], path.read_bytes()))
        except BaseException as error:
            error.add_note(f"with {path}")
            raise
    assert None in outcomes  # something that parses is among them


def test_every_input_has_its_target_and_the_corpus_stays_small() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert {path.parent.relative_to(CORPUS).as_posix() for path in files} == TARGETS.keys()
    assert len(files) <= 400
    assert sum(path.stat().st_size for path in files) <= 1_000_000


WITHIN = {"decode_record", "decode_alert", "Stream"}
"""Read by what is fuzzed: flights and handshakes."""


def test_every_decoder_is_fuzzed() -> None:
    fuzzed = set(re.findall(r"\w+", Path(targets.__file__).read_text("utf-8")))
    decoders = set()
    for path in Path(errors.__file__).parent.glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            match node:
                case ast.FunctionDef(name=name) if name.startswith("decode"):
                    decoders.add(name)
                case ast.ClassDef(name=name, body=body) if any(
                    isinstance(one, ast.FunctionDef) and one.name == "feed" for one in body
                ):
                    decoders.add(name)
    assert len(decoders) > 20
    assert decoders - fuzzed == WITHIN
