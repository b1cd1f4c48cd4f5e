"""The fast path from raw texts to probabilities answers as encoder and head do."""

from __future__ import annotations

import copy
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from sentiment_transfer import AveragingEncoder, HiddenLayerClassifier, SentimentClassifier, load
from sentiment_transfer.errors import InputError
from sentiment_transfer.model import fast_path_numba
from sentiment_transfer.model.fast_path import FastPath
from sentiment_transfer.pretraining import SkipGram, WordVectors
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.grammar_match import NO_TOKEN
from sentiment_transfer.text.indexing import SMALL_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conftest import World
    from numpy.typing import NDArray

# labels are drawn at random here, or turned round
pytestmark = pytest.mark.filterwarnings(
    "ignore::sentiment_transfer.polarity.contradiction.SeedsContradictedWarning",
    "ignore:.* texts have two labels",
    "ignore:the labels are ordered",
)

WORDS = {
    "en": [
        *["good", "great", "bad", "awful", "film", "plot", "not_good", "not_film"],
        *["never", "but", "very", "café", "naïve", "1990"],
    ],
    "zh": ["好", "不错", "差", "失望", "电影", "酒店", "不_好", "房间", "服务", "早餐", "很"],
}
SCRAPS = {
    "en": [
        *WORDS["en"],
        *["the", "not", "n't", "isn't", "only", "unknown", "Soooo", "GOOD", "it's", ":-)", "!!"],
        *["<br />", "...", ",", "\0", "\n", "É", "ﬁlm", "\ud800", "x" * 60, "👍", "no"],
        *["<3", ":-D", "#NotGood", "far from", "could have been", "I wish", "although", "baaaad"],
    ],
    "zh": [
        *WORDS["zh"],
        *["[赞]", "但是", "一点也", "没有那么", "要是"],
        "不",
        "没有",
        "。",
        "！",
        "good",
        "这家酒店很好",
        "的",
        "ｆｉｌｍ",
    ],
}
LANGUAGES = ["en", pytest.param("zh", marks=pytest.mark.needs_extra("zh"))]
TWO = ["negative", "positive"]
THREE = ["1", "2", "3"]


def vectors_of(language: str, seed: int, tokenizer: Tokenizer | None = None) -> WordVectors:
    words = tuple(WORDS[language])
    matrix = np.random.default_rng(seed).normal(size=(len(words), 7)).astype(np.float32)
    counts = np.arange(len(words), 0, -1)
    return WordVectors(Vocabulary(words, counts), matrix, tokenizer or Tokenizer(language))


def texts_of(language: str, rng: np.random.Generator, n: int) -> list[str]:
    scraps = SCRAPS[language]
    lengths = rng.integers(0, 12, n)
    return [" ".join(rng.choice(scraps, k)).replace("\ud800", "") for k in lengths]


def plain(model: SentimentClassifier, texts: Sequence[str]) -> NDArray[Any]:
    return model.predict_proba_encoded(model.encode(texts))


def counted_coverage(model: SentimentClassifier, texts: Sequence[str]) -> list[float]:
    """Count the tokens of each text, after the grammar if there is one, and those with a vector."""
    grammar = model.encoder_.grammar
    if grammar is not None:
        rows = [grammar.read(text)[1].rows for text in texts]
        return [(r >= 0).sum() / max(1, (r > NO_TOKEN).sum()) for r in rows]
    tokens = [model.vectors_.tokenizer(text) for text in texts]
    known = [sum(token in model.vectors_ for token in of_text) for of_text in tokens]
    return [k / max(1, len(of_text)) for k, of_text in zip(known, tokens, strict=True)]


def fast(model: SentimentClassifier, texts: Sequence[str]) -> NDArray[Any]:
    predictor = FastPath(model.encoder_, model.head_)
    half = len(texts) // 2  # two calls: the second knows the pieces of the first
    parts = [predictor.answer(part) for part in (texts[:half], texts[half:])]
    probabilities = np.concatenate([p for p, _ in parts])
    coverage = np.concatenate([shares for _, shares in parts])
    np.testing.assert_array_equal(coverage, counted_coverage(model, texts))
    probabilities[coverage == 0] = model.prior_
    return probabilities


@pytest.mark.filterwarnings("ignore:.* texts have no known word")
@pytest.mark.filterwarnings("ignore::sentiment_transfer.model.coverage.UnknownWordsWarning")
@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    options=st.sampled_from([{}, {"stop_words": False}, {"mark_negation": False}]),
    n_labels=st.sampled_from([0, 2, 9, 40]),
    classes=st.sampled_from([TWO, THREE]),
    ordered=st.booleans(),
    seeds=st.sampled_from(["language", None]),
    data=st.data(),
)
def test_default_stages_answer_as_on_the_plain_path(
    language: str,
    seed: int,
    options: dict[str, Any],
    n_labels: int,
    classes: list[str],
    ordered: bool,
    seeds: Literal["language"] | None,
    data: st.DataObject,
) -> None:
    rng = np.random.default_rng(seed)
    if seeds is None and n_labels == 0:
        n_labels = 2
    model = SentimentClassifier(
        language,
        vectors=vectors_of(language, seed, Tokenizer(language, **options)),
        seeds=seeds,
        ordered=classes if ordered else None,
    )
    model.pretrain([*texts_of(language, rng, 30), *WORDS[language]])
    if n_labels:
        labels = (classes * n_labels)[: max(n_labels, len(classes))]
        model.fit(texts_of(language, rng, len(labels)), labels)
    line = st.lists(st.sampled_from(SCRAPS[language]), max_size=15).map(" ".join)
    texts = data.draw(st.lists(line | st.text(max_size=12), max_size=8))
    np.testing.assert_allclose(fast(model, texts), plain(model, texts), rtol=0, atol=1e-6)


@pytest.mark.parametrize("n_labels", [6, 30, 300])
def test_a_neutral_class_is_answered_as_on_the_plain_path(n_labels: int) -> None:
    rng = np.random.default_rng(n_labels)
    model = SentimentClassifier(vectors=vectors_of("en", 5), ordered=THREE)
    model.pretrain([*texts_of("en", rng, 60), *WORDS["en"]])
    model.fit(texts_of("en", rng, n_labels), (THREE * n_labels)[:n_labels])
    assert "strength" in model.head_.parts
    texts = ["", "unknown", "good good good bad", *texts_of("en", rng, 200)]
    np.testing.assert_allclose(fast(model, texts), plain(model, texts), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"distinct": False},
        {"center": False, "normalize": False},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "head",
    [HiddenLayerClassifier(4), LogisticRegression(), LinearSVC()],
    ids=lambda head: type(head).__name__,
)
@pytest.mark.parametrize("classes", [TWO, THREE], ids=len)
def test_averages_of_every_kind_answer_as_on_the_plain_path(
    options: dict[str, Any], head: object, classes: list[str]
) -> None:
    rng = np.random.default_rng(3)
    vectors = vectors_of("en", 3)
    model = SentimentClassifier(
        vectors=vectors, encoder=AveragingEncoder(vectors, **options), head=head
    ).pretrain(texts_of("en", rng, 50))
    model.fit(texts_of("en", rng, 30), (classes * 15)[:30])
    texts = ["", "unknown", "good good good bad", *texts_of("en", rng, 200)]
    np.testing.assert_allclose(fast(model, texts), plain(model, texts), rtol=0, atol=1e-6)


def test_a_stemmed_vocabulary_reads_unstemmed_grams() -> None:
    words = ("great", "bad", "film", "stori")
    matrix = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    vectors = WordVectors(
        Vocabulary(words, np.array([4, 3, 2, 1])), matrix, Tokenizer(stemmer="nltk:porter")
    )
    model = SentimentClassifier(vectors=vectors).pretrain(["great films", "bad stories", "story"])
    model.fit(["great stories", "bad story"] * 5, ["positive", "negative"] * 5)
    texts = ["a great story", "great stories", "bad films", "story stories stories"]
    np.testing.assert_allclose(fast(model, texts), plain(model, texts), rtol=0, atol=1e-6)
    apart = plain(model, ["story", "stories"])  # one stem, but not one gram
    assert abs(apart[0, 0] - apart[1, 0]) > 1e-3


def test_a_long_text_with_many_different_words_is_pooled_in_the_same_order() -> None:
    words = tuple(f"w{i}" for i in range(500))
    matrix = np.random.default_rng(0).normal(size=(500, 20)).astype(np.float32)
    vectors = WordVectors(Vocabulary(words, np.arange(500, 0, -1)), matrix, Tokenizer())
    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(words, n)) for n in (1, 31, 32, 33, 34, 200, 3000)]
    model = SentimentClassifier(vectors=vectors, seeds=(["w1"], ["w2"])).pretrain(texts)
    np.testing.assert_allclose(fast(model, texts), plain(model, texts), rtol=0, atol=1e-6)
    # a single unlabelled text is its own centre: what is left of it is 0, not rounding noise
    alone = SentimentClassifier(vectors=vectors, seeds=(["w1"], ["w2"])).pretrain([texts[5]])
    np.testing.assert_allclose(fast(alone, [texts[5]]), [[0.5, 0.5]], atol=1e-6)


@pytest.fixture
def model(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).fit(*world.few(20))


def many(world: World) -> list[str]:
    """Texts enough for the fast path, with some that it could trip over."""
    texts = [*world.texts, "", "zzz unknown", "!!!", "café 👍"]
    return texts * (SMALL_CHARACTERS // sum(map(len, texts)) + 1)


def test_the_model_takes_the_fast_path_for_many_texts_only(
    world: World, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = []
    read = FastPath.answer

    def watched(self: FastPath, texts: list[str]) -> tuple[NDArray[Any], NDArray[Any]]:
        batches.append(len(texts))
        return read(self, texts)

    monkeypatch.setattr(FastPath, "answer", watched)
    texts = many(world)
    few = model.predict_proba(texts[:204])
    assert batches == []
    answers = model.predict_proba(iter(texts))
    assert batches == [len(texts)]
    np.testing.assert_allclose(answers, plain(model, texts), rtol=0, atol=1e-6)
    np.testing.assert_allclose(answers[:204], few, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(answers[len(world.texts) + 1], model.prior_)
    assert (model.predict(texts) == model.classes_[answers.argmax(axis=1)]).all()


def test_a_text_may_stand_anywhere_in_a_batch(world: World, model: SentimentClassifier) -> None:
    texts = many(world)
    answers = model.predict_proba(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    shuffled = model.predict_proba([texts[i] for i in order])
    np.testing.assert_array_equal(shuffled, answers[order])


def test_a_new_fit_is_noticed(world: World, model: SentimentClassifier) -> None:
    texts = many(world)
    before = model.predict_proba(texts)
    model.fit(world.texts[:20], world.labels[1:21])  # the labels the other way round
    after = model.predict_proba(texts)
    np.testing.assert_allclose(after, plain(model, texts), rtol=0, atol=1e-6)
    assert np.abs(after - before).max() > 0.1


@pytest.fixture
def threads_that_switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("threads_that_switch_often")
@pytest.mark.parametrize("copied", [False, True], ids=["one model", "copies of it"])
def test_threads_do_not_share_a_reader(
    world: World, model: SentimentClassifier, copied: bool
) -> None:
    lists = [[f"{text} new{i}x{k}" for k, text in enumerate(many(world))] for i in range(8)]
    alone = SentimentClassifier.from_stages(copy.copy(model.stages_))  # has readers of its own
    expected = [alone.predict_proba(texts) for texts in lists]
    models = [copy.copy(model) if copied else model for _ in lists]
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda i: models[i].predict_proba(lists[i]), range(8))
        for answer, right in zip(answers, expected, strict=True):
            np.testing.assert_array_equal(answer, right)


def test_a_model_is_copied_and_sent_to_other_processes_without_its_readers(
    world: World, model: SentimentClassifier
) -> None:
    texts = many(world)
    expected = model.predict_proba(texts)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        assert "_fast_path" not in vars(other.stages_)
        np.testing.assert_array_equal(other.predict_proba(texts), expected)


def test_a_reader_that_met_too_many_pieces_is_let_go(
    world: World, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = many(world)
    model.predict_proba(texts)
    idle = model.stages_._fast_path._idle
    (kept,) = idle
    model.predict_proba(texts)
    assert list(idle) == [kept]
    monkeypatch.setattr("sentiment_transfer.model.fast_path.MAX_PIECES", 10)
    model.predict_proba(texts)
    assert [len(reader) for reader in idle] == [0]


def test_what_is_remembered_of_long_words_is_bounded_in_bytes_and_answers_stay(
    model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{'x' * 2_500}{i} a good film {'y' * 100}{i}" for i in range(800)]
    path = FastPath.of(model.encoder_, model.head_)
    assert path is not None
    expected, coverage = path.answer(texts)
    assert path._idle[0]._own.n_bytes > 1_900_000
    monkeypatch.setattr("sentiment_transfer.model.fast_path.MAX_BYTES", 100_000)
    monkeypatch.setattr("sentiment_transfer.text.indexing.BATCH_CHARACTERS", 50_000)
    path._idle.clear()
    found = path.answer(texts)
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_array_equal(found[1], coverage)
    assert path._idle[0]._own.n_bytes <= 100_000


def test_the_reader_is_no_part_of_a_saved_model(
    world: World, model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "before.safetensors")
    model.predict_proba(many(world))
    model.save(tmp_path / "after.safetensors")
    before, after = (tmp_path / f"{name}.safetensors" for name in ("before", "after"))
    assert before.read_bytes() == after.read_bytes()
    loaded = load(after)
    assert isinstance(loaded, SentimentClassifier)
    texts = many(world)
    np.testing.assert_array_equal(loaded.predict_proba(texts), model.predict_proba(texts))


@pytest.mark.parametrize("n", [2, None], ids=["few texts", "many texts"])
def test_coverage_comes_with_the_probabilities(
    world: World, model: SentimentClassifier, n: int | None
) -> None:
    texts = [*many(world)[:n], "", "nothing known", "good nothing"]
    probabilities, coverage = model.answer(texts)
    np.testing.assert_array_equal(probabilities, model.predict_proba(texts))
    np.testing.assert_array_equal(coverage, counted_coverage(model, texts))
    assert coverage[-3:].tolist() == [0, 0, 1 / 2]


def test_texts_are_prepared_once_for_probabilities_and_coverage(
    world: World, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{text} café" for text in many(world)]
    read: list[str] = []
    prepare = Tokenizer.prepare

    def recorded(self: Tokenizer, text: str) -> str:
        read.append(text)
        return prepare(self, text)

    monkeypatch.setattr(Tokenizer, "prepare", recorded)
    SentimentClassifier.from_stages(copy.copy(model.stages_)).answer(texts)  # has no reader yet
    assert read == texts


def test_stages_it_does_not_know_take_the_plain_path(world: World) -> None:
    class Shouting(AveragingEncoder):
        """Reads texts in a way of its own."""

    vectors = world.vectors
    own = SentimentClassifier(
        vectors=vectors, encoder=Shouting(vectors), head=LogisticRegression()
    ).fit(*world.few(20))
    assert FastPath.of(own.encoder_, own.head_) is None
    other_splitter = WordVectors(
        vectors.vocabulary, vectors.matrix, Tokenizer(splitter="nltk:WordPunctTokenizer")
    )
    split = SentimentClassifier(vectors=other_splitter).pretrain(world.unlabelled)
    assert FastPath.of(split.encoder_, split.head_) is None
    texts = many(world)
    for model in (own, split):
        np.testing.assert_array_equal(model.predict_proba(texts), plain(model, texts))


def test_a_text_that_is_too_long_is_refused_by_its_place(model: SentimentClassifier) -> None:
    with pytest.raises(InputError, match=r"text 1 has 10,000,001 characters"):
        model.predict_proba(["good", "x" * 10_000_001])


def test_the_kernel_is_compiled_once_for_all_models(world: World) -> None:
    texts = many(world)
    for seeds in ("language", None):
        model = SentimentClassifier(vectors=world.vectors, seeds=seeds).pretrain(world.unlabelled)
        model.fit(*world.few(20)).predict_proba(texts)
    for head in (HiddenLayerClassifier(4), LogisticRegression()):
        model = SentimentClassifier(vectors=world.vectors, head=head).pretrain(world.unlabelled)
        model.fit(*world.few(20)).predict_proba(texts)
    assert len(fast_path_numba.predict.signatures) == 1


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.parametrize("name", ["imdb/test", "zh_hotel/all"])
def test_real_reviews_get_the_same_answers(name: str, real_corpora: Path) -> None:
    import pyarrow.parquet as pq

    whole = pq.read_table(real_corpora / f"{name}.parquet")
    table = whole.take(np.random.default_rng(0).permutation(len(whole))[:400])
    texts = [str(text) for text in table.column("text").to_pylist()]
    labels = [str(label) for label in table.column("label").to_pylist()]
    language = "zh" if name.startswith("zh") else "en"
    model = SentimentClassifier(language, skipgram=SkipGram(epochs=1)).pretrain(texts)
    for n in (0, 8, 320):
        if n:
            model.fit(texts[:n], labels[:n])
        np.testing.assert_allclose(fast(model, texts), plain(model, texts), rtol=0, atol=1e-6)


def test_a_member_that_reads_an_unknown_part_takes_the_plain_path_and_is_explained_by_omission(
    world: World, model: SentimentClassifier
) -> None:
    stages = model.stages_
    mixture = stages.head.mixture_
    strange = replace(mixture.members_[0], weights={"lexicon": np.ones(1)})
    mixture.members_ = (*mixture.members_, strange)
    assert FastPath.of(stages.encoder, stages.head) is None
    assert stages.encoder.word_shares("a good film", stages.head) is None
