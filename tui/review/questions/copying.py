"""Asks what to copy to the clipboard: a value, the quote that supports it, or a citation."""

from db.describe import value_words
from tui.review.host import Host
from tui.text.marks import shown
from tui.text.safe import safe

_VALUE_SHOWN = 20  # characters


class CopyQuestions:
    """Copies from the open event."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def copy(self) -> None:
        """Ask what to copy, and copy it."""
        host = self._host
        field, document = host.panes.fields.selected, host.session.document
        texts: dict[str, str] = {}
        answers: dict[str, str] = {}
        if field is not None:
            texts["v"], answers["v"] = (
                safe(value_words(field.value, field.modifier)),
                f"value {shown(field.value)[:_VALUE_SHOWN]}",
            )
        if document is not None:
            quote = " … ".join(document.source[start:end] for start, end in field.spans) if field else ""
            source = [document.publisher, document.published, document.title, document.url or document.external_id]
            citation = ", ".join(part for part in source if part)
            if quote:
                texts["q"], answers["q"] = quote, "quote"
                citation = f"“{quote}” ({citation})"
            texts["c"], answers["c"] = citation, "citation"

        def copy(key: str) -> None:
            host.copy(texts[key])
            host.say(f"copied the {answers[key].split()[0]}", "")

        if texts:
            host.dialogs.key("Copy", answers, copy)
