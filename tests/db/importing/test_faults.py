"""Small files that were once misread, each read as its table says: a right value, or a message that is true."""

import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.shared_data import shared

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Format, ReadOptions, Source
from db.formats.registry import format_named
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.schema import open_in_memory


@dataclass
class Read:
    """What one or more files gave."""

    documents: list[dict[str, Any]]
    report: ImportReport
    errors: list[str] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for document in self.documents for event in document.get("events", ())]

    def column(self, name: str) -> list[Any]:
        """The values of a field, one for each event; None where an event has none."""
        return [
            next((item["value"] for item in event["fields"] if item["name"] == name), None) for event in self.events
        ]

    @property
    def said(self) -> str:
        """Everything that the report says, in lower case."""
        report = self.report
        lines = [*map(str, report.refusals), *map(str, report.notes), *report.unread, *self.errors]
        return "\n".join(lines).lower()


def read(*names: str, format: str | None = None, **options: Any) -> Read:
    """Import files of the faults into one new database."""
    connection = open_in_memory()
    report = ImportReport()
    errors = []
    chosen: Format | None = format_named(format) if format else None
    if "mapping" in options and options["mapping"].endswith(".toml"):
        options["mapping"] = str(shared(f"faults/{options['mapping']}"))
    for name in names:
        path = shared(f"faults/{name}")
        source = Source(name, io.BytesIO(path.read_bytes()), path)
        try:
            import_source(connection, source, report, chosen, ReadOptions(**options))
        except InputError as error:
            errors.append(str(error))
    return Read(list(export_documents(connection)), report, errors)


def quotes(result: Read, name: str) -> list[str]:
    """The text under the spans of a field, wherever it has some."""
    return [
        document["text"][start:end]
        for document in result.documents
        for event in document.get("events", ())
        for item in event["fields"]
        if item["name"] == name
        for start, end in item.get("spans") or ()
    ]


@pytest.mark.parametrize("name", ["01-events-under-another-key.jsonl", "01-labels-under-another-key.jsonl"])
def test_events_under_another_key_are_read_or_named(name: str) -> None:
    result = read(name)
    assert result.events or ("event_mentions" in result.said or "cats" in result.said)


def test_what_one_example_of_doccano_proves_about_offsets_holds_for_the_file() -> None:
    assert quotes(read("02-doccano-utf16.jsonl"), "place") == ["Kyiv", "Kyiv"]


def test_ucdp_is_read_with_words_for_booleans() -> None:
    result = read("03-ucdp-active-year-true.csv")
    assert len(result.events) == 2
    assert result.report.refused == 0
    assert "ucdp_ged" in result.said


@pytest.mark.parametrize("mapping", [None, "ucdp_ged"])
def test_ucdp_is_known_by_most_of_its_columns(mapping: str | None) -> None:
    result = read("03-ucdp-without-relid.csv", mapping=mapping) if mapping else read("03-ucdp-without-relid.csv")
    assert [event["type"] for event in result.events] == ["state_based"]
    assert "relid" in result.said


def test_a_release_updates_rows_whose_text_changed_and_names_what_vanished() -> None:
    result = read("04-release-1.csv", "04-release-2.csv", mapping="04-release.toml")
    assert result.errors == []
    assert result.report.refused == 0
    assert result.column("deaths") == [3, 6, 1]
    assert result.documents[0]["text"].endswith("three, a medic said.")
    assert result.report.not_extracted == 1


def test_files_of_two_annotators_are_two_extractions() -> None:
    result = read("05-annotator-a.jsonl", "05-annotator-b.jsonl")
    assert result.column("attacks") == [1, 3]
    assert len(result.documents) == 1
    assert len({event.get("extractor") for event in result.events}) == 2


@pytest.mark.parametrize("format", [None, "doccano"])
def test_doccano_may_have_its_text_under_data(format: str | None) -> None:
    result = read("06-doccano-data.jsonl", format=format)
    assert result.documents[0]["text"] == "Kyiv received 757 bodies."
    assert {item["value"] for event in result.events for item in event["fields"]} == {"Kyiv", "757"}


@pytest.mark.parametrize(("name", "events"), [("07-rows-of-a-story.csv", 2), ("document-id-no-text.csv", 3)])
def test_rows_of_one_document_are_not_refused_for_their_guessed_titles(name: str, events: int) -> None:
    result = read(name)
    assert len(result.events) == events
    assert result.report.refused == 0


def test_an_image_path_with_a_blank_is_no_text() -> None:
    result = read("08-image-path.json")
    assert result.documents == []
    assert result.said


def test_muc_templates_find_their_texts() -> None:
    result = read("09-muc-texts.txt", "09-muc-templates.muc")
    assert result.errors == []
    (event,) = result.events
    assert quotes(result, "instrument") == ["BOMB"]
    assert {item["value"] for item in event["fields"] if item["name"] == "date"} == {"1990-03-12"}


def test_a_bracket_in_a_message_id_makes_no_second_document() -> None:
    result = read("09-muc-bracket.muc")
    assert len(result.documents) == 1 or "0001 (wire" in result.said


def test_gdelt_is_known_in_lower_case() -> None:
    result = read("10-gdelt-mentions-lower-case.csv")
    assert [event["type"] for event in result.events] == ["mention"]


def test_one_text_under_two_random_ids_is_one_document_of_two_extractors() -> None:
    result = read("11-langextract-model-one.jsonl", "11-langextract-model-two.jsonl")
    assert len(result.documents) == 1
    assert len({event.get("extractor") for event in result.events}) == 2


@pytest.mark.parametrize("name", ["12-same-rows.csv", "12-same-rows-sorted.csv"])
def test_equal_rows_count_the_same_in_any_order(name: str) -> None:
    assert len(read(name).events) == 3
    again = read(name, "12-same-rows.csv", "12-same-rows-sorted.csv", name, extractor="one")
    assert len(again.events) == 3


def test_content_is_a_text() -> None:
    result = read("13-content-key.jsonl")
    assert [document.get("text") for document in result.documents] == ["Kyiv received 757 bodies."] or (
        "content" in result.said
    )


def test_features_are_rows() -> None:
    result = read("13-features.geojson")
    assert len(result.events) >= 1
    assert result.report.refused == 0


def test_a_comma_or_dot_is_what_its_column_says() -> None:
    result = read("decimal-comma.csv")
    assert result.column("lat") == [50.45, 49.98, 48.137]
    assert result.column("lon") == [30.523, 36.25, 11.575]
    assert result.column("killed") == [1234, 12, 2500]
    assert result.column("share") == [0.5, 0.75, 0.125]


def test_a_dot_that_may_be_either_is_never_a_wrong_number_in_silence() -> None:
    result = read("dot-thousands.csv")
    assert result.column("killed") in ([1234, 12, 105], ["1.234", 12, 105])
    assert "killed" in result.said


def test_words_for_nothing_are_no_values() -> None:
    result = read("null-words.csv")
    assert result.column("actor") == [None, "Army", None, None, None]
    assert result.column("place") == [None, None, "Dolna", None, None]
    assert result.column("killed") == [None, 3, None, None, None]
    assert result.column("date") == [None, "2025-02-14", None, None, None]


def test_an_odd_cell_does_not_take_the_dates_of_its_column() -> None:
    result = read("date-one-odd-cell.csv")
    assert result.column("date")[1] == "2025-02-12/2025-02-14"
    assert "date" in result.said


@pytest.mark.parametrize("name", ["excel-serial-dates.csv", "excel-short-dates.csv"])
def test_dates_of_excel_are_dates(name: str) -> None:
    result = read(name)
    column = "event_date" if "serial" in name else "date"
    assert result.column(column) == ["2025-02-14", "2025-02-15"]
    assert column in result.said


def test_a_confidence_is_a_share() -> None:
    result = read("confidence-percent.jsonl")
    assert result.said
    assert all(0 <= (event.get("confidence") or 0) <= 1 for event in result.events)


def test_published_is_a_day_in_any_writing() -> None:
    assert [document["published"] for document in read("published-styles.jsonl").documents] == ["2025-02-14"] * 3


@pytest.mark.parametrize(
    ("name", "killed"),
    [
        ("trailing-empty-columns.csv", [3, 4]),
        ("comments-above-header.csv", [3, 4]),
        ("space-after-comma.csv", [3, 4]),
        ("one-bare-cr.csv", [3, 4, 5]),
        ("rows-under-data.json", [3, 4]),
        ("rows-under-events.json", [3, 4]),
    ],
)
def test_odd_tables_are_read(name: str, killed: list[int]) -> None:
    result = read(name)
    assert result.errors == []
    assert result.column("killed") == killed


def test_years_can_be_names_of_columns() -> None:
    result = read("years-in-header.csv")
    assert [event["id"] for event in result.events] == ["a", "b"]
    assert [[item["value"] for item in event["fields"]] for event in result.events] == [[3, 4], [5, 6]]


def test_commas_after_lines_are_read_or_named_once() -> None:
    result = read("comma-after-each-line.jsonl")
    assert len(result.events) == 2


def test_an_answer_with_a_trailing_comma_is_read() -> None:
    assert read("llm-trailing-comma.jsonl").column("count") == [40]


def test_tokens_and_tags_are_no_events() -> None:
    result = read("tokens-and-tags.tsv")
    assert result.events == []
    assert "conll" in result.said
