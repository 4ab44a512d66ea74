"""Asks for a value by hint letters over everything in the text that could be it."""

from collections.abc import Sequence

from db.describe import value_words
from db.model import Value
from db.query.known_values import closed_values
from db.suggest.candidates import Candidate
from db.text.evidence import nearest
from tui.review.questions.values import TypedValues, Wanted
from tui.text.hints import by_likelihood, labels
from tui.text.looks import shown
from tui.text.safe import safe
from tui.widgets.question import LabelQuestion, TextQuestion

_KNOWN_SHOWN = 6  # known values that do not stand in the text get a hint too
_LIKELY = 14  # hints of the text before them
_MEANINGS_SHOWN = 14  # hints whose value is told at the foot


class ValueQuestions(TypedValues):
    """Asks for values: picked from the text, or typed."""

    def pick(self, wanted: Wanted) -> None:
        """Draw hint letters over everything in the text that could be the value; one hint sets it and its evidence."""
        used = self._known(wanted)
        found = self._candidates(wanted, used)
        if wanted.spec.choices:
            self._pick_choice(wanted, found)
            return
        current = wanted.field.value if wanted.field else None
        order = by_likelihood([(item.span, item.value) for item in found], wanted.near, current)
        likely = [found[number] for number in order]
        known: list[Candidate | Value] = list(self._known_elsewhere(wanted, used, found))
        closed: list[Candidate | Value] = list(self._closed(wanted, current))
        offered: list[Candidate | Value] = [*likely[:_LIKELY], *known, *likely[_LIKELY:]]
        if closed:
            offered = [*closed, *(item for item in likely if item.value not in closed)]
        by_label = dict(zip(labels(len(offered)), offered, strict=False))
        hints = {label: item for label, item in by_label.items() if isinstance(item, Candidate)}

        def show(typed: str) -> None:
            here = {label[len(typed) :]: item.span for label, item in hints.items() if label.startswith(typed)}
            self._screen.source_view.show_labels(here, wanted.field.spans if wanted.field else ())

        def take(key: str) -> None:
            match key:
                case "enter":
                    self.type(wanted)
                case "slash":
                    self._narrow(wanted, found, "")
                case "space" if wanted.skip:
                    wanted.skip()
                case _ if key.isdigit():
                    self._narrow(wanted, found, key)
                case _:
                    self._take_hint(wanted, by_label[key])

        meanings = dict.fromkeys(by_label, "")
        for label in list(by_label)[:_MEANINGS_SHOWN]:
            item = by_label[label]
            meanings[label] = self._told(item, wanted) if isinstance(item, Candidate) else f"{shown(item)} (known)"
        also = {"slash": "narrow", "enter": "type it"} | ({"space": "skip"} if wanted.skip else {})
        also |= dict.fromkeys("0123456789", "")
        question = f"Pick {safe(wanted.label)}{':' if by_label else ': nothing here looks like one'}"
        self._asking.label(LabelQuestion(question, "source", meanings, take, show, also))

    @staticmethod
    def _known_elsewhere(wanted: Wanted, used: Sequence[Value], found: Sequence[Candidate]) -> list[Value]:
        """Known values of the field that do not stand in the text, the most used first."""
        if wanted.spec.kind in ("integer", "number", "date"):
            return []
        there = {str(item.value).casefold() for item in found}
        current = wanted.field.value if wanted.field else None
        return [item for item in used if str(item).casefold() not in there and item != current][:_KNOWN_SHOWN]

    def _closed(self, wanted: Wanted, current: Value) -> list[str]:
        """The few values that a field of text has in this file, but for the one it has here."""
        if wanted.spec.kind != "text":
            return []
        return [value for value in closed_values(self._screen.connection, wanted.spec.name) if value != current]

    def _told(self, item: Candidate, wanted: Wanted) -> str:
        """The value; for a date, also what the text says."""
        value = safe(value_words(item.value, item.modifier))
        written = self._screen.document.source[item.span.start : item.span.end] if self._screen.document else ""
        return f"{safe(written)} → {value}" if wanted.spec.kind == "date" and written != item.value else value

    def _take_hint(self, wanted: Wanted, item: Candidate | Value) -> None:
        if isinstance(item, Candidate):
            self.settle(wanted, item.value, [item.span], item.modifier)
        else:
            self.settle(wanted, item, self._places(item, wanted)[:1])

    def _pick_choice(self, wanted: Wanted, found: Sequence[Candidate]) -> None:
        """A choice is one letter; its evidence is where it stands, nearest to the old."""
        choices = wanted.spec.choices
        by_label = dict(zip(labels(len(choices)), choices, strict=False))

        def take(key: str) -> None:
            if key == "enter":
                self.type(wanted)
            elif key == "space" and wanted.skip:
                wanted.skip()
            else:
                value = by_label[key]
                spans = nearest([item.span for item in found if item.value == value], wanted.near)
                self.settle(wanted, value, spans[:1])

        meanings = {label: safe(choice) for label, choice in by_label.items()}
        also = {"enter": "type it"} | ({"space": "skip"} if wanted.skip else {})
        self._asking.label(LabelQuestion(f"Pick {safe(wanted.label)}:", "source", meanings, take, lambda _: None, also))

    def _narrow(self, wanted: Wanted, found: Sequence[Candidate], typed: str) -> None:
        """Type a part of the text: the nearest place that holds it is taken."""
        source = self._screen.document.source if self._screen.document else ""
        order = by_likelihood([(item.span, item.value) for item in found], wanted.near, None)

        def matching(text: str) -> list[Candidate]:
            part = text.strip().casefold()
            ordered = [found[number] for number in order]
            return [
                item
                for item in ordered
                if part in source[item.span.start : item.span.end].casefold() or part in str(item.value).casefold()
            ]

        def remark(text: str) -> str:
            items = matching(text)
            self._screen.source_view.show_evidence([item.span for item in items[1:]], [item.span for item in items[:1]])
            if not items:
                return "no match"
            count = "1 place" if len(items) == 1 else f"{len(items)} places"
            return f"{count}; enter takes {self._told(items[0], wanted)}"

        def take(text: str, _: bool) -> str | None:
            items = matching(text)
            if not items:
                return "no match; esc cancels"
            self._take_hint(wanted, items[0])
            return None

        self._asking.text(TextQuestion(f"Narrow {wanted.label} to", take, typed, remark=remark, typed=True))
