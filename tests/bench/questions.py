"""The questions of the bench: in eventdesk's query language, and in the fastest SQL that was found by hand."""

from dataclasses import dataclass

PAGE = 200
_EVENTS = "FROM events WHERE live AND"
_IN_ORDER = f"ORDER BY document_id, id LIMIT {PAGE}"
_FIELD = "SELECT event_id FROM fields WHERE state <> 'removed' AND name ="
_OF_EVENT = (
    "SELECT 1 FROM fields INDEXED BY fields_by_event WHERE event_id = events.id AND state <> 'removed' AND name ="
)


@dataclass(frozen=True, slots=True)
class Question:
    """A query; ``page`` is SQL for the first page of what it finds, ``count`` for how many it finds."""

    about: str
    query: str
    page: str
    count: str


def _by_fields(about: str, query: str, own: str, *fields: str, rare: bool = False) -> Question:
    """One about fields: the rows of the first field find the count, and a page of a rare one; a walk another page."""
    tests = [f"EXISTS ({_OF_EVENT} {test})" for test in fields]
    sets = " AND ".join([own, f"id IN ({_FIELD} {fields[0]})", *tests[1:]])
    walk = " AND ".join([own, *tests])
    return Question(
        about,
        query,
        f"SELECT id {_EVENTS} {sets if rare else walk} {_IN_ORDER}",
        f"SELECT count(*) {_EVENTS} {sets}",
    )


def _by_words(about: str, words: str, match: str, *, rare: bool = False) -> Question:
    """One about words in titles, texts and values: a walk finds a page of a frequent one, sets find the rest."""
    documents = f"document_id IN (SELECT rowid FROM documents_fts WHERE documents_fts MATCH '{match}')"
    sets = f"id IN ({_found(match)})"
    either = f"({documents} OR id IN ({_valued(match)}))"
    return Question(
        about,
        words,
        f"SELECT id {_EVENTS} {sets if rare else either} {_IN_ORDER}",
        f"SELECT count(*) {_EVENTS} {sets}",
    )


def _found(match: str) -> str:
    return (
        "SELECT id FROM events WHERE live AND document_id IN"
        f" (SELECT rowid FROM documents_fts WHERE documents_fts MATCH '{match}') UNION {_valued(match)}"
    )


def _valued(match: str) -> str:
    return (
        "SELECT event_id FROM fields JOIN field_values USING (name, value) WHERE state <> 'removed' AND field_values.id"
        f" IN (SELECT rowid FROM field_values_fts WHERE field_values_fts MATCH '{match}')"
    )


_OWN = (
    "confidence < 0.2 AND status = 'pending' AND document_id NOT IN (SELECT id FROM documents WHERE publisher = 'RBC')"
)
_RARE = f"id IN ({_found('astrolabe')}) AND type = 'attack' AND EXISTS ({_OF_EVENT} 'killed' AND value >= 3)"
QUESTIONS = (
    _by_fields(
        "three comparisons",
        "recipient:Ukraine count>=500 date>=2024-10",
        "1",
        "'count' AND value >= 500 AND value < ''",
        "'recipient' AND value = 'Ukraine'",
        "'date' AND value >= '2024-10' AND value < 'a'",
    ),
    _by_words("a rare word", "astrolabe", "astrolabe", rare=True),
    _by_words("a frequent word", "soldiers", "soldiers"),
    _by_words("a phrase", '"humanitarian corridor"', '"humanitarian corridor"'),
    _by_words("a word of Chinese", "遗体", '"遗 体"'),
    Question(
        "a word and comparisons",
        "astrolabe type:attack killed>=3",
        f"SELECT id {_EVENTS} {_RARE} {_IN_ORDER}",
        f"SELECT count(*) {_EVENTS} {_RARE}",
    ),
    Question(
        "an event's and a document's own",
        "confidence<0.2 status:pending -publisher:RBC",
        f"SELECT id {_EVENTS} {_OWN} {_IN_ORDER}",
        f"SELECT count(*) {_EVENTS} {_OWN}",
    ),
    _by_fields(
        "brackets and or",
        "(location:Donetsk or location:Kharkiv) type:repatriation_of_remains",
        "+type = 'repatriation_of_remains'",  # without the index on types, which is not in the order of a page
        "'location' AND value IN ('Donetsk', 'Kharkiv')",
    ),
    Question(
        "all, sorted by a field",
        "sort:-count",
        f"{_FIELD} 'count' ORDER BY value DESC, event_id LIMIT {PAGE}",
        "SELECT count(*) FROM events WHERE live",
    ),
    _by_fields("nothing found", "recipient:Atlantis", "1", "'recipient' AND value = 'Atlantis'", rare=True),
)
