"""The log of the `llm` tool: responses to prompts with a schema are events, and what they were given is the text."""

from db.sources.database.catalogue import TableInfo
from db.sources.database.database import Database
from db.sources.plan import Joined, Link
from db.sources.proposing.findings import EventDraft, Findings
from db.sources.proposing.shapes.json_columns import add_roles, events_in
from db.sources.proposing.shapes.json_samples import parsed

_COLUMNS = frozenset("id model prompt response conversation_id datetime_utc".split())
_READ = frozenset(("id", "model", "prompt", "response"))
_GIVEN = (
    ("fragments", "prompt_fragments", "fragment_id", "source"),
    ("attachments", "prompt_attachments", "attachment_id", "path"),
)
"""What a prompt may come with: the table, the one that links it with responses, its id there, and where it is from."""


def find_responses(database: Database, findings: Findings) -> None:
    """Make a draft of the responses, and ignore the other tables of the log."""
    responses = database.catalogue.named("responses")
    if responses is None or not _COLUMNS.issubset(responses.names):
        return
    draft = EventDraft(responses, responses.key or ("id",), each="response")
    texts = []
    for name, between, column, source in _GIVEN:
        given, link = database.catalogue.named(name), database.catalogue.named(between)
        if given is None or link is None or not link.sample:
            continue
        way = Link(("id",), between, ("response_id",), Link((column,), name, ("id",)))
        draft.joined.append(Joined(name, way, ("id", "content", source), several=True))
        draft.document_id, draft.document_table = (f"{name}.id",), name
        texts.append(f"{name}.content")
    if not texts:
        texts, draft.document_id = ["prompt"], draft.key
    draft.text = (texts[0],)
    draft.reasons["events"] = "responses of the llm tool to prompts with a schema: their objects are events"
    draft.reasons["text"] = f"{texts[0]}: what the prompt was given"
    unread = (name for name in responses.names if name not in _READ)
    draft.used |= dict.fromkeys(unread, "describes the call of the model")
    answers = responses.values("response")
    add_roles(draft, [item for answer in answers for value in parsed([answer]) for item in events_in(value)])
    findings.events[responses.name] = draft
    for table in database.catalogue.tables:
        if table.name != responses.name and _is_part(table):
            findings.ignored.setdefault(table.name, "the llm tool keeps it beside its responses")


def _is_part(table: TableInfo) -> bool:
    return any(
        part in table.name
        for part in ("responses", "conversations", "schemas", "attachments", "fragment", "tool", "_llm_migrations")
    )
