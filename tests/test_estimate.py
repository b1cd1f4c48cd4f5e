"""Estimates of pretraining are close to what is measured, and what cannot fit is refused."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, SkipGram, read_texts
from sentiment_transfer.base.atomic import PREFIX, temporary_prefix
from sentiment_transfer.base.executors import Serial
from sentiment_transfer.base.store import Store
from sentiment_transfer.corpus.stretches import read_stretches, stretches_of
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.estimate import estimate_pretraining
from sentiment_transfer.pretraining import (
    capacity_checks,
    cluster_estimate,
    memory_and_disk,
    shared_rounds,
)
from sentiment_transfer.pretraining.cluster_estimate import bytes_a_round, worker_bytes
from sentiment_transfer.pretraining.corpus_file import index_texts
from sentiment_transfer.pretraining.corpus_growth import Sentences, kept_share, words_at
from sentiment_transfer.pretraining.corpus_sample import sample_corpus
from sentiment_transfer.pretraining.estimate_table import shown_seconds
from sentiment_transfer.pretraining.shared_corpus import CorpusPart, StoredCorpus
from sentiment_transfer.pretraining.shared_rounds import ShareTask, shared_run, train_share
from sentiment_transfer.pretraining.shared_texts import SharedTexts
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Run = Callable[..., tuple[int, str, str]]

N_TEXTS = 6_000


def zipf_texts(n_texts: int = N_TEXTS, seed: int = 0) -> list[str]:
    """Texts of 30 words of Zipf-Mandelbrot frequencies, the most frequent ones left out."""
    generator = np.random.default_rng(seed)
    ranks = np.arange(1, 60_001)
    shares = 1 / (ranks + 20.0)
    names = np.array([f"w{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{i}x" for i in ranks])
    drawn = generator.choice(names, (n_texts, 30), p=shares / shares.sum())
    return [" ".join(words) for words in drawn]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return zipf_texts()


@pytest.fixture(scope="module")
def folder(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The texts as files of several formats."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    place = tmp_path_factory.mktemp("zipf")
    lines = "\n".join(texts) + "\n"
    (place / "t.txt").write_text(lines, encoding="utf-8")
    with gzip.open(place / "t.txt.gz", "wt", encoding="utf-8") as file:
        file.write(lines)
    rows = (json.dumps({"text": text, "stars": 3}) for text in texts)
    (place / "t.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (place / "t.csv").write_text("stars,text\n" + "".join(f'3,"{text}"\n' for text in texts))
    pq.write_table(pa.table({"text": texts}), place / "t.parquet", row_group_size=500)
    return place


def counted(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts of all words, the most frequent first."""
    return np.sort(np.unique(words, return_counts=True)[1])[::-1]


@pytest.mark.parametrize("min_count", [1, 2, 5, 10, 40])
@pytest.mark.parametrize("part", [4, 10])
def test_the_number_of_words_of_a_corpus_is_estimated_within_a_tenth(
    part: int, min_count: int
) -> None:
    drawn = np.random.default_rng(1).zipf(1.5, 1_000_000)
    counts, sample = counted(drawn), counted(drawn[::part])
    words = np.count_nonzero(counts >= min_count)
    assert words_at(sample, part, min_count) == pytest.approx(words, rel=0.1)
    share = counts[counts >= min_count].sum() / counts.sum()
    assert kept_share(sample, part, min_count) == pytest.approx(share, abs=0.02)


def test_a_sample_that_is_the_corpus_is_counted() -> None:
    counts = np.array([9, 5, 5, 2, 1])
    assert [words_at(counts, 1, k) for k in (1, 2, 5, 10)] == [5, 4, 3, 0]
    assert kept_share(counts, 1, 5) == 19 / 22


@pytest.mark.parametrize("counts", [[], [1, 1, 1], [7], [3, 3, 3, 3]])
def test_odd_counts_give_finite_numbers(counts: list[int]) -> None:
    array = np.array(counts, np.int64)
    for times in (1.0, 1.5, 1e6):
        for min_count in (1, 2, 500):
            assert 0 <= words_at(array, times, min_count) < 1e9
            assert 0 <= kept_share(array, times, min_count) <= 1


def test_repeated_sentences_hold_no_new_words() -> None:
    generator = np.random.default_rng(0)
    pool = [f"The sentence number {i} of a pool is long enough for it." for i in range(8_000)]
    n, times = 2_000, 50.0
    sample = [" ".join(generator.choice(pool, 8)) for _ in range(n)]
    seen = Sentences()
    assert list(seen.watch(sample)) == sample
    before = 1 - (1 - 1 / len(pool)) ** (n * 8)
    everything = (1 - (1 - 1 / len(pool)) ** (n * 8 * times)) / before
    assert seen.distinct_times(times) == pytest.approx(everything, rel=0.2)
    assert everything < times / 10
    unlike = Sentences()
    list(unlike.watch(f"a. {text}. b. {text[::-1]}. c." for text in zipf_texts(500)))
    assert unlike.distinct_times(times) == times


@pytest.mark.parametrize("name", ["t.txt", "t.txt.gz", "t.jsonl", "t.csv", "t.parquet"])
def test_a_small_corpus_is_read_as_a_whole_whatever_its_format(
    folder: Path, texts: list[str], name: str
) -> None:
    stretches = stretches_of(read_texts(folder / name))
    assert sorted(read_stretches(stretches, 60.0)) == sorted(texts)
    assert sum(each.factor * each.n_texts for each in stretches) == pytest.approx(N_TEXTS)


@pytest.mark.parametrize("name", ["t.txt", "t.jsonl", "t.parquet"])
def test_part_of_a_large_file_is_read_from_places_all_over_it(
    folder: Path, texts: list[str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.corpus.stretches.SMALL_FILE", 1)
    monkeypatch.setattr("sentiment_transfer.corpus.stretches.BATCH_ROWS", 50)
    monkeypatch.setattr("sentiment_transfer.corpus.stretches.BUFFER", 0)
    monkeypatch.setattr("sentiment_transfer.corpus.sources.BUFFER", 512)
    stretches = stretches_of(read_texts(folder / name))
    read = list(read_stretches(stretches, 0.0))
    assert len(read) < N_TEXTS / 2
    places = [texts.index(text) for text in read]
    assert set(read) <= set(texts)
    assert min(places) < N_TEXTS / 12 < N_TEXTS * 11 / 12 < max(places)


def test_of_many_files_some_are_read_and_stand_for_all(tmp_path: Path, texts: list[str]) -> None:
    for number in range(100):
        part = "\n".join(texts[60 * number : 60 * number + 60])
        (tmp_path / f"{number:03}.txt").write_text(part, encoding="utf-8")
    sample = sample_corpus(read_texts(str(tmp_path / "*.txt")), Tokenizer("en"), 0.1)
    assert not sample.complete
    assert len(sample.corpus) < N_TEXTS / 3
    assert sample.n_texts == pytest.approx(N_TEXTS, rel=0.05)
    assert sample.n_tokens == pytest.approx(30 * N_TEXTS, rel=0.05)


def test_a_list_a_folder_and_a_table_are_sampled(tmp_path: Path, texts: list[str]) -> None:
    import pandas as pd

    for number, text in enumerate(texts[:30]):
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    for source in (texts[:30], tmp_path, pd.DataFrame({"text": texts[:30]})):
        sample = sample_corpus(read_texts(source), Tokenizer("en"), 0.1)
        assert (sample.n_texts, sample.n_tokens, sample.complete) == (30, 900, True)


def test_what_can_be_read_only_once_is_refused(texts: list[str]) -> None:
    with pytest.raises(InputError, match="read only once, so"):
        stretches_of(read_texts(iter(texts)))


def test_an_estimate_has_the_numbers_and_files_of_the_run(
    folder: Path, texts: list[str], tmp_path: Path
) -> None:
    skipgram = SkipGram(20, epochs=1, min_count=4, workers=2)
    model = SentimentClassifier(skipgram=skipgram)
    checkpoint = tmp_path / "state"
    source = read_texts(folder / "t.parquet")
    estimate = estimate_pretraining(model, source, seconds=0.2, checkpoint=checkpoint)
    assert list(tmp_path.iterdir()) == []
    indexed = index_texts(iter(texts), Tokenizer("en"), min_count=4)
    assert estimate.exact
    assert estimate.n_words == len(indexed.vocabulary)
    assert estimate.n_tokens == len(indexed.corpus.ids)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        skipgram.fit(texts, checkpoint=checkpoint)
    skipgram.vectors_.save(tmp_path / "v.safetensors")
    written = (checkpoint / "weights.safetensors").stat().st_size
    assert estimate.disk["checkpoint"] == pytest.approx(2 * written, rel=0.1)
    assert estimate.disk["token ids"] == pytest.approx(4 * 30 * N_TEXTS + 8 * N_TEXTS, rel=0.1)
    saved = (tmp_path / "v.safetensors").stat().st_size
    assert estimate.disk["model"] == pytest.approx(saved, rel=0.15)
    assert list(estimate.seconds) == ["loading", "reading", "training", "checkpoints", "polarity"]
    assert all(each.clock >= 0 and each.cpu >= 0 for each in estimate.seconds.values())


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_files_of_a_run_in_progress_survive_an_estimate(folder: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    for name in (f"{PREFIX}0badcafe-1f.tmp", f"{temporary_prefix()}2e.tmp", "weights.safetensors"):
        (state / name).write_bytes(b"of a run")
    before = files_in(state)
    model = SentimentClassifier(skipgram=SkipGram(8, epochs=1, min_count=4))
    for _ in range(2):
        estimate_pretraining(model, read_texts(folder / "t.txt"), seconds=0.1, checkpoint=state)
    assert files_in(state) == before


def test_an_estimate_for_a_folder_that_does_not_exist_makes_none(
    folder: Path, tmp_path: Path
) -> None:
    model = SentimentClassifier(skipgram=SkipGram(8, epochs=1, min_count=4))
    source = read_texts(folder / "t.txt")
    estimate_pretraining(model, source, seconds=0.1, checkpoint=tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match="name a folder that can be created"):
        estimate_pretraining(model, source, seconds=0.1, checkpoint=tmp_path / "file")


def test_the_estimate_of_a_cluster_follows_the_calls_of_its_rounds(folder: Path) -> None:
    model = SentimentClassifier(skipgram=SkipGram(20, epochs=3, min_count=4))
    estimate = estimate_pretraining(model, read_texts(folder / "t.txt"), seconds=0.1, shares=4)
    cluster = estimate.cluster
    assert cluster is not None
    weights = 2 * 4 * estimate.n_words * 32
    assert cluster.rounds == 3 * 20
    ids = 4 * estimate.n_tokens // 20
    assert cluster.round_bytes == pytest.approx(3 * weights + 2 * weights / 4 + ids, abs=8)
    assert cluster.network_bytes == 60 * 4 * cluster.round_bytes
    assert bytes_a_round(1000, 10, 1) == 2010


def test_the_memory_of_a_worker_is_that_of_its_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_estimate, "READER", 0)
    n_words, n_texts, each, shares = 2_000, 400_000, 5, 4
    ids = np.random.default_rng(0).integers(0, n_words, n_texts * each, dtype=np.int32)
    offsets = np.arange(0, len(ids) + 1, each)
    store = Store("memory://worker/run")
    file = store.put(offsets)
    corpus = StoredCorpus([CorpusPart(store.put(ids), file, len(ids), n_texts)], file)
    settings = SkipGram(16, epochs=1, workers=shares).checked_settings()
    run = shared_run(store, settings, np.bincount(ids), corpus)
    train_share(ShareTask(run.place, run.key, run.start, 0, 0, 0))  # compiles, and keeps tables
    shared_rounds._open.cache_clear()
    tracemalloc.start()
    train_share(ShareTask(run.place, run.key, run.start, 0, 1, 0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    sizes = len(ids), n_texts, memory_and_disk.weights_bytes(n_words, 16), shares
    estimated = worker_bytes(n_words, 0, *sizes)
    assert peak < estimated < 1.5 * peak


def test_a_worker_deals_out_the_texts_of_all_workers() -> None:
    sizes: Any = {"n_words": 9, "n_distinct": 9, "n_tokens": 10**10, "shares": 16}
    few, many = (worker_bytes(n_texts=n, weights=2 * 10**9, **sizes) for n in (10**7, 11 * 10**7))
    assert many - few >= 8 * 10**8 + 40 * 10**8 / 20


def test_a_tiny_and_an_empty_corpus() -> None:
    model = SentimentClassifier(skipgram=SkipGram(8, epochs=1, min_count=1))
    one = estimate_pretraining(model, read_texts(["a fine film a fine room"]), seconds=0.1)
    assert (one.n_texts, one.exact) == (1, True)
    with pytest.raises(InputError, match="there are no texts"):
        estimate_pretraining(model, read_texts([]), seconds=0.1)
    with pytest.raises(InputError, match="occur often enough"):
        estimate_pretraining(SentimentClassifier(), read_texts(["film"]), seconds=0.1)


def test_other_engines_and_given_vectors_are_refused(texts: list[str]) -> None:
    for model in (
        SentimentClassifier(skipgram=SkipGram(engine="gensim")),
        SentimentClassifier(vectors="reviews-en"),
    ):
        with pytest.raises(SettingError, match="can be estimated"):
            estimate_pretraining(model, read_texts(texts[:9]), seconds=0.1)


@pytest.fixture
def suspicious(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every corpus in files be looked at as a large one."""
    monkeypatch.setattr(capacity_checks, "LARGE", 1)
    monkeypatch.setattr(capacity_checks, "LOOK", 0.05)


def no_reading(*_: object) -> Iterator[str]:
    raise AssertionError


@pytest.mark.usefixtures("suspicious")
def test_a_corpus_that_does_not_fit_on_the_disk_is_refused_before_it_is_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (capacity_checks, memory_and_disk):
        monkeypatch.setattr(module, "free_bytes", lambda _: 500_000)
    monkeypatch.setattr("sentiment_transfer.pretraining.skipgram.index_texts", no_reading)
    source = read_texts(folder / "t.jsonl")
    message = r"needs \d.* MB of disk .*, where 0.5 MB are free; .*vector_size.*checkpoint=.*TMPDIR"
    with pytest.raises(SettingError, match=message):
        SkipGram(20, min_count=4).fit(source, checkpoint=tmp_path / "state")
    with pytest.raises(SettingError, match=message):
        SentimentClassifier(skipgram=SkipGram(20, min_count=4)).pretrain(source)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("suspicious")
def test_a_corpus_that_does_not_fit_into_the_folder_of_a_cluster_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (capacity_checks, memory_and_disk):
        monkeypatch.setattr(module, "free_bytes", lambda _: 500_000)
    monkeypatch.setattr(SharedTexts, "index", no_reading)
    source, skipgram = read_texts(folder / "t.jsonl"), SkipGram(20, min_count=4, workers=2)
    shared = SharedTexts(source, Serial(), tmp_path / "run")
    message = r"needs \d.* MB of disk .*, where 0.5 MB are free; .*--checkpoint or the place"
    with pytest.raises(SettingError, match=message):
        skipgram.fit(shared)
    with pytest.raises(SettingError, match=message):
        SentimentClassifier(skipgram=skipgram).pretrain(shared)
    assert list(tmp_path.iterdir()) == []
    skipgram.require_room(SharedTexts(source, Serial(), "memory://bucket/run"), None)


@pytest.mark.usefixtures("suspicious")
def test_what_an_interrupted_run_left_in_the_folder_of_a_cluster_counts_as_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedTexts(read_texts(folder / "t.txt"), Serial(), tmp_path)
    for module in (capacity_checks, memory_and_disk):
        monkeypatch.setattr(module, "free_bytes", lambda _: 500_000)
    (tmp_path / "ids").write_bytes(bytes(20_000_000))
    SkipGram(20, min_count=4, workers=2).require_room(shared, None)


@pytest.mark.usefixtures("suspicious")
def test_weights_that_do_not_fit_into_memory_are_refused_before_the_texts_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (capacity_checks, memory_and_disk):
        monkeypatch.setattr(module, "available_memory", lambda: 8_000_000)
    monkeypatch.setattr("sentiment_transfer.pretraining.skipgram.index_texts", no_reading)
    message = r"needs .* of memory .* 8 MB are available; .*min_count.*vector_size, fewer workers"
    with pytest.raises(SettingError, match=message):
        SkipGram(200, min_count=2, workers=4).fit(read_texts(folder / "t.txt"))


def test_weights_of_texts_of_unknown_size_are_refused_before_training(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_and_disk, "available_memory", lambda: 1_000_000)
    with pytest.raises(SettingError, match="1 MB are available"):
        SkipGram(100, min_count=2).fit(iter(texts))


def test_small_corpora_are_not_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity_checks, "free_bytes", no_reading)
    capacity_checks.require_room(read_texts(folder / "t.txt"), SkipGram(), None)
    capacity_checks.require_room(["a text"], SkipGram(), None)


def test_the_command_prints_the_estimate_and_writes_nothing(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    output, state = tmp_path / "m.safetensors", tmp_path / "state"
    line = ["pretrain", folder / "t.txt", "-o", output, "--estimate", "--checkpoint", state]
    code, out, err = run(*line, "--epochs", 1, "--vector-size", 16)
    assert (code, err) == (0, "")
    assert list(tmp_path.iterdir()) == []
    assert out.startswith(f"{N_TEXTS:,} texts, ")
    for part in ("reading", "training", "in all", "memory", "disk: token ids", "disk: checkpoint"):
        assert part in out
    assert "cluster" not in out


def test_the_command_adds_rounds_and_network_for_a_cluster(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    line = ["pretrain", folder / "t.txt", "-o", tmp_path / "m.safetensors", "--estimate"]
    line += ["--checkpoint", tmp_path / "state", "--cluster", "tcp://nowhere:1", "--epochs", 2]
    code, _, err = run(*line)
    assert code == 2
    assert "give --workers" in err
    code, out, _ = run(*line, "--workers", 8)
    assert code == 0
    assert "cluster of 8 workers of one thread, 10 Gbit/s" in out
    assert "(not compared with a run)" in out
    assert [line.split()[-1] for line in out.splitlines() if line.startswith("rounds")] == ["40"]


def test_the_command_says_what_does_not_fit_after_the_estimate(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_and_disk, "free_bytes", lambda _: 100_000)
    code, out, err = run(
        "pretrain", folder / "t.txt", "-o", tmp_path / "m.safetensors", "--estimate"
    )
    assert code == 2
    assert "in all" in out
    assert "0.1 MB are free" in err
    assert "--vector-size" in err
    assert "--min-count" in err


def test_the_command_says_what_does_not_fit_into_the_folder_of_a_cluster(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_and_disk, "free_bytes", lambda _: 1_000_000)
    line = ["pretrain", folder / "t.txt", "-o", tmp_path / "m.safetensors", "--estimate"]
    line += ["--cluster", "tcp://nowhere:1", "--workers", 8, "--vector-size", 8, "--min-count", 10]
    code, out, err = run(*line, "--checkpoint", tmp_path / "state")
    assert code == 2
    assert "shared storage" in out
    assert "what the workers share" in err
    assert "1 MB are free" in err
    code, _, err = run(*line, "--checkpoint", "memory://bucket/state")
    assert (code, err) == (0, "")


def test_standard_input_cannot_be_estimated(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a film\n")))
    code, _, err = run("pretrain", "-", "-o", tmp_path / "m.safetensors", "--estimate")
    assert code == 2
    assert "save it to a file" in err


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (99.4, "99 s"), (100, "1.7 min"), (6000, "1.7 h")],
)
def test_durations_are_shown_in_two_digits(seconds: float, shown: str) -> None:
    assert shown_seconds(seconds) == shown
