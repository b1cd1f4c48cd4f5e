"""Training by workers that share files gives what threads give, whatever is stopped."""

from __future__ import annotations

import csv
import hashlib
import itertools
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, SkipGram, read_texts
from sentiment_transfer.base.executors import Processes, Serial, Threads
from sentiment_transfer.base.store import Store
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining import shared_corpus, shared_rounds, shared_texts
from sentiment_transfer.pretraining.shared_texts import SharedTexts
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.indexing import index_corpus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import World

    from sentiment_transfer.base.executors import Executor
    from sentiment_transfer.base.progress import Progress
    from sentiment_transfer.corpus import Texts

FILES = 5


@pytest.fixture(scope="module")
def files(world: World, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The world's texts in several files of different lengths, one of them without a known word."""
    folder = tmp_path_factory.mktemp("texts")
    cuts = np.linspace(0, len(world.unlabelled) ** 0.5, FILES).astype(int) ** 2
    parts = [world.unlabelled[a:b] for a, b in itertools.pairwise(cuts)]
    paths = []
    for number, part in enumerate([*parts, ["qwertz", ""]]):
        paths.append(folder / f"{number}.csv")
        with paths[-1].open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text in part)])
    return paths


@pytest.fixture
def texts(files: list[Path]) -> Texts:
    return read_texts(files)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.pretraining.skipgram.TOKENS_A_WORKER", 1)


def small(**settings: Any) -> SkipGram:  # noqa: ANN401
    return SkipGram(**{"vector_size": 16, "epochs": 2, "seed": 3, "workers": 2} | settings)


class StoppedError(Exception):
    """Raised by a callback."""


def content(fitted: SkipGram) -> tuple[object, ...]:
    vectors = fitted.vectors_
    return vectors.words, vectors.counts.tolist(), vectors.matrix.tobytes(), vectors.metadata


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("executor", [Serial(), Threads(2)], ids=["serial", "threads"])
def test_vectors_are_those_of_as_many_threads_to_the_byte(
    texts: Texts, tmp_path: Path, executor: Executor, workers: int
) -> None:
    shared = small(workers=workers).fit(SharedTexts(texts, executor, tmp_path))
    plain = small(workers=workers).fit(texts)
    assert content(shared) == content(plain)
    assert shared.corpus_.ids.tolist() == plain.corpus_.ids.tolist()
    assert shared.corpus_.offsets.tolist() == plain.corpus_.offsets.tolist()


@pytest.mark.slow
def test_processes_give_the_same_bytes(texts: Texts, tmp_path: Path) -> None:
    with Processes(2) as executor:
        shared = SharedTexts(texts, executor, tmp_path)
        pairs_need_no_setting = SkipGram(16, epochs=2, seed=3)
        assert content(pairs_need_no_setting.fit(shared)) == content(small(workers=1).fit(texts))


def test_a_store_may_be_a_url(texts: Texts) -> None:
    fsspec.filesystem("memory").store.clear()
    shared = SharedTexts(texts, Threads(2), "memory://bucket/run")
    assert content(small().fit(shared)) == content(small().fit(texts))


def test_initial_vectors_and_held_out_texts_are_used(texts: Texts, tmp_path: Path) -> None:
    first = small(min_count=20).fit(texts).vectors_
    settings, held_out = {"initial": first, "min_count": 3}, list(texts)[:40]
    shared = small(**settings).fit(SharedTexts(texts, Serial(), tmp_path), held_out=held_out)
    plain = small(**settings).fit(texts, held_out=held_out)
    assert content(shared) == content(plain)
    losses = [epoch["held_out_loss"] for epoch in shared.history_]
    assert losses == [epoch["held_out_loss"] for epoch in plain.history_]


def test_a_whole_model_has_the_same_bytes(texts: Texts, tmp_path: Path) -> None:
    for name, source in (
        ("plain", texts),
        ("shared", SharedTexts(texts, Threads(2), tmp_path / "run")),
    ):
        SentimentClassifier(skipgram=small()).pretrain(source).save(tmp_path / name)
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "shared").read_bytes()


def test_it_does_not_matter_where_a_corpus_is_cut(texts: Texts, tmp_path: Path) -> None:
    whole = tmp_path / "whole.csv"
    with whole.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    one = small().fit(SharedTexts(read_texts(whole), Serial(), tmp_path / "one"))
    assert content(one) == content(small().fit(SharedTexts(texts, Serial(), tmp_path / "many")))


def test_words_of_equal_count_keep_the_order_in_which_they_were_first_seen(tmp_path: Path) -> None:
    for name, lines in (("a", "zebra apple"), ("b", "mango zebra apple"), ("c", "mango kiwi")):
        (tmp_path / f"{name}.txt").write_text(lines)
    texts = read_texts([tmp_path / f"{name}.txt" for name in "abc"])
    index = SharedTexts(texts, Serial(), tmp_path / "run").index(Tokenizer(), 1)
    vocabulary, corpus = index_corpus(texts, Tokenizer())
    assert index.vocabulary.words == vocabulary.words == ("zebra", "apple", "mango", "kiwi")
    assert index.counts.tolist() == [2, 2, 2, 1]
    store = Store(str(tmp_path / "run"))
    assert index.corpus.read(store, 0, 7).tolist() == corpus.ids.tolist()


def test_counts_of_many_parts_are_merged_in_groups(
    texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_corpus, "MERGED_AT_A_TIME", 2)  # 5 parts: 3, 2, 1
    index = SharedTexts(texts, Serial(), tmp_path).index(Tokenizer(), 1)
    vocabulary, _ = index_corpus(texts, Tokenizer())
    assert index.vocabulary.words == vocabulary.words
    assert index.counts.tolist() == vocabulary.counts.tolist()


@pytest.mark.parametrize(("size", "n"), [(5, 40), (100, 100), (100, 3), (7, 5000), (4, 0)])
def test_the_places_of_a_sample_are_those_of_a_reservoir(size: int, n: int) -> None:
    stream = Reservoir(size, 3)
    assert len(list(stream.through(map(str, range(n))))) == n
    assert [str(place) for place in Reservoir(size, 3).places(n)] == stream.texts


# ---- what is stopped


def test_a_second_call_reads_no_text_and_trains_no_round(
    texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = small().fit(SharedTexts(texts, Serial(), tmp_path))

    def unexpected(*_: object) -> None:
        raise AssertionError("it was called")

    monkeypatch.setattr(shared_corpus, "count_part", unexpected)
    monkeypatch.setattr(shared_texts, "read_some", unexpected)
    monkeypatch.setattr(shared_rounds, "train_share", unexpected)
    assert content(small().fit(SharedTexts(texts, Serial(), tmp_path))) == content(first)
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    assert content(small().fit(SharedTexts(texts, Serial(), moved))) == content(first)


def test_files_that_were_counted_are_not_read_again(
    texts: Texts, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_at_three(progress: Progress) -> None:
        if progress.done == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        small().fit(SharedTexts(texts, Serial(), tmp_path), callback=stop_at_three)
    numbered: list[object] = []
    number = shared_corpus.number_corpus

    def watched(texts: Any, *rest: Any) -> Any:  # noqa: ANN401
        numbered.append(texts)
        return number(texts, *rest)

    monkeypatch.setattr(shared_corpus, "number_corpus", watched)
    assert content(small().fit(SharedTexts(texts, Serial(), tmp_path))) == content(
        small().fit(texts)
    )
    assert len(numbered) == len(files) - 3


def test_files_of_equal_content_that_another_call_removed_are_counted_again(
    texts: Texts, files: list[Path], tmp_path: Path
) -> None:
    plain = content(small().fit(texts))
    index = SharedTexts(read_texts(files[:3]), Serial(), tmp_path)
    counted = [
        shared_corpus.count_part(shared_corpus._CountTask(str(tmp_path), part, Tokenizer()))
        for part in index._texts.parts()
    ]
    shared_corpus.remove_counted(
        Store(str(tmp_path)), [replace(each, key=None) for each in counted], kept=set()
    )
    assert len(list(tmp_path.glob("counted-*.json"))) == 3  # their files are gone
    assert content(small().fit(SharedTexts(texts, Serial(), tmp_path))) == plain


def test_an_index_without_its_files_is_made_again(texts: Texts, tmp_path: Path) -> None:
    first = content(small().fit(SharedTexts(texts, Serial(), tmp_path)))
    for path in tmp_path.iterdir():
        if path.suffix != ".json":
            path.unlink()
    assert content(small().fit(SharedTexts(texts, Serial(), tmp_path))) == first


def test_what_is_left_of_counting_is_removed_by_the_next_call(
    texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shared_texts, "remove_counted", lambda *_, **__: None)
        small().fit(SharedTexts(texts, Serial(), tmp_path))
    assert len(list(tmp_path.glob("counted-*.json"))) == FILES
    small().fit(SharedTexts(texts, Serial(), tmp_path))
    assert list(tmp_path.glob("counted-*.json")) == []


def test_texts_that_shrank_after_they_were_counted_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("good film\nbad film\n" * 50)
    shared = SharedTexts(read_texts(path), Serial(), tmp_path / "run")
    index = shared.index(Tokenizer(), 1)
    path.write_text("good film\nbad film\n" * 10)
    with pytest.raises(InputError, match="the texts changed since their words were counted"):
        shared.sample(index.corpus, (50, 0))


def test_samples_are_those_of_reservoirs_and_are_read_in_one_pass(
    texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedTexts(texts, Serial(), tmp_path)
    index = shared.index(Tokenizer(), 1)
    read: list[object] = []
    read_some = shared_texts.read_some
    monkeypatch.setattr(shared_texts, "read_some", lambda t: read.append(t) or read_some(t))
    samples = shared.sample(index.corpus, (30, 1), (7, 2))
    assert len(read) == FILES
    for (size, seed), sample in zip(((30, 1), (7, 2)), samples, strict=True):
        stream = Reservoir(size, seed)
        assert len(list(stream.through(texts))) == index.corpus.n_texts
        assert sample == stream.texts


def test_a_relative_folder_is_that_of_the_caller(
    texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert SharedTexts(texts, Serial(), "run").store.place == str(tmp_path / "run")


def test_weights_that_diverged_are_not_kept(
    texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.pretraining.engine.MAX_VALUE", 1e-6)
    with pytest.raises(SettingError, match="training diverged in epoch 0"):
        small().fit(SharedTexts(texts, Serial(), tmp_path))
    assert list(tmp_path.glob("run-*-state.json")) == []


def test_a_file_that_was_changed_is_counted_again(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("good film\nbad film\n" * 50)
    first = small(sample=0).fit(SharedTexts(read_texts(path), Serial(), tmp_path / "run"))
    path.write_text("good film\nbad film\n" * 60)
    second = small(sample=0).fit(SharedTexts(read_texts(path), Serial(), tmp_path / "run"))
    assert (first.vectors_.counts[0], second.vectors_.counts[0]) == (100, 120)


def test_a_stopped_run_continues_after_its_last_round(texts: Texts, tmp_path: Path) -> None:
    def stop_in_the_seventh_round(progress: Progress) -> None:
        if progress.stage == "pretrain" and progress.done > 1.2 * progress.total / 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        small().fit(SharedTexts(texts, Serial(), tmp_path), callback=stop_in_the_seventh_round)
    reports: list[Progress] = []
    resumed = small().fit(SharedTexts(texts, Serial(), tmp_path), callback=reports.append)
    first = next(each for each in reports if each.stage == "pretrain")
    assert first.done > first.total / 2
    assert content(resumed) == content(small().fit(texts))


@pytest.mark.parametrize("damage", [b"", b"\x00" * 64])
def test_damaged_weights_of_the_last_round_are_trained_again(
    texts: Texts, tmp_path: Path, damage: bytes
) -> None:
    whole = content(small().fit(SharedTexts(texts, Serial(), tmp_path)))
    (path,) = tmp_path.glob("run-*-state.json")
    record = Store(str(tmp_path)).record(path.stem)
    assert record is not None
    name = record["states"][0]["slices"][1]
    (tmp_path / name).write_bytes(damage)
    assert content(small().fit(SharedTexts(texts, Serial(), tmp_path))) == whole
    assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == name


def test_only_the_latest_weights_are_kept(texts: Texts, tmp_path: Path) -> None:
    for _ in range(2):
        small(epochs=3).fit(SharedTexts(texts, Serial(), tmp_path))
    names = Store(str(tmp_path)).names()
    # ids and offsets of 5 parts, offsets of all, words, counts, initial weights and those of the
    # last two rounds in 2 slices each, a sample; the text without a known word gives empty ids
    assert len([name for name in names if not name.endswith(".json")]) == 10 + 1 + 2 + 6 + 1
    assert len([name for name in names if name.endswith(".json")]) == 4


def die_now_and_then(task: shared_rounds.ShareTask) -> shared_rounds.TrainedShare:
    trained = shared_rounds.train_share(task)
    trace = Path(task.place) / f"died-{task.epoch}-{task.round}-{task.share}"
    if (task.round, task.share) in {(1, 1), (3, 0)} and not trace.exists():
        trace.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return trained


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills processes by a signal")
def test_workers_that_die_change_no_byte(
    texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = content(small().fit(texts))
    monkeypatch.setattr(shared_rounds, "train_share", die_now_and_then)
    monkeypatch.setattr(shared_rounds, "RETRIES", 20)
    with Processes(2) as executor:
        assert content(small().fit(SharedTexts(texts, executor, tmp_path))) == plain
    assert len(list(tmp_path.glob("died-*"))) == 4


KILLED = """
import sys
from sentiment_transfer import SkipGram, read_texts
from sentiment_transfer.base.executors import Threads
from sentiment_transfer.pretraining import schedule, skipgram
from sentiment_transfer.pretraining.shared_texts import SharedTexts
skipgram.TOKENS_A_WORKER, schedule.FEWEST_ROUNDS = 1, 40
store, output, *files = sys.argv[1:]
say = lambda report: print(report.done, flush=True)
texts = SharedTexts(read_texts(files), Threads(2), store)
SkipGram(16, epochs=4, workers=2, seed=3).fit(texts, callback=say).vectors_.save(output)
"""


@pytest.mark.slow
def test_kill_9_at_random_moments_changes_not_a_byte(files: list[Path], tmp_path: Path) -> None:
    def start(store: str) -> subprocess.Popen[str]:
        output = tmp_path / f"{store}.safetensors"
        arguments = [str(tmp_path / store), str(output), *map(str, files)]
        command = [sys.executable, "-c", KILLED, *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603

    moments = random.Random(5)
    for _ in range(3):
        with start("killed") as process:
            assert process.stdout is not None
            for _ in range(moments.randrange(2, 60)):
                process.stdout.readline()
            process.kill()
            process.stdout.read()
    for store in ("killed", "unbroken"):
        with start(store) as process:
            process.communicate()
            assert process.returncode == 0
    outputs = [tmp_path / f"{store}.safetensors" for store in ("killed", "unbroken")]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


# ---- what is wrong


def test_texts_in_a_generator_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="texts is a list; give what read_texts returns"):
        SharedTexts(["a", "b"], Serial(), tmp_path)  # type: ignore[arg-type]


def test_a_list_of_texts_is_one_part(tmp_path: Path) -> None:
    texts = ["good film", "bad film", "a good plot and a bad plot"] * 30
    shared = SharedTexts(read_texts(texts), Threads(2), tmp_path)
    assert content(small().fit(shared)) == content(small().fit(texts))


def test_what_workers_do_not_do_is_refused_before_texts_are_read(
    texts: Texts, tmp_path: Path
) -> None:
    shared = SharedTexts(texts, Serial(), tmp_path)
    with pytest.raises(SettingError, match="engine='gensim' does not work on a cluster"):
        small(engine="gensim").fit(shared)
    with pytest.raises(SettingError, match="keep the state themselves; leave out checkpoint"):
        small().fit(shared, checkpoint="run")
    with pytest.raises(SettingError, match="engine='torch' does not work on a cluster"):
        SentimentClassifier(skipgram=small(engine="torch")).pretrain(shared)
    assert list(tmp_path.iterdir()) == []


def test_given_vectors_leave_nothing_to_train(texts: Texts, tmp_path: Path) -> None:
    model = SentimentClassifier(vectors="reviews-en")
    with pytest.raises(SettingError, match="workers have nothing to train; pass the texts"):
        model.pretrain(SharedTexts(texts, Serial(), tmp_path))


def test_bad_rows_are_counted_and_their_place_is_named(tmp_path: Path) -> None:
    good = "\n".join(f'{{"text": "good film {i % 7}"}}' for i in range(50))
    (tmp_path / "a.jsonl").write_text(good + "\n")
    (tmp_path / "b.jsonl").write_text(good + '\n{"text": 3}\nnonsense\n')
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    with pytest.raises(InputError, match=r"b\.jsonl:51: text is the int 3"):
        small().fit(SharedTexts(read_texts(files), Threads(2), tmp_path / "run"))
    shared = SharedTexts(read_texts(files, skip_bad=True), Threads(2), tmp_path / "run")
    small().fit(shared)
    assert shared.n_skipped == 2
    assert [message.partition(":")[2][:3] for message in shared.skipped] == ["51:", "52:"]


def test_files_without_words_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("the\nof\n")
    with pytest.raises(InputError, match="2 texts hold 0 words that occur often enough"):
        small().fit(SharedTexts(read_texts(tmp_path / "a.txt"), Serial(), tmp_path / "run"))


def test_texts_without_spaces_are_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\u3053\u306e\u6620\u753b\u306f\u7d20\u6674\n" * 60)
    shared = SharedTexts(read_texts(tmp_path / "a.txt"), Serial(), tmp_path / "run")
    with pytest.raises(InputError, match="spaces"):
        SentimentClassifier().pretrain(shared)


def test_workers_without_the_shared_folder_are_told(texts: Texts, tmp_path: Path) -> None:
    run = shared_rounds.ShareTask(str(tmp_path), "run-1", (), 0, 0, 0)
    with pytest.raises(InputError, match="no record run-1; every worker needs the same shared"):
        shared_rounds.train_share(run)


@pytest.fixture(scope="module", autouse=True)
def forget_runs() -> Iterator[None]:
    yield
    shared_rounds._open.cache_clear()
