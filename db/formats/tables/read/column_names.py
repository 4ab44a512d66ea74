"""The names that people give to columns, in several languages, by what the column is."""

import unicodedata
from functools import lru_cache


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(folded_name, text.split())))


@lru_cache(4096)
def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name without case, signs and accents: ``articleId`` and ``Article ID`` are article, id."""
    parts: list[str] = []
    before = ""
    for at, character in enumerate(name):
        after = name[at + 1 : at + 2]
        new_word = character.isupper() and (
            before.islower() or before.isdigit() or (before.isupper() and after.islower())
        )
        parts.append(
            f" {character}"
            if new_word
            else character
            if character.isalnum() or unicodedata.combining(character)
            else " "
        )
        before = character
    plain = unicodedata.normalize("NFKD", "".join(parts)).casefold()
    return tuple("".join(one for one in plain if not unicodedata.combining(one)).split())


def folded_name(name: str) -> str:
    """Return a name as ``event_date``, whatever its case, signs and accents."""
    return "_".join(name_words(name))


TEXT = _names(
    "text body content article article_text full_text fulltext article_body body_text content_text plain_text"
    " clean_text cleaned_text raw_text page_text main_text maintext story_text news_text document_text doc_text"
    " source_text input_text text_content article_content full_text_of_article transcript paragraph passage notes"
    " description summary sentence snippet abstract story"
    " texto cuerpo contenido noticia texte corps contenu inhalt volltext artikeltext nachricht testo corpo conteudo"
    " tekst tresc metin icerik haber innehall brodtext текст содержание тело новость стаття 正文 内容 文本 本文"
    " نص النص المحتوى"
)
TITLE = _names(
    "title headline head_line heading source_headline subject article_title story_title news_title page_title"
    " titular titulo titre uberschrift schlagzeile titel titolo tytul naslov rubrik baslik заголовок название 标题"
    " 見出し タイトル عنوان العنوان"
)
URL = _names(
    "url link source_url sourceurl article_url href uri permalink web_url canonical_url page_url news_url story_url"
    " original_url link_to_article enlace lien adresse ссылка adres bağlantı 链接 رابط"
)
PUBLISHER = _names(
    "publisher outlet newspaper publication source_name media medium site domain source news_source feed website"
    " journal paper fuente medio periodico journal quelle zeitung herausgeber fonte giornale zrodlo kaynak издание"
    " источник газета 来源 媒体 المصدر"
)
PUBLISHED = _names(
    "published published_at publication_date pub_date pubdate date_published published_date article_date"
    " published_on publish_date publish_time pubtime publishedat publication_time date_of_publication posted_at"
    " released_at news_date story_date date_publish fecha_publicacion fecha_de_publicacion publicado date_publication"
    " publie_le date_de_publication erschienen erschienen_am veroffentlicht veroffentlicht_am erscheinungsdatum"
    " data_pubblicazione data_publicacao opublikowano yayin_tarihi опубликовано дата_публикации 发布时间 发布日期"
)
DATE = _names(
    "date day datetime timestamp time event_date when fecha dia jour datum tag data giorno tarih дата день"
    " 日期 时间 日付 تاريخ التاريخ"
)
LANGUAGE = _names("language lang lang_code language_code locale idioma langue sprache lingua jezyk dil язык 语言")
EVENT_ID = _names(
    "event_id eventid event_id_cnty globaleventid id record_id uid uuid row_id key incident_id guid"
    " id_evento evento_id ereignis_id ereignis_nr id_evenement"
)
SURE_EVENT_ID = _names("event_id eventid event_id_cnty globaleventid incident_id")
DOCUMENT_ID = _names("document_id doc_id docid article_id story_id text_id document news_id page_id post_id source_id")
TYPE = _names(
    "event_type type category event_class event_category class event action_type attack_type incident_type kind"
    " event_kind disorder_type crime_type label event_name tipo_evento tipo tipo_de_evento categoria type_evenement"
    " categorie ereignistyp ereignisart typ art kategorie tipo_di_evento tipo_de_acontecimento rodzaj tur olay_turu"
    " cls clase classe"
    " тип тип_события вид категория 类型 事件类型 類型 نوع نوع_الحدث"
)
SURE_TYPE = frozenset(TYPE[: TYPE.index("kind")]) - {"class", "event", "category", "type"}
CONFIDENCE = _names(
    "confidence score probability certainty prob conf confidence_score model_confidence likelihood"
    " confianza puntuacion confiance konfidenz sicherheit fiducia confianca уверенность 置信度"
)
EXTRACTOR = _names(
    "extractor model model_name system extracted_by llm llm_model model_id extractor_name engine algorithm"
    " extraction_model extraction_method modelo modele modell modello модель 模型"
)
CODER = _names(
    "annotator annotator_id annotator_name coder coder_id coder_name rater rater_id labeler labeller worker worker_id"
    " annotated_by coded_by labeled_by"
)
RUN = _names(
    "run run_id run_name model_version extractor_version pipeline_version version prompt_version batch batch_id"
    " extraction_run extraction_run_id job_id"
)
SURE_RUN = tuple(name for name in RUN if name not in ("version", "batch", "batch_id", "job_id"))
QUOTE = _names(
    "quote evidence evidence_text evidence_quote evidence_sentence supporting_text supporting_quote source_quote"
    " source_sentence source_span snippet text_snippet excerpt sentence sentence_text passage span_text span"
    " mention_text mention matched_text extracted_text original_text raw_text context trigger_sentence justification"
    " cita frase citation extrait phrase zitat satz beleg citazione frase_originale цитата предложение 引用 原文"
)
STARTS = _names(
    "start start_offset start_char char_start offset_start span_start begin begin_offset start_pos start_index"
    " start_position evidence_start quote_start text_start offset_begin character_start"
    " start_token token_start startoffset begin_off start_off begin_offset begin_char char_begin begin_pos beginoffset"
)
ENDS = _names(
    "end end_offset end_char char_end offset_end span_end end end_offset end_pos end_index"
    " end_position evidence_end quote_end text_end offset_end character_end end_token token_end endoffset end_off"
)
PLACE_WORDS = frozenset(
    _names(
        "place location city country region province state district town village where venue site latitude longitude"
        " lat lon lng coordinates lugar ciudad pais ubicacion lieu ville pays ort stadt land luogo citta paese"
        " localidade cidade miejsce kraj miasto yer sehir ulke место город страна місце 地点 地點 国家 场所"
        " مكان المدينة الموقع"
    )
)
ACTOR_WORDS = frozenset(
    _names(
        "actor perpetrator victim suspect attacker organizer organiser group organization organisation party side"
        " recipient claimant participant responsible"
        " perpetrador victima auteur tater taeter opfer akteur attore vittima участник исполнитель организатор"
        " 参与者 组织者 جاني"
    )
)
DATE_WORDS = frozenset(
    _names("date day time when happened occurred fecha dia jour datum tag data giorno дата день 日期 时间 تاريخ year")
)
"""Words of names of places, actors and dates."""
