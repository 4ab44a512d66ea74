"""The lines of a brat .ann file, parsed into annotations that can be written as lines again.

``T1<tab>Label 0 4;10 14<tab>text``, ``E1<tab>Type:T2 Role:T1 Role2:E3``, ``R1<tab>Type Arg1:T1 Arg2:T2``,
``*<tab>Type T1 T2``, ``A1<tab>Name E1 value``, ``M1<tab>Name E1``, ``N1<tab>Type T1 db:id<tab>text`` and
``#1<tab>Type E1<tab>text``.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from db.io.json_lines import shorten

ANNOTATOR_NOTES = "AnnotatorNotes"  # the type that brat gives to notes of annotators
_DATA = {
    "T": re.compile(r"(\S+) (\d{1,12} \d{1,12}(?:;\d{1,12} \d{1,12})*) *"),
    "E": re.compile(r"([^\s:]+):(\S+)((?: +[^\s:]+:\S+)*) *"),
    "R": re.compile(r"(\S+)((?: +[^\s:]+:\S+)+) *"),
    "*": re.compile(r"(\S+)((?: +\S+)+) *"),
    "A": re.compile(r"(\S+) +(\S+)(?: +(.*\S))? *"),
    "M": re.compile(r"(\S+) +(\S+)(?: +(.*\S))? *"),
    "N": re.compile(r"(\S+) +(\S+) +(\S.*\S|\S) *"),
    "#": re.compile(r"(\S+) +(\S+) *"),
}
_ID = re.compile(r"[TEAMRN#][^\s:]*\d[^\s:]*")

Fragments = tuple[tuple[int, int], ...]
Arguments = tuple[tuple[str, str], ...]


class TextBound(NamedTuple):
    """A labelled span of text. The quote of a discontinuous one joins its fragments with spaces."""

    id: str
    label: str
    fragments: Fragments
    quote: str | None

    def __str__(self) -> str:
        spans = ";".join(f"{start} {end}" for start, end in self.fragments)
        return f"{self.id}\t{self.label} {spans}" + (f"\t{self.quote}" if self.quote is not None else "")


class EventLine(NamedTuple):
    """An event. Its trigger is the id of a text-bound annotation; its arguments are pairs of role and id."""

    id: str
    type: str
    trigger: str
    arguments: Arguments

    def __str__(self) -> str:
        arguments = "".join(f" {role}:{target}" for role, target in self.arguments)
        return f"{self.id}\t{self.type}:{self.trigger}{arguments}"


class Relation(NamedTuple):
    """A relation between two annotations."""

    id: str
    type: str
    arguments: Arguments

    def __str__(self) -> str:
        return f"{self.id}\t{self.type}" + "".join(f" {role}:{target}" for role, target in self.arguments) + "\t"


class Equivalence(NamedTuple):
    """Annotations of the same thing. brat gives it no id; ``id`` is derived from the members."""

    id: str
    type: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return f"*\t{self.type} {' '.join(self.members)}"


class Attribute(NamedTuple):
    """An attribute of an annotation. A binary one has no value."""

    id: str
    type: str
    target: str
    value: str | None

    def __str__(self) -> str:
        return f"{self.id}\t{self.type} {self.target}" + (f" {self.value}" if self.value is not None else "")


class Normalization(NamedTuple):
    """A reference of an annotation to an external database, such as ``Wikipedia:64488``, and the name there."""

    id: str
    type: str
    target: str
    reference: str
    text: str

    def __str__(self) -> str:
        return f"{self.id}\t{self.type} {self.target} {self.reference}\t{self.text}"


class Note(NamedTuple):
    """A note on an annotation."""

    id: str
    type: str
    target: str
    text: str

    def __str__(self) -> str:
        return f"{self.id}\t{self.type} {self.target}\t{self.text}"


Attached = Attribute | Normalization | Note
Annotation = TextBound | EventLine | Relation | Equivalence | Attached


@dataclass(slots=True)
class Annotations:
    """The annotations of a file by id, in file order.

    ``other`` holds the lines that aren't valid annotations; ``faults`` says for each which line it is and why.
    """

    by_id: dict[str, Annotation] = field(default_factory=dict)
    other: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def parse_ann(ann: str) -> Annotations:
    """Parse the content of a file. Invalid lines are kept as they are; nothing is raised."""
    found = Annotations()
    for number, line in enumerate(ann.removeprefix("\ufeff").split("\n"), start=1):
        line = line.removesuffix("\r")
        if not line.strip():
            continue
        annotation = _annotation(line)
        if annotation is None:
            found.other.append(line)
            found.faults.append(f"line {number}: not a brat annotation, kept unread: {shorten(line)}")
        elif annotation.id in found.by_id:
            found.other.append(line)
            found.faults.append(f"line {number}: {shorten(annotation.id)} occurs twice; the second is kept unread")
        else:
            found.by_id[annotation.id] = annotation
    return found


def target_of(line: str) -> str | None:
    """Return the id that an invalid line seems to be about, the one after its type; None if there is none."""
    parts = line.split("\t", 2)
    words = parts[1].split(" ") if len(parts) > 1 else []
    return words[1] if len(words) > 1 and _ID.fullmatch(words[1]) else None


def split_role(role: str) -> tuple[str, str]:
    """Split the number off a role, with which brat tells repeated roles apart: ``Org-Arg2`` is ``Org-Arg``, ``2``."""
    name = role.rstrip("0123456789")
    return (name, role[len(name) :]) if name else (role, "")


def split_id(id_: str) -> tuple[str, int]:
    """Split an id into its letters and its number, 0 if it has none."""
    match = re.match(r"(\D*)(\d{0,9})", id_)
    return (match[1], int(match[2] or 0)) if match else ("", 0)


def _annotation(line: str) -> Annotation | None:
    id_, _, rest = line.partition("\t")
    data, tab, tail = rest.partition("\t")
    kind = id_[:1]
    pattern = _DATA.get(kind)
    match = pattern.fullmatch(data) if pattern else None
    if match is None or not (id_ == "*" or _ID.fullmatch(id_)):
        return None
    if kind == "T":
        fragments = tuple((int(a), int(b)) for a, b in (pair.split(" ") for pair in match[2].split(";")))
        return TextBound(id_, match[1], fragments, tail if tab else None)
    if kind == "E":
        return EventLine(id_, match[1], match[2], _arguments(match[3]))
    if kind == "R":
        arguments = _arguments(match[2])
        return Relation(id_, match[1], arguments) if len(arguments) == 2 else None
    if kind == "*":
        members = tuple(match[2].split())
        return Equivalence(f"*{match[1]}:{','.join(members)}", match[1], members)
    if kind in "AM":
        return Attribute(id_, match[1], match[2], match[3])
    if kind == "N":
        return Normalization(id_, match[1], match[2], match[3], tail)
    return Note(id_, match[1], match[2], tail)


def _arguments(text: str) -> Arguments:
    return tuple((role, target) for role, _, target in (pair.partition(":") for pair in text.split()))
