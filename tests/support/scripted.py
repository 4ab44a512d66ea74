"""A scripted reviewer that knows the gold events, and works with the keyboard and the screen only.

It accepts, rejects or corrects each extracted event of a document, and makes the missing ones. It reads the file, but
never writes it, to know which fields the screen shows.
"""

import itertools
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.describe import value_text
from db.model import Event, Field, Value, same_value
from db.store.reading import read_event, read_events_of
from support.likeness import Fact, alike, facts, matched_events, matched_groups
from support.terminal import Terminal

_PICKED_WITH = re.compile(r"\s{3}|$")
_ASKED = ("enter again saves it anyway", "Where is “")
_LOOKED_FOR = 5  # characters of a value before it is typed to its end
_SURE = 3  # characters after hint letters that tell where a longer look pays
_LIKE_ENOUGH = 0.5  # share of a gold event's fields that another must have to be copied rather than made anew


@dataclass(slots=True)
class Effort:
    """The effort of a review. ``typed`` counts the characters of typed values among all keys."""

    corrected: int = 0
    added: int = 0
    removed: int = 0
    accepted: int = 0
    rejected: int = 0
    made: int = 0
    typed: int = 0

    @property
    def fields(self) -> int:
        """The number of fields changed, added or removed."""
        return self.corrected + self.added + self.removed


class ScriptedReviewer:
    """Reviews the documents of a file in the order of the queue."""

    def __init__(self, terminal: Terminal, connection: sqlite3.Connection) -> None:
        self.terminal = terminal
        self.connection = connection
        self.effort = Effort()

    # Documents

    def review(self, document: dict[str, Any]) -> None:
        """Turn the events of a document into its gold events; its first event must be the one shown."""
        gold = list(document["events"])
        extracted = self._live(document["id"])
        pairs = matched_events(extracted, gold)
        missing = [event for event in gold if not any(event is right for _, right in pairs)]
        for event, right in pairs[:-1]:
            self._finish(event, right)
        last: tuple[Event | None, dict[str, Any] | None] = pairs[-1] if pairs else (None, None)
        if last[0] is not None and last[1] is not None:
            self._make_right(last[0], last[1])
        made = self._make_missing(missing, last[1])
        if last[0] is None:
            self._step(-(made - 1))
        else:
            self._step(-made)
            self._decide(last[1] is not None)
        for _ in range(made):
            self._decide(True)

    def open(self, document: str) -> None:
        """Open a document without events."""
        self.terminal.press("b")
        self._choose(document)
        self.terminal.wait_for("no event was extracted from this document")

    def _make_missing(self, missing: Sequence[dict[str, Any]], shown: dict[str, Any] | None) -> int:
        """Make the missing events, by copying the one shown if it is similar enough. Return their number."""
        for event in missing:
            if shown is not None and alike(facts(shown), facts(event)) >= _LIKE_ENOUGH * len(event["fields"]):
                self.terminal.press("C")
            else:
                self.terminal.press("N")
                self._choose(event["type"])
            self.terminal.wait_for(lambda screen: "this is the copy" in screen or "event added" in screen)
            self.effort.made += 1
            self._make_right(self._newest(), event)
            shown = event
        return len(missing)

    def _finish(self, event: Event, right: dict[str, Any] | None) -> None:
        if right is not None:
            self._make_right(event, right)
        self._decide(right is not None)

    def _decide(self, accept: bool) -> None:
        self.effort.accepted += accept
        self.effort.rejected += not accept
        self.terminal.press(*("a",) if accept else ("x", "n"))

    def _step(self, events: int) -> None:
        self.terminal.press(*("J" if events > 0 else "K",) * abs(events))

    # Events

    def _make_right(self, event: Event, right: dict[str, Any]) -> None:
        if event.type != right["type"]:
            self.terminal.press("t")
            self._choose(right["type"])
        wanted = facts(right)
        renamed = matched_groups(event.live_fields, wanted)
        for group in dict.fromkeys(field.group for field in event.live_fields if field.group):
            if group not in renamed:
                self._remove_group(event, group)
                event = self._reread(event)
        left = list(event.live_fields)
        lacking: list[Fact] = []
        for name, group, value in wanted:
            same = [f for f in left if f.name == name and renamed.get(f.group or "") == group]
            exact = [field for field in same if same_value(field.value, value)]
            if exact:
                left.remove(exact[0])
            else:
                lacking.append((name, group, value))
        added: list[Fact] = []
        for name, group, value in lacking:
            same = [f for f in left if f.name == name and renamed.get(f.group or "") == group]
            if same:
                left.remove(same[0])
                self._correct(event, same[0], value)
                event = self._reread(event)
            else:
                added.append((name, group, value))
        for field in left:
            self._remove(event, field)
            event = self._reread(event)
        here = {gold: ours for ours, gold in renamed.items()}
        for group in dict.fromkeys(group for _, group, _ in added if group and group not in here):
            event = self._add_group(event, group, [fact for fact in added if fact[1] == group])
        for name, group, value in added:
            if group is None or group in here:
                event = self._add(event, name, group, value, here)

    def _correct(self, event: Event, field: Field, value: Value) -> None:
        self.terminal.press("f")
        self._answer_field(event, field)
        self._give(value)
        now = next(item for item in self._reread(event).fields if item.id == field.id)
        assert same_value(now.value, value), f"{field.name} is {now.value!r} now, not {value!r}"
        self.effort.corrected += 1

    def _remove(self, event: Event, field: Field) -> None:
        before = self._decisions()
        self.terminal.press("d")
        self._answer_field(event, field)
        self._wait_for_removal(before)
        self.effort.removed += 1

    def _remove_group(self, event: Event, group: str) -> None:
        groups = list(dict.fromkeys(field.group for field in event.live_fields if field.group))
        before = self._decisions()
        self.terminal.press("D", str(groups.index(group) + 1))
        self._wait_for_removal(before)
        self.effort.removed += sum(field.group == group for field in event.live_fields)

    def _wait_for_removal(self, before: int) -> None:
        said = re.compile("removed .*; u undoes")
        self.terminal.wait_for(lambda screen: self._decisions() > before and said.search(screen) is not None)

    def _add_group(self, event: Event, group: str, wanted: list[Fact]) -> Event:
        """Add a group: the screen asks for each of its fields, and space skips one."""
        kind = group.partition(":")[0]
        self.terminal.press("O")
        screen = self.terminal.wait_for(lambda screen: "Add which group?" in screen or "type it" in screen)
        if offered := re.search(rf"Add which group\?.*(\d) {re.escape(kind)}\b", screen):
            self.terminal.press(offered[1])
        left = list(wanted)
        name = ""
        while name := self._next_of_group(kind, name):
            fact = next((fact for fact in left if fact[0] == name), None)
            if fact is None:
                self.terminal.press("space")
            else:
                left.remove(fact)
                self._give(fact[2])
                self.effort.added += 1
        event = self._reread(event)
        new = max(event.live_fields, key=lambda field: field.id).group
        assert new is not None
        for name, _, value in left:
            event = self._add(event, name, group, value, {group: new})
        return event

    def _next_of_group(self, kind: str, before: str) -> str:
        """Wait for the next field of a new group and return its name; empty after the last."""
        asked = re.compile(rf"^ Pick a value for (\S+) of {re.escape(kind)} \d+   /", re.MULTILINE)

        def ready(screen: str) -> bool:
            match = asked.search(screen)
            return match[1] != before if match else "a accept" in screen

        match = asked.search(self.terminal.wait_for(ready))
        return match[1] if match else ""

    def _add(self, event: Event, name: str, group: str | None, value: Value, here: dict[str | None, str]) -> Event:
        self.terminal.press("o")
        self.terminal.wait_for("Add field")
        self._choose(name)
        if "in which group?" in self.terminal.wait_for(
            lambda screen: "in which group?" in screen or "type it" in screen
        ):
            self.terminal.press(self._group_key(event, group, here))
        self._give(value)
        self.effort.added += 1
        event = self._reread(event)
        new = max(event.live_fields, key=lambda field: field.id)
        assert (new.name, new.group is None) == (name, group is None), f"{new.name} of {new.group}"
        assert same_value(new.value, value), f"{new.value!r} was added, not {value!r}"
        if new.group:
            here[group] = new.group
        return event

    @staticmethod
    def _group_key(event: Event, group: str | None, here: dict[str | None, str]) -> str:
        if group is None:
            return "o"
        kind = group.partition(":")[0]
        groups = list(dict.fromkeys(f.group for f in event.live_fields if f.group and f.group.startswith(f"{kind}:")))
        return str(groups.index(here[group]) + 1) if group in here else "n"

    def _answer_field(self, event: Event, field: Field) -> None:
        """Press the letters before a field. Fields are shown in the order of the event."""
        ids = [item.id for item in event.live_fields]
        self.terminal.wait_for(lambda screen: "which field?" in screen and len(self.terminal.hints()) == len(ids))
        self.terminal.press(*self.terminal.hints()[ids.index(field.id)].letters)

    # Answers

    def _choose(self, name: str) -> None:
        """Type a name, or the initials of its words, until enter chooses it.

        A new name is typed in full and confirmed by a second enter.
        """
        if self._chosen(name):
            self.terminal.press("enter")
            return
        initials = "".join(word[0] for word in re.findall(r"[^\W_]+", name))
        if len(initials) > 1 and self._type_until(name, initials):
            return
        if self._type_until(name, name):
            return
        self.terminal.press("up", "enter")
        self.terminal.wait_for("enter again saves it")
        self.terminal.press("enter")

    def _type_until(self, name: str, typed: str) -> bool:
        """Type until enter chooses the name; erase what was typed if it never does."""
        for end in range(1, len(typed) + 1):
            self.terminal.press(_key(typed[end - 1]))
            self._wait_for_line(typed[:end])
            if self._chosen(name):
                self.terminal.press("enter")
                return True
        if typed != name:
            self.terminal.press(*("backspace",) * len(typed))
            self._wait_for_line("")
        return False

    def _wait_for_line(self, typed: str) -> None:
        line = re.compile(rf"enter \w+ · esc cancel · ↓ others · ↑ as typed *\n {re.escape(typed)}".rstrip() + " *\n")
        self.terminal.wait_for(lambda screen: line.search(screen) is not None)

    def _chosen(self, name: str) -> bool:
        return re.search(rf"^ ▸ {re.escape(name)}(\s|$)", self.terminal.text(), re.MULTILINE) is not None

    def _give(self, value: Value) -> None:
        """Press the hint letters of a value, or type it if it has none."""
        screen = self.terminal.wait_for("type it")
        question = next(line for line in screen.splitlines() if "type it" in line)
        text = value_text(value)
        before = self._decisions()
        letters = self._letters_of(text)
        if letters:
            self.terminal.press(*letters)
        else:
            self.terminal.press("enter")
            self.terminal.wait_for("· esc cancel ·")
            self._type_value(text)
        asked: set[str] = set()
        while not self._taken(before, asked):
            asked |= {more for more in _ASKED if more in self.terminal.text()}
            self.terminal.press("enter")
        # The decision is on disk before the screen says so: what is read next must not be this question.
        self.terminal.wait_for(lambda screen: question not in screen)

    def _type_value(self, text: str) -> None:
        """Type a value, or pick it among the suggestions as soon as that takes fewer keys."""
        for end in range(min(len(text), _LOOKED_FOR)):
            steps = self._suggested(text)
            if steps is not None and steps < len(text) - end:
                self.terminal.press(*("down",) * steps, "enter")
                return
            self.terminal.press(_key(text[end]))
            self.effort.typed += 1
        self.terminal.type(text[_LOOKED_FOR:])
        self.effort.typed += len(text[_LOOKED_FOR:])
        self.terminal.press("enter")

    def _suggested(self, text: str) -> int | None:
        """Return how many times ↓ must be pressed for a suggestion, or None."""
        lines = self.terminal.text().splitlines()
        line = next(number for number, line in enumerate(lines) if "· esc cancel ·" in line) + 2
        shown = itertools.takewhile(lambda line: line.startswith("   "), lines[line:])
        return next((number for number, line in enumerate(shown, 1) if line == f"   {text}"), None)

    def _taken(self, before: int, asked: set[str]) -> bool:
        """Wait until a value was taken, or the screen asks what it has not asked before: whether it was taken."""
        new = [question for question in _ASKED if question not in asked]
        self.terminal.wait_for(lambda screen: self._decisions() > before or any(question in screen for question in new))
        return self._decisions() > before

    def _letters_of(self, text: str) -> str | None:
        """Return the letters that the foot explains as this value, or that mark exactly this text in the source."""
        over = None
        for label in self.terminal.hints():
            rest = self.terminal.line(label.y)[label.x + len(label.letters) :]
            told = _PICKED_WITH.split(rest[1:], maxsplit=1)[0].removesuffix(" (known)") if rest[:1] == " " else None
            if told == text:
                return label.letters
            # The last of the letters or all of them stand on the text itself.
            for covered in (len(label.letters) - 1, len(label.letters)):
                wanted = text[covered:]
                if over is None and wanted and rest.startswith(wanted[:_SURE]):
                    over = label.letters if self.terminal.hinted_text(label) == wanted else None
        return over

    # What is in the file

    def _live(self, document: str) -> list[Event]:
        (document_id,) = self.connection.execute(
            "SELECT id FROM documents WHERE external_id = ?", (document,)
        ).fetchone()
        return read_events_of(self.connection, document_id)

    def _decisions(self) -> int:
        (count,) = self.connection.execute("SELECT count(*) FROM decisions").fetchone()
        return int(count)

    def _newest(self) -> Event:
        (event_id,) = self.connection.execute("SELECT max(id) FROM events").fetchone()
        return read_event(self.connection, event_id)

    def _reread(self, event: Event) -> Event:
        return read_event(self.connection, event.id)


def _key(character: str) -> str:
    return {" ": "space"}.get(character, character)
