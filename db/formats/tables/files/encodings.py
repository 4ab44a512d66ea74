"""Detects the encoding of a text: UTF-8 unless that is impossible."""

import codecs
import re
from typing import BinaryIO

_CHUNK = 2**20
_SAMPLE = 2**16  # bytes of lines with non-ASCII characters, enough to detect the encoding
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 iso8859_2 iso8859_5 iso8859_7 iso8859_15 koi8_r koi8_u"
    " mac_roman gb18030 big5 cp932 euc_jp cp949"
).split()
_DEFAULT = "cp1252"
_WESTERN = frozenset("éèàùâêîôûëïüçñáíóúãõäöåæøßœÉÈÀÂÊÎÔÛÇÑÁÍÓÚÄÖÜÅÆØŒ°ºª«»‘’“”„–—…€£§¿¡·´\xa0")
_MARGIN = 0.06  # of scores from -1 to 1; a smaller lead over the default doesn't count


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark or the NUL bytes of UTF-16 reveal."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    even, odd = head[0:2048:2].count(0), head[1:2048:2].count(0)
    half = min(len(head), 2048) // 2
    if half >= 8 and odd > half * 0.6 and not even:
        return "utf-16-le"
    if half >= 8 and even > half * 0.6 and not odd:
        return "utf-16-be"
    return None


def encoding_of(stream: BinaryIO, head: bytes) -> str:
    """Return the encoding of a text and leave the stream at its beginning. Broken UTF-8 counts as UTF-8."""
    if marked := marked_encoding(head):
        return marked
    stream.seek(0)
    sample = b""
    while chunk := stream.read(_CHUNK):
        if not chunk.isascii():
            sample = chunk + stream.readline(_CHUNK)
            break
    stream.seek(0)
    if not sample:
        return "utf-8"
    lines = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())
    return "utf-8" if _is_utf8(lines) else _detect(lines[:_SAMPLE])


def _is_utf8(lines: bytes) -> bool:
    """Return True if more of the non-ASCII bytes are valid UTF-8 than are not."""
    invalid = lines.decode("utf-8", "replace").count("\ufffd")
    valid = len(re.findall(rb"[\xc2-\xf4][\x80-\xbf]+", lines))
    return invalid == 0 or valid > invalid


def _is_western(lines: bytes) -> bool:
    """Return True if the text looks western European in the default encoding.

    Its words then mix a few non-ASCII letters with many ASCII ones, as in déjà, and hardly use other letters.
    """
    try:
        text = lines.decode(_DEFAULT)
    except UnicodeDecodeError:
        return False
    non_ascii = [character for character in text if not character.isascii()]
    words = "".join(word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii())
    western = sum(character in _WESTERN for character in non_ascii)
    return western >= 0.9 * len(non_ascii) and sum(map(str.isascii, words)) >= 0.4 * len(words)


def _detect(lines: bytes) -> str:
    if _is_western(lines):
        return _DEFAULT
    from charset_normalizer import from_bytes

    scores: dict[str, float] = {}
    for match in from_bytes(lines, cp_isolation=list(_CANDIDATES)):
        for encoding in (match.encoding, *match.could_be_from_charset):
            scores[encoding] = max(scores.get(encoding, -1.0), match.coherence - match.chaos)
    scores = {encoding: score for encoding, score in scores.items() if encoding in _CANDIDATES}
    best = max(scores, key=lambda encoding: scores[encoding], default=_DEFAULT)
    return _DEFAULT if scores.get(_DEFAULT, -1.0) >= scores.get(best, 0.0) - _MARGIN else best
