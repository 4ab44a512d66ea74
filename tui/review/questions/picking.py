"""Asks for a value by hint letters over everything in the text that could be the value."""

from collections.abc import Sequence

from db.describe import value_words
from db.model import Value
from db.query.known_values import closed_values
from db.suggest.candidates import Candidate
from db.text.evidence import nearest
from db.text.folding import folded
from tui.review.questions.values import TypedValues, ValueRequest
from tui.text.hints import by_likelihood, labels
from tui.text.marks import shown
from tui.text.safe import safe
from tui.widgets.question import LabelQuestion, TextQuestion

_KNOWN_SHOWN = 6  # known values not in the text that get a hint too
_LIKELY = 14  # hints in the text before them
_MEANINGS_SHOWN = 14  # hints whose value is listed at the foot
_FEW_CHOICES = 9  # more of them may not fit at the foot


class ValueQuestions(TypedValues):
    """Asks for values that are picked from the text, or typed."""

    def pick(self, request: ValueRequest) -> None:
        """Ask for the value by hint letters over the text; a hint saves the value with its evidence."""
        used = self._known(request)
        found = self._candidates(request, used)
        if request.spec.choices:
            self._pick_choice(request, found)
            return
        current = request.field.value if request.field else None
        order = by_likelihood([(item.span, item.value) for item in found], request.near, current)
        likely = [found[number] for number in order]
        known: list[Candidate | Value] = list(self._known_elsewhere(request, used, found))
        closed: list[Candidate | Value] = list(self._closed(request, current))
        offered: list[Candidate | Value] = [*likely[:_LIKELY], *known, *likely[_LIKELY:]]
        if closed:
            offered = [*closed, *(item for item in likely if item.value not in closed)]
        by_label = dict(zip(labels(len(offered)), offered, strict=False))
        hints = {label: item for label, item in by_label.items() if isinstance(item, Candidate)}

        def draw(typed: str) -> None:
            here = {label[len(typed) :]: item.span for label, item in hints.items() if label.startswith(typed)}
            self._host.panes.source.show_labels(here, request.field.spans if request.field else ())

        def submit(key: str) -> None:
            match key:
                case "enter":
                    self.type(request)
                case "slash":
                    self._filter(request, found, "")
                case "space" if request.skip:
                    request.skip()
                case _ if key.isdigit():
                    self._filter(request, found, key)
                case _:
                    self._save_hint(request, by_label[key])

        meanings = dict.fromkeys(by_label, "")
        for label in list(by_label)[:_MEANINGS_SHOWN]:
            item = by_label[label]
            meanings[label] = self._describe(item, request) if isinstance(item, Candidate) else f"{shown(item)} (known)"
        keys = {"slash": "filter", "enter": "type it"} | ({"space": "skip"} if request.skip else {})
        keys |= dict.fromkeys("0123456789", "")
        question = self._title(request) + ("" if by_label else ": no candidates in the text")
        self._dialogs.label(LabelQuestion(question, "source", meanings, submit, draw, keys))

    @staticmethod
    def _title(request: ValueRequest) -> str:
        return f"Pick a value for {safe(request.label)}"

    @staticmethod
    def _known_elsewhere(request: ValueRequest, used: Sequence[Value], found: Sequence[Candidate]) -> list[Value]:
        """Known values of the field that don't occur in the text, the most frequent first."""
        if request.spec.kind in ("integer", "number", "date"):
            return []
        present = {str(item.value).casefold() for item in found}
        current = request.field.value if request.field else None
        return [item for item in used if str(item).casefold() not in present and item != current][:_KNOWN_SHOWN]

    def _closed(self, request: ValueRequest, current: Value) -> list[str]:
        """The few values that a text field has in this file, without the current one."""
        if request.spec.kind != "text":
            return []
        values = closed_values(self._host.session.connection, request.spec.name)
        return [value for value in values if value != current]

    def _describe(self, item: Candidate, request: ValueRequest) -> str:
        """A candidate's value; of a date, with the words of the text."""
        value = safe(value_words(item.value, item.modifier))
        document = self._host.session.document
        written = document.source[item.span.start : item.span.end] if document else ""
        return f"{safe(written)} → {value}" if request.spec.kind == "date" and written != item.value else value

    def _save_hint(self, request: ValueRequest, item: Candidate | Value) -> None:
        if isinstance(item, Candidate):
            self.save(request, item.value, [item.span], item.modifier)
        else:
            self.save(request, item, self._places(item, request)[:1])

    def _pick_choice(self, request: ValueRequest, found: Sequence[Candidate]) -> None:
        """Ask for a choice by one letter; its evidence is its place nearest to the old."""
        choices = request.spec.choices
        by_label = dict(zip(labels(len(choices)), choices, strict=False))

        def submit(key: str) -> None:
            if key == "enter":
                self.type(request)
            elif key == "space" and request.skip:
                request.skip()
            elif key == "slash":
                question = TextQuestion(self._title(request), filtered, suggestions=choices, pick=True)
                self._dialogs.text(question)
            else:
                save(by_label[key])

        def filtered(text: str, _: bool) -> str | None:
            return save(text) if text in choices else f"no choice matches {text}; esc cancels"

        def save(value: str) -> str | None:
            spans = nearest([item.span for item in found if item.value == value], request.near)
            return self.save(request, value, spans[:1])

        meanings = {label: safe(choice) for label, choice in by_label.items()}
        keys = {"slash": "filter"} if len(choices) > _FEW_CHOICES else {}
        keys |= {"enter": "type it"} | ({"space": "skip"} if request.skip else {})
        self._dialogs.label(LabelQuestion(self._title(request), "source", meanings, submit, lambda _: None, keys))

    def _filter(self, request: ValueRequest, found: Sequence[Candidate], typed: str) -> None:
        """Ask for a part of the text or the value; the likeliest candidate that has it is saved."""
        document = self._host.session.document
        source = document.source if document else ""
        order = by_likelihood([(item.span, item.value) for item in found], request.near, None)
        ordered = [found[number] for number in order]

        def matching(text: str) -> list[Candidate]:
            part = folded(text)
            return [
                item
                for item in ordered
                if part in folded(source[item.span.start : item.span.end]) or part in folded(str(item.value))
            ]

        def remark(text: str) -> str:
            items = matching(text)
            self._host.panes.source.show_evidence([item.span for item in items[1:]], [item.span for item in items[:1]])
            if not items:
                return "no match"
            count = "1 match" if len(items) == 1 else f"{len(items)} matches"
            return f"{count}; enter saves {self._describe(items[0], request)}"

        def submit(text: str, _: bool) -> str | None:
            items = matching(text)
            if not items:
                return "no match; esc cancels"
            self._save_hint(request, items[0])
            return None

        label = f"Filter candidates for {request.label}"
        self._dialogs.text(TextQuestion(label, submit, typed, remark=remark, typed=True))
