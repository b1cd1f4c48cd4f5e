"""The language that texts look like."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from sentiment_transfer.languages.detection import (
    LANGUAGE_NAMES,
    _merged,
    guess_language,
    same_language,
)

if TYPE_CHECKING:
    import pytest

SENTENCES = {
    "en": "The room was clean and the staff were friendly.",
    "fr": "La chambre était propre et le personnel très aimable.",
    "nl": "De kamer was schoon en het personeel was vriendelijk.",
    "zh": "房间很干净，服务态度非常好。",
    "ja": "部屋がとても綺麗でした。",
    "ko": "방이 깨끗하고 직원들이 친절해요",
    "ru": "Номер был чистым, персонал приветливым.",
    "th": "โรงแรมสะอาดมากและพนักงานเป็นมิตร",
}


def test_a_sentence_is_told_by_its_language() -> None:
    assert {code: guess_language([text]) for code, text in SENTENCES.items()} == {
        code: (code, 1.0) for code in SENTENCES
    }


def test_of_several_languages_the_most_frequent_is_named_with_its_share() -> None:
    guess = guess_language([SENTENCES["fr"]] * 3 + [SENTENCES["nl"]])
    assert guess == ("fr", 0.75)
    assert guess.name == "French (fr)"
    assert guess_language([SENTENCES["nl"], SENTENCES["fr"]]) == ("fr", 0.5)  # the first by code


def test_a_region_is_no_other_language() -> None:
    assert same_language("pt-BR", "pt")
    assert same_language("nb", "no")
    assert same_language("nn-NO", "nb")
    assert same_language("zh-TW", "yue")
    assert not same_language("pt-BR", "gl")
    assert not same_language("yo", "zh")


def test_texts_that_look_close_to_a_close_language_count_as_the_frequent_one() -> None:
    assert _merged(Counter(pt=100, gl=15, es=2)) == {"pt": 117}
    assert _merged(Counter(pt=100, gl=30, es=2)) == {"pt": 100, "gl": 32}
    assert _merged(Counter(es=2, gl=15, pt=100, en=50)) == {"pt": 117, "en": 50}


def test_no_text_has_no_language() -> None:
    assert guess_language([]) is None


def test_without_py3langid_no_language_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)  # importing it raises ImportError
    assert guess_language([SENTENCES["fr"]]) is None


def test_codes_are_of_two_letters_and_names_are_different() -> None:
    assert all(re.fullmatch("[a-z]{2}", code) for code in LANGUAGE_NAMES)
    assert len(set(LANGUAGE_NAMES.values())) == len(LANGUAGE_NAMES)


def test_py3langid_is_not_imported_before_a_language_is_guessed() -> None:
    program = (
        "import sys; from sentiment_transfer import load; import warnings; "
        "warnings.simplefilter('error'); load('reviews-en').predict(['a great film'] * 30); "
        "assert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603
