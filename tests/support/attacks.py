"""Hostile texts by class and name: they would act on a terminal, break a screen or hide in it.

Sequences carry the canary's number or word, so that one that gets through is recognised.
"""

from collections.abc import Iterable

NUMBER, WORD = "7377", "PWNED"
"""The canary."""

BEL, ST, ESC = "\x07", "\x1b\\", "\x1b"
_ENDS = {"bel": BEL, "st": ST, "c1": "\x9c", "none": ""}


def _named(prefix: str, texts: Iterable[str]) -> dict[str, str]:
    return {f"{prefix}-{number:02}": text for number, text in enumerate(texts)}


def _csi() -> dict[str, str]:
    """Cursor, erasing, colours, modes, reports, windows: every final byte, every kind of parameters."""
    finals = {f"final-{final}": f"{ESC}[{NUMBER}{final}{WORD}" for final in map(chr, range(0x40, 0x7F))}
    parts = [
        "?7377h", "?7377l", "?1049l", "?2026h", "?25h", "?1000h", "?2004h", "?7377$p", ">7377u", "<7377u", "=7377;1u",
        ">4;7377m", "31;5;7377m", "38;2;7377;0;0m", "38:2::7377:0:0m", "4:7377m", "7377 q", "!p", "7377'z", "7377$r",
        "7377;1$x", "7377*y", "5n", "6n", "c", ">c", "=c", ">0q", "21t", "18t", "8;7377;7377t", "2J", "3J", "H", "0x",
        "7377;7377H", "7377;7377r", "4h", "20h", "200~", "201~", "7377 @", "?6n", "?7377;2026$y", "I", "<0;7377;1M",
    ]  # fmt: skip
    return finals | _named("form", [f"{ESC}[{part}{WORD}" for part in parts])


def _escapes() -> dict[str, str]:
    """Sequences of an ESC and another character or two: reset, charsets, index, tabs, saving the cursor."""
    parts = [
        *"c78DEHMNOZ=><6|}~no1", "(0", ")0", "*0", "+0", "-A", ".A", "/A", "%G", "%@", "#3", "#6", "#8", " F", " G",
        "[",
        "]", "\x1b", "\x07", "\x1b[31m",
    ]  # fmt: skip
    return _named("escape", [f"{ESC}{part}{WORD}{NUMBER}" for part in parts]) | {"at-the-end": f"{WORD}{ESC}"}


def _osc() -> dict[str, str]:
    """Titles, links, the clipboard, colours, notifications, files, in each way to end one."""
    parts = {
        "0-title": f"0;{WORD}", "1-icon": f"1;{WORD}", "2-title": f"2;{WORD}", "3-property": f"3;{WORD}=1",
        "4-colour": f"4;1;#{NUMBER}00", "7-folder": f"7;file://evil/{WORD}", "8-link": f"8;;http://evil/{WORD}",
        "8-link-id": f"8;id={WORD};http://evil", "9-notify": f"9;{WORD}", "9-progress": "9;4;1;73",
        "10-colour": f"10;#{NUMBER}00", "11-query": "11;?", "12-colour": f"12;#{NUMBER}00", "50-font": f"50;{WORD}",
        "52-clipboard": "52;c;UFdORUQ=", "52-query": "52;c;?", "66-kitty-size": f"66;s=7;{WORD}",
        "99-kitty-notify": f"99;i=1;{WORD}", "104-reset": "104", "133-prompt": f"133;A;{WORD}",
        "555-flash": f"555;{WORD}", "633-vscode": f"633;E;{WORD}", "701-locale": f"701;{WORD}",
        "710-font": f"710;{WORD}",
        "777-notify": f"777;notify;{WORD};{WORD}", "1337-file": f"1337;File=inline=1:{WORD}",
        "1337-copy": f"1337;Copy=:{WORD}", "1337-attention": "1337;RequestAttention=yes",
        "5522-kitty-clipboard": f"5522;type=read;{WORD}", "number": f"{NUMBER};{WORD}", "letters": f"P7{NUMBER}{WORD}",
        "long": f"0;{WORD * 400}",
    }  # fmt: skip
    found = {f"{name}-{list(_ENDS)[n % 4]}": f"{ESC}]{part}{list(_ENDS.values())[n % 4]}"
             for n, (name, part) in enumerate(parts.items())}  # fmt: skip
    ends = {f"52-clipboard-by-{name}": f"{ESC}]52;c;UFdORUQ={end}" for name, end in _ENDS.items()}
    return found | ends | {f"8-link-by-{name}": f"{ESC}]8;;http://evil/{WORD}{end}link" for name, end in _ENDS.items()}


def _strings() -> dict[str, str]:
    """Device control, application, privacy and other strings: queries, images, commands that are passed on."""
    dcs = [
        '$q"p', "$qm", f"$q{WORD}", "+q544e", f"+q{WORD}", f"+p{WORD}", f"1;1|17/{WORD}", f"q#0;2;73;77;0{WORD}",
        f"tmux;{ESC}{ESC}]0;{WORD}{BEL}", f"{ESC}]0;{WORD}{BEL}", "1$t7377", f"pS(C1){WORD}", ">|",
        f"=1s{NUMBER}", WORD,
    ]  # fmt: skip
    found = _named("dcs", [f"{ESC}P{part}{ST}" for part in dcs]) | _named("dcs-c1", [f"\x90{part}\x9c" for part in dcs])
    others = {"apc": "_", "pm": "^", "sos": "X", "screen-title": "k"}
    found |= {name: f"{ESC}{mark}{WORD}{NUMBER}{ST}" for name, mark in others.items()}
    found |= {f"{name}-open": f"{ESC}{mark}{WORD}{NUMBER}" for name, mark in others.items()}
    return found | {
        "kitty-image": f"{ESC}_Ga=T,f=24,s=7377,v=1;{WORD}{ST}",
        "kitty-query": f"{ESC}_Gi=7377,a=q;AAAA{ST}",
        "kitty-file": f"{ESC}_Ga=T,t=f;L2V0Yy9wYXNzd2Q={ST}",
        "kitty-command": f'{ESC}P@kitty-cmd{{"cmd":"{WORD}"}}{ST}',
        "linux-palette": f"{ESC}]P7ff7377",
        "linux-reset": f"{ESC}]R",
        "linux-bell": f"{ESC}[10;7377]",
    }


def _controls() -> dict[str, str]:
    """Every C0 and C1 control by itself, DEL, and what C1 begins in one character."""
    every = {f"{code:02x}": f"a{chr(code)}{WORD}" for code in (*range(0x20), *range(0x7F, 0xA0))}
    return every | {
        "csi-in-one": f"\x9b31;{NUMBER}m{WORD}",
        "osc-in-one": f"\x9d0;{WORD}\x9c",
        "osc-in-one-by-bel": f"\x9d52;c;UFdORUQ={BEL}",
        "apc-in-one": f"\x9fG{WORD}\x9c",
        "pm-in-one": f"\x9e{WORD}\x9c",
        "sos-in-one": f"\x98{WORD}\x9c",
        "bytes-as-characters": f"\xc2\x9b31m{WORD}",
        "answerback": "\x05" * 7,
        "bells": "\x07" * 70,
        "nulls": "\x00" * 7 + WORD,
        "backspaces": f"harmless{chr(8) * 8}{WORD}",
        "deletes": f"harmless{chr(0x7F) * 8}{WORD}",
        "shift-out": f"\x0e{WORD}\x0f",
        "zmodem": "**\x18B00000000000000\r\x8a\x11",
    }


def _breaks() -> dict[str, str]:
    """Line ends of every kind, and returns that overwrite a line."""
    ends = {"lf": "\n", "cr": "\r", "crlf": "\r\n", "vt": "\x0b", "ff": "\x0c", "fs": "\x1c", "gs": "\x1d",
    "rs": "\x1e",
            "nel": "\x85", "ls": "\u2028", "ps": "\u2029", "tab": "\t"}  # fmt: skip
    found = {f"{name}-{place}": text.format(end=end) for name, end in ends.items()
             for place, text in (("inside", f"one{{end}}{WORD}"), ("twice",
             f"{{end}}{{end}}{WORD}{{end}}"))}  # fmt: skip
    return found | {
        "overwritten": f"confirmed by nobody\r{WORD} by ana     ",
        "many-lines": "\n" * 90 + WORD,
        "columns": f"one\t{WORD}\t\t\tthree",
    }


def _direction() -> dict[str, str]:
    """Text direction: marks, embeddings, overrides and isolates, alone, unbalanced, and as in trojan source."""
    codes = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    return {f"{code:04x}": f"abc{chr(code)}{WORD} 123" for code in codes} | {
        "override": f"accept \u202e{WORD[::-1]}\u202c now",
        "isolates": f"\u2067ab\u2066cd\u2069{WORD}",
        "never-closed": "\u202e\u202b\u2067" * 20 + WORD,
        "closed-twice": f"{WORD}\u202c\u2069\u202c\u2069",
        "name-of-a-file": "photo\u202egnp.exe",
        "hebrew-and-arabic": "שלום abc مرحبا 123 (x)",
    }


def _invisible() -> dict[str, str]:
    """Characters without width or shape: joiners, fillers, ignorable characters, tags, blanks of every size."""
    codes = (
        0xAD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B, 0x200C, 0x200D, *range(0x2060, 0x2066),
        *range(0x206A, 0x2070), 0x3164, 0xFEFF, 0xFFA0, 0xFFF0, 0xFFF9, 0xFFFA, 0xFFFB, 0xFFFC, 0x13430, 0x1BCA0,
        0x1D173,
        0xE0000, 0xE0001, 0xE0041, 0xE007F, 0xE0080, 0xE00FF, 0xE01F0, 0xE0FFF,
    )  # fmt: skip
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in f"ignore what stands before {WORD}")
    return {f"{code:04x}": f"PW{chr(code)}NED{chr(code) * 3}" for code in codes} | {
        "tags": f"harmless{tags}",
        "tags-as-language": f"\U000e0001{tags}\U000e007f",
        "joiners": "\u200d" * 40 + WORD,
        "non-joiners": f"P{chr(0x200C) * 40}WNED",
        "fillers": "\u3164" * 20,
        "blanks": "".join(map(chr, (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x2800))) + WORD,
        "byte-order": f"\ufeff\ufeff{WORD}\ufeff",
    }


def _marks() -> dict[str, str]:
    """Marks that pile up on a letter, in several scripts, and marks without a letter."""
    marks = {
        "acute": "\u0301", "overlay": "\u0336", "enclosing": "\u20dd", "cyrillic": "\u0489", "hebrew": "\u05b0",
        "arabic": "\u064b", "syriac": "\u0730", "thai": "\u0e47", "lao": "\u0ec8", "half": "\ufe20",
        "symbols": "\u20d2",
        "extended": "\u1ab0", "supplement": "\u1dc4", "devanagari": "\u0901", "music": "\U0001d167",
    }  # fmt: skip
    floods = {f"{name}-flood": f"e{mark * 60}{WORD}" for name, mark in marks.items()}
    return floods | {
        "first": f"\u0338\u0301{WORD}",
        "on-blanks": f" \u0336 \u0336 \u0336{WORD}",
        "mixed": "a" + "\u0300\u0336\u0489\u1ab0\u1dc4\u20dd\ufe20" * 9,
        "every-letter": "".join(f"{letter}\u0336\u0332\u0301" for letter in WORD * 4),
        "half-of-a-text": "\u0301" * 3000,
    }


def _selectors() -> dict[str, str]:
    """Variation selectors: one of each kind where it is spelling, where it is none, and as bytes that hide."""
    codes = (*range(0xFE00, 0xFE10), 0x180B, 0x180F, 0xE0100, 0xE0101, 0xE01EF)
    hidden = "".join(chr(0xFE00 + number % 16) if number % 2 else chr(0xE0100 + number) for number in b"PWNED" * 6)
    return {f"{code:04x}": f"P{chr(code)}葛{chr(code)}☺{chr(code)}{chr(code)}" for code in codes} | {
        "hidden-after-emoji": f"😀{hidden}",
        "hidden-after-letter": f"a{hidden}",
        "first": f"\ufe0f{WORD}",
        "on-letters": "".join(f"{letter}\ufe0f" for letter in WORD),
    }


def _emoji() -> dict[str, str]:
    """Sequences whose width differs among terminals."""
    tones = [f"👍{chr(0x1F3FB + number)}" for number in range(5)]
    people = [
        "👩\u200d🚀",
        "👨\u200d👩\u200d👧\u200d👦",
        "👩🏽\u200d🚒",
        "🧑🏻\u200d🤝\u200d🧑🏿",
        "👩\u200d❤\ufe0f\u200d💋\u200d👨",
        "🏳\ufe0f\u200d🌈",
        "🏴\u200d☠\ufe0f",
        "🐻\u200d❄\ufe0f",
        "👁\ufe0f\u200d🗨\ufe0f",
        "🏃🏿\u200d♀\ufe0f\u200d➡\ufe0f",
        "❤\ufe0f\u200d🔥",
        "🙂\u200d↕\ufe0f",
    ]
    flags = [
        "🇺🇦",
        "🇷🇺",
        "🇨🇳",
        "🇺🇦🇷🇺🇨🇳" * 10,
        "🇺",
        "🇺🇦🇷",
        "🇽🇽",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ]
    keycaps = [f"{key}\ufe0f\u20e3" for key in "0123456789#*"]
    as_text = [f"{base}{selector}" for base in "☺❤⚔☠✈©™1⌚😀" for selector in ("\ufe0e", "\ufe0f")]
    return {
        **_named("tone", tones), **_named("joined", people), **_named("flag", flags), **_named("selected", as_text),
        "keycaps": "".join(keycaps), "keycap-alone": "\u20e3", "tone-alone": "🏽", "tones": "🏻🏼🏽🏾🏿" * 9,
        "joined-to-nothing": "👩\u200d", "nothing-joined": "\u200d👩", "joined-to-letters": "👩\u200dPWNED",
        "family-row": "👨\u200d👩\u200d👧\u200d👦" * 30, "narrow-row": "❤\ufe0f" * 90, "wide-row": "😀" * 90,
        "new-emoji": "🫨🩷🫎\U0001fadd\U0001faeb" * 9,
        "half-a-cell-off": "a" + "遗" * 90, "in-words": "обмін🇺🇦тілами👩\u200d🚀遗体❤\ufe0fword",
    }  # fmt: skip


def _widths() -> dict[str, str]:
    """Wide, narrow and ambiguous characters, long words and lines."""
    return {
        "han": "交换阵亡士兵的遗体" * 30, "kana": "カタカナひらがな" * 9, "half-kana": "ｶﾀｶﾅｶﾞ" * 9,
        "full-latin": "ＰＷＮＥＤ" * 9,
        "hangul": "한국어" * 20, "jamo": "\u1112\u1161\u11ab" * 20, "vowels-alone": "\u1161" * 40,
        "old-jamo": "\ua960\ud7b0\ud7cb",
        "ambiguous": "±§×÷…‘’“”—№☆★①②ΩЖ°¶│─█▒" * 9, "box": "─│┌┐└┘├┤┬┴┼━┃╭╮╰╯" * 9, "blocks": "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉" * 9,
        "braille": "\u2800⣿" * 40, "long-dash": "⸺⸻" * 30, "one-wide-sign": "﷽" * 20, "cuneiform": "𒐫" * 20,
        "word": "x" * 3000,
        "wide-word": "遗" * 2000, "line": f"{WORD} word " * 2500, "blank": " " * 400 + WORD,
        "symbols": "\u4dc0\u4dff\u16ff0",
        "pictures-of-controls": "␛[31m␍␊",
    }  # fmt: skip


def _scripts() -> dict[str, str]:
    """Real spelling with joiners and marks, which must stay legible."""
    return {
        "arabic": "قَالَ الصَّلِيبُ الأَحْمَرُ", "persian": "می\u200cخواهم نمی\u200cشود کرده\u200cاند",
        "arabic-joiner": "ه\u200d ۱۴۰۳", "hebrew": "בְּרֵאשִׁ֖ית בָּרָ֣א",
        "hindi": "शुक्रवार को हिन्दी में", "half-form": "क्\u200dष क्\u200cष",
        "sinhala": "ශ්\u200dරී ලංකා ප්\u200dරජා", "tamil": "தமிழ் மொழி", "malayalam": "ന്\u200d ര്\u200d ല്\u200d",
        "bengali": "ক্\u200cষ র\u200d্যাব", "thai": "กำลังทหารที่ชายแดน", "lao": "ພາສາລາວ",
        "tibetan": "བོད་སྐད་རྒྱུད", "khmer": "ភាសាខ្មែរ",
        "burmese": "မြန်မာဘာသာ", "mongolian": "ᠮᠣᠩᠭᠣᠯ\u180b", "amharic": "አማርኛ", "georgian": "ქართული",
        "ukrainian": "обмін тілами, ґанок і їжак",
        "vietnamese": "tiê\u0301ng Viê\u0323t", "sinhala-row": "ක්\u200dර" * 60, "han-variant": "葛\U000e0100城",
        "nko": "ߒߞߏ", "adlam": "𞤀𞤣𞤤𞤢𞤥",
    }  # fmt: skip


def _no_characters() -> dict[str, str]:
    codes = (0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x1FFFF, 0xEFFFF, 0x10FFFE, 0x10FFFF)
    private = {f"private-{code:04x}": chr(code) * 3 for code in (0xE000, 0xF8FF, 0xF0000, 0x100000, 0x10FFFD)}
    unassigned = {
        f"unassigned-{code:04x}": chr(code) * 9 for code in (0x05C8, 0x1ADE, 0x18E00, 0x1F1AE, 0x50000, 0xD0000)
    }
    return {f"{code:04x}": f"{chr(code)}{WORD}" for code in codes} | private | unassigned


def _markup() -> dict[str, str]:
    """Texts that rich, Textual, a spreadsheet, a page, a shell or a query language would interpret."""
    return _named("markup", [
        "[bold]PWNED[/bold]", "[/]", "[/b]", "[b", "[[", "]]", "\\[bold]PWNED", "[@click=app.quit]PWNED[/]",
        "[@click='screen.accept']PWNED[/]", "[@click=\"app.run_action('quit')\"]x[/]", "[link=http://evil]PWNED[/link]",
        "[link='http://evil']x", "[red on blue]PWNED", "[$error]PWNED[/$error]", "[#737700]PWNED",
        "[blink reverse]PWNED",
        "[not bold]PWNED", "[auto]x[/auto]", "[on hover]x", "[dim][/dim]" * 40, ":pile_of_poo: :smile:", "[]", "[ ]",
        "[=]", "[@]", "[1]", "[/link]", "[conceal]PWNED[/conceal]", "`[b]`", "<b>PWNED</b>", "<script>PWNED</script>",
        "</title><script>PWNED</script>", "&lt;PWNED&gt;", "=cmd|' /C PWNED'!A0", "+7377", "-7377", "@SUM(7377)",
        "'PWNED", '"PWNED","', '"},{"PWNED":7377', "'; DROP TABLE events; --", "%' OR 1=1 --", "* OR *", "-type:x",
        "@PWNED", "type:\"PWNED", "(((((((", "\\", "\\\\", "\\n\\r\\x1b[31m", "\\u001b[31mPWNED", "\\033[31m",
        "^[[31mPWNED",
        "#PWNED", "../../../PWNED", "/PWNED", "~/PWNED", "C:\\PWNED", "$(touch PWNED)", "`touch PWNED`", "| PWNED",
        "; PWNED",
        "&& PWNED", "\"PWNED", "null", "true", "NaN", "0", "-0", "1e999", "NULL", "None", "undefined", " ",
    ]) | _named("format", [
        "%s", "%n%n%n", "%x%d%i", "%(PWNED)s", "%%", "%", "{}", "{x}", "{0}", "{0.__class__}", "{{", "}}",
        "{PWNED!r:>7377}",
        "$x", "${x}", "$title", "$$", "${PWNED", "{{PWNED}}", "{%PWNED%}", "<%= PWNED %>", "#{PWNED}", "%7377c", "\\1",
        "\\g<PWNED>", "%08x." * 20,
    ])  # fmt: skip


CLASSES: dict[str, dict[str, str]] = {
    "csi": _csi(), "escape": _escapes(), "osc": _osc(), "string": _strings(), "control": _controls(),
    "break": _breaks(),
    "direction": _direction(), "invisible": _invisible(), "mark": _marks(), "selector": _selectors(), "emoji": _emoji(),
    "width": _widths(), "script": _scripts(), "no-character": _no_characters(), "markup": _markup(),
}  # fmt: skip
"""All attacks: by class, by name."""

ATTACKS = {f"{kind}/{name}": text for kind, texts in CLASSES.items() for name, text in texts.items()}
"""The same, by class and name in one."""
