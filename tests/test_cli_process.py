"""The command as a process of its own: what it imports, pipes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment_transfer import SentimentClassifier

COMMAND = [sys.executable, "-m", "sentiment_transfer"]

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX signals, pipes and devices")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    texts = ["a great wonderful film", "a dull awful film"] * 9
    labels = ["positive", "negative"] * 9
    SentimentClassifier().pretrain(texts).fit(texts, labels).save(path)
    return path


def finish(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(  # type: ignore[call-overload,no-any-return]  # noqa: S603
        command, text=True, encoding="utf-8", stderr=subprocess.PIPE, check=False, **options
    )


@pytest.mark.parametrize(
    "arguments",
    [["predict", "--string", "a great film"], ["predict", "-"], ["inspect", "--nearest", "great"]],
)
def test_predict_and_inspect_start_without_the_heavy_packages(
    model: Path, arguments: list[str]
) -> None:
    command, *rest = arguments
    heavy = {"gensim", "matplotlib", "numba", "pandas", "pyarrow", "sklearn", "torch"}
    heavy |= {"rich.console", "rich.table", "rich.text"}
    program = (
        "import sys\n"
        "from sentiment_transfer.cli import main\n"
        "try:\n"
        f"    main({[command, str(model), *rest]!r})\n"
        "finally:\n"
        f"    print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        input="a dull film\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "[]\n"
    assert done.returncode == 0
    assert "film" in done.stdout


def test_output_is_utf_8_whatever_the_locale_says(model: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = finish(
        "predict", model, "--string", "很好 film", stdout=subprocess.PIPE, env=environment
    )
    assert done.returncode == 0
    assert done.stdout.endswith("很好 film\n")


@posix
def test_a_reader_that_stops_ends_the_command_quietly(model: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = finish("predict", model, "--string", "a great film", stdout=write)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(model: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = finish("predict", model, "--string", "a great film", stdout=full)
    assert done.returncode == 1
    assert done.stderr == f"error: [Errno 28] {os.strerror(28)}\n"


@posix
@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
    reason="run in the background of a shell, which ignores Ctrl-C there",
)
def test_ctrl_c_ends_with_130_and_leaves_no_file(model: Path, tmp_path: Path) -> None:
    command = [*COMMAND, "predict", str(model), "-", "-o", str(tmp_path / "answers.jsonl")]
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("\n\ufffe\n" + "a great film\n" * 5000)
        process.stdin.flush()
        while not list(tmp_path.glob(".sentiment_transfer-*.tmp")):  # it has begun to write
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "interrupted\n"
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
