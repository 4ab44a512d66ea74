"""Says what the columns of a document are: those of a joined table, or of the event's own row."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, Mapping
from db.formats.tables.read import column_names
from db.formats.tables.read.column_names import folded_name
from db.formats.tables.read.guessing import Columns
from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import ROWID, Joined, Link
from db.sources.proposing.findings import EventDraft, Findings, TextDraft
from db.sources.proposing.shapes.json_samples import keys_in_json
from db.sources.proposing.vocabulary import stems

_SOURCES = frozenset(
    "source outlet feed publisher newspaper publication media medium site website fuente quelle".split()
)


_IN_JSON = {
    "title": column_names.TITLE,
    "url": column_names.URL,
    "published": column_names.PUBLISHED,
    "publisher": column_names.PUBLISHER,
}


def map_texts(database: Database, findings: Findings, text: TextDraft) -> tuple[Mapping, list[Joined]]:
    """Return the mapping of a table of texts, and what it is joined with."""
    draft = EventDraft(text.table, text.table.key or ((ROWID,) if text.table.rowid else text.table.names[:1]))
    columns = _columns_of(text.table, text.column)
    publisher = columns.publisher or _publisher_behind(database, findings, draft, text.table, None)
    columns = replace(columns, id=draft.key, text=(text.column,), publisher=publisher)
    return Mapping(document=columns, event=EventColumns(constant_type="event"), guessed=True), draft.joined


def joined_document(database: Database, findings: Findings, draft: EventDraft) -> DocumentColumns:
    """Return the columns of the joined document, and keep no others of its table."""
    joined = next((item for item in draft.joined if item.link.end == draft.document_table), None)
    if joined is None or (table := database.catalogue.named(joined.link.end)) is None:
        return DocumentColumns(id=draft.document_id, text=draft.text)
    prefix = f"{joined.name}."
    texts = [text.removeprefix(prefix) for text in draft.text]
    found = _columns_of(table, texts[0] if texts else None)
    named = _described_between(database, draft, joined, found) | described_in_json(table, joined.name, draft)
    publisher = found.publisher
    if publisher is None and not joined.several:
        publisher = _publisher_behind(database, findings, draft, table, joined.link)
        publisher = publisher and f"\0{publisher}"
    named |= {key: f"{prefix}{column}" for key in ("url", "published", "language") if (column := getattr(found, key))}
    wanted = [*found.title, *texts, *filter(None, (found.url, found.publisher, found.published, found.language))]
    wanted += [column.removeprefix(prefix) for column in draft.document_id if column.startswith(prefix)]
    wanted += [path.removeprefix(prefix).partition(".")[0] for path in draft.json if path.startswith(prefix)]
    kept = tuple(column for column in table.names if column in wanted)
    draft.joined[draft.joined.index(joined)] = replace(joined, columns=kept)
    if publisher:
        named["publisher"] = publisher[1:] if publisher.startswith("\0") else f"{prefix}{publisher}"
    title = named.pop("title", None)
    titles = tuple(f"{prefix}{column}" for column in found.title) or ((title,) if title else ())
    return DocumentColumns(id=draft.document_id, title=titles, text=draft.text, **named)


def _described_between(database: Database, draft: EventDraft, joined: Joined, found: DocumentColumns) -> dict[str, str]:
    """Return what tables on the way to the text say of the document, and read these columns too."""
    named: dict[str, str] = {}
    way, before = joined.link, joined.link.columns
    while way.then is not None:
        table = database.catalogue.named(way.table)
        here = _columns_of(table, None) if table is not None else DocumentColumns()
        own = {"title": here.title[0] if here.title else None, "url": here.url, "published": here.published}
        wanted = {key: column for key, column in own.items() if column and not getattr(found, key) and key not in named}
        if wanted and before == joined.link.columns and not joined.several:
            draft.joined.append(Joined(way.table, replace(way, then=None), tuple(wanted.values())))
            named |= {key: f"{way.table}.{column}" for key, column in wanted.items()}
        before, way = way.to, way.then
    return named


def described_in_json(table: TableInfo, prefix: str, draft: EventDraft) -> dict[str, str]:
    """Return the paths of what the JSON around a text says of the document, such as its title."""
    named: dict[str, str] = {}
    for text in draft.text:
        column = text.removeprefix(f"{prefix}." if prefix else "").partition(".")[0]
        whole = f"{prefix}.{column}" if prefix else column
        if column not in table.names or text == whole:
            continue
        draft.used[whole] = "what is known of the document, as JSON"
        keys = keys_in_json(table.values(column))
        for key, names in _IN_JSON.items():
            path = next((path for path in keys if folded_name(path.rpartition(".")[2]) in names), None)
            if path is not None and f"{whole}.{path}" != text:
                named[key] = f"{whole}.{path}"
    return named


def _columns_of(table: TableInfo, text: str | None) -> DocumentColumns:
    """Return what the columns of a table of documents are."""
    names = [name for name in table.names if name != text and name not in table.key]
    at = [table.names.index(name) for name in names]
    seen = Columns(names, [[_plain(row[one]) for one in at] for row in table.sample])
    title = seen.take(column_names.TITLE, seen.is_text)
    url = seen.take(column_names.URL, seen.is_text)
    published = seen.take(column_names.PUBLISHED, seen.is_day) or seen.take(column_names.DATE, seen.is_day)
    publisher = seen.take(column_names.PUBLISHER, seen.is_text)
    language = seen.take(column_names.LANGUAGE, seen.is_text)
    if url is None and len(table.key) == 1 and any("://" in str(value) for value in table.values(table.key[0])[:5]):
        url = table.key[0]
    return DocumentColumns((), (title,) if title else (), (), url, publisher, published, language)


def _publisher_behind(
    database: Database, findings: Findings, draft: EventDraft, table: TableInfo, way: Link | None
) -> str | None:
    """Join the table of publishers to which a document refers, and return the column of their names."""
    for link in findings.from_table(table.name):
        other = database.catalogue.named(link.link.table)
        if other is None or not link.one or link.link.then or other.name in findings.texts:
            continue
        if not (set(stems(link.link.columns[0])) | set(stems(other.name))) & _SOURCES:
            continue
        names = [name for name in other.names if stems(name)[-1:] in (("name",), ("title",), ("label",), ("domain",))]
        if names:
            draft.joined.append(Joined(other.name, _extended(way, link.link), (names[0],)))
            return f"{other.name}.{names[0]}"
    return None


def _extended(way: Link | None, link: Link) -> Link:
    return link if way is None else replace(way, then=_extended(way.then, link))


def document_of_row(draft: EventDraft, seen: Columns, table: TableInfo, document: DocumentColumns) -> DocumentColumns:
    """Return the document of a row that holds its own text, or has none."""
    if not draft.text:
        return document
    texts = (
        [str(value) for value in (row[table.names.index(draft.text[0])] for row in table.sample)]
        if (draft.text[0] in table.names)
        else []
    )
    inside = described_in_json(table, "", draft)
    title = seen.take(column_names.TITLE, lambda column: seen.is_text(column) and _one_a_text(table, texts, column))
    url = seen.take(column_names.URL, lambda column: seen.is_text(column) and _one_a_text(table, texts, column))
    published = seen.take(column_names.PUBLISHED, seen.is_day)
    publisher = seen.take(column_names.PUBLISHER, seen.is_text)
    language = seen.take(column_names.LANGUAGE, seen.is_text)
    own_id = seen.take(
        column_names.DOCUMENT_ID, lambda column: seen.is_there(column) and _one_a_text(table, texts, column)
    )
    ids = draft.document_id
    if not ids and texts:
        if own_id:
            ids = (own_id,)
        elif (
            url
            and len(table.values(url)) == len(table.sample)
            and _one_a_text(table, list(map(str, table.values(url))), draft.text[0])
        ):
            ids = (url,)
        elif len(set(texts)) == len(texts):
            ids = draft.key
    title = title or inside.get("title")
    return DocumentColumns(
        ids,
        (title,) if title else (),
        draft.text,
        url or inside.get("url"),
        publisher or inside.get("publisher"),
        published or inside.get("published"),
        language,
    )


def _one_a_text(table: TableInfo, texts: Sequence[str], column: str) -> bool:
    """Return True if rows with the same text have the same cell in a column."""
    at = table.names.index(column)
    first: dict[str, Any] = {}
    return all(first.setdefault(text, row[at]) == row[at] for text, row in zip(texts, table.sample, strict=False))


def _plain(cell: Any) -> Any:
    return "" if cell is None else cell
