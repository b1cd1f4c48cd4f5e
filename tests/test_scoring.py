"""Files of texts to files of answers: what is written, what is left, and what an end leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import skip_if_ignored

from sentiment_transfer import load
from sentiment_transfer.base.executors import Processes, Serial, Threads
from sentiment_transfer.corpus.rows import LONGEST_ROW
from sentiment_transfer.errors import InputError, ModelFileError, SettingError, WorkerLostError
from sentiment_transfer.scoring import ScoringOptions, score_files
from sentiment_transfer.scoring.finished import marker_path
from sentiment_transfer.scoring.work import sha256_of, stages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Run

    from sentiment_transfer.base.executors import Executor
    from sentiment_transfer.base.progress import Progress

MODEL = "reviews-en"
TEXTS = [
    "A great film, I loved it.",
    "Awful, dull and far too long.",
    "",
    None,
    "xyzzy plugh",
    "Not bad at all 😀",
    "Ça va, a wonderful café.",
    "NUL \0 inside, and <b>tags</b> &amp; more",
    "=1+1 was bad",
]
OWN = ["label", "probability", "coverage"]


def table(n: int = 9, start: int = 0) -> pa.Table:
    """Rows of many types, of which the texts repeat."""
    numbers = list(range(start, start + n))
    return pa.table(
        {
            "id": pa.array(numbers, pa.int32()),
            "text": [TEXTS[i % len(TEXTS)] for i in numbers],
            "shop": pa.array([f"shop {i % 3}" for i in numbers]).dictionary_encode(),
            "tags": [[i, i + 1] for i in numbers],
            "when": pa.array(numbers, pa.timestamp("s")),
        }
    )


def parquet(path: Path, rows: pa.Table | None = None, **options: Any) -> Path:  # noqa: ANN401
    pq.write_table(table() if rows is None else rows, path, **options)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Whole files of answers by name."""
    found = (path for path in folder.iterdir() if not path.name.startswith("."))
    return {path.name: path.read_bytes() for path in sorted(found)}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [parquet(tmp_path / f"part-{i}.parquet", table(20 + i, i)) for i in range(3)]


@pytest.mark.parametrize("options", [(), ("--probabilities",), ("--abstain-below", "0.7")])
def test_parquet_has_the_columns_of_the_input_and_the_answers_of_one_file(
    run: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    path = parquet(tmp_path / "in.parquet", table(200), row_group_size=70)
    assert run("predict", MODEL, path, "-o", tmp_path / "one.parquet", *options)[0] == 0
    assert run("predict", MODEL, path, "-o", f"{tmp_path}/out/", *options)[0] == 0
    ours, one = (pq.read_table(tmp_path / p) for p in ("out/in.parquet", "one.parquet"))
    assert ours.column_names == one.column_names
    given = pq.read_table(path)
    for name in given.column_names:
        assert ours[name].to_pylist() == given[name].to_pylist()
    kept = ("id", "text", "tags", "when")
    assert [ours.schema.field(name).type for name in kept] == [given[name].type for name in kept]
    for name in ours.column_names[len(given.column_names) :]:
        assert ours.schema.field(name) == one.schema.field(name)
        if name == "label":
            assert ours[name].to_pylist() == one[name].to_pylist()
        else:
            np.testing.assert_allclose(ours[name], one[name], atol=2e-6)


@pytest.mark.parametrize("name", ["in.csv", "in.tsv", "in.jsonl", "in.json"])
def test_other_formats_keep_their_format_and_have_the_bytes_of_one_file(
    run: Run, tmp_path: Path, name: str
) -> None:
    rows = [{"text": text or "", "id": i} for i, text in enumerate(TEXTS)]
    path = tmp_path / name
    if "json" in name:
        lines = [json.dumps(row) for row in rows]
        path.write_text("\n".join(lines) if name == "in.jsonl" else f"[{','.join(lines)}]", "utf-8")
    else:
        mark = "\t" if name == "in.tsv" else ","
        lines = [f'"{row["text"]}"{mark}{row["id"]}' for row in rows]
        path.write_text("\n".join([f"text{mark}id", *lines]).replace("\0", ""), "utf-8")
    assert run("predict", MODEL, path, "-o", tmp_path / f"one{path.suffix}")[0] == 0
    assert run("predict", MODEL, path, "-o", f"{tmp_path}/out/")[0] == 0
    assert (tmp_path / "out" / name).read_bytes() == (tmp_path / f"one{path.suffix}").read_bytes()


def test_lines_of_text_become_csv_and_compression_leaves_the_name(run: Run, tmp_path: Path) -> None:
    import gzip

    (tmp_path / "lines.txt.gz").write_bytes(gzip.compress(b"Great.\nAwful.\n"))
    assert run("predict", MODEL, tmp_path / "lines.txt.gz", "-o", f"{tmp_path}/out/")[0] == 0
    lines = (tmp_path / "out" / "lines.csv").read_text("utf-8").splitlines()
    assert lines[0] == "text,label,probability,coverage"
    assert [line.split(",")[1] for line in lines[1:]] == ["positive", "negative"]


def test_a_format_can_be_chosen_for_all_and_columns_left_out(run: Run, tmp_path: Path) -> None:
    parquet(tmp_path / "in.parquet")
    command = ["predict", MODEL, tmp_path / "in.parquet"]
    assert run(*command, "-o", f"{tmp_path}/csv/", "--format", "csv", "--keep", "id")[0] == 0
    lines = (tmp_path / "csv" / "in.csv").read_text("utf-8").splitlines()
    assert lines[0] == "id,label,probability,coverage"
    assert run(*command, "-o", f"{tmp_path}/none/", "--keep", "none")[0] == 0
    assert pq.read_table(tmp_path / "none" / "in.parquet").column_names == OWN
    code, _, err = run(*command, "-o", f"{tmp_path}/wrong/", "--keep", "idd")
    assert code == 1
    assert "in.parquet: no column 'idd' (did you mean 'id'?)" in err


def test_names_of_the_input_are_not_overwritten(run: Run, tmp_path: Path) -> None:
    for i in range(2):
        rows = pa.table({"text": ["great"], "label": ["x"]})
        parquet(tmp_path / f"{i}.parquet", rows)
    code, _, err = run("predict", MODEL, f"{tmp_path}/*.parquet", "-o", f"{tmp_path}/out/")
    assert code == 0
    assert err.count("the new one is named predicted_label") == 1  # not once for each file
    names = pq.read_table(tmp_path / "out" / "0.parquet").column_names
    assert names == ["text", "label", "predicted_label", "probability", "coverage"]


@pytest.mark.parametrize("executor", [Serial, lambda: Threads(2), lambda: Processes(2)])
def test_every_executor_writes_the_same_bytes(
    files: list[Path], tmp_path: Path, executor: Callable[[], Executor]
) -> None:
    score_files(MODEL, files, tmp_path / "serial", executor=Serial())
    with executor() as workers:
        result = score_files(MODEL, files, tmp_path / "out", executor=workers)
    assert not result.failed
    assert contents(tmp_path / "out") == contents(tmp_path / "serial")


@pytest.mark.parametrize("output", ["s3://bucket/answers/", "s3://bucket/answers.csv"])
def test_a_url_as_output_is_refused_and_named(
    run: Run, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    code, _, err = run("predict", MODEL, files[0], "-o", output)
    assert code == 2
    assert f"{output} is a URL, to which no answers can be written" in err
    with pytest.raises(SettingError, match=r"s3://bucket/answers.* is a URL"):
        score_files(MODEL, files, output, executor=Serial())
    assert list(Path().iterdir()) == []


def test_where_workers_are_lost_the_way_to_go_on_is_that_of_predict(
    run: Run, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object, **__: object) -> None:
        raise WorkerLostError("the scheduler is gone")

    monkeypatch.setattr("sentiment_transfer.cli.predict_files.score_files", lose)
    code, _, err = run("predict", MODEL, files[0], "-o", f"{tmp_path}/out/")
    assert code == 1
    assert "run the same command to answer the others" in err
    assert "checkpoint" not in err


def test_with_workers_the_cluster_of_the_environment_is_not_used(
    run: Run, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "local:none")
    command = ["predict", MODEL, files[0], "-o", f"{tmp_path / 'out'}/"]
    code, _, err = run(*command, "--workers", 2)
    assert code == 0, err
    assert "DASK_SCHEDULER_ADDRESS is set, but with --workers 2 this machine answers" in err


@pytest.mark.needs_extra("cluster")
def test_the_cluster_of_the_environment_is_named_where_it_is_not_allowed(
    run: Run, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "local:none")
    code, _, err = run("predict", MODEL, files[0], "-o", f"{tmp_path / 'out'}/")
    assert code == 2
    assert "DASK_SCHEDULER_ADDRESS='local:none' is not allowed" in err


@pytest.mark.needs_extra("cluster")
def test_a_cluster_writes_the_same_bytes_from_any_folder(
    run: Run, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_files(MODEL, files, tmp_path / "serial", executor=Serial())
    own = load(MODEL)
    own.save(tmp_path / "own.safetensors")
    monkeypatch.chdir(tmp_path)
    command = ["predict", "own.safetensors", *(path.name for path in files), "-o", "out/"]
    code, _, err = run(*command, "--cluster", "local:2")
    assert code == 0, err
    assert contents(tmp_path / "out") == contents(tmp_path / "serial")


def test_a_second_run_leaves_what_is_finished(run: Run, files: list[Path], tmp_path: Path) -> None:
    command = ["predict", MODEL, *files, "-o", f"{tmp_path}/out/"]
    first = run(*command)
    states = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    code, _, err = run(*command)
    assert (first[0], code) == (0, 0)
    assert "finished before, left as they are: 3 files\n" in err
    assert err.endswith(first[2])  # with the same totals
    assert {path: path.stat().st_mtime_ns for path in states} == states


def model_with(path: Path, labels: list[str]) -> Path:
    load(MODEL).fit(["great", "awful"] * 4, labels * 4).save(path)
    return path


def test_another_model_input_or_option_makes_it_again(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"

    def made_again(model: str | Path = MODEL, **options: Any) -> list[str]:  # noqa: ANN401
        chosen = ScoringOptions(**options)
        result = score_files(model, files, out, executor=Serial(), options=chosen)
        assert len(result.done) + len(result.finished) == 3
        assert result.n_again == len(result.done)
        return sorted(Path(each.shard.path).name for each in result.done)

    names = [path.name for path in files]
    score_files(MODEL, files, out, executor=Serial())
    assert made_again() == []
    own = model_with(tmp_path / "own.safetensors", ["up", "down"])
    assert made_again(own) == names
    assert set(pq.read_table(out / names[0])["label"].to_pylist()) <= {"up", "down"}
    model_with(own, ["yes", "no"])  # another one under the same name
    assert made_again(own) == names
    parquet(files[1], table(7))
    assert made_again(own) == names[1:2]
    assert pq.read_table(out / names[1]).num_rows == 7
    assert made_again(own, probabilities=True) == names
    assert made_again(own, probabilities=True) == []
    (out / names[2]).write_bytes(b"of another program")
    marker_path(str(out / names[0])).unlink()  # as after an end before it was written
    assert made_again(own, probabilities=True) == [names[0], names[2]]
    marker_path(str(out / names[0])).write_bytes(b"{}")
    assert made_again(own, probabilities=True) == names[:1]


def test_the_first_model_s_answers_are_not_taken_for_the_second_s(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end comes between the second model's answers and their marker."""
    own, out = model_with(tmp_path / "own.safetensors", ["up", "down"]), tmp_path / "out"
    score_files(MODEL, files[:1], out, executor=Serial())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("sentiment_transfer.scoring.work.mark_finished", killed)
        with pytest.raises(KeyboardInterrupt):
            score_files(own, files[:1], out, executor=Serial())
    assert len(score_files(MODEL, files[:1], out, executor=Serial()).done) == 1
    assert set(pq.read_table(out / "part-0.parquet")["label"].to_pylist()) == {
        "positive",
        "negative",
    }


COMMAND = [sys.executable, "-m", "sentiment_transfer", "predict"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills processes by a signal")
def test_a_killed_run_leaves_whole_files_and_the_next_one_ends_it(tmp_path: Path) -> None:
    paths = [parquet(tmp_path / f"{i}.parquet", table(1_000, i)) for i in range(8)]
    score_files(MODEL, paths, tmp_path / "expected", executor=Serial())
    expected, out = contents(tmp_path / "expected"), tmp_path / "out"
    command = [*COMMAND, MODEL, *map(str, paths), "-o", f"{out}/", "--workers", "2"]
    process = subprocess.Popen(  # noqa: S603
        command, start_new_session=True, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 120
    while (not out.exists() or len(contents(out)) < 2) and time.monotonic() < end:
        time.sleep(0.005)
    process.kill()
    process.wait()
    while _lives(process.pid) and time.monotonic() < end:  # its workers notice, and end too
        time.sleep(0.05)
    assert not _lives(process.pid)
    left = contents(out)
    assert left
    assert left == {name: expected[name] for name in left}
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert "finished before, left as they are" in done.stderr
    assert contents(out) == expected
    assert not [*out.glob(".sentiment_transfer-*")]


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_ends_the_workers_without_a_word_of_theirs(
    tmp_path: Path, number: int, code: int
) -> None:
    skip_if_ignored(number)
    paths = [str(parquet(tmp_path / f"{i}.parquet", table(200_000))) for i in range(2)]
    command = [*COMMAND, MODEL, *paths, "-o", f"{tmp_path}/out/", "--workers", "2"]
    process = subprocess.Popen(  # noqa: S603
        command, start_new_session=True, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 120
    while not [*(tmp_path / "out").glob(".sentiment_transfer-*")] and time.monotonic() < end:
        time.sleep(0.005)
    os.killpg(process.pid, number)
    said = process.communicate()[1]
    assert process.returncode == code
    assert said in ("interrupted\n", "terminated\n")
    assert contents(tmp_path / "out") == {}


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Have no file grow beyond a size; the system then refuses to write."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of files")
def test_a_full_disk_fails_the_file_that_does_not_fit_and_a_rerun_mends_it(
    run: Run, tmp_path: Path
) -> None:
    numbers = np.random.default_rng(0).integers(0, 2**62, 3_000)
    parquet(tmp_path / "large.parquet", pa.table({"text": ["great"] * 3_000, "id": numbers}))
    parquet(tmp_path / "small.parquet")
    command = ["predict", MODEL, f"{tmp_path}/*.parquet", "-o", f"{tmp_path}/out/"]
    with full_disk(20_000):
        code, _, err = run(*command)
    assert code == 1
    assert "large.parquet: cannot be written (File too large); make room" in err
    assert "failed: 1 file" in err
    assert [*contents(tmp_path / "out")] == ["small.parquet"]
    assert not [*(tmp_path / "out").glob(".sentiment_transfer-*")]
    code, _, err = run(*command)
    assert code == 0
    assert "finished before, left as they are: 1 file\n" in err


def test_a_changed_file_at_a_url_is_scored_again(tmp_path: Path) -> None:
    import fsspec

    storage = fsspec.filesystem("memory")  # which knows the size and the time of creation
    for text in ("great", "awful"):
        storage.pipe_file("/scoring/in.csv", f"text\n{text}\n".encode())
        result = score_files(MODEL, ["memory://scoring/in.csv"], tmp_path, executor=Serial())
        assert (len(result.done), len(result.finished)) == (1, 0)
    result = score_files(MODEL, ["memory://scoring/in.csv"], tmp_path, executor=Serial())
    assert (len(result.done), len(result.finished)) == (0, 1)
    storage.rm_file("/scoring/in.csv")


def test_a_bad_file_is_named_and_the_others_are_finished(
    run: Run, files: list[Path], tmp_path: Path
) -> None:
    files[0].write_bytes(files[0].read_bytes()[:-20])
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "header.csv").write_bytes(b"text,id\n")
    parquet(tmp_path / "numbers.parquet", pa.table({"text": [1, 2]}))
    bad = [files[0], *(tmp_path / name for name in ("empty.csv", "header.csv", "numbers.parquet"))]
    command = ["predict", MODEL, *bad, *files[1:], "-o", f"{tmp_path}/out/"]
    code, _, err = run(*command)
    assert code == 3
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert sorted(line.split(":")[1].strip() for line in errors) == sorted(map(str, bad))
    assert "failed: 4 files" in err
    assert [*contents(tmp_path / "out")] == ["part-1.parquet", "part-2.parquet"]
    parquet(files[0])
    code, _, err = run(*command)
    assert code == 3
    assert "finished before, left as they are: 2 files" in err
    assert "part-0.parquet" in contents(tmp_path / "out")


def test_a_parquet_file_without_rows_gives_one_without_rows(run: Run, tmp_path: Path) -> None:
    parquet(tmp_path / "in.parquet", table(0))
    code, _, err = run("predict", MODEL, tmp_path / "in.parquet", "-o", f"{tmp_path}/out/")
    assert (code, err) == (0, f"{tmp_path}/out/: 1 file, 0 texts, 0 negative, 0 positive\n")
    found = pq.read_table(tmp_path / "out" / "in.parquet")
    assert found.num_rows == 0
    assert found.column_names == [*table(0).column_names, *OWN]


def test_texts_of_unknown_words_are_counted_and_have_the_prior(run: Run, tmp_path: Path) -> None:
    parquet(tmp_path / "in.parquet", pa.table({"text": ["xyzzy", "plugh", ""]}))
    code, _, err = run("predict", MODEL, tmp_path / "in.parquet", "-o", f"{tmp_path}/out/")
    assert code == 0
    assert "texts without a known word (coverage 0): 3;" in err
    assert pq.read_table(tmp_path / "out" / "in.parquet")["coverage"].to_pylist() == [0, 0, 0]


@pytest.mark.parametrize("where", ["first", "within"])
def test_rows_that_are_too_long_or_no_utf8_are_bad_rows(
    run: Run, tmp_path: Path, where: str
) -> None:
    texts = [*(["great"] * 5_000 if where == "within" else []), "a" * (LONGEST_ROW + 1), "awful"]
    raw = [text.encode() for text in texts] + [b"\xff\xfe"]
    column = pa.array(raw, pa.large_binary()).view(pa.large_string())
    path = parquet(tmp_path / "in.parquet", pa.table({"text": column}))
    code, _, err = run("predict", MODEL, path, "-o", f"{tmp_path}/out/")
    assert code == 3
    assert f"in.parquet: row {len(texts) - 2}: longer than" in err
    code, _, err = run("predict", MODEL, path, "-o", f"{tmp_path}/out/", "--skip-bad")
    assert code == 0
    assert f"skipped: {path}: row {len(texts)}: text is the bytes" in err
    assert "skipped in all: 2\n" in err
    expected = [*["positive"] * (len(texts) - 2), "negative"]
    assert pq.read_table(tmp_path / "out" / "in.parquet")["label"].to_pylist() == expected


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.null(),
    ],
    ids=str,
)
def test_texts_may_have_any_type_of_string(run: Run, tmp_path: Path, kind: pa.DataType) -> None:
    values = [None] * 3 if pa.types.is_null(kind) else ["great", None, "awful"]
    path = parquet(tmp_path / "in.parquet", pa.table({"text": pa.array(values, kind)}))
    assert run("predict", MODEL, path, "-o", f"{tmp_path}/out/")[0] == 0
    found = pq.read_table(tmp_path / "out" / "in.parquet")
    assert found["text"].to_pylist() == values
    if not pa.types.is_null(kind):
        assert [found["label"][i].as_py() for i in (0, 2)] == ["positive", "negative"]


def test_long_columns_are_read_and_written_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.scoring.columns.TEXT_BYTES", 10_000)
    monkeypatch.setattr("sentiment_transfer.scoring.columns.GROUP_BYTES", 100_000)
    path = parquet(tmp_path / "in.parquet", table(20_000))
    score_files(MODEL, [path], tmp_path / "parts", executor=Serial())
    monkeypatch.undo()
    score_files(MODEL, [path], tmp_path / "whole", executor=Serial())
    parts, whole = (pq.ParquetFile(tmp_path / p / "in.parquet") for p in ("parts", "whole"))
    assert parts.num_row_groups > 5 > whole.num_row_groups
    assert parts.read().equals(whole.read())


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["a/x.csv", "b/x.csv"], "b/x.csv: and a/x.csv would both become"),
        (["a/x.csv", "a/x.csv"], "would both become"),
        (["a/x.csv", "a/x.CSV"], "would both become|not an existing file"),
        (["a"], "a: is a folder; name its files, as in FOLDER/*.parquet"),
        (["missing.csv"], "'missing.csv' is not an existing file"),
        (["catalogue:nsmc"], "a corpus of the catalogue cannot be scored file by file"),
    ],
)
def test_files_that_cannot_become_files_of_a_folder_are_refused_before_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Path(name).mkdir()
        Path(name, "x.csv").write_text("text\ngreat\n")
    with pytest.raises(InputError, match=message.replace("*", r"\*")):
        score_files(MODEL, paths, "out", executor=Serial())
    assert not Path("out").exists() or contents(Path("out")) == {}


def test_no_input_and_no_model_is_replaced(run: Run, files: list[Path], tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in files}
    code, _, err = run("predict", MODEL, *files, "-o", tmp_path)
    assert code == 3
    assert "part-0.parquet: would be replaced, but is read too; choose another folder" in err
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "part-1.parquet").symlink_to(files[0])
    code, _, err = run("predict", MODEL, *files, "-o", tmp_path / "out")
    assert code == 3
    assert {path: path.read_bytes() for path in files} == before
    own = model_with(tmp_path / "part-2.parquet", ["up", "down"])
    (tmp_path / "in").mkdir()
    path = parquet(tmp_path / "in" / "part-2.parquet")
    assert run("predict", own, path, "-o", f"{tmp_path}/")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("in.csv -o missing/out/", 3, "missing/out: the folder cannot be made (No such file"),
        ("in.csv -o in.csv/", 3, "in.csv: --output would replace this file, which is read too"),
        ("- -o out/", 2, "a folder of answers needs files; name them, or give -o FILE"),
        ("--string great -o out/", 2, "a folder of answers needs files"),
        ("in.csv -o out/ --format table", 2, "a folder holds no tables; give --format"),
        ("in.csv -o out/ --sentence-encoder minilm", 2, "needs one file of answers"),
        ("in.csv -o out/ --abstain-below 0.5 --unsure positive", 2, "is a label of this model"),
        ("in.csv --workers 2", 2, "--workers 2 needs a folder for the answers, as in -o FOLDER/"),
        ("in.csv --cluster local:2", 2, "--cluster needs a folder for the answers"),
        ("in.csv -o out/ --cluster local:2 --workers 2", 2, "cannot be combined; give one of them"),
        ("in.csv -o out/ --workers 0", 2, "it must be at least 1"),
    ],
)
def test_what_needs_or_hinders_a_folder_is_refused_with_the_remedy(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("text\ngreat\n")
    found, _, err = run("predict", MODEL, *arguments.split())
    assert found == code
    assert message in err
    assert [path.name for path in tmp_path.iterdir()] in (["in.csv"], ["in.csv", "out"])


def test_word_vectors_and_a_model_that_was_replaced_are_refused(tmp_path: Path) -> None:
    load(MODEL).vectors_.save(tmp_path / "vectors.safetensors")
    path = parquet(tmp_path / "in.parquet")
    with pytest.raises(ModelFileError, match="is a file of word vectors, not a classifier"):
        score_files(tmp_path / "vectors.safetensors", [path], tmp_path / "out", executor=Serial())
    own = str(model_with(tmp_path / "own.safetensors", ["up", "down"]))
    sha256 = sha256_of(own)
    model_with(Path(own), ["yes", "no"])
    with pytest.raises(ModelFileError, match="was replaced while it was used"):
        stages_of(own, sha256)


def test_without_files_there_is_nothing_to_score(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="name at least one file"):
        score_files(MODEL, [], tmp_path / "out", executor=Serial())


def test_progress_counts_texts_up_to_all_of_them(files: list[Path], tmp_path: Path) -> None:
    seen: list[Progress] = []
    score_files(MODEL, files, tmp_path / "out", executor=Serial(), progress=seen.append)
    assert [each.done for each in seen] == [22, 43, 63]  # 20, 21 and 22 rows, the largest first
    assert seen[-1].total == 63
    assert all(each.total >= each.done for each in seen)


def test_warnings_of_a_worker_reach_the_user_with_those_of_others(run: Run, tmp_path: Path) -> None:
    french = ["C'est une histoire que je ne voudrais pas voir encore une fois avec mes amis."] * 40
    for i in range(2):
        parquet(tmp_path / f"{i}.parquet", pa.table({"review": french}))
    command = ["predict", MODEL, f"{tmp_path}/*.parquet", "-o", f"{tmp_path}/out/"]
    code, _, err = run(*command, "--workers", "2")
    assert code == 0
    assert "0.parquet has no column 'text'; texts are read from 'review'" in err
    assert f"warning: {tmp_path}/0.parquet: the model knows" in err
    assert "look French" in err


def test_messages_of_many_files_are_few(run: Run, tmp_path: Path) -> None:
    for i in range(22):
        raw = pa.array([b"great", *[b"\xff"] * (i % 3)], pa.large_binary())
        parquet(tmp_path / f"{i}.parquet", pa.table({"review": raw.view(pa.large_string())}))
    command = ["predict", MODEL, f"{tmp_path}/*.parquet", "-o", f"{tmp_path}/out/", "--skip-bad"]
    code, _, err = run(*command, "--workers", "2")
    assert code == 0
    assert err.count("texts are read from 'review'") == 20
    assert "notices of files that are not shown: 2\n" in err
    assert err.count("skipped: ") == 20
    assert "skipped in all: 21\n" in err
