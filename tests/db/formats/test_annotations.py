"""Annotated JSON: corpora recognised by their keys, guessed layouts, mappings, and what is not read."""

import json
from typing import Any

import pytest
from support.formats import json_lines, read_records, source_of

from db.errors import InputError
from db.formats.annotations.format import FORMAT
from db.formats.annotations.mapping import Mapping, load_mapping, parse_mapping, shipped_names
from db.formats.annotations.reading import Reading, read_document
from db.formats.format import ReadOptions, Record
from db.formats.registry import detect_format
from db.io.documents import parse_document

TEXT = "Two men were killed in Odesa."
TOKENS = "Two men were killed in Odesa .".split()
MORE = "Hello .".split()
TAGS = ["O", "O", "O", "O", "O", "B-LOC", "O"]


def read(*objects: Any, array: bool = False) -> list[Record]:
    content = json.dumps(list(objects)).encode() if array else json_lines(*objects)
    assert detect_format(source_of(content)) is FORMAT
    return read_records(FORMAT, content)


def found(record: Record) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each event's type and fields, with the text at the span of each, which must be its value."""
    assert isinstance(record.document, dict), record.document
    document = parse_document(record.document)
    events = []
    for event in document.events:
        for field in event.fields:
            assert [document.source[slice(*span)] for span in field.spans] == [field.value]
        events.append((event.type, [(field.name, str(field.value)) for field in event.fields]))
    return events


DIE = ("trigger", "killed"), ("victim", "Two men"), ("place", "Odesa")
ENTITIES = [
    {"id": "T1", "start": 0, "end": 2, "entity_type": "PER", "text": "Two men"},
    {"id": "T2", "start": 5, "end": 6, "entity_type": "GPE", "text": "Odesa"},
]
ROLES = [
    {"entity_id": "T1", "role": "victim", "text": "Two men"},
    {"entity_id": "T2", "role": "place", "text": "Odesa"},
]
CORPORA: dict[str, dict[str, Any]] = {
    "wikievents": {
        "doc_id": "w", "text": TEXT, "tokens": TOKENS, "entity_mentions": ENTITIES, "relation_mentions": [],
        "event_mentions": [{"id": "e", "event_type": "die", "trigger": {"start": 3, "end": 4, "text": "killed"},
                            "arguments": ROLES}],
    },
    "oneie": {
        "doc_id": "o", "sent_id": "o-1", "sentence": TEXT, "tokens": TOKENS, "entity_mentions": ENTITIES,
        "event_mentions": [{"id": "e", "event_type": "die", "trigger": {"start": 3, "end": 4, "text": "killed"},
                            "arguments": ROLES}],
    },
    "rams": {
        "doc_key": "r", "sentences": [MORE, TOKENS], "evt_triggers": [[5, 5, [["die", 1.0]]]],
        "gold_evt_links": [[[5, 5], [2, 3], "evt089arg02victim"], [[5, 5], [7, 7], "evt089arg03place"]],
    },
    "maven_arg": {
        "id": "a", "document": TEXT,
        "events": [{"id": "e", "type": "die", "mention": [{"id": "m", "trigger_word": "killed", "offset": [13, 19]}],
                    "argument": {"victim": [{"entity_id": "T1"}],
                                 "place": [{"content": "Odesa", "offset": [23, 28]}]}}],
        "entities": [{"id": "T1", "type": "PER", "mention": [{"id": "x", "mention": "Two men", "offset": [0, 7]}]}],
    },
    "casie": {
        "sourcefile": "c.txt", "content": TEXT,
        "cyberevent": {"hopper": [{"index": "h", "events": [{
            "type": "die", "nugget": {"startOffset": 13, "endOffset": 19, "text": "killed"},
            "argument": [
                {"startOffset": 0, "endOffset": 7, "text": "Two men", "role": {"type": "victim"}},
                {"startOffset": 23, "endOffset": 28, "text": "Odesa", "role": {"type": "place"}},
            ]}]}]},
    },
    "dygie": {
        "doc_key": "d", "sentences": [MORE, TOKENS], "ner": [[], [[2, 3, "PER"]]],
        "events": [[], [[[5, "die"], [2, 3, "victim"], [7, 7, "place"]]]],
    },
    "brat_json": {
        "text": TEXT, "entities": [["T1", "PER", [[0, 7]]], ["T2", "GPE", [[23, 28]]]],
        "triggers": [["T3", "die", [[13, 19]]]], "events": [["E1", "T3", [["victim", "T1"], ["place", "T2"]]]],
    },
    "no tokens": {
        "text": TEXT,
        "event_mentions": [{"event_type": "die", "trigger": {"start": 3, "end": 4, "text": "killed"},
                            "arguments": [{"role": "victim", "text": "Two men"}, {"role": "place", "text": "Odesa"}]}],
    },
    "guessed": {
        "text": TEXT,
        "events": [{"type": "die", "trigger": {"begin": 13, "length": 6, "quote": "killed"},
                    "args": [{"role": "victim", "text": "Two men"}, {"role": "place", "text": "Odesa"}]}],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CORPORA)
def test_events_of_corpora_have_their_triggers_and_arguments(name: str) -> None:
    (record,) = read(CORPORA[name])
    assert ("die", list(DIE)) in found(record)


def test_mentions_in_sentences_are_placed_in_the_document() -> None:
    content = [{"sentence": "Hello.", "tokens": ["Hello", "."]}, {"sentence": TEXT, "tokens": TOKENS}]
    mention = {"id": "m", "trigger_word": "killed", "sent_id": 1, "offset": [3, 4]}
    event = {"id": "e", "type": "die", "mention": [mention]}
    (record,) = read({"id": "m", "title": "T", "content": content, "events": [event], "negative_triggers": [1]})
    assert found(record) == [("die", [("trigger", "killed")])]
    assert record.unread == ("key negative_triggers",)


PLACE = [("annotation", [("place", "Odesa")])]
QUOTED = {"start": 23, "end": 27, "type": "place", "text": "Odesa"}


@pytest.mark.parametrize(
    "item",
    [
        {"text": TEXT, "entities": [{"start": 23, "end": 28, "label": "place"}]},
        {"content": TEXT, "ner": [[23, 28, "place"]]},
        {"body": TEXT, "annotation": [["place", 23, 28, 0.9]], "metadata": {}},
        {"text": TEXT, "entities": {"place": [{"indices": [23, 28]}]}},
        {"Text": TEXT, "Entities": [{"BeginOffset": 23, "EndOffset": 28, "Type": "place", "Score": 0.9}]},
        {"sentence": TEXT, "mentions": [{"offset": 23, "length": 5, "type": "place"}]},
        {"text": TEXT, "annotations": [{"begin": 23.0, "end": 28.0, "tag": "place"}]},
        {"text": TEXT, "entities": [QUOTED, {"start": 13, "end": 18, "type": "x", "text": "killed"}][:1]},
        {"content": TEXT, "annotation": [{"label": ["place"], "points": [{"start": 23, "end": 27, "text": "Odesa"}]}]},
        {"tokens": TOKENS, "entities": [{"start": 5, "end": 6, "type": "place"}]},
        {"tokens": TOKENS, "ner_tags": [tag.replace("LOC", "place") for tag in TAGS]},
        {"sentence": TOKENS, "ner": [[5, 5, "place"]]},
        {"text": TEXT, "tokens": TOKENS, "spans": [{"start": 5, "end": 6, "type": "place"}]},
        {"data": [{"text": TEXT, "entities": [{"start": 23, "end": 28, "label": "place"}]}]},
        {"text_snippet": {"content": TEXT}, "annotations": [
            {"display_name": "place", "text_extraction": {"text_segment": {"start_offset": 23, "end_offset": 28}}}]},
        {"documents": [{"id": "1", "passages": [{"offset": 0, "text": TEXT, "annotations": [
            {"infons": {"type": "place"}, "text": "Odesa", "locations": [{"offset": 23, "length": 5}]}]}]}]},
        {"%FEATURE_STRUCTURES": [{"sofaString": TEXT}, {"begin": 23, "end": 28, "value": "place"}]},
    ],
)  # fmt: skip
def test_lists_of_spans_are_fields_of_one_event(item: dict[str, Any]) -> None:
    for array in (False, True):
        (record,) = read(item, array=array)
        assert found(record) == PLACE


@pytest.mark.parametrize(
    ("tags", "fields"),
    [
        (["B-A", "I-A", "O", "B-A", "B-A", "I-B", "O"], ["Two men", "killed", "in", "Odesa"]),  # BIO
        (["I-A", "I-A", "O", "I-A", "I-B", "O", "O"], ["Two men", "killed", "in"]),  # IOB1
        (["B-A", "L-A", "U-A", "O", "S-A", "B-A", "E-A"], ["Two men", "were", "in", "Odesa ."]),  # BILOU, BIOES
    ],
)
def test_tags_of_tokens_are_spans(tags: list[str], fields: list[str]) -> None:
    (record,) = read({"tokens": TOKENS, "ner_tags": tags})
    assert [value for _, pairs in found(record) for _, value in pairs] == fields


@pytest.mark.parametrize(
    ("item", "types", "unread"),
    [
        ({"text": TEXT, "cats": {"riot": 1.0, "war": 0.0}}, ["riot"], ()),
        ({"text": TEXT, "cats": {"riot": 0.7, "war": 0.3}}, ["riot"], ("label war below 0.5",)),
        ({"text": TEXT, "cats": {"riot": True, "war": False}}, ["riot"], ()),
        ({"text": TEXT, "label": "riot", "split": "dev"}, ["riot"], ("key split",)),
        ({"article": TEXT, "topics": ["riot", "war"]}, ["riot", "war"], ()),
        ({"content": TEXT, "label": 1}, [], ("key label",)),
        ({"tokens": TOKENS, "ner_tags": [0, 1, 0, 0, 0, 0, 0]}, [], ("key ner_tags",)),
        ({"fields": {"text": TEXT}, "suggestions": {"a": 1}}, [], ("key suggestions",)),
    ],
)
def test_labels_are_types_of_events_and_the_rest_is_counted(
    item: dict[str, Any], types: list[str], unread: tuple[str, ...]
) -> None:
    (record,) = read(item)
    assert [event_type for event_type, _ in found(record)] == types
    assert record.unread == unread


@pytest.mark.parametrize("key", ["content", "body", "sentence", "article", "document", "raw_text", "context", "input"])
def test_usual_keys_hold_the_text(key: str) -> None:
    (record,) = read({"doc_id": "d", key: TEXT, "headline": "H"})
    assert isinstance(record.document, dict)
    assert (record.document["id"], record.document["text"], record.document["title"]) == ("d", TEXT, "H")


def test_tokens_are_joined_and_scripts_without_blanks_get_none() -> None:
    records = read({"tokens": list("他在北京"), "ner_tags": ["O", "O", "B-P", "I-P"]}, {"sentences": ["One.", "Two."]})
    assert found(records[0]) == [("annotation", [("P", "北京")])]
    assert isinstance(records[1].document, dict)
    assert records[1].document["text"] == "One.\nTwo."


def test_parts_of_one_document_are_documents_of_their_own() -> None:
    records = read(*({"doc_id": "d", "sent_id": n, "sentence": f"{TEXT} {n}"} for n in range(2)))
    assert [record.document["id"] for record in records if isinstance(record.document, dict)] == ["d/0", "d/1"]


def test_an_item_that_a_mapping_can_not_place_is_counted() -> None:
    (record,) = read({"text": TEXT, "entities": [{"start": 23, "end": 28, "label": "place"}]}, {"text": "a"})[:1]
    assert found(record) == PLACE
    mapping = parse_mapping('[[spans]]\nlist = "e"\ntype = "t"\nstart = "s"\nend = "n"', "m.toml")
    reading = _read({"text": TEXT, "e": [{"s": 0, "n": 3}, {"t": "x"}, {"t": "y", "s": 0, "n": 3, "z": 1}]}, mapping)
    assert reading.unread == ("key e.z", "item of e without a type", "item of e without a place")


def _read(document: dict[str, Any], mapping: Mapping) -> Reading:
    return read_document(document, mapping, ReadOptions())


def test_a_mapping_reads_any_layout() -> None:
    toml = """
    [document]
    id = "meta.number"
    text = ["headline", "story"]
    [[events]]
    list = "incidents"
    type = "what.kind"
    start = "anchor.0"
    end = "anchor.-1"
    ends = "inclusive"
    [[events.arguments]]
    list = "who.*"
    type = "@key"
    of = "."
    [[spans]]
    list = "entities"
    id = "id"
    type = "=entity"
    start = "from"
    length = "length"
    [[labels]]
    list = "topics.*"
    type = "@key"
    confidence = "."
    """
    data = {
        "meta": {"number": 7},
        "headline": "News",
        "story": TEXT,
        "incidents": [{"what": {"kind": "die"}, "anchor": [19, 24], "who": {"victim": [1]}}],
        "entities": [{"id": 1, "from": 6, "length": 7}],
        "topics": {"war": 0.9},
    }
    reading = _read(data, parse_mapping(toml, "m.toml"))
    record = Record(1, reading.document)
    assert found(record) == [("die", [("trigger", "killed"), ("victim", "Two men")]), ("war", [])]
    assert reading.document["id"] == "7"
    assert reading.document["text"] == f"News\n\n{TEXT}"
    assert reading.unread == ()


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("", "has neither"),
        ("x = 1", "unknown key 'x'"),
        ('[[spans]]\ntype = "a"\nstart = "b"', "has no list"),
        ('[[spans]]\nlist = "a"\nstart = "b"', "has no type"),
        ('[[spans]]\nlist = "a"\ntype = "b"', "neither start nor quote"),
        ('[[spans]]\nlist = "a"\ntype = "b"\nstart = "c"\nunit = "words"', "unknown unit 'words'"),
        ('[[events]]\nlist = "a"\ntype = "b"\ndrop = "("', "not a regular expression"),
        ("[[events]]\nlist = 1", "list must be text"),
        ("events = 1", "must be a list of tables"),
        ("document = 1", "must be a table"),
    ],
)
def test_a_wrong_mapping_names_the_key(toml: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        parse_mapping(toml, "m.toml")


def test_shipped_mappings_are_valid_and_missing_ones_are_named() -> None:
    assert all(load_mapping(name).recognise for name in shipped_names())
    with pytest.raises(InputError, match="no such mapping; give a TOML file or one of automl"):
        load_mapping("nothing.toml")


def test_the_whole_document_comes_back() -> None:
    item = {"text": TEXT, "entities": [[23, 28, "place"]], "extra": {"a": [1]}}
    reading = _read(item, parse_mapping('[[spans]]\nlist = "entities"\ntype = "2"\nstart = "0"\nend = "1"', "m"))
    assert reading.document["annotated_json"] == {"entities": [[23, 28, "place"]], "extra": {"a": [1]}}
