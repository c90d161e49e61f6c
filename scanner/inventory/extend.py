"""An inventory file and the catalogues it extends, read and merged into one, each value marked with its own place."""

import hashlib
from pathlib import Path

from msgspec import UNSET

from scanner.declared import Inventory, Source
from scanner.inventory import values
from scanner.inventory.bind import HOST_KEY
from scanner.inventory.schema import FILE_ONLY
from scanner.registry import nearest
from scanner.yamlfile import Dictionary, InputError, Issues, Node, Scalar, Sequence, parse, read_bytes
from scanner.yamlrecord import Walker, accepted, describe


def catalogue_folder() -> Path:
    """Where the shipped catalogues are: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "targets"
    return installed if installed.is_dir() else package.parent / "targets"


def read_extended(path: Path, issues: Issues) -> tuple[Dictionary, str]:
    """The merged content of a file and all it extends, and the SHA-256 of the files in order of reading.

    Raises InputError when not even the file itself can be read.
    """
    files = _Files(issues)
    files.read(path)
    if not files.documents:
        raise InputError(issues)
    merged = Dictionary(files.documents[-1].source)
    for document in files.documents:
        merged = _merge(merged, document)
    return merged, files.digest.hexdigest()


def scalar(node: Node, key: str) -> Scalar | None:
    """The text under a key, if there is one."""
    found = node.get(key) if isinstance(node, Dictionary) else None
    return found if isinstance(found, Scalar) and isinstance(found.value, str) else None


class _Files:
    """An inventory and all it extends, bases first, each file once."""

    def __init__(self, issues: Issues) -> None:
        self.issues = issues
        self.documents: list[Dictionary] = []
        self.digest = hashlib.sha256()
        self.seen: set[Path] = set()

    def read(self, path: Path, named_at: Source | None = None, extending: tuple[Path, ...] = ()) -> None:
        resolved = path.resolve()
        if named_at and resolved in extending:
            chain = " → ".join(one.name for one in (*extending[extending.index(resolved) :], resolved))
            self.issues.at(named_at, f"files extend each other in a circle: {chain}")
        if resolved in self.seen:
            return
        self.seen.add(resolved)
        if (data := read_bytes(path, self.issues, named_at)) is None:
            return
        self.digest.update(data)
        document = parse(data, str(path), self.issues)
        if document is None:
            return
        if not isinstance(document, Dictionary):
            message = f"an inventory is a mapping with 'name' and 'services', not {describe(document)}"
            self.issues.at(document.source, message)
            return
        for base in self.check(document):
            if found := self.catalogue(base):
                self.read(found, base.source, (*extending, resolved))
        self.documents.append(document)

    def check(self, document: Dictionary) -> list[Scalar]:
        """Note what is wrong with this file alone; returns what it extends."""
        walker = Walker(self.issues, {})
        walker.unknown_keys(document, (*accepted(Inventory), *FILE_ONLY))
        if "name" not in document:
            self.issues.at(document.source, "missing key 'name'")
        if "hosts" in document:
            self.check_hosts(document["hosts"], walker)
        first: dict[str, int] = {}
        for service in services if isinstance(services := document.get("services"), Sequence) else ():
            identity = scalar(service, "id")
            if identity and identity.text in first:
                message = f"duplicate service ID {identity.text!r}, first declared on line {first[identity.text]}"
                self.issues.at(identity.source, message)
            elif identity:
                first[identity.text] = identity.source.line
        return _texts(document["extends"], "extends", walker) if "extends" in document else []

    def check_hosts(self, hosts: Node, walker: Walker) -> None:
        if not isinstance(hosts, Dictionary):
            self.issues.at(hosts.source, f"'hosts' must be a mapping (name: host), not {describe(hosts)}")
            return
        for at, name, bound in hosts.entries():
            if not HOST_KEY.fullmatch(name):
                walker.issue(at, f"host name {name!r} may hold letters, digits, '.', '-' and '_' only")
            for text in _texts(bound, name, walker):
                if "{" in text.text or "}" in text.text:
                    walker.issue(text.source, f"host {name!r}: {text.text!r} may not refer to another host")

    def catalogue(self, name: Scalar) -> Path | None:
        """The file an `extends` means."""
        if values.is_path(name.text):
            return Path(name.source.file).parent / name.text
        shipped = sorted(path.stem for path in catalogue_folder().glob("*.yaml"))
        if name.text in shipped:
            return catalogue_folder() / f"{name.text}.yaml"
        hint = nearest(name.text, shipped) or f": one of {', '.join(shipped)}, or a path ending in .yaml"
        self.issues.at(name.source, f"unknown catalogue {name.text!r}{hint}")
        return None


def _texts(node: Node, label: str, walker: Walker) -> list[Scalar]:
    """One text or a list of them; what is not text is an issue."""
    items = node if isinstance(node, Sequence) else [node]
    return [item for item in items if walker.value(item, str, label) is not UNSET and isinstance(item, Scalar)]


def _merge(base: Dictionary, top: Dictionary) -> Dictionary:
    """`top` extending `base`: hosts by name, services by ID, zones and waivers added, all else replaced."""
    merged = Dictionary(top.source, [*base.entries(), *top.entries()])
    for key in ("hosts", "zones", "waivers", "services"):
        match base.get(key), top.get(key):
            case Dictionary() as old, Dictionary() as new:
                merged[key] = Dictionary(new.source, [*old.entries(), *new.entries()])
            case Sequence() as old, Sequence() as new if key == "zones":
                known = [zone.text for zone in old if isinstance(zone, Scalar)]
                added = [zone for zone in new if not isinstance(zone, Scalar) or zone.text not in known]
                merged[key] = Sequence(new.source, [*old, *added])
            case Sequence() as old, Sequence() as new if key == "waivers":
                merged[key] = Sequence(new.source, [*old, *new])
            case Sequence() as old, Sequence() as new:
                merged[key] = Sequence(new.source, _merge_services(old, new))
    return merged


def _merge_services(old: Sequence, new: Sequence) -> list[Node]:
    merged: list[Node] = list(old)
    places = {node.text: place for place, service in enumerate(old) if (node := scalar(service, "id"))}
    for service in new:
        identity = scalar(service, "id")
        place = places.get(identity.text) if identity else None
        known = None if place is None else merged[place]
        if place is not None and isinstance(known, Dictionary) and isinstance(service, Dictionary):
            merged[place] = Dictionary(service.source, [*known.entries(), *service.entries()])
        else:
            merged.append(service)
    return merged
