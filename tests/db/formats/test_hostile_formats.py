"""Damaged and random files of every format are imported or rejected, and raise nothing else."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, import_documents, in_memory, problems

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Confidence, Export, Format, ReadOptions, Source
from db.formats.registry import all_formats
from db.importing.importing import import_source
from db.importing.report import ImportReport

FORMATS = all_formats()
READ = [name for name, item in FORMATS.items() if item.read]
_PIECES = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b"\t", b"\n", b"\r", b"-1", b"1e999",
    b"NaN", b"9" * 400, b"null", b"true", b"[]", b"{}", b"\\ud800", b"\xf0\x9f\x98\x80", b"T1\t", b"E1\t", b"R1\t",
    b"<p>", b"&#xD800;", b"---\n", b"=", b"'", b";", b"\xef\xbb\xbf",
]  # fmt: skip
_MAPPED = {"json-table": "eventdesk_wide"}


def samples(format: Format) -> list[bytes]:
    """Return files that a format has written, or simple ones."""
    connection = in_memory()
    import_documents(connection, ARTICLE, LATER)
    documents = list(export_documents(connection))
    connection.close()
    export = Export(lambda: iter(documents))
    if format.write and format.name not in _MAPPED:
        try:
            return [b"".join(format.write(export))]
        except (ImportError, InputError):
            return [b""]
    if format.write_folder:
        return [content for _, content in format.write_folder(export)]
    return [
        b'[{"id": 1, "name": "x", "count": 3, "where": "Lesna"}, {"id": 2, "name": "y", "count": null, "where": ""}]',
        b'{"text": "Forty men crossed.", "events": [{"type": "crossing", "count": "forty"}]}\n',
        b"<html><title>A</title><body><p>Forty men crossed at Lesna on Friday, said the Red Cross.</p></body></html>",
        b"---\ntitle: A\n---\nForty men crossed.\n",
    ]


SAMPLES = {name: samples(FORMATS[name]) for name in READ}


def damage(data: bytes, rng: random.Random) -> bytes:
    """Return a file in which a few parts are removed, doubled or replaced."""
    for _ in range(rng.randint(1, 6)):
        at = rng.randint(0, len(data))
        end = min(len(data), at + rng.choice((0, 1, 2, 8, 60)))
        data = data[:at] + rng.choice((b"", data[at:end] * 2, rng.choice(_PIECES))) + data[end:]
    return data


def import_hostile(name: str, data: bytes, suffix: str) -> None:
    connection = in_memory()
    report = ImportReport()
    errors = []
    try:
        import_source(connection, Source(f"hostile{suffix}", io.BytesIO(data)), report, FORMATS[name], ReadOptions())
    except InputError as error:
        errors.append(error)
    assert not [line for line in (*errors, *report.refusals, *report.notes) if "\n" in str(line)]
    assert problems(connection) == []
    connection.close()


@pytest.mark.parametrize("name", READ)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), suffix=st.sampled_from(["", ".txt", ".json", ".csv"]))
def test_a_damaged_file_is_imported_or_rejected(name: str, seed: int, suffix: str) -> None:
    rng = random.Random(seed)
    import_hostile(name, damage(rng.choice(SAMPLES[name]), rng), suffix)


@pytest.mark.parametrize("name", READ)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_imported_or_rejected(name: str, data: bytes) -> None:
    import_hostile(name, data, "")


@settings(max_examples=60)
@given(data=st.binary(max_size=300), seed=st.integers(0, 2**32), suffix=st.sampled_from(["", ".txt", ".csv", ".ann"]))
def test_recognising_a_format_never_raises(data: bytes, seed: int, suffix: str) -> None:
    rng = random.Random(seed)
    for content in (data, damage(rng.choice(SAMPLES[rng.choice(READ)]), rng)):
        for item in FORMATS.values():
            assert isinstance(item.recognise(Source(f"x{suffix}", io.BytesIO(content))), Confidence)


@pytest.mark.parametrize("name", READ)
def test_a_folder_without_files_of_the_format_is_rejected(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.xyz").write_bytes(b"\xff\x00")
    connection = in_memory()
    with pytest.raises(InputError):
        import_source(connection, Source("folder", None, tmp_path), ImportReport(), FORMATS[name], ReadOptions())
    connection.close()
