"""The words in names of tables and columns that tell events from documents and from everything else."""

import unicodedata
from collections.abc import Iterable

from db.formats.tables.read.column_names import ACTOR_WORDS, DATE_WORDS, PLACE_WORDS, name_words


def _words(text: str) -> frozenset[str]:
    return frozenset(word for each in text.split() for word in name_words(each))


EVENTS = _words(
    "event evt incident attack accident protest strike extraction extracted occurrence happening clash bombing shooting"
    " explosion casualty fatality arrest earthquake flood disaster crime violation battle riot ceasefire sanction"
    " evento incidente ataque suceso acontecimiento evenement incident attaque ereignis vorfall angriff anschlag unfall"
    " evenimento attacco olay saldiri wydarzenie zdarzenie handelse ulykke событие инцидент происшествие атака подія"
    " 事件 事故 حدث أحداث"
)
MAYBE_EVENTS = _words(
    "record result item fact case claim finding mention annotation label prediction detection output entity relation"
    " observation report entry data sheet registro resultado resultat ergebnis eintrag fund запись результат"
)
DOCUMENTS = _words(
    "document doc article story news text page post item source paper report message tweet feed content corpus webpage"
    " noticia articulo articolo artikel meldung nachricht beitrag depeche dokument documento texto texte haber makale"
    " статья новость документ текст публикация 文章 新闻 文档 記事 مقال خبر وثيقة"
)
PLACES, DATES = PLACE_WORDS, DATE_WORDS
ACTORS = ACTOR_WORDS | _words("author subject target agent initiator autor")
NO_EVENTS = _words(
    "user account customer client employee staff person people author editor product order invoice payment cart price"
    " category tag keyword topic comment reply session token cookie permission group role setting setup config"
    " configuration option preference meta metadata migration version schema embedding vector chunk segment sentence"
    " paragraph bookmark visit history url domain file folder attachment image photo media track album artist playlist"
    " genre supplier shipper region territory country city currency language translation subscription feed subscriber"
    " subscription job task queue cache lock counter sequence contact address email mail phone note todo calendar"
    " log audit prompt conversation chat response request run"
)
LOGS = _words("log audit history archive backup old bak tmp temp staging trash deleted queue debug trace")
HARM = _words(
    "killed dead death fatality injured wounded hurt casualty victim arrested detained missing displaced toll"
    " muerto herido fallecido mort blesse tote todesopfer verletzte morti feriti mortos zabici ranni olu yarali"
    " погибший погибшие раненые раненый жертва убитые 死亡 受伤 القتلى الجرحى deceased hostage evacuated"
)
BOOKKEEPING = _words(
    "created updated inserted modified fetched scraped crawled imported processed indexed logged deleted synced hash"
    " sha sha1 sha256 md5 checksum embedding vector etag retries retry status state error errors tokens cost latency"
    " duration checked seen version attempt priority lastmod embedded ingested added extracted_at generated"
)
BUSINESS = _words(
    "price quantity total amount unit discount freight email phone password username user session ip agent browser"
    " device invoice order customer product sku tax salary hire billing shipping cookie token milliseconds bytes"
)


def singular(word: str) -> str:
    """Return the singular of an English word in the plural, and other words as they are."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "news")):
        return word[:-1]
    return word


def stems(name: str) -> tuple[str, ...]:
    """Return the words of a name, each in the singular."""
    return tuple(singular(word) for word in name_words(name))


def has(name: str, words: frozenset[str]) -> bool:
    """Return True if a name has one of these words, also in the plural."""
    return any(is_among(word, words) for word in name_words(name))


def is_among(word: str, words: frozenset[str]) -> bool:
    """Return True if a word, or its singular, is one of these words; endings of other languages are tried too."""
    if word in words or singular(word) in words:
        return True
    if word.isascii():
        return len(word) > 4 and any(word.endswith(end) and word[: -len(end)] in words for end in _ENDINGS)
    return any(
        len(word) > 4 and (word[:-1] in words or _same_stem(word, other)) for other in words if other[:3] == word[:3]
    )


def _same_stem(one: str, two: str) -> bool:
    """Return True if two words of an inflected language differ only in their last letters, as статья and статьи."""
    length = min(len(one), len(two)) - 1
    return length >= 4 and one[:length] == two[:length] and abs(len(one) - len(two)) <= 2


_ENDINGS = ("es", "se", "en", "e", "i", "n", "nen", "er", "ler", "lar", "y")


def type_of_table(name: str) -> str:
    """Return the type of events that a table's name says, as the contents of ``protests`` are ``protest``."""
    plain = unicodedata.normalize("NFKC", name)
    words = name_words(plain) if not plain.isascii() else None
    if words is not None:
        return "_".join(plain.split()).casefold()
    parts = list(name_words(plain))
    if parts:
        parts[-1] = singular(parts[-1])
    return "_".join(parts) or "event"


def any_of(names: Iterable[str], words: frozenset[str]) -> list[str]:
    """Return the names that have one of these words."""
    return [name for name in names if has(name, words)]
