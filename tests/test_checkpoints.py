"""A run that is cut off goes on where it stood, and ends with the bytes of an unbroken one."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import SkipGram, WordVectors, storage
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.pretraining import checkpoints, corpus_file
from sentiment_transfer.pretraining.checkpoints import Checkpoint
from sentiment_transfer.pretraining.engine import History, Settings, Step
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sentiment_transfer.base.progress import Progress


@pytest.fixture(scope="module")
def texts() -> list[str]:
    rng = np.random.default_rng(0)
    topics = [["ship", "harbour", "wave", "sail"], ["car", "wheel", "engine", "brake"]]
    return [" ".join(rng.choice(topics[i % 2], 8)) for i in range(300)]


@pytest.fixture
def at_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "PAUSE", 0.0)
    monkeypatch.setattr(checkpoints, "SHARE", float("inf"))


def small(**settings: Any) -> SkipGram:  # noqa: ANN401
    return SkipGram(**{"vector_size": 12, "epochs": 3, "sample": 0, "seed": 7} | settings)


def content(vectors: WordVectors) -> bytes:
    """Everything that goes into the file of the vectors."""
    facts, tensors = vectors.state()
    return repr(facts).encode() + b"".join(tensors[name].tobytes() for name in sorted(tensors))


def cut_off(after: int) -> Callable[[Progress], None]:
    """Make a callback that ends the work at its ``after``-th call."""
    calls = iter(range(after))

    def callback(report: Progress) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt

    return callback


def learnt(model: SkipGram) -> list[dict[str, float]]:
    """The history without its times."""
    return [{k: v for k, v in e.items() if k != "words_per_second"} for e in model.history_]


@pytest.mark.usefixtures("at_every_round")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_cut_off_again_and_again_ends_with_the_bytes_of_an_unbroken_one(
    texts: list[str], tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.pretraining.skipgram.TOKENS_A_WORKER", 1)
    monkeypatch.setattr("sentiment_transfer.pretraining.schedule.USUAL_ROUNDS", 5)
    unbroken = small(workers=workers).fit(texts, held_out=texts[:20])
    assert unbroken.vectors_.metadata["workers"] == workers
    interruptions = 0
    while True:
        model = small(workers=workers)
        try:
            model.fit(texts, held_out=texts[:20], checkpoint=tmp_path / "run", callback=cut_off(4))
        except KeyboardInterrupt:
            interruptions += 1
            continue
        break
    # 15 rounds: each try reports its start and 4 rounds, of which the last is saved as well
    assert interruptions == 15 // 4
    assert content(model.vectors_) == content(unbroken.vectors_)
    assert learnt(model) == learnt(unbroken)
    np.testing.assert_array_equal(model.corpus_.ids, unbroken.corpus_.ids)


@pytest.mark.usefixtures("at_every_round")
def test_what_was_done_before_is_not_done_again_and_its_time_is_counted(
    texts: list[str], tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        small().fit(texts, checkpoint=tmp_path, callback=cut_off(8))
    reports: list[Progress] = []
    small().fit(texts, checkpoint=tmp_path, callback=reports.append)
    rounds_before = 8  # the first call stands before the first round, the ninth raises
    assert reports[0].done == pytest.approx(rounds_before / 15 * reports[0].total, rel=0.02)
    assert reports[0].seconds > 0
    assert reports[0].metrics["loss"] > 0
    assert len(reports) == 1 + 15 - rounds_before
    assert reports[-1].done == reports[-1].total == 3 * 300 * 8


def test_a_finished_run_is_kept_and_gives_the_same_vectors_at_once(
    texts: list[str], tmp_path: Path
) -> None:
    first = small().fit(texts, checkpoint=tmp_path / "run")
    reports: list[Progress] = []
    second = small().fit(texts, checkpoint=tmp_path / "run", callback=reports.append)
    assert content(second.vectors_) == content(first.vectors_)
    assert learnt(second) == learnt(first)
    assert {report.done for report in reports} == {3 * 300 * 8}
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["weights.safetensors"]


def test_a_checkpoint_changes_nothing(texts: list[str], tmp_path: Path) -> None:
    with_one = small().fit(texts, checkpoint=tmp_path / "run")
    assert content(with_one.vectors_) == content(small().fit(texts).vectors_)


# 400 rounds, each of which is saved
KILLED = """
import sys
from sentiment_transfer import SkipGram, read_texts
from sentiment_transfer.pretraining import checkpoints, schedule, skipgram
checkpoints.PAUSE, checkpoints.SHARE = 0.0, float("inf")
skipgram.TOKENS_A_WORKER, schedule.FEWEST_ROUNDS = 1, 20
texts, folder, output = sys.argv[1:]
say = lambda report: print(report.done, flush=True)
model = SkipGram(16, epochs=20, min_count=2, workers=2, seed=3)
model.fit(read_texts(texts), checkpoint=folder, callback=say).vectors_.save(output)
"""


@pytest.mark.slow
def test_kill_9_at_random_moments_changes_not_a_byte(texts: list[str], tmp_path: Path) -> None:
    source, folder, output = tmp_path / "texts.txt", tmp_path / "run", tmp_path / "vectors"
    source.write_text("\n".join(texts), encoding="utf-8")

    def start(folder: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", KILLED, str(source), str(folder), str(output)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603

    def run(folder: Path) -> str:
        with start(folder) as process:
            process.communicate()
            assert process.returncode == 0
        digest = hashlib.sha256(output.read_bytes()).hexdigest()
        output.unlink()
        return digest

    unbroken = run(tmp_path / "unbroken")
    moments = random.Random(5)
    stood = []
    for _ in range(3):
        with start(folder) as process:
            assert process.stdout is not None
            stood.append(int(process.stdout.readline()))
            for _ in range(moments.randrange(1, 60)):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)  # in training, in a save, or between the two
            process.stdout.read()
        assert process.returncode == -signal.SIGKILL
    assert stood[0] == 0
    assert stood == sorted(set(stood))  # every start stood further than the one before
    assert run(folder) == unbroken
    assert sorted(path.name for path in folder.iterdir()) == ["weights.safetensors"]


@pytest.mark.usefixtures("at_every_round")
def test_what_a_killed_run_left_behind_is_removed(texts: list[str], tmp_path: Path) -> None:
    (tmp_path / ".sentiment_transfer-12ab.tmp").write_bytes(b"half a checkpoint")
    (tmp_path / ".sentiment_transfer-ids.tmp").mkdir()
    (tmp_path / ".sentiment_transfer-ids.tmp" / "ids").write_bytes(bytes(8))
    (tmp_path / "notes.txt").write_text("mine")
    small().fit(texts, checkpoint=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notes.txt", "weights.safetensors"]


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"seed": 8}, r"seed: 7 there, 8 here"),
        ({"window": 3}, r"window: 5 there, 3 here"),
        ({"epochs": 4}, r"epochs: 3 there, 4 here"),
        ({"alpha": 0.05, "seed": 8}, r"alpha: 0.025 there, 0.05 here; seed: 7 there, 8 here"),
    ],
    ids=str,
)
def test_a_checkpoint_of_other_settings_is_refused_by_name_and_left_alone(
    texts: list[str], tmp_path: Path, other: dict[str, Any], named: str
) -> None:
    small().fit(texts, checkpoint=tmp_path)
    before = (tmp_path / "weights.safetensors").read_bytes()
    with pytest.raises(SettingError, match=rf"another run \({named}.*delete the folder"):
        small(**other).fit(texts, checkpoint=tmp_path)
    assert (tmp_path / "weights.safetensors").read_bytes() == before


def test_a_checkpoint_without_initial_vectors_is_not_gone_on_from_with_them(
    texts: list[str], tmp_path: Path
) -> None:
    first = small().fit(texts, checkpoint=tmp_path)
    with pytest.raises(SettingError, match=r"initial: None there, 8 words, sha256 \w+ here"):
        small(initial=first.vectors_).fit(texts, checkpoint=tmp_path)


def test_a_checkpoint_of_other_texts_is_refused_even_if_as_many_words_are_in_them(
    texts: list[str], tmp_path: Path
) -> None:
    small().fit(texts, checkpoint=tmp_path)
    for others in (texts[:-1], texts[::-1], [text.upper() for text in texts[:-1]] + ["wave " * 8]):
        with pytest.raises(SettingError, match=r"\(texts: 300 texts, 2,400 tokens of 8 words"):
            small().fit(others, checkpoint=tmp_path)
    small().fit([text.upper() for text in texts], checkpoint=tmp_path)  # the same tokens


def spoilt(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "a flipped bit among the weights", data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]
    yield "another epoch", data.replace(b'position\\":[2', b'position\\":[1')
    yield "cut short", data[: len(data) // 2]
    yield "empty", b""
    yield "something else", b"PK\x03\x04" + data


@pytest.mark.parametrize("which", range(5))
def test_a_damaged_checkpoint_is_refused_with_the_remedy(
    texts: list[str], tmp_path: Path, which: int
) -> None:
    small().fit(texts, checkpoint=tmp_path)
    path = tmp_path / "weights.safetensors"
    what, data = list(spoilt(path.read_bytes()))[which]
    assert data != path.read_bytes(), what
    path.write_bytes(data)
    with pytest.raises(
        ModelFileError, match=r"weights\.safetensors: cannot resume.*delete it to start again"
    ):
        small().fit(texts, checkpoint=tmp_path)
    assert path.read_bytes() == data


def test_a_checkpoint_of_other_contents_is_refused(texts: list[str], tmp_path: Path) -> None:
    small().fit(texts, checkpoint=tmp_path)
    path = tmp_path / "weights.safetensors"
    stored = storage.load_file(path)
    for manifest, tensors in (
        ({**stored.manifest, "position": "far"}, stored.tensors),
        ({**stored.manifest, "history": {"epochs": 3}}, stored.tensors),
        (stored.manifest, {"input": stored.tensors["input"]}),
        (stored.manifest, {name: t[:-1] for name, t in stored.tensors.items()}),
    ):
        storage.save_file(path, "checkpoint", manifest, tensors)
        with pytest.raises(ModelFileError, match="cannot resume from this checkpoint"):
            small().fit(texts, checkpoint=tmp_path)
    small().fit(texts).vectors_.save(path)
    with pytest.raises(ModelFileError, match="holds word_vectors, but checkpoint was expected"):
        small().fit(texts, checkpoint=tmp_path)


@pytest.mark.usefixtures("at_every_round")
def test_a_full_disk_ends_the_run_with_its_last_checkpoint_intact(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken = content(small().fit(texts).vectors_)
    synced = os.fsync
    room = iter(range(12))  # a file and its folder: six checkpoints

    def fsync(descriptor: int) -> None:
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synced(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(
        SettingError, match=r"cannot be written \(.*No space left.*the last one is intact: check"
    ):
        small().fit(texts, checkpoint=tmp_path)
    monkeypatch.undo()
    assert storage.load_file(tmp_path / "weights.safetensors").manifest["position"] == [1, 1]
    assert len(list(tmp_path.iterdir())) == 1
    assert content(small().fit(texts, checkpoint=tmp_path).vectors_) == unbroken


@pytest.mark.usefixtures("at_every_round")
def test_a_folder_that_vanishes_ends_the_run_by_name(texts: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def remove(report: Progress) -> None:
        if report.done > 2_000:
            shutil.rmtree(folder, ignore_errors=True)

    with pytest.raises(
        SettingError, match=r"run' cannot be written \(.*does not exist.*there is none yet"
    ):
        small().fit(texts, checkpoint=folder, callback=remove)
    assert not folder.exists()


def test_a_place_that_cannot_be_a_folder_is_refused_before_the_texts_are_read(
    tmp_path: Path,
) -> None:
    class Unread:
        def __iter__(self) -> Iterator[str]:
            raise AssertionError

    (tmp_path / "file").write_text("")
    for place in (tmp_path / "no" / "such" / "run", tmp_path / "file"):
        with pytest.raises(SettingError, match=r"checkpoint='.*' cannot be used"):
            small().fit(Unread(), checkpoint=place)
    with pytest.raises(SettingError, match="engine='gensim' does not support checkpoint"):
        small(engine="gensim").fit(Unread(), checkpoint=tmp_path / "run")


def test_no_room_for_the_ids_is_told_with_the_remedy(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("2400 requested and 100 written")  # as numpy says it

    monkeypatch.setattr(corpus_file, "index_corpus", full)
    with pytest.raises(SettingError, match=r"cannot be kept in .*100 written.*TMPDIR"):
        small().fit(texts, checkpoint=tmp_path)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(SettingError, match=r"the folder of temporary files.*No such file.*TMPDIR"):
        small().fit(texts)


def test_trouble_with_reading_the_texts_is_not_called_trouble_with_the_disk(tmp_path: Path) -> None:
    def texts() -> Iterator[str]:
        yield "ship wave"
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "reviews.csv")

    with pytest.raises(FileNotFoundError, match=r"reviews\.csv"):
        small().fit(texts(), checkpoint=tmp_path)


SETTINGS = Settings(4, 5, 5, 0.0, 0.025, 1e-4, 2, 1, 0)


def step(epoch: int = 0, loss: float = 1.0, *, last: bool = False) -> Step:
    matrix = np.zeros((3, 4), np.float32)
    return Step(epoch, 0, last, 10, loss, 4, 0.02, matrix, (matrix, matrix))


def test_saving_takes_no_more_than_its_share_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    saved_at = []

    def slow_save(*_: object) -> None:
        nonlocal now
        saved_at.append(now)
        now += 6.0

    monkeypatch.setattr("time.perf_counter", lambda: now)
    monkeypatch.setattr(checkpoints, "save_file", slow_save)
    checkpoint, history = Checkpoint(tmp_path), History(1)
    checkpoint.open({"epochs": 2}, 3)
    while now < 1000:
        now += 0.5
        checkpoint.save_if_due(step(), history)
    assert saved_at == [1.0, 207.0, 413.0, 619.0, 825.0]  # 6 s are 3 % of 200 s
    checkpoint.save_if_due(step(0, last=True), history)
    assert len(saved_at) == 5
    checkpoint.save_if_due(step(1, last=True), history)
    assert len(saved_at) == 6  # the end is saved whatever it takes


SEA = ["ship wave sail", "wave ship", "sail ship wave harbour"] * 20


KNOWN = ("wave", "engine", "ship", "brake")


@pytest.fixture
def initial() -> WordVectors:
    matrix = np.random.default_rng(1).normal(size=(4, 12)).astype(np.float32)
    vocabulary = Vocabulary(KNOWN, np.array([100, 50, 10, 1]))
    return WordVectors(vocabulary, matrix, Tokenizer("en"), {"bank": "reviews"})


def test_texts_that_are_continued_with_go_on_after_a_cut_as_well(
    initial: WordVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.pretraining.checkpoints.PAUSE", 0.0)
    monkeypatch.setattr("sentiment_transfer.pretraining.checkpoints.SHARE", float("inf"))
    unbroken = small(initial=initial).fit(SEA).vectors_
    calls = iter(range(6))

    def stop(_: object) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(initial=initial).fit(SEA, checkpoint=tmp_path, callback=stop)
    resumed = small(initial=initial).fit(SEA, checkpoint=tmp_path).vectors_
    assert resumed.matrix.tobytes() == unbroken.matrix.tobytes()
    moved = WordVectors(initial.vocabulary, initial.matrix + 1, initial.tokenizer)
    with pytest.raises(SettingError, match="initial: 4 words"):
        small(initial=moved).fit(SEA, checkpoint=tmp_path)
