"""Recognises what looks like a table or a row of one, and holds no event: totals, footnotes, tokens with tags."""

import re
from collections.abc import Sequence

_TOTALS = frozenset(
    "total|totals|grand total|subtotal|sub-total|sum|all|overall|summe|gesamt|insgesamt|somme|total général|suma"
    "|totale|somma|totaal|razem|ogółem|celkem|toplam|итого|всего|сумма|разом|усього|المجموع|الإجمالي|合计|总计|合計|합계".split(
        "|"
    )
)
_FOOTNOTE = re.compile(
    r"(?:#|//|\*|†|(?:sources?|notes?|footnotes?|quellen?|anmerkung(?:en)?|fuentes?|notas?|fonti?|źródło|источник"
    r"|примечание|generated|exported|last updated)\b)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"[-+(]?[\d][\d.,  '’]*%?\)?")
_TAG = re.compile(r"[BIESLUM][-_][^\s]+")
_LINES = 300
_TAGGED = 0.95  # share of lines whose tag is O, or begins with B-, I- and so on
_LEAST_LINES = 3
_CONLL_U = re.compile(r"\d+(?:[-.]\d+)?")
_SPACY = "convert it with `python -m spacy convert FILE . --converter conll` and import the .spacy file"


def is_total(cell: str) -> bool:
    """Return True if a cell is a word for a total."""
    return cell.strip(" :*\t").casefold() in _TOTALS


def what_it_is(cells: Sequence[str], width: int) -> str | None:
    """Return what a row is that holds no event, in one or two words; None for a row that may hold one."""
    filled = [cell for cell in cells if cell.strip()]
    if not filled:
        return "empty row"
    if len(filled) > 1 and is_total(filled[0]) and all(_AMOUNT.fullmatch(cell.strip()) for cell in filled[1:]):
        return "total"
    if width > 1 and (len(cells) != width or len(filled) == 1) and cells[0] and _FOOTNOTE.match(cells[0].lstrip()):
        return "footnote"
    return None


def _is_word(row: Sequence[str]) -> bool:
    """Return True for a word of CoNLL-U: its number, and the number of the word it depends on."""
    depends_on, relation = row[6], row[7]
    is_tree = (depends_on == "_" or depends_on.isdecimal()) and (relation == "_" or relation.islower())
    return is_tree and _CONLL_U.fullmatch(row[0]) is not None


def kind_of_tokens(head: str) -> str | None:
    """Return what a file of tokens with tags is, and what to do; None if it isn't such a file."""
    if head.lstrip("\ufeff").startswith("#FORMAT=WebAnno TSV"):
        return (
            "is a WebAnno TSV file of annotated tokens, as INCEpTION and WebAnno export it, not a table of events;"
            " export the project as brat instead, and import that folder"
        )
    lines = [line for line in head.splitlines()[:_LINES] if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
    for separator in ("\t", None, ",", ";"):
        rows = [line.split(separator) for line in lines]
        width = len(rows[-1]) if rows else 0
        usual = [row for row in rows if len(row) == width]
        if width < 2 or len(usual) < max(_LEAST_LINES, len(rows) * _TAGGED):
            continue
        if separator == "\t" and width == 10 and all(_is_word(row) for row in usual):
            return (
                "holds words with their grammar (CoNLL-U), not a table of events;"
                " import the texts themselves, or the events that were extracted from them"
            )
        for at in range(width):
            column = [row[at].strip() for row in usual]
            tags = sum(bool(_TAG.fullmatch(cell)) for cell in column)
            if tags and tags + column.count("O") >= len(column) * _TAGGED and tags < len(column):
                return (
                    "holds a token and its tag per line (CoNLL, BIO), not a table of events;"
                    f" {_SPACY}; what eventdesk exported is complete as native"
                )
    return None
