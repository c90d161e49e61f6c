"""File name → module, for the folders with one file each: protocols, observations, probes, rules, policies, render.

Adding a file is all it takes to register it; there is no list to edit.
"""

import pkgutil
from difflib import get_close_matches
from functools import cache
from importlib import import_module, resources
from types import ModuleType


@cache
def stems(folder: str) -> tuple[str, ...]:
    """Names of the modules in `scanner/<folder>/`, sorted, none of them imported.

    File names use underscores where IDs use hyphens; `_`-prefixed files are helpers and left out.
    """
    package = import_module(f"scanner.{folder}")
    return tuple(sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")))


@cache
def load(folder: str, stem: str) -> ModuleType:
    """Import `scanner/<folder>/<stem>.py`."""
    return import_module(f"scanner.{folder}.{stem}")


def identifier(stem: str) -> str:
    """`plaintext_port_open` → `plaintext-port-open`."""
    return stem.replace("_", "-")


def identifiers(folder: str) -> tuple[str, ...]:
    """IDs of everything in a folder, as users write them."""
    return tuple(identifier(stem) for stem in stems(folder))


def data_files(folder: str, suffix: str) -> dict[str, str]:
    """Texts of the data files of a folder, by stem: the policies."""
    root = resources.files("scanner").joinpath(folder)
    return {
        entry.name.removesuffix(suffix): entry.read_text("utf-8")
        for entry in sorted(root.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(suffix)
    }


def nearest(word: str, known: tuple[str, ...] | list[str]) -> str:
    """` (did you mean 'x'?)`, or an empty string when nothing is near."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""
