"""The first inputs for each target, and the dictionary of words that the fuzzer combines."""

import json
from importlib.resources import files

from support.builders import ARTICLE, LATER

_REVIEWED = {
    **LATER,
    "events": [
        {
            **LATER["events"][0],
            "status": "corrected",
            "reviewer": "ana",
            "decided_at": "2025-03-10T10:00:00Z",
            "note": "see the map",
            "fields": [
                {"name": "total", "value": 41, "extracted": 40, "state": "corrected", "spans": [[9, 11]],
                 "extracted_spans": [], "extracted_name": "count", "extracted_group": "a", "modifier": "to 50"},
                {"name": "place", "value": ["x", {"y": None}], "state": "added"},
                {"name": "date", "value": 10**30, "state": "removed"},
            ],
        },
        {"id": "x", "type": "protest", "added": True, "status": "rejected", "reason": "duplicate",
         "same_as": {"document": "report-2", "event": "report-2/1", "extractor": "rules"}, "fields": []},
    ],
}  # fmt: skip
_LINES = [json.dumps(item, ensure_ascii=False).encode() for item in (ARTICLE, LATER, _REVIEWED)]
_SMALL = (
    b'{"id":"a","text":"At 40.","events":[{"id":"e","type":"t","fields":[{"name":"n","value":40,"spans":[[3,5]]}]}]}'
)
_QUERIES = (
    'type:attack killed>=10 (status:pending or is:unsure) -"by accident" sort:-date',
    'recipient:"the north" or total:40..50 or date:2025-02 and not has:note',
    'in:title,text front* near:"prisoners exchange" total:4* confidence<0.6 @saved',
    "extractor:ru*s publisher:*post published>2024-10 id:report-1/1 location=Lesna",
)
_VALUES = (
    "500-600", "about 1,500", "500+", "<=12.5", "2025-02-14/2025-02-16", "bodies",
    "On Friday 40 prisoners, forty-five of them hurt; 1.5 million to 2 million; 12 March 2024",
    "п’ять днів тому 七百五十七 二〇二五年三月 два тижні тому “Red Cross” Kyiv's Coordination Headquarters for the War",
)  # fmt: skip
_SETTINGS = 'theme = "light"\nmouse = false\n[keys]\npreset = "arrows"\n"event.accept" = ["a", "ctrl+e"]\n'


def _types() -> bytes:
    return (files("db") / "demo" / "types.toml").read_bytes()


_TOO_MUCH = [b"a = " + b"[" * 2000, b"a = " + b"9" * 5000]

SEEDS: dict[str, list[bytes]] = {
    "native_line": [*_LINES, _SMALL],
    "stream": [_SMALL + b"\n", b"\n".join(_LINES) + b"\n", b"\n\n" + _SMALL + b"\n" + _LINES[2]],
    "query": [text.encode() for text in _QUERIES],
    "values": [bytes([n, n, n]) + text.encode() + b"\x00" + text.encode() for n in range(7) for text in _VALUES],
    "shown": [b"\x28" + text.encode() for text in (*_VALUES, "=1+1\tx\n" * 9, "e\u0301\u200d\U0001f468\u200d\u4e2d")],
    "types_toml": [_types(), b'[a]\nheadline = ["n"]\n[a.fields.n]\nkind = "choice"\nchoices = ["x"]\n', *_TOO_MUCH],
    "queries_toml": [b'big = { query = "total>=500", help = "x" }\nboth = { query = "@big or lesna" }\n', *_TOO_MUCH],
    "settings_toml": [_SETTINGS.encode(), *_TOO_MUCH],
}

_JSON = ["{", "}", "[", "]", ":", ",", "null", "true", "NaN", "1e999", "-0", "9" * 40, "\\ud800", "\\u0000", '"']
_KEYS = (
    "id title publisher url published language text events type extractor confidence fields name value group spans"
    " status reviewer decided_at reason reason_text note extracted_type state extracted extracted_name extracted_group"
    " extracted_modifier extracted_spans modifier added same_as document event pending confirmed corrected rejected"
    " unsure removed duplicate other"
).split()
_TOML = ["=", "[", "]", '"""', "'''", "\n", "{", "}", "1979-05-27", "inf", "nan", "kind", "fields", "choices", "help"]

WORDS: dict[str, list[str]] = {
    "native_line": [*_JSON, *(f'"{key}"' for key in _KEYS)],
    "stream": ["\n", "\r", "\ufeff", *_JSON, *(f'"{key}"' for key in _KEYS)],
    "query": [*'()"*-@:=<>\\', "..", ">=", "or", "not", "and", "sort:-", "in:", "has:", "is:", "near:", "type:",
              "status:", "total", "date", "2025-02", "confidence", "lesna", "title", "note"],
    "values": ["about ", "at least ", "to ", "-", "..", "+", "~", "1,000", " ", "\u00a0", "million", "dozen", "forty",
               "ago", "last ", "March", "Friday", "п’ять", "тому", "万", "七", "年", "“", "”", "of", "'s"],
    "shown": ["\u200d", "\u0301", "\u4e2d", "\U0001f468", "\x1b", "\n", " ", "\ufe0f", "\u2028", "\u0e33"],
    "types_toml": [*_TOML, "required", "repeated", "headline", "unit", "integer", "choice", "true"],
    "queries_toml": [*_TOML, "query", "@", "or", "total>=5"],
    "settings_toml": [*_TOML, "theme", "mouse", "keys", "preset", "vim", "event.accept", "ctrl+", "shift+"],
}  # fmt: skip
