"""Each language file holds what the tokenizer expects, and its words mean what they say."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest

from sentiment_transfer.errors import SettingError
from sentiment_transfer.languages import Language, available_languages, load_language
from sentiment_transfer.text import Tokenizer, normalise
from sentiment_transfer.text.negation import NEGATORS
from sentiment_transfer.text.tokenizer import Role

LANGUAGES = available_languages()

# a type, a list of words (["word"]) or of such lists, a mapping of words ({"word": "word"}), or
# parts by name
WORDS = ["word"]
SCHEMA: dict[str, Any] = {
    "language": str,
    "name": str,
    "version": int,
    "sources": {"word": "word"},
    "segmenter": (str, type(None)),
    "stop_words": WORDS,
    "clitics": WORDS,
    "negators": {"word": "word"},
    "negator_suffix": (str, type(None)),
    "negator_endings": WORDS,
    "scope": {
        "marker": str,
        "window": int,
        "intensifiers": WORDS,
        "contrast": WORDS,
        "cancels": WORDS,
    },
    "seeds": {"positive": WORDS, "negative": WORDS},
    "label_names": {"positive": WORDS, "negative": WORDS, "ordered": [WORDS], "stars": WORDS},
    "grammar": dict,  # see test_grammar_rules
}
OPTIONAL: dict[str, Any] = {
    "negator_affixes": dict,
    "cuts": WORDS,
    "scope.after": WORDS,
    "scope.around": WORDS,
    "scope.window_back": int,
}


def check(value: Any, schema: Any, place: str) -> None:  # noqa: ANN401  (JSON)
    if schema == WORDS:
        assert isinstance(value, list), place
        assert all(isinstance(word, str) and word == word.strip() and word for word in value), place
        assert len(value) == len(set(value)), f"{place}: {sorted(value)} has a word twice"
    elif schema == [WORDS]:
        assert isinstance(value, list), place
        for i, words in enumerate(value):
            check(words, WORDS, f"{place}[{i}]")
    elif schema == {"word": "word"}:
        assert isinstance(value, dict), place
        assert all(isinstance(word, str) and word for word in value.values()), place
    elif isinstance(schema, dict):
        assert isinstance(value, dict), place
        _, _, within = place.partition(".")
        prefix = f"{within}." if within else ""
        more = {name: OPTIONAL.get(prefix + name) for name in value.keys() - schema.keys()}
        assert None not in more.values(), f"{place} has {sorted(more)}"
        for name, part in (schema | more).items():
            check(value[name], part, f"{place}.{name}")
    else:
        assert isinstance(value, schema), place
        assert not isinstance(value, bool), place


def data(code: str) -> dict[str, Any]:
    text = (files("sentiment_transfer.languages") / f"{code}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text, object_pairs_hook=without_double_names)
    return loaded


def without_double_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"a name stands twice among {names}"
    return dict(pairs)


def groups(language: Language) -> dict[Role, frozenset[str]]:
    return {
        Role.STOP: language.stop_words,
        Role.NEGATOR: frozenset(language.negators),
        Role.INTENSIFIER: language.intensifiers,
        Role.CONTRAST: language.contrast,
        Role.CANCEL: language.cancels,
    }


def seeds() -> list[tuple[str, str]]:
    return [
        (code, seed)
        for code in LANGUAGES
        for seed in load_language(code).positive_seeds + load_language(code).negative_seeds
    ]


def test_the_languages_are_there() -> None:
    assert LANGUAGES == ("de", "en", "es", "fr", "id", "ja", "ko", "nl", "zh")


def test_an_unknown_language_is_refused_and_the_known_ones_listed() -> None:
    for code in ("xx", "EN", "", "../en", "en.json"):
        with pytest.raises(SettingError, match=r"language='.*' is not allowed; .* en, .* zh"):
            load_language(code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_file_has_every_part_and_no_other(code: str) -> None:
    content = data(code)
    check(content, SCHEMA, code)
    assert content["language"] == code
    assert content["version"] >= 1
    assert content["scope"]["window"] >= 1
    assert content["scope"]["marker"].endswith("_")


@pytest.mark.parametrize("name", SCHEMA)
def test_a_file_that_lacks_a_part_is_refused_by_its_name(name: str) -> None:
    content = data("en")
    del content[name]
    if name == "sources":  # for readers of the file; the package does not need them
        assert Language.from_dict(content).code == "en"
    else:
        with pytest.raises(KeyError, match=name):
            Language.from_dict(content)


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_are_written_as_texts_are_normalised(code: str) -> None:
    language = load_language(code)
    everything = frozenset().union(*groups(language).values(), language.negators.values())
    labels = language.positive_labels | language.negative_labels | {*language.star_words}
    labels = labels.union(*language.ordered_labels)
    for word in everything | labels | language.clitics | {language.marker}:
        assert normalise(word) == word


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_word_belongs_to_two_groups(code: str) -> None:
    for (one, words), (other, others) in combinations(groups(load_language(code)).items(), 2):
        assert not words & others, f"both {one.name} and {other.name}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_plays_the_part_it_is_listed_for(code: str) -> None:
    tokenizer = Tokenizer(code)
    for role, words in groups(tokenizer.language_data).items():
        for word in words:
            own = NEGATORS if role == Role.NEGATOR else {role}
            assert tokenizer.entry(word).role in own, word


@pytest.mark.parametrize("code", LANGUAGES)
def test_stop_words_swallow_no_negator_no_fortifier_no_contrast_and_no_seed(code: str) -> None:
    tokenizer = Tokenizer(code)
    language = tokenizer.language_data
    kept = language.intensifiers | language.contrast | language.cancels
    for word in kept | frozenset(language.positive_seeds + language.negative_seeds):
        assert tokenizer.tokens([tokenizer.entry(word)]) == [word]
    for word, token in language.negators.items():
        assert tokenizer.tokens([tokenizer.entry(word)]) == [token]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_two_polarities_share_no_seed_and_no_label(code: str) -> None:
    language = load_language(code)
    assert not set(language.positive_seeds) & set(language.negative_seeds)
    assert not language.positive_labels & language.negative_labels
    assert min(len(language.positive_seeds), len(language.negative_seeds)) >= 8


@pytest.mark.parametrize(("code", "seed"), seeds())
def test_every_seed_is_a_token_that_texts_can_have(code: str, seed: str) -> None:
    if code in ("ja", "zh"):
        module = {"ja": "fugashi", "zh": "jieba"}[code]
        pytest.importorskip(module, reason=f"the extra {code} is not installed")
    tokenizer = Tokenizer(code)
    marker = tokenizer.language_data.marker
    if seed.startswith(marker):
        negator = marker.removesuffix("_")
        word = seed.removeprefix(marker)
        word += "다" if f"^{word}|" in tokenizer.language_data.cuts else ""
        if negator in tokenizer.language_data.after:
            assert tokenizer(f"{word} {negator}") == [seed, negator]
        else:
            assert tokenizer(f"{negator} {word}") == [negator, seed]
    else:
        # in Chinese, where a word ends depends on what stands around it; stems need an ending
        spoken = {"zh": ["服务态度{}了"], "ja": ["とても{}です"], "ko": ["{}다"]}
        contexts = ["{}", *spoken.get(code, [])]
        assert any(seed in tokenizer(context.format(seed)) for context in contexts)


def test_elided_words_are_cut_in_french_and_a_negator_among_them_negates_what_follows() -> None:
    tokenizer = Tokenizer("fr")
    assert tokenizer("L'auteur, qu'il adore") == ["auteur", "adore"]
    assert tokenizer("Je n'aime pas, c'est aujourd'hui") == ["ne", "pas_aime", "pas"]
    assert tokenizer("Un film que j'aime pas.") == ["film", "pas_aime", "pas"]


def test_endings_are_cut_in_korean_and_a_negator_behind_a_stem_negates_it() -> None:
    tokenizer = Tokenizer("ko")
    for text in ("재밌다", "재밌어요", "재밌고", "재밌는데"):
        assert tokenizer(text) == ["재밌"]
    assert tokenizer("재미가 없다") == ["안_재미", "없"]
    assert tokenizer("지루하지않다") == tokenizer("지루하지 않았음") == ["안_지루", "않"]
    assert tokenizer("안 좋아요") == ["안", "안_좋"]


def test_korean_stems_are_cut_out_of_words_that_are_typed_together() -> None:
    tokenizer = Tokenizer("ko")
    assert tokenizer("정말재밌어요") == tokenizer("정말 재밌어요") == ["정말", "재밌"]
    assert tokenizer("안재밌다") == ["안", "안_재밌"]
    assert tokenizer("명작쓰레기영화") == ["명작", "쓰레기", "영화"]
    assert tokenizer("개쓰레기") == ["개쓰레기"]  # of two stems the longest
    assert tokenizer("10점만점") == ["10점", "만점"]  # not 0점


def test_german_negators_at_the_end_reach_back() -> None:
    assert Tokenizer("de")("Das gefällt mir nicht!") == ["nicht_gefällt", "nicht", "!"]


def test_japanese_negators_stand_behind_the_word() -> None:
    pytest.importorskip("fugashi", reason="the extra ja is not installed")
    tokenizer = Tokenizer("ja")
    assert tokenizer("料理は美味しくなかったです。") == ["料理", "ない_美味しく", "ない"]
    assert tokenizer("申し分ありません") == ["ない_申し分", "ない"]
    assert tokenizer("料理は美味しかったです。") == ["料理", "美味しかっ"]
