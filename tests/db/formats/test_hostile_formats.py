"""Files of every format with anything in them: each document is in or refused, and nothing else is raised."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, import_documents, problems

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Confidence, Export, Format, ReadOptions, Source
from db.formats.registry import all_formats
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.schema import open_in_memory

FORMATS = all_formats()
READ = [name for name, item in FORMATS.items() if item.read]
_PIECES = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b"\t", b"\n", b"\r", b"-1", b"1e999",
    b"NaN", b"9" * 400, b"null", b"true", b"[]", b"{}", b"\\ud800", b"\xf0\x9f\x98\x80", b"T1\t", b"E1\t", b"R1\t",
    b"<p>", b"&#xD800;", b"---\n", b"=", b"'", b";", b"\xef\xbb\xbf",
]  # fmt: skip
_MAPPED = {"json-table": "eventdesk_find"}


def samples(format: Format) -> list[bytes]:
    """Files of a format, as it writes them, or as plain as can be."""
    connection = open_in_memory()
    import_documents(connection, ARTICLE, LATER)
    documents = list(export_documents(connection))
    connection.close()
    export = Export(lambda: iter(documents))  # type: ignore[arg-type, return-value]
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


def changed(data: bytes, chance: random.Random) -> bytes:
    """A file with a few stretches taken out, doubled, or others put in."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.choice((0, 1, 2, 8, 60)))
        data = data[:at] + chance.choice((b"", data[at:end] * 2, chance.choice(_PIECES))) + data[end:]
    return data


def take(name: str, data: bytes, suffix: str) -> None:
    connection = open_in_memory()
    report = ImportReport()
    said = []
    try:
        import_source(connection, Source(f"hostile{suffix}", io.BytesIO(data)), report, FORMATS[name], ReadOptions())
    except InputError as error:
        said.append(error)
    assert not [line for line in (*said, *report.refusals, *report.notes) if "\n" in str(line)]
    assert problems(connection) == []
    connection.close()


@pytest.mark.parametrize("name", READ)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), suffix=st.sampled_from(["", ".txt", ".json", ".csv"]))
def test_a_file_with_anything_changed_is_taken_or_refused(name: str, seed: int, suffix: str) -> None:
    chance = random.Random(seed)
    take(name, changed(chance.choice(SAMPLES[name]), chance), suffix)


@pytest.mark.parametrize("name", READ)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused(name: str, data: bytes) -> None:
    take(name, data, "")


@settings(max_examples=60)
@given(data=st.binary(max_size=300), seed=st.integers(0, 2**32), suffix=st.sampled_from(["", ".txt", ".csv", ".ann"]))
def test_no_format_fails_to_say_whether_a_file_is_its_own(data: bytes, seed: int, suffix: str) -> None:
    chance = random.Random(seed)
    for content in (data, changed(chance.choice(SAMPLES[chance.choice(READ)]), chance)):
        for item in FORMATS.values():
            assert isinstance(item.recognise(Source(f"x{suffix}", io.BytesIO(content))), Confidence)


@pytest.mark.parametrize("name", READ)
def test_a_folder_that_holds_nothing_of_a_format_is_refused_in_a_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.xyz").write_bytes(b"\xff\x00")
    connection = open_in_memory()
    with pytest.raises(InputError):
        import_source(connection, Source("folder", None, tmp_path), ImportReport(), FORMATS[name], ReadOptions())
    connection.close()
