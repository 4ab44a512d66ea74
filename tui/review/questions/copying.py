"""Asks what to copy to the clipboard: the value, the words of the text that bear it out, or a citation."""

from typing import TYPE_CHECKING

from tui.text.looks import shown
from tui.widgets.clipboard import copy

if TYPE_CHECKING:
    from tui.review.screen import ReviewScreen


class CopyQuestions:
    """Copies from the event shown."""

    def __init__(self, screen: "ReviewScreen") -> None:
        self._asking = screen.asking
        self._screen = screen

    def copy(self) -> None:
        """Ask what, and copy it."""
        screen = self._screen
        field, document = screen.fields_view.selected, screen.document
        texts: dict[str, str] = {}
        answers: dict[str, str] = {}
        if field is not None:
            texts["v"], answers["v"] = shown(field.value), f"value {shown(field.value)[:20]}"
        if document is not None:
            quote = " … ".join(document.source[start:end] for start, end in field.spans) if field else ""
            where = [document.publisher, document.published, document.title, document.url or document.external_id]
            citation = ", ".join(part for part in where if part)
            if quote:
                texts["q"], answers["q"] = quote, "quote"
                citation = f"“{quote}” ({citation})"
            texts["c"], answers["c"] = citation, "citation"

        def take(key: str) -> None:
            copy(screen.app, texts[key])
            screen.say(f"copied the {answers[key].split()[0]}", "")

        if texts:
            self._asking.key("Copy", answers, take)
