"""Hint letters offer the right values: hundreds of cases of news in many languages (hint_cases.jsonl).

``tests/bench/hints.py`` prints them by language and kind.
"""

from collections import Counter

from support.hint_cases import HintCase, outcome

LEAST_OF_ALL = 0.95
LEAST_OF_EACH = 0.90  # language, and kind


def test_the_right_values_are_offered_in_every_language_and_kind() -> None:
    sizes, failed = outcome()
    total = sum(sizes.values())
    languages = {language for language, _ in sizes}
    assert total >= 300
    assert len(languages) >= 10
    assert len(failed) <= total * (1 - LEAST_OF_ALL), failed
    for name, of in (("language", 0), ("kind", 1)):
        all_of = Counter(dict.fromkeys({key[of] for key in sizes}, 0))
        for key, size in sizes.items():
            all_of[key[of]] += size
        wrong = Counter(getattr(case, name) for case in failed)
        low = {part: wrong[part] for part in all_of if wrong[part] > all_of[part] * (1 - LEAST_OF_EACH)}
        assert low == {}, failed


def test_a_case_fails_if_another_value_or_none_is_offered() -> None:
    text = "Half a million people fled, dozens died."
    right = HintCase(text, "en", "integer", "Half a million", 500_000)
    assert right.passes()
    assert not HintCase(text, "en", "integer", "Half a million", 1_000_000).passes()
    assert not HintCase(text, "en", "integer", "Half a million", 500_000, "about").passes()
    assert not HintCase(text, "en", "integer", "million", 500_000).passes()
    assert not HintCase(text, "en", "integer", "dozens", absent=True).passes()
    assert HintCase(text, "en", "integer", "people", absent=True).passes()
