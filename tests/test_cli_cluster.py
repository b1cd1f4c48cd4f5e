"""``pretrain --cluster``: the same file as by threads, and what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.scale.processes import ClusterProcesses
from sentiment_transfer import SentimentClassifier
from sentiment_transfer.errors import WorkerLostError
from sentiment_transfer.pretraining import skipgram
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from conftest import Run, World

    from sentiment_transfer.pretraining.shared_texts import SharedTexts

pytestmark = pytest.mark.needs_extra("cluster")


@pytest.fixture
def tables(world: World, tmp_path: Path) -> list[Path]:
    """Two files of texts, with a bad row and a blank one."""
    halves = world.unlabelled[::2], world.unlabelled[1::2]
    paths = [tmp_path / f"texts-{number}.csv" for number in range(2)]
    for path, half in zip(paths, halves, strict=True):
        path.write_text("\n".join(["text", *(f'"{text}"' for text in half)]) + "\n")
    with paths[1].open("a") as file:
        file.write('"bad",row\n\n"fine row"\n')
    return paths


def skips(err: str) -> list[str]:
    return [line for line in err.splitlines() if "skipped" in line or "left out" in line]


def test_a_cluster_writes_the_file_that_threads_write(
    run: Run, tables: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skipgram, "TOKENS_A_WORKER", 10)
    made, same = tmp_path / "made.safetensors", tmp_path / "same.safetensors"
    options = ["--skip-bad", "--epochs", "2", "--vector-size", "20", "--min-count", "1"]
    code, _, err = run("pretrain", *tables, "-o", same, *options, "--workers", "2")
    assert code == 0, err
    cluster = ["--cluster", "local:2", "--checkpoint", tmp_path / "shared"]
    code, _, shared_err = run("pretrain", *tables, "-o", made, *options, *cluster)
    assert code == 0, shared_err
    assert made.read_bytes() == same.read_bytes()
    assert skips(err)
    assert skips(err) == skips(shared_err)
    summary = next(line for line in err.splitlines() if line.startswith(str(same)))
    assert summary.replace(str(same), str(made)) in shared_err.splitlines()


def test_workers_in_another_folder_find_files_by_relative_names(
    run: Run, tables: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    with ClusterProcesses(elsewhere) as cluster:
        cluster.worker()
        options = ["--epochs", "1", "--checkpoint", "shared", "--cluster", cluster.address]
        code, _, err = run("pretrain", tables[0].name, "-o", "made.safetensors", *options)
    assert code == 0, err
    assert Path("made.safetensors").exists()
    assert [path.name for path in elsewhere.iterdir() if path.name == "shared"] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["texts.csv", "--cluster", "local:2"], "--cluster needs --checkpoint DIR"),
        (["-", "--cluster", "local:2", "--checkpoint", "x"], "cannot share standard input"),
        (["texts.csv", "--cluster", "local:0", "--checkpoint", "x"], "--cluster local:0 is not"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused(
    run: Run, tmp_path: Path, options: list[str], said: str
) -> None:
    code, _, err = run("pretrain", *options, "-o", tmp_path / "made.safetensors")
    assert code == 2
    assert said in err


def test_the_address_may_come_from_the_environment(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "local:none")
    made = tmp_path / "made.safetensors"
    code, _, err = run("pretrain", "texts.csv", "-o", made, "--checkpoint", "s3://bucket/run")
    assert code == 2
    assert "DASK_SCHEDULER_ADDRESS='local:none' is not allowed" in err


def test_without_a_checkpoint_the_address_of_the_environment_is_not_used(
    run: Run, tables: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "local:none")
    made = tmp_path / "made.safetensors"
    for options in ([], ["--estimate"]):
        code, _, err = run("pretrain", tables[0], "-o", made, "--epochs", "1", *options)
        assert code == 0, err
        assert "DASK_SCHEDULER_ADDRESS is set, but without --checkpoint DIR" in err
    assert made.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-"], "DASK_SCHEDULER_ADDRESS: a cluster cannot share standard input"),
        (["texts.csv", "--estimate"], "--estimate with DASK_SCHEDULER_ADDRESS needs the number"),
    ],
)
def test_what_the_cluster_of_the_environment_cannot_do_names_the_variable(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "local:none")
    given = ["-o", tmp_path / "made.safetensors", "--checkpoint", tmp_path / "state"]
    code, _, err = run("pretrain", *options, *given)
    assert code == 2
    assert said in err
    assert "--cluster" not in err


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (WorkerLostError("the scheduler is gone"), 1)],
    ids=["interrupted", "lost"],
)
def test_a_run_that_ends_before_its_time_says_how_it_continues(
    run: Run,
    tables: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
) -> None:
    place = tmp_path / "shared"

    def end(*_: object, **__: object) -> None:
        raise error

    def end_when_counted(_: object, shared: SharedTexts, **__: object) -> None:
        shared.index(Tokenizer(), 1)
        raise error

    line = ["pretrain", *tables, "-o", tmp_path / "m.safetensors", "--skip-bad"]
    line += ["--cluster", "local:1", "--checkpoint", place]
    for pretrain, said in (
        (end, f"no state was saved in {place} yet; the same command starts again"),
        (end_when_counted, f"the state is saved in {place}; run the same command to continue"),
    ):
        monkeypatch.setattr(SentimentClassifier, "pretrain", pretrain)
        found, _, err = run(*line)
        assert found == code
        assert said in err
