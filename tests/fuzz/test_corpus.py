"""Every input that was ever of interest to the fuzzer is read again, without the fuzzer."""

from pathlib import Path

import pytest

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
    assert len(files) <= 300
    assert sum(path.stat().st_size for path in files) <= 1_000_000
