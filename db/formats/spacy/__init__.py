"""spaCy's DocBin, in which it keeps training data: documents as tokens with entities, spans and categories."""

import zlib
from collections import Counter
from collections.abc import Iterator

from db.errors import InputError
from db.formats.format import Export, Format, ReadOptions, Record, Source, Sure
from db.formats.shared.labelled import stands

LARGEST = 2**30  # bytes once unpacked: spaCy has the whole in memory
_HEAD = 256
_PIECE = 2**20


def _recognise(source: Source) -> Sure:
    try:
        begins = zlib.decompressobj().decompress(source.head, _HEAD)
    except zlib.error:
        return Sure.NO
    return Sure.CERTAIN if b"version" in begins and b"attrs" in begins else Sure.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    data = source.opened.read()
    _refuse_what_is_too_large(data, source.name)
    _need_spacy()
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    from db.formats.spacy.reading import document_of_doc

    try:
        packed = DocBin().from_bytes(data)
        count = len(packed)
        docs = packed.get_docs(Vocab())
    except Exception as error:  # whatever a file that is none makes spaCy raise
        raise InputError(f"{source.name}: no DocBin that spaCy can read ({type(error).__name__})") from None
    seen: Counter[str] = Counter()
    for number in range(1, count + 1):
        taken = len(data) * number // count
        try:
            doc = next(docs)
        except Exception as error:  # likewise, within one document
            why = f"can't be read by spaCy ({type(error).__name__}), nor can what follows; write the file anew"
            yield Record(number, InputError(why), taken=len(data))
            return
        try:
            document, notes = document_of_doc(doc, seen, options)
        except InputError as refused:
            yield Record(number, refused, taken=taken)
            continue
        except Exception as error:  # likewise, where what is read is looked at
            yield Record(number, InputError(f"can't be read by spaCy ({type(error).__name__})"), taken=taken)
            continue
        yield Record(number, document, notes=notes, taken=taken)


def _write(export: Export) -> Iterator[bytes]:
    _need_spacy()
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    from db.formats.spacy.writing import Labelling, doc_of_document

    types = {
        event["type"]
        for document in export.documents()
        for event in document.get("events") or ()
        if event.get("status") != "rejected" and any(field.get("spans") and stands(field) for field in event["fields"])
    }
    labelling = Labelling(len(types) > 1, tuple(sorted(types)))
    packed = DocBin(store_user_data=True)
    vocab = Vocab()
    for document in export.documents():
        packed.add(doc_of_document(document, vocab, labelling))
    yield packed.to_bytes()


def _need_spacy() -> None:
    try:
        import spacy  # noqa: F401
    except ImportError:
        raise InputError("DocBin needs spaCy; install it with: pip install 'eventdesk[spacy]'") from None


def _refuse_what_is_too_large(data: bytes, name: str) -> None:
    unpacking = zlib.decompressobj()
    size, rest = 0, data
    try:
        while rest and not unpacking.eof:
            size += len(unpacking.decompress(rest, _PIECE))
            rest = unpacking.unconsumed_tail
            if size > LARGEST:
                raise InputError(f"{name}: more than {LARGEST:,} bytes once unpacked; make several files of it")
    except zlib.error:
        raise InputError(f"{name}: no DocBin: it is not packed as one; write it with DocBin.to_disk") from None
    if not unpacking.eof:
        raise InputError(f"{name}: ends too soon: it was cut short; get it whole")


FORMAT = Format(
    name="spacy",
    about="spaCy's DocBin (.spacy), a binary file of documents; needs the extra spacy",
    reads=(
        "entities and span groups as fields named by their labels, with ids and kb_ids; categories as fields with their"
        " scores; tokens with tags, lemmas and heads, for the way back"
    ),
    writes=(
        "what is not rejected or removed (with --reviewed, what was accepted): spans in doc.spans, those that do not"
        " overlap in doc.ents, types of events in doc.cats; the whole document in user_data, which comes back"
    ),
    loses="norms of tokens, user data that JSON can't hold, empty spans; white space at the ends of spans",
    recognise=_recognise,
    read=_read,
    write=_write,
    binary=True,
    options=frozenset(("extractor",)),
)
