"""No command writes over what it reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from sentiment_transfer.cli.app import app
from sentiment_transfer.cli.overwriting import PATHS, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Run

CONTENT = b"text,label\nkeep me,yes\nand me,no\n"

CALLS = [
    "predict reviews-en IN -o IN",
    "predict IN --string fine -o IN",
    "predict reviews-en other.csv IN -o IN",
    "fit IN --vectors reviews-en -o IN",
    "fit other.csv --vectors IN -o IN",
    "fit --vectors reviews-en --unlabelled other.csv --unlabelled IN -o IN",
    "fit IN --vectors reviews-en --head network -o new --curves IN",
    "fit IN --vectors reviews-en --head network -o new --rates IN",
    "pretrain IN -o IN",
    "pretrain other.csv --initial IN -o IN",
    "pretrain other.csv --held-out IN -o IN",
    "pretrain weights.safetensors -o new --checkpoint .",
    "evaluate reviews-en IN -o IN",
    "evaluate IN other.csv -o IN",
    "evaluate reviews-en IN --reliability IN",
    "evaluate reviews-en IN --errors IN",
    "compare --labelled IN --test other.csv --vectors reviews-en -o IN",
    "compare --labelled other.csv --test IN --vectors reviews-en --resume IN",
    "compare --labelled other.csv --test other.csv --unlabelled IN --plot IN",
    "compare --labelled other.csv --test other.csv --vectors IN -o IN",
    "compare --labelled other.csv --test other.csv --vectors reviews-en --extra-domain IN -o IN",
    "inspect IN -o IN",
    "explain IN fine -o IN",
    "explain IN fine --html IN",
    "polar-words IN -o IN",
    "polar-words IN --plot IN",
    "report IN -o IN",
    "report other.csv IN --format html -o IN",
    "report other.csv --model IN -o IN --format html",
    "card IN -o IN",
    "card reviews-en --test IN -o IN",
    "export IN --html IN",
    "export IN --onnx IN",
    "export IN --conformance IN",
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("other.csv", "weights.safetensors"):
        Path(name).write_bytes(CONTENT)
    return tmp_path


@pytest.mark.parametrize("call", CALLS)
def test_an_output_that_is_an_input_is_refused_and_kept(run: Run, here: Path, call: str) -> None:
    picture = any(f"--{name} IN" in call for name in ("curves", "rates", "reliability", "plot"))
    name = "in.svg" if picture else "in.html" if "--html" in call else "in.csv"
    name = {"--onnx": "in.onnx", "--conformance": "in.jsonl"}.get(call.split()[-2], name)
    Path(name).write_bytes(CONTENT)
    before = sorted(here.iterdir())
    code, out, err = run(*call.replace("IN", name).split())
    assert (code, out) == (3, "")
    assert "name another file" in err
    assert sorted(here.iterdir()) == before
    assert all(path.read_bytes() == CONTENT for path in before)


def test_the_file_beside_an_output_is_an_output_too(run: Run, here: Path) -> None:
    Path("in.onnx.json").write_bytes(CONTENT)
    code, _, err = run("export", "in.onnx.json", "--onnx", "in.onnx")
    assert code == 3
    assert "the description of --onnx would replace this file" in err
    assert Path("in.onnx.json").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("in.csv", "./in.csv"),
        ("../here/in.csv", "in.csv"),
        ("in.csv", "linked.csv"),
        ("linked.csv", "in.csv"),
        ("in.csv", "hard.csv"),
        ("i*.csv", "in.csv"),
        ("file://ABSOLUTE", "in.csv"),
        ("reviews", "reviews/1.txt"),
        ("layout", "layout/pos/1.txt"),
    ],
)
def test_it_is_the_same_file_under_whatever_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: str, written: str
) -> None:
    here = tmp_path / "here"
    for folder in ("reviews", "layout/pos", "layout/neg"):
        (here / folder).mkdir(parents=True)
        (here / folder / "1.txt").write_bytes(CONTENT)
    monkeypatch.chdir(here)
    Path("in.csv").write_bytes(CONTENT)
    Path("linked.csv").symlink_to("in.csv")
    os.link("in.csv", "hard.csv")
    read = read.replace("ABSOLUTE", str(here / "in.csv"))
    code, _, err = run("predict", "reviews-en", read, "-o", written, "--format", "csv")
    assert code == 3
    assert written.removeprefix("./") in err
    assert Path(written).read_bytes() == CONTENT


def test_case_does_not_matter_where_it_does_not_to_the_system(run: Run, here: Path) -> None:
    Path("in.csv").write_bytes(CONTENT)
    if not Path("IN.CSV").exists():
        pytest.skip("the names of this file system are case-sensitive")
    assert run("predict", "reviews-en", "in.csv", "-o", "IN.CSV")[0] == 3
    assert Path("in.csv").read_bytes() == CONTENT


def test_a_file_on_standard_input_is_an_input_too(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = here / "in.csv"
    path.write_bytes(CONTENT)
    with path.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        code, _, err = run("predict", "reviews-en", "-", "-o", path)
    assert (code, path.read_bytes()) == (3, CONTENT)
    assert "standard input" in err


def test_two_outputs_may_not_be_one_file(run: Run, here: Path) -> None:
    code, _, err = run(
        *[
            "fit",
            "other.csv",
            "--vectors",
            "reviews-en",
            "--head",
            "network",
            "-o",
            "a.svg",
            "--curves",
            "b.svg",
        ],
        *["--rates", "./b.svg"],
    )
    assert code == 2
    assert "--curves and --rates name the same file" in err
    assert sorted(path.name for path in here.iterdir()) == ["other.csv", "weights.safetensors"]


def test_an_old_output_that_is_no_input_is_replaced(run: Run, here: Path) -> None:
    Path("old.csv").write_bytes(CONTENT)
    assert run("predict", "reviews-en", "other.csv", "-o", "old.csv")[0] == 0
    assert Path("old.csv").read_text("utf-8").startswith("text,label,predicted_label,")
    assert (here / "other.csv").read_bytes() == CONTENT


def _commands(group: Any) -> Iterator[Any]:  # noqa: ANN401
    """All commands, those of groups too."""
    for command in group.commands.values():
        yield from _commands(command) if hasattr(command, "commands") else [command]


def test_every_option_that_names_a_place_is_known_as_read_or_written() -> None:
    # a new option with another word for its place would be neither
    parameters = [p for command in _commands(typer.main.get_command(app)) for p in command.params]
    places = {p.name for p in parameters if p.metavar in PATHS}
    assert places >= WRITTEN
    read = "model file texts labelled unlabelled vectors initial held_out test extra_domain "
    read += "cases data judged member models old_texts project token_file"
    assert places - WRITTEN == set(read.split())
    typed = {p.name for p in parameters if "Path" in type(getattr(p, "type", None)).__name__}
    assert typed <= places
