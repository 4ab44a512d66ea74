"""Texts that a database holds as bytes: UTF-8, UTF-16, other encodings, and compressed ones."""

import codecs
import zlib

from db.formats.tables.table import MAX_ROW_BYTES

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMPRESSED = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")  # gzip and zlib
_ANY_HEADER = 47  # for zlib: gzip or zlib, whichever it is
_ENOUGH_ZEROS = 0.3  # share of zero bytes at every second place that shows UTF-16


def text_of_bytes(content: bytes) -> tuple[str, str] | None:
    """Return the text of bytes and how it was read, empty for UTF-8; None if they are no text, or too long a one."""
    how = ""
    if content.startswith(_COMPRESSED):
        decompressor = zlib.decompressobj(_ANY_HEADER)
        try:
            unpacked = decompressor.decompress(content, MAX_ROW_BYTES)
        except zlib.error:
            pass
        else:
            if decompressor.unconsumed_tail:
                return None
            content, how = unpacked, "decompressed"
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding, how)
    if (guessed := _utf16(content)) and (found := _decoded(content, guessed, how)):
        return found
    if b"\0" in content:
        return None
    return _decoded(content, "utf-8", how) or _decoded(content, "cp1252", how)


def _decoded(content: bytes, encoding: str, how: str) -> tuple[str, str] | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    read_as = [f"read as {encoding}"] if encoding != "utf-8" else []
    return text, ", ".join([how, *read_as] if how else read_as)


def _utf16(content: bytes) -> str | None:
    """Return the encoding of bytes that have a zero at most odd or at most even places."""
    if len(content) % 2 or not content:
        return None
    share = 2 / len(content)
    if content[1::2].count(0) * share > _ENOUGH_ZEROS:
        return "utf-16-le"
    return "utf-16-be" if content[::2].count(0) * share > _ENOUGH_ZEROS else None
