"""Stage one as its users see it, whichever engine does the arithmetic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import SkipGram, WordVectors, read_texts
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.skipgram import auto_epochs, auto_min_count
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.base.progress import Progress

ENGINES = pytest.mark.parametrize("engine", ["numba", "gensim"])


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Two topics that never meet: sea words beside sea words, road words beside road words."""
    rng = np.random.default_rng(0)
    topics = [
        ["ship", "harbour", "wave", "sail", "anchor"],
        ["car", "wheel", "engine", "brake", "garage"],
    ]
    return [" ".join(rng.choice(topics[i % 2], 8)) for i in range(400)]


def small(**settings: Any) -> SkipGram:  # noqa: ANN401
    return SkipGram(**{"vector_size": 12, "epochs": 3, "sample": 0, "seed": 7} | settings)


def fitted_bytes(texts: list[str], **settings: Any) -> bytes:  # noqa: ANN401
    return small(**settings).fit(texts).vectors_.matrix.tobytes()


@ENGINES
def test_words_that_share_their_neighbours_get_similar_vectors(
    texts: list[str], engine: str
) -> None:
    vectors = small(engine=engine, epochs=10, alpha=0.1).fit(texts).vectors_
    assert len(vectors) == 10
    assert {word for word, _ in vectors.nearest("ship", 4)} == {"harbour", "wave", "sail", "anchor"}
    assert {word for word, _ in vectors.nearest("car", 4)} == {"wheel", "engine", "brake", "garage"}
    assert vectors.matrix.shape == (10, 12)
    assert np.isfinite(vectors.matrix).all()


def test_words_counts_and_token_ids_are_those_of_the_texts() -> None:
    model = small(min_count=2).fit(["plot plot dull", "dull plot", "once"])
    assert model.vectors_.words == ("plot", "dull")
    assert model.vectors_.counts.tolist() == [3, 2]
    assert [model.corpus_[i].tolist() for i in range(3)] == [[0, 0, 1], [1, 0], []]


def test_the_tokenizer_goes_with_the_vectors(texts: list[str]) -> None:
    assert small().fit(texts).vectors_.tokenizer.describe() == Tokenizer("en").describe()
    mine = Tokenizer("en", stop_words=False)
    model = small(tokenizer=mine).fit(["the ship", "the wave", "the ship"])
    assert model.vectors_.tokenizer is mine
    assert "the" in model.vectors_


def test_what_it_was_trained_on_and_how_goes_with_the_vectors(texts: list[str]) -> None:
    model = small().fit(texts)
    facts = model.vectors_.metadata
    assert facts["texts"] == 400
    assert facts["tokens"] == 400 * 8
    assert (facts["vector_size"], facts["epochs"], facts["seed"]) == (12, 3, 7)
    assert facts["loss"] == model.history_[-1]["loss"]


@ENGINES
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    texts: list[str], engine: str
) -> None:
    once = fitted_bytes(texts, engine=engine)
    assert fitted_bytes(texts, engine=engine) == once
    assert fitted_bytes(texts, engine=engine, seed=8) != once


@ENGINES
def test_the_same_seed_gives_the_same_bytes_on_two_threads(texts: list[str], engine: str) -> None:
    once = fitted_bytes(texts, engine=engine, workers=2)
    assert fitted_bytes(texts, engine=engine, workers=2) == once


@ENGINES
def test_pythons_hash_seed_changes_nothing(engine: str) -> None:
    code = (
        "import hashlib; from sentiment_transfer import SkipGram; "
        "texts = ['ship wave sail', 'car wheel brake', 'wave ship', 'wheel car'] * 20; "
        f"model = SkipGram(8, epochs=2, seed=3, engine={engine!r}).fit(texts); "
        "print(model.vectors_.words, hashlib.sha256(model.vectors_.matrix).hexdigest())"
    )
    runs = {
        subprocess.run(  # noqa: S603  (our own code)
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "12345")
    }
    assert len(runs) == 1
    assert "'ship'" in runs.pop()


def test_fitting_leaves_numpys_global_generator_alone(texts: list[str]) -> None:
    np.random.seed(5)  # noqa: NPY002  (that generator is the subject)
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    small().fit(texts)
    assert np.random.random() == expected  # noqa: NPY002


def test_a_list_a_generator_a_file_and_token_arrays_of_the_same_texts_are_the_same(
    texts: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(texts), encoding="utf-8")
    once = fitted_bytes(texts)
    for form in (tuple(texts), (text for text in texts), read_texts(path), np.array(texts)):
        assert fitted_bytes(form) == once  # type: ignore[arg-type]


@ENGINES
def test_the_history_has_an_entry_an_epoch_and_the_loss_falls(
    texts: list[str], engine: str
) -> None:
    history = small(engine=engine, epochs=6, alpha=0.05, min_alpha=0.01).fit(texts).history_
    assert [entry["epoch"] for entry in history] == list(range(6))
    losses = [entry["loss"] for entry in history]
    assert losses[-1] < losses[0]
    assert all(0 < loss < 10 for loss in losses)
    alphas = [entry["alpha"] for entry in history]
    assert alphas == sorted(alphas, reverse=True)
    assert 0.01 <= alphas[-1] < 0.012
    assert alphas[0] < 0.05


@ENGINES
def test_a_callback_sees_every_word_of_every_epoch_exactly_once(
    texts: list[str], engine: str
) -> None:
    seen: list[Progress] = []
    model = small(engine=engine).fit(texts, callback=seen.append)
    done = [report.done for report in seen]
    total = 3 * 400 * 8
    assert done[-1] == total
    assert done == sorted(done)
    assert len(set(done)) > 1
    assert {(report.total, report.unit) for report in seen} == {(total, "words")}
    assert seen[-1].metrics["loss"] == model.history_[-1]["loss"]


def test_a_callback_changes_nothing(texts: list[str]) -> None:
    watched = small().fit(texts, callback=lambda _: None)
    assert watched.vectors_.matrix.tobytes() == fitted_bytes(texts)


def test_an_exception_in_the_callback_ends_the_work_and_is_not_swallowed(texts: list[str]) -> None:
    def stop(report: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small().fit(texts, callback=stop)


@ENGINES
def test_a_text_of_more_than_10000_tokens_is_read_to_its_end(texts: list[str], engine: str) -> None:
    """gensim alone would stop after 10,000: its last words would keep their random vectors."""
    sea, road = " ".join(texts[0::2]), " ".join(texts[1::2])  # 1,600 tokens each
    seen: list[Progress] = []
    model = small(engine=engine, alpha=0.1)
    model.fit([" ".join([sea] * 7 + [road] * 7)], callback=seen.append)
    assert len(model.corpus_.ids) == 14 * 1_600
    assert seen[-1].done == 3 * 14 * 1_600
    vectors = model.vectors_
    assert {word for word, _ in vectors.nearest("car", 4)} == {"wheel", "engine", "brake", "garage"}


def test_small_corpora_get_more_passes_and_keep_rarer_words() -> None:
    sizes = [0, 1, *(10**k for k in range(1, 10)), 10**9]
    passes = [auto_epochs(n) for n in sizes]
    least = [auto_min_count(n) for n in sizes]
    assert passes == sorted(passes, reverse=True)
    assert least == sorted(least)
    assert (passes[0], passes[-1]) == (100, 5)
    assert (least[0], least[-1]) == (2, 5 + 990 / 1.25)


def test_rare_words_are_dropped_from_large_corpora_in_proportion_to_their_size() -> None:
    assert auto_min_count(9_700_000) == 5  # 75,000 film reviews
    assert auto_min_count(11_250_000) == 5 + (11_250_000 - 10_000_000) / 1_250_000
    assert auto_min_count(560_000_000) == 5 + (560_000_000 - 10_000_000) / 1_250_000


def test_auto_is_settled_by_the_corpus_and_written_in_the_metadata() -> None:
    model = SkipGram(4, sample=0).fit(["ship wave", "ship wave", "once"])
    assert model.vectors_.words == ("ship", "wave")
    assert model.vectors_.metadata["epochs"] == len(model.history_) == 100
    assert model.get_params()["epochs"] == "auto"


def test_where_no_pair_is_left_to_train_on_there_is_no_loss_and_a_warning(tmp_path: Path) -> None:
    texts = ["ship wave", "ship wave", "once"]
    model = SkipGram(4, epochs=3, sample=1e-9)
    with pytest.warns(UserWarning, match=r"nothing was learnt: with sample=1e-09 no pair"):
        model.fit(texts, held_out=texts, checkpoint=tmp_path / "run")
    untrained = SkipGram(4, epochs=1, alpha=1e-30, min_alpha=1e-30, sample=0).fit(texts).vectors_
    np.testing.assert_allclose(model.vectors_.matrix, untrained.matrix, atol=1e-6)
    assert [epoch["loss"] for epoch in model.history_] == [None] * 3
    assert [epoch["held_out_loss"] for epoch in model.history_] == [None] * 3
    model.vectors_.save(tmp_path / "v")
    assert WordVectors.load(tmp_path / "v").metadata["loss"] is None
    with pytest.warns(UserWarning, match="nothing was learnt"):
        model.fit(texts, held_out=texts, checkpoint=tmp_path / "run")  # as resumed at its end


def test_a_window_far_wider_than_the_texts_takes_no_memory_of_its_own(texts: list[str]) -> None:
    longest = max(len(text.split()) for text in texts)
    assert longest < 100
    wide, hundred = small(window=1_000_000).fit(texts), small(window=100).fit(texts)
    assert wide.vectors_.matrix.tobytes() == hundred.vectors_.matrix.tobytes()
    assert wide.vectors_.metadata["window"] == 100


def test_a_window_too_wide_for_long_texts_is_refused_before_it_takes_gigabytes() -> None:
    text = " ".join(["ship", "wave", "storm"] * 2000)
    with pytest.raises(SettingError, match=r"window=6000 is not allowed .* at most 2000"):
        small(window=20_000).fit([text])


def test_a_single_str_is_refused_with_the_remedy() -> None:
    with pytest.raises(InputError, match=r"single str \('ship wave'\).*read_texts"):
        SkipGram().fit("ship wave")


def test_no_text_at_all_is_said() -> None:
    with pytest.raises(InputError, match="there are no texts"):
        SkipGram().fit([])


def test_whole_numbers_may_be_numpy_s(texts: list[str]) -> None:
    settings = {"vector_size": np.int64(12), "epochs": np.int32(3), "seed": np.uint8(7)}
    model = small(**settings, workers=np.int64(1)).fit(texts)
    assert model.vectors_.matrix.tobytes() == fitted_bytes(texts)
    assert json.loads(json.dumps(dict(model.vectors_.metadata)))["vector_size"] == 12


@pytest.mark.parametrize("nothing", [[""], ["", "the and of"], ["ship"], ["ship wave"]])
def test_texts_without_words_that_occur_twice_are_refused(nothing: list[str]) -> None:
    with pytest.raises(InputError, match=r"min_count=.*give more texts or a smaller min_count"):
        SkipGram().fit(nothing)


@ENGINES
def test_texts_of_one_word_each_hold_no_pair_to_learn_from(engine: str) -> None:
    with pytest.raises(InputError, match="no text holds two known words"):
        SkipGram(4, engine=engine).fit(["ship"] * 9 + ["wave"] * 9)  # type: ignore[arg-type]


def test_a_text_that_is_no_str_is_named_by_its_place() -> None:
    with pytest.raises(InputError, match="text 1 is NoneType"):
        SkipGram().fit(["ship wave", None])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "setting",
    [
        {"vector_size": 0},
        {"vector_size": 2.5},
        {"window": 0},
        {"negative": 0},
        {"epochs": 0},
        {"epochs": "many"},
        {"min_count": 0},
        {"min_count": "five"},
        {"min_count": 2.5},
        {"workers": 0},
        {"seed": -1},
        {"seed": "x"},
        {"seed": None},
        {"sample": -0.1},
        {"sample": float("nan")},
        {"alpha": 0},
        {"alpha": float("nan")},
        {"alpha": float("inf")},
        {"min_alpha": 0},
        {"min_alpha": 0.5},
        {"engine": "cuda"},
        {"tokenizer": "xx"},
    ],
    ids=str,
)
def test_a_setting_that_cannot_work_is_refused_by_name_and_value(setting: dict[str, Any]) -> None:
    name, value = next(iter(setting.items()))
    said = "language='xx'" if name == "tokenizer" else f"{name}={value!r}"
    with pytest.raises(SettingError, match=said.replace(".", r"\.")):
        small(**setting).fit(["ship wave"] * 9)


def test_a_refused_setting_is_refused_before_the_texts_are_read() -> None:
    read = []
    texts = (read.append(text) or text for text in ["ship wave"] * 9)  # type: ignore[func-returns-value]
    with pytest.raises(SettingError):
        small(window=0).fit(texts)
    assert not read


def content(vectors: WordVectors) -> bytes:
    """Everything that goes into the file of the vectors."""
    facts, tensors = vectors.state()
    return repr(facts).encode() + b"".join(tensors[name].tobytes() for name in sorted(tensors))


def test_the_held_out_loss_is_that_of_texts_that_are_not_learnt_from(texts: list[str]) -> None:
    alone = small(epochs=8, alpha=0.1).fit(texts)
    model = small(epochs=8, alpha=0.1).fit(texts, held_out=texts[:50])
    assert model.vectors_.words == alone.vectors_.words
    assert model.vectors_.matrix.tobytes() == alone.vectors_.matrix.tobytes()
    assert "held_out_loss" not in alone.history_[0]
    losses = [entry["held_out_loss"] for entry in model.history_]
    assert losses[-1] < losses[0]
    assert losses[-1] == pytest.approx(model.history_[-1]["loss"], rel=0.1)  # the same kind of text
    mixed = [
        " ".join(pair) for pair in zip(["ship", "wave"] * 9, ["car", "wheel"] * 9, strict=True)
    ]
    strange = small(epochs=8, alpha=0.1).fit(texts, held_out=mixed)
    assert strange.history_[-1]["held_out_loss"] > 1.5 * losses[-1]  # two topics in one text


@pytest.mark.parametrize("nothing", [[], [""], ["ship"], ["unknown words only"]])
def test_held_out_texts_without_two_known_words_are_refused(
    texts: list[str], nothing: list[str]
) -> None:
    with pytest.raises(InputError, match="no text of held_out holds two words"):
        small().fit(texts, held_out=nothing)


TEXTS = ["ship wave sail anchor", "car wheel", "wave ship", "wheel car brake"] * 50


def test_a_bar_can_be_shown_before_the_first_round() -> None:
    reports: list[Progress] = []
    SkipGram(8, epochs=2).fit(TEXTS, callback=reports.append)
    assert (reports[0].done, reports[0].total) == (0, 2 * sum(len(t.split()) for t in TEXTS))
    assert reports[0].eta is None
    assert reports[-1].eta == 0


SEA = ["ship wave sail", "wave ship", "sail ship wave harbour"] * 20


KNOWN = ("wave", "engine", "ship", "brake")


@pytest.fixture
def initial() -> WordVectors:
    matrix = np.random.default_rng(1).normal(size=(4, 12)).astype(np.float32)
    vocabulary = Vocabulary(KNOWN, np.array([100, 50, 10, 1]))
    return WordVectors(vocabulary, matrix, Tokenizer("en"), {"bank": "reviews"})


def test_words_stay_where_they_were_when_hardly_anything_is_learnt(initial: WordVectors) -> None:
    vectors = small(alpha=1e-9, min_alpha=1e-9, initial=initial).fit(SEA).vectors_
    for word in KNOWN:
        np.testing.assert_allclose(vectors[word], initial[word], atol=1e-5)
    for word in ("sail", "harbour"):  # word2vec's initial values are within 0.5 / 12
        assert 0 < np.abs(vectors[word]).max() < 0.5 / 12 + 1e-5


def test_words_that_occur_move_from_there_and_all_others_stay_to_the_bit(
    initial: WordVectors,
) -> None:
    vectors = small(alpha=0.05, initial=initial).fit(SEA).vectors_
    for word in ("engine", "brake"):
        assert vectors[word].tobytes() == initial[word].tobytes()
    for word in ("wave", "ship"):
        moved = float(np.linalg.norm(vectors[word] - initial[word]))
        assert 1e-3 < moved < float(np.linalg.norm(initial[word]))


def test_the_result_has_the_words_of_both_with_counts_added_the_most_frequent_first(
    initial: WordVectors,
) -> None:
    model = small(initial=initial).fit(SEA)
    vectors = model.vectors_
    # 60 texts: wave and ship in all, sail in 40, harbour in 20
    counts = {
        "wave": 100 + 60,
        "ship": 10 + 60,
        "engine": 50,
        "sail": 40,
        "harbour": 20,
        "brake": 1,
    }
    assert dict(zip(vectors.words, vectors.counts.tolist(), strict=True)) == counts
    assert vectors.counts.tolist() == sorted(counts.values(), reverse=True)
    assert [vectors.words[i] for i in model.corpus_[0]] == ["ship", "wave", "sail"]
    assert vectors.metadata["initial"] == {"bank": "reviews"}
    assert vectors.metadata["tokens"] == len(model.corpus_.ids) == 20 * (3 + 2 + 4)


def test_a_known_word_below_min_count_keeps_its_vector(initial: WordVectors) -> None:
    model = small(initial=initial, min_count=5).fit([*SEA, "engine ship", "engine wave"])
    assert model.vectors_["engine"].tobytes() == initial["engine"].tobytes()
    assert model.vectors_.counts[model.vectors_.id_of("engine")] == 50


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_start_gives_the_same_bytes_and_is_left_as_it_was(
    initial: WordVectors, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.pretraining.skipgram.TOKENS_A_WORKER", 1)
    before = initial.matrix.copy()
    once, again = (small(initial=initial, workers=workers).fit(SEA).vectors_ for _ in range(2))
    assert once.matrix.tobytes() == again.matrix.tobytes()
    assert once.matrix.tobytes() != small(workers=workers).fit(SEA).vectors_.matrix.tobytes()
    np.testing.assert_array_equal(initial.matrix, before)


def test_a_second_look_at_the_same_texts_begins_with_a_lower_loss() -> None:
    rng = np.random.default_rng(0)
    topics = [["ship", "wave", "sail", "harbour"], ["car", "wheel", "engine", "brake"]]
    texts = [" ".join(rng.choice(topics[i % 2], 8)) for i in range(300)]
    first = small(alpha=0.1).fit(texts)
    second = small(alpha=0.1, initial=first.vectors_).fit(texts)
    assert second.history_[0]["loss"] < 0.99 * first.history_[0]["loss"]


def test_vectors_of_another_size_are_refused_before_the_texts_are_read(
    initial: WordVectors,
) -> None:
    class Unread:
        def __iter__(self) -> Any:  # noqa: ANN401
            raise AssertionError

    with pytest.raises(SettingError, match=r"vector_size=100, but the initial vectors have 12"):
        SkipGram(initial=initial).fit(Unread())
    with pytest.raises(SettingError, match="engine='gensim' does not support initial"):
        small(engine="gensim", initial=initial).fit(Unread())


def test_vectors_without_a_word_of_the_texts_are_refused(initial: WordVectors) -> None:
    with pytest.raises(InputError, match="none of the 2 words of the texts has an initial vector"):
        small(initial=initial).fit(["好 不错 好 不错"] * 9)


@pytest.mark.parametrize("saved", [False, True])
def test_vectors_that_are_too_long_end_in_an_error_and_not_in_nan(
    initial: WordVectors, saved: bool, tmp_path: Path
) -> None:
    long = WordVectors(initial.vocabulary, initial.matrix * np.float32(1e14), initial.tokenizer)
    with pytest.raises(SettingError, match=r"epoch \d, .* not finite or too long; lower alpha"):
        small(initial=long, alpha=1e20).fit(SEA, checkpoint=tmp_path if saved else None)
    assert not list(tmp_path.iterdir())
