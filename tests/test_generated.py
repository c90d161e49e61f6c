"""Generated pages are committed, and are what the code says today."""

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
GENERATE = ROOT / "docs" / "generate.py"


@pytest.fixture(scope="module")
def generate() -> Any:
    """`docs/generate.py` as a module."""
    spec = spec_from_file_location("docs_generate", GENERATE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_is_stale() -> None:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(GENERATE), "--check"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path, "COLUMNS": "61", "TERM": "dumb"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "run: python docs/generate.py"


def test_check_names_what_is_stale_missing_or_left_over(
    generate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "pages", lambda: iter([("rules/a.md", "A\n"), ("cli.md", "C\n")]))
    assert generate.main([], tmp_path) == 0
    capsys.readouterr()
    assert generate.main(["--check"], tmp_path) == 0
    assert capsys.readouterr().out == ""
    (tmp_path / "rules/a.md").write_text("B\n")
    (tmp_path / "rules/gone.md").write_text("no longer a rule\n")
    (tmp_path / "cli.md").unlink()
    (tmp_path / "guide.md").write_text("written by hand\n")
    assert generate.main(["--check"], tmp_path) == 1
    assert set(capsys.readouterr().out.split()) == {"rules/a.md", "rules/gone.md", "cli.md"}
    assert (tmp_path / "rules/a.md").read_text() == "B\n"
    assert generate.main([], tmp_path) == 0
    assert sorted(p.name for p in tmp_path.rglob("*.md")) == ["a.md", "cli.md", "guide.md"]


def test_help_is_plain_and_leaves_hidden_commands_out(generate: Any) -> None:
    import typer  # noqa: PLC0415 - only this test makes a command line
    import typer.main  # noqa: PLC0415

    app = typer.Typer()
    inner = typer.Typer()
    app.add_typer(inner, name="list")
    app.command()(shown)
    app.command(hidden=True)(concealed)
    inner.command()(shown)
    inner.command()(concealed)
    texts = dict(generate.command_help(typer.main.get_command(app), "tlsassay"))
    assert set(texts) == {
        "tlsassay",
        "tlsassay shown",
        "tlsassay list",
        "tlsassay list shown",
        "tlsassay list concealed",
    }
    assert "Shows [this]." in texts["tlsassay shown"]
    assert "\x1b" not in "".join(texts.values())
    assert max(len(line) for text in texts.values() for line in text.splitlines()) <= 100


def shown() -> None:
    """Shows [this]."""


def concealed() -> None:
    """Not shown."""
