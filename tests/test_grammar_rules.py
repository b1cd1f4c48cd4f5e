"""The grammar in a language file is checked when it is read."""

from __future__ import annotations

from typing import Any

import pytest

from sentiment_transfer.errors import SettingError
from sentiment_transfer.languages import load_language, load_signs
from sentiment_transfer.languages.grammar import Element, GrammarRules, Pattern
from sentiment_transfer.text import normalise

SIGNS = {"joy": ["🙂"], "sorrow": ["🙁"]}
RULES: dict[str, Any] = {
    "version": 1,
    "values": {"good": ["good"]},
    "classes": {"fault": ["bad"]},
    "unions": {},
    "patterns": [{"match": "not <fault>", "means": "good"}],
}


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("good", Element("good")),
        ("good/great", Element("good/great")),
        ("<fault>", Element("<fault>")),
        ("very?", Element("very", 0, 1)),
        ("<adv>*", Element("<adv>", 0, 4)),
        ("(but)", Element("but", kept=True)),
        ("(very)?", Element("very", 0, 1, kept=True)),
        ("~<joy>", Element("<joy>", unknown=True)),
        ("..", Element(None, 0, 3)),
        ("...", Element(None, 0, 7)),
    ],
)
def test_elements_of_patterns_are_read(text: str, element: Element) -> None:
    assert Element.parse(text) == element


@pytest.mark.parametrize("text", ["", "(", "(but", "but)", "a?*", "?", "~", "^", "a?/b?"])
def test_what_is_no_element_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="is no element of a pattern"):
        Element.parse(text)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({}, "has parts other than"),
        ({"match": "a", "mean": "good"}, "has parts other than"),
        ({"match": ""}, "must begin with a word"),
        ({"match": "^"}, "must begin with a word"),
        ({"match": ".. a"}, "must begin with a word"),
        ({"match": "a? b"}, "must begin with a word"),
        ({"match": "a .."}, "must not end with a gap"),
        ({"match": "a", "before": 0}, "must be above 0"),
        ({"match": "a", "before": 1.5}, "must be above 0"),
    ],
)
def test_a_wrong_pattern_is_refused_with_the_reason(pattern: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Pattern.from_dict(pattern)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({"match": "not <praise>"}, "names the class '<praise>'"),
        ({"match": "not", "mutes": "<praise>"}, "names the class '<praise>'"),
        ({"match": "not", "means": "great"}, "means 'great', which is no value"),
    ],
)
def test_names_that_are_not_there_are_refused(pattern: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        GrammarRules.from_dict({**RULES, "patterns": [pattern]}, SIGNS)


@pytest.mark.parametrize("part", RULES)
def test_a_grammar_that_lacks_a_part_is_refused_by_its_name(part: str) -> None:
    content = {name: value for name, value in RULES.items() if name != part}
    with pytest.raises(KeyError, match=part):
        GrammarRules.from_dict(content, SIGNS)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_words_of_the_shipped_grammars_are_normalised_and_of_one_polarity(code: str) -> None:
    rules = load_language(code).grammar
    assert not rules.classes["fault"] & rules.classes["praise"]
    assert rules.classes["polar"] == rules.classes["fault"] | rules.classes["praise"]
    everything = frozenset().union(*rules.classes.values())
    everything |= {
        w for e in rules.patterns for x in e.elements for w in (x.words or "").split("/")
    }
    for word in everything:
        assert normalise(word) == word


def test_a_sign_is_of_joy_or_of_sorrow() -> None:
    signs = load_signs()
    for kind in ("", "_signs"):
        joy, sorrow = signs[f"joy{kind}"], signs[f"sorrow{kind}"]
        assert not set(joy) & set(sorrow)
        assert len(set(joy)) == len(joy) > 40
        assert len(set(sorrow)) == len(sorrow) > 40
