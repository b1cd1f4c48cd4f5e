"""Forms of results and messages."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_transfer.base.progress import Progress
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import plain_progress, printable, progress_shown
from sentiment_transfer.cli.output import (
    Writers,
    check_writable,
    open_output,
    table,
    write_csv,
    write_json,
    write_json_array,
    write_json_lines,
    writer_for,
)
from sentiment_transfer.corpus import read_texts
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from conftest import Run


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＠", "\t=", "\r+", "'=", "''@"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    file = io.StringIO()
    write_csv(["text", "score"], [[f"{start}SUM(A1)", -0.5]], file)
    rows = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert rows == [["text", "score"], [f"'{start}SUM(A1)", "-0.5"]]


@pytest.mark.parametrize(
    "text",
    [
        "-3",
        "+1",
        "-0.5e3",
        "@anna loved it",
        "- cheap",
        "-> see below",
        "--",
        "a = b",
        "'tis",
    ],
)
def test_what_no_spreadsheet_would_run_stays_as_it_is(text: str) -> None:
    file = io.StringIO()
    write_csv(["text"], [[text]], file)
    assert list(csv.reader(io.StringIO(file.getvalue())))[1] == [text]


@pytest.mark.parametrize("label", ["+1", "-1", "=1+1", "@cmd|' /C calc'!A0"])
def test_a_label_is_written_as_it_is(label: str) -> None:
    file = io.StringIO()
    write_csv(["label", "text"], [[label, "fine"]], file)
    assert list(csv.reader(io.StringIO(file.getvalue())))[1] == [label, "fine"]


@given(st.lists(st.text("'=+-@a( |!\t\n\"", min_size=1), min_size=1))
def test_the_readers_give_back_every_text_that_was_written(texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with open_output(path) as file:
            write_csv(["label", "text"], [["x", text] for text in texts], file)
        assert list(read_texts(path)) == texts


def test_csv_keeps_quotes_commas_line_ends_and_other_scripts() -> None:
    text = 'a "fine", film\nthat ends = well 很好'
    file = io.StringIO()
    write_csv(["text"], [[text]], file)
    rows = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert rows == [["text"], [text]]


def test_no_rows_are_a_header_an_empty_array_and_no_lines() -> None:
    files = [io.StringIO() for _ in range(3)]
    write_csv(["label", "text"], [], files[0])
    write_json_array([], files[1])
    write_json_lines([], files[2])
    assert files[0].getvalue() == "label,text\n"
    assert json.loads(files[1].getvalue()) == []
    assert files[2].getvalue() == ""


def test_json_has_other_scripts_as_they_are() -> None:
    file = io.StringIO()
    write_json({"labels": ["很好"]}, file)
    assert file.getvalue() == '{\n  "labels": [\n    "很好"\n  ]\n}\n'


def test_json_survives_half_a_character(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with open_output(path) as file:
        write_json_lines([{"text": "half \ud83d"}], file)
    assert json.loads(path.read_text(encoding="utf-8")) == {"text": "half \ud83d"}


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with pytest.raises(ValueError, match="midway"), open_output(path) as file:  # noqa: PT012
        file.write("half\n")
        raise ValueError("midway")
    assert list(tmp_path.iterdir()) == []
    with open_output(path) as file:
        file.write("whole\n")
    assert path.read_bytes() == b"whole\n"


@pytest.mark.parametrize("path", [None, Path("-")])
def test_no_file_and_a_dash_are_standard_output(
    capsys: pytest.CaptureFixture[str], path: Path | None
) -> None:
    with open_output(path) as file:
        file.write("answer\n")
    assert capsys.readouterr().out == "answer\n"


def test_a_path_is_checked_before_it_is_written_to(tmp_path: Path) -> None:
    check_writable(None)
    check_writable(Path("-"))
    check_writable(tmp_path / "new.csv")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match=re.escape(str(tmp_path))):
        check_writable(tmp_path)
    with pytest.raises(InputError, match=re.escape(str(tmp_path / "missing"))):
        check_writable(tmp_path / "missing" / "new.csv")


FORMS: Writers = {
    "table": lambda result, file: file.write(f"table {result}"),
    "json": lambda result, file: file.write(f"json {result}"),
}


@pytest.mark.parametrize(
    ("chosen", "output", "expected"),
    [
        (None, None, "table"),
        (None, "-", "table"),
        (None, "report", "table"),
        (None, "report.txt", "table"),
        (None, "report.JSON", "json"),
        ("json", "report.txt", "json"),
    ],
)
def test_the_format_is_chosen_or_that_of_the_file_s_name(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    chosen: str | None,
    output: str | None,
    expected: str,
) -> None:
    path = None if output is None else Path("-") if output == "-" else tmp_path / output
    writer_for(chosen, path, FORMS)(5)
    printed = capsys.readouterr().out
    assert f"{expected} 5" == (printed if output in (None, "-") else path.read_text())


def test_a_suffix_of_no_format_is_refused() -> None:
    with pytest.raises(SettingError, match=r"report.csv: .*--format table \| json"):
        writer_for(None, Path("report.csv"), FORMS)


def test_cells_of_a_table_are_escaped_and_line_up() -> None:
    assert table(["label", "n"], [["a\x1b", "12"]]) == "label   n\na\\x1b  12\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\nb\tc\x00", r"a\nb\tc\x00"),
        ("\x9b31m", r"\x9b31m"),
        ("\u2028\u202eabc\u2066", r"\u2028\u202eabc\u2066"),
        ("\ud800", r"\ud800"),
        ("naïve 很好 👩‍👧 café", "naïve 很好 👩‍👧 café"),
    ],
)
def test_what_drives_a_terminal_is_escaped_and_writing_is_not(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_of_many_skipped_rows_the_first_are_named_and_all_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Reader() as read:
        for line in range(25):
            read.skipped(f"a.csv:{line}: bad")
    *named, total = capsys.readouterr().err.splitlines()
    assert named == [f"skipped: a.csv:{line}: bad" for line in range(20)]
    assert [int(number) for number in re.findall(r"\d+", total)] == [25, 5]


def test_where_nothing_is_skipped_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with Reader():
        pass
    assert capsys.readouterr().err == ""


def test_progress_prints_a_line_every_five_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 1.0, 4.9, 5.0, 9.0, 10.5])  # the first is the start
    show = plain_progress(clock=lambda: next(times))
    for done in (100, 200, 300, 400, 500):
        show(Progress("pretrain", done, 1200, "words", {"loss": 2.5}, seconds=done / 50))
    assert capsys.readouterr().err == (
        "pretrain 300 of 1,200 words, 0:00:18 left, loss 2.5, 50 words/s\n"  # (1200 - 300) / 50
        "pretrain 500 of 1,200 words, 0:00:14 left, loss 2.5, 50 words/s\n"
    )


def test_the_end_of_an_epoch_has_a_line_if_there_are_held_out_texts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show = plain_progress(clock=lambda: 0.0)
    for done, epoch, losses in (
        (500, 0, {}),
        (1000, 0, {"held_out_loss": 2.25}),
        (1500, 1, {}),
        (2000, 1, {"held_out_loss": 2.125}),
        (2000, 1, {"held_out_loss": 2.125}),
    ):
        metrics = {"epoch": epoch, "loss": 2.5, **losses}
        show(Progress("pretrain", done, 2000, "words", metrics, seconds=1))
    first, second = capsys.readouterr().err.splitlines()
    assert "epoch 0, loss 2.5, held out 2.25" in first
    assert "epoch 1, loss 2.5, held out 2.12" in second


def test_a_line_of_pretraining_fits_80_columns_with_its_losses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    metrics = {"epoch": 11, "loss": 0.21057, "alpha": 0.0123, "held_out_loss": 0.23218}
    with progress_shown(quiet=False) as show:
        assert show is not None
        show(Progress("pretrain", 1_011_880, 2_023_760, "words", metrics, seconds=3600 * 3))
    line = "pretrain 50 %, 3:00:00 left, epoch 11, loss 0.211, held out 0.232"
    assert line in terminal.getvalue()


def test_progress_without_a_rate_has_no_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    plain_progress(seconds=0)(Progress("fit", 0, 10, "epochs"))
    assert capsys.readouterr().err == "fit 0 of 10 epochs\n"


def test_a_quiet_command_has_no_progress() -> None:
    with progress_shown(quiet=True) as callback:
        assert callback is None


def test_progress_on_a_terminal_is_a_bar_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with progress_shown(quiet=False) as show:
        assert show is not None
        show(Progress("pretrain", 10, 10, "words", seconds=1))
        show(Progress("compare", 1, 4, "fits", {"[bold]": 1.0}, seconds=2))
    shown = terminal.getvalue()
    assert "pretrain 10 of 10 words, 0:00:00 left, 10 words/s" in shown
    assert "compare 1 of 4 fits, 0:00:06 left, [bold] 1" in shown


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc, where nobody can write")
@pytest.mark.parametrize(
    "arguments",
    [
        ["pretrain", "missing.txt", "-o", "/proc/new"],
        ["fit", "missing.csv", "--vectors", "missing", "-o", "/proc/new"],
        ["evaluate", "missing", "missing.csv", "-o", "/proc/new"],
        ["evaluate", "missing", "missing.csv", "--reliability", "/proc/new.svg"],
        ["compare", "--labelled", "missing", "--test", "missing", "--plot", "/proc/new.svg"],
        ["compare", "--labelled", "missing", "--test", "missing", "--resume", "/proc/new"],
    ],
)
def test_a_place_that_cannot_be_written_is_named_before_anything_is_read(
    run: Run, arguments: list[str]
) -> None:
    code, _, err = run(*arguments)
    assert code == 3
    assert err.startswith("error: /proc/new")
    assert "cannot be written" in err
