"""The format ``spacy``: DocBin, a compressed binary file of documents with entities, span groups and categories."""

import zlib
from collections import Counter
from collections.abc import Iterator

from db.errors import InputError
from db.formats.format import Confidence, Data, Export, Format, ReadOptions, Record, Source
from db.formats.shared.annotated_text import is_current

LARGEST = 2**30  # bytes when decompressed; spaCy holds them all in memory
_HEAD = 256
_PIECE = 2**20


def _recognise(source: Source) -> Confidence:
    try:
        head = zlib.decompressobj().decompress(source.head, _HEAD)
    except zlib.error:
        return Confidence.NO
    return Confidence.CERTAIN if b"version" in head and b"attrs" in head else Confidence.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    data = source.required_stream.read()
    _check_size(data, source.name)
    _require_spacy()
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    from db.formats.spacy.reading import document_of_doc, unread_names

    try:
        docbin = DocBin().from_bytes(data)
        count = len(docbin)
        docs = docbin.get_docs(Vocab())
    except Exception as error:  # spaCy raises anything on a file that isn't a DocBin
        raise InputError(
            f"{source.name}: spaCy can't read this DocBin ({type(error).__name__}); write it again with DocBin.to_disk"
        ) from None
    seen: Counter[str] = Counter()
    for number in range(1, count + 1):
        bytes_read = len(data) * number // count
        try:
            doc = next(docs)
        except Exception as error:  # as above; the documents that follow can't be reached
            reason = f"spaCy can't read this or any later document ({type(error).__name__}); write the file again"
            yield Record(number, InputError(reason), bytes_read=len(data))
            return
        notes: tuple[str, ...] = ()
        document: Data | InputError
        try:
            document, notes = document_of_doc(doc, seen, options)
        except InputError as error:
            document = error
        except Exception as error:  # spaCy decodes parts of a document only when they are used
            document = InputError(f"spaCy can't read this document ({type(error).__name__})")
        unread = () if isinstance(document, InputError) else unread_names(doc)
        yield Record(number, document, notes=notes, bytes_read=bytes_read, unread=unread)


def _write(export: Export) -> Iterator[bytes]:
    _require_spacy()
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    from db.formats.spacy.labels import Labelling
    from db.formats.spacy.writing import doc_of_document

    types = {
        event["type"]
        for document in export.documents()
        for event in document.get("events") or ()
        if event.get("status") != "rejected"
        and any(field.get("spans") and is_current(field) for field in event["fields"])
    }
    labelling = Labelling(len(types) > 1, tuple(sorted(types)))
    docbin = DocBin(store_user_data=True)
    vocab = Vocab()
    for document in export.documents():
        docbin.add(doc_of_document(document, vocab, labelling))
    yield docbin.to_bytes()


def _require_spacy() -> None:
    try:
        import spacy  # noqa: F401
    except ImportError:
        raise InputError("DocBin needs spaCy; install it with: pip install 'eventdesk[spacy]'") from None


def _check_size(data: bytes, name: str) -> None:
    """Decompress ``data`` piece by piece. Raises InputError if it is too large, cut off or not compressed."""
    decompressor = zlib.decompressobj()
    size, rest = 0, data
    try:
        while rest and not decompressor.eof:
            size += len(decompressor.decompress(rest, _PIECE))
            rest = decompressor.unconsumed_tail
            if size > LARGEST:
                raise InputError(f"{name}: more than {LARGEST:,} bytes when decompressed; split it into several files")
    except zlib.error:
        raise InputError(f"{name}: not a DocBin (not compressed as one); write it with DocBin.to_disk") from None
    if not decompressor.eof:
        raise InputError(f"{name}: the file is truncated; copy it again")


FORMAT = Format(
    name="spacy",
    about="spaCy's DocBin (.spacy), a binary file of documents; needs the extra spacy",
    reads="entities and span groups as fields named after their labels, with ids and kb_ids; categories as fields with"
    " their scores; tokens with tags, lemmas and heads, which are written back",
    writes="everything that isn't rejected or removed (with --reviewed, what was accepted): spans in doc.spans, those"
    " that don't overlap in doc.ents, event types in doc.cats; the whole document in user_data, which comes back",
    loses="token norms, user data that JSON can't hold, empty spans; white space at the ends of spans",
    recognise=_recognise,
    read=_read,
    write=_write,
    binary=True,
    options=frozenset(("extractor",)),
    unnamed="",
)
