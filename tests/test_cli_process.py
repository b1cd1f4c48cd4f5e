"""The command as a process of its own: what it imports, pipes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import skip_if_ignored

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
@pytest.mark.parametrize(
    ("name", "said", "code"),
    [("SIGINT", "interrupted", 130), ("SIGTERM", "terminated", 143), ("SIGHUP", "hung up", 129)],
)
def test_a_signal_ends_with_its_code_and_leaves_no_file(
    model: Path, tmp_path: Path, name: str, said: str, code: int
) -> None:
    skip_if_ignored(getattr(signal, name))
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
        time.sleep(0.1)  # the first file only tries the place
        process.send_signal(getattr(signal, name))
        assert process.stderr.read() == f"{said}\n"
    assert process.returncode == code
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.parametrize("after", [f"sentiment_transfer.{name}" for name in ("cli", "errors")])
@pytest.mark.parametrize(("name", "said"), [("SIGINT", "interrupted"), ("SIGTERM", "terminated")])
def test_a_signal_during_the_first_imports_is_one_line(after: str, name: str, said: str) -> None:
    program = (
        "import importlib.abc, os, runpy, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Press(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {after!r}:\n"
        f"            os.kill(os.getpid(), signal.{name})\n"
        "sys.meta_path.insert(0, Press())\n"
        "sys.argv[1:] = ['--version']\n"
        "runpy.run_module('sentiment_transfer', run_name='__main__')\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("", f"{said}\n")
    assert done.returncode == 128 + getattr(signal, name)


@posix
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_in_a_destructor_is_not_lost(name: str, code: int) -> None:
    program = (
        "import os, signal, sys, time\n"
        "from sentiment_transfer.base.signals import *\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "leave_at_signals()\n"
        "unwind_at_signals()\n"
        "class Left:\n"
        "    def __del__(self):\n"
        f"        os.kill(os.getpid(), signal.{name})\n"
        "try:\n"
        "    Left()\n"
        "    time.sleep(60)\n"
        "except KeyboardInterrupt as error:\n"
        "    sys.exit(describe_end(error)[1])\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@posix
@pytest.mark.parametrize(("after", "shown"), [(False, "RuntimeError: half made"), (True, "")])
def test_a_destructor_that_fails_is_not_shown_after_a_signal(after: bool, shown: str) -> None:
    program = (
        "import os, signal\n"
        "from sentiment_transfer.base.signals import *\n"
        "leave_at_signals()\n"
        "unwind_at_signals()\n"
        "class Half:\n"
        "    def __del__(self):\n"
        "        raise RuntimeError('half made')\n"
        "try:\n"
        "    one = Half()\n"
        f"    if {after}:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "except KeyboardInterrupt:\n"
        "    pass\n"
        "del one\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30
    )
    assert shown in done.stderr
    assert bool(shown) == bool(done.stderr)


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_comes_when_the_work_is_done_changes_nothing(
    model: Path, tmp_path: Path, name: str
) -> None:
    output = tmp_path / "answers.csv"
    program = (
        "import os, signal\n"
        "from sentiment_transfer.__main__ import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Left:\n"
        f"    def __del__(self, kill=os.kill, own=os.getpid(), number=signal.{name}):\n"
        "        kill(own, number)\n"
        "left = Left()\n"  # until Python, as it ends, clears its modules
        "main()\n"
    )
    arguments = ["predict", str(model), "--string", "a great film", "-o", str(output)]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, f"{output}: 1 text, 0 negative, 1 positive\n")
    assert "positive" in output.read_text("utf-8")


@posix
@pytest.mark.parametrize("closed", ["1", "2", "0 1 2"])
def test_closed_streams_do_not_hinder_a_command_that_writes_a_file(
    model: Path, tmp_path: Path, closed: str
) -> None:
    output = tmp_path / "answers.csv"
    program = (
        "import os, subprocess, sys\n"
        f"for number in {closed!r}.split(): os.close(int(number))\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'sentiment_transfer', *sys.argv[1:]])\n"
    )
    arguments = ["predict", str(model), "--string", "a great film", "-o", str(output)]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    counts = "" if "2" in closed else f"{output}: 1 text, 0 negative, 1 positive\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", counts)
    assert "positive" in output.read_text("utf-8")
    trained = tmp_path / "trained.safetensors"
    corpus = tmp_path / "texts.txt"
    corpus.write_text("a great wonderful film\na dull awful film\n" * 9, encoding="utf-8")
    arguments = ["pretrain", str(corpus), "--epochs", "1", "-o", str(trained)]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert trained.exists()
