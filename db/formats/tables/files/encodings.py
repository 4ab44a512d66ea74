"""Tells in which encoding a text is: UTF-8 unless it can't be."""

import codecs
import re
from typing import BinaryIO

_PIECE = 2**20
_TOLD_BY = 2**16  # bytes of lines that are not ASCII, which are enough
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAUSIBLE = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 iso8859_2 iso8859_5 iso8859_7 iso8859_15 koi8_r koi8_u"
    " mac_roman gb18030 big5 cp932 euc_jp cp949"
).split()
_USUAL = "cp1252"
_WESTERN = frozenset("éèàùâêîôûëïüçñáíóúãõäöåæøßœÉÈÀÂÊÎÔÛÇÑÁÍÓÚÄÖÜÅÆØŒ°ºª«»‘’“”„–—…€£§¿¡·´\xa0")
_NEAR = 0.06  # of scores from -1 to 1: what tells no more than that is taken for the usual one


def marked_encoding(head: bytes) -> str | None:
    """The encoding that the first bytes mark, or that their NULs give away."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:2048:2].count(0), head[1:2048:2].count(0)
    half = min(len(head), 2048) // 2
    if half >= 8 and odd > half * 0.6 and not even:
        return "utf-16-le"
    if half >= 8 and even > half * 0.6 and not odd:
        return "utf-16-be"
    return None


def encoding_of(stream: BinaryIO, head: bytes) -> str:
    """The encoding of a text; the stream is then at its beginning. Of a broken UTF-8 it is UTF-8 all the same."""
    if marked := marked_encoding(head):
        return marked
    stream.seek(0)
    told = b""
    while piece := stream.read(_PIECE):
        if not piece.isascii():
            told = piece + stream.readline(_PIECE)
            break
    stream.seek(0)
    if not told:
        return "utf-8"
    lines = b"\n".join(line for line in told.split(b"\n") if not line.isascii())
    if _is_utf8(lines):
        return "utf-8"
    return _detected(lines[:_TOLD_BY])


def _is_utf8(lines: bytes) -> bool:
    """Whether more of what is not ASCII is whole characters of UTF-8 than is not."""
    wrong = lines.decode("utf-8", "replace").count("\ufffd")
    right = len(re.findall(rb"[\xc2-\xf4][\x80-\xbf]+", lines))
    return wrong == 0 or right > wrong


def _is_western(lines: bytes) -> bool:
    """Whether words with letters outside ASCII are what they would be in the usual encoding: such letters between many
    of ASCII, as in déjà, and hardly any but those of the languages of western Europe.
    """
    try:
        text = lines.decode(_USUAL)
    except UnicodeDecodeError:
        return False
    others = [character for character in text if not character.isascii()]
    words = "".join(word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii())
    ours = sum(character in _WESTERN for character in others)
    return ours >= 0.9 * len(others) and sum(map(str.isascii, words)) >= 0.4 * len(words)


def _detected(lines: bytes) -> str:
    if _is_western(lines):
        return _USUAL
    from charset_normalizer import from_bytes

    scores: dict[str, float] = {}
    for match in from_bytes(lines, cp_isolation=list(_PLAUSIBLE)):
        for encoding in (match.encoding, *match.could_be_from_charset):
            scores[encoding] = max(scores.get(encoding, -1.0), match.coherence - match.chaos)
    scores = {encoding: score for encoding, score in scores.items() if encoding in _PLAUSIBLE}
    best = max(scores, key=lambda encoding: scores[encoding], default=_USUAL)
    return _USUAL if scores.get(_USUAL, -1.0) >= scores.get(best, 0.0) - _NEAR else best
