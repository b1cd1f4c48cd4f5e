"""``explain`` and ``polar-words`` on the command line."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer import SentimentClassifier, load

if TYPE_CHECKING:
    from conftest import Run, World


TEXT = "A wonderful film, but what a terrible script!"


@pytest.fixture(scope="module")
def model(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "model.safetensors"
    made = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    made.fit(*world.few(20)).save(path)
    return path


@pytest.fixture
def classifier(model: Path) -> SentimentClassifier:
    loaded = load(model)
    assert isinstance(loaded, SentimentClassifier)
    return loaded


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_explain_shows_answer_text_and_what_weighs_most(
    run: Run, model: Path, classifier: SentimentClassifier
) -> None:
    code, out, err = run("explain", model, TEXT, "--label", "positive")
    expected = classifier.explain(TEXT, "positive")
    assert (code, err) == (0, "")
    head, text, *rows, origins = out.splitlines()
    assert head == (
        f"positive {100 * expected.probability:.1f} %, log odds {expected.log_odds:+.2f}"
    )
    assert text == TEXT
    shown = dict(row.split() for row in rows[:-1])
    assert shown == {
        word: f"{share:+.2f}" for word, share in expected.top(8) if abs(share) >= 0.005
    }
    assert rows[-1].split() == ["(no", "word)", f"{expected.bias:+.2f}"]
    parts = [f"{name} {share:+.2f}" for name, share in expected.origins.items() if share]
    assert origins.strip() == f"of the words' log odds: {', '.join(parts)}"
    assert "\x1b" not in out


def test_explain_reads_standard_input_and_keeps_texts_apart(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO(b"a warm film\na dull film\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw, encoding="utf-8"))
    code, out, _ = run("explain", model)
    assert code == 0
    first, second = out.split("\n\n")
    assert first.startswith("positive")
    assert second.startswith("negative")


def test_explain_reports_that_no_word_is_known(run: Run, model: Path, tmp_path: Path) -> None:
    page = tmp_path / "why.html"
    _, out, _ = run("explain", model, "Xyzzy!", "--html", page)
    text, reason = out.splitlines()[-2:]
    assert text == "Xyzzy!"
    assert re.search(r"no .*known", reason)
    assert json.loads(run("explain", model, "Xyzzy!", "--format", "json")[1])[0]["no_known_word"]
    assert not json.loads(run("explain", model, TEXT, "--format", "json")[1])[0]["no_known_word"]
    assert reason.strip() in page.read_text(encoding="utf-8")


def test_explain_as_json_has_every_word_and_adds_up(
    run: Run, model: Path, classifier: SentimentClassifier
) -> None:
    code, out, _ = run("explain", model, TEXT, "qwertz", "--format", "json")
    assert code == 0
    for record, text in zip(json.loads(out), (TEXT, "qwertz"), strict=True):
        expected = classifier.explain(text)
        assert record["label"] == expected.label
        assert [piece for piece, _ in record["pieces"]] == [p for p, _ in expected.pieces]
        assert record["text"] == text
        pieces = [piece for piece, _ in record["pieces"]]
        pairs = zip(record["gaps"], [*pieces, ""], strict=True)
        assert "".join(gap + piece for gap, piece in pairs) == text
        total = record["bias"] + sum(s for _, s in record["pieces"])
        assert record["log_odds"] == pytest.approx(total, abs=1e-4)


def test_explain_writes_to_a_file_what_it_prints(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "why.json"
    assert run("explain", model, TEXT, "-o", path) == (0, "", "")
    assert path.read_text(encoding="utf-8") == run("explain", model, TEXT, "--format", "json")[1]


@pytest.mark.parametrize(
    ("stream", "variables", "coloured"),
    [
        (Terminal, {}, True),
        (io.StringIO, {}, False),
        (Terminal, {"NO_COLOR": "1"}, False),
        (Terminal, {"NO_COLOR": ""}, True),  # no-color.org: an empty value says nothing
        (Terminal, {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_that_have_them_and_users_who_want_them(
    run: Run,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    stream: type[io.StringIO],
    variables: dict[str, str],
    coloured: bool,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm-256color"} | variables).items():
        monkeypatch.setenv(name, value)
    out = stream()
    monkeypatch.setattr(sys, "stdout", out)
    assert run("explain", model, TEXT)[0] == 0
    assert ("38;5;" in out.getvalue()) == coloured
    if stream is io.StringIO or variables.get("TERM") == "dumb":
        assert "\x1b" not in out.getvalue()


def test_on_a_terminal_words_for_are_blue_and_words_against_orange_and_underlined(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch, classifier: SentimentClassifier
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert run("explain", model, f"{TEXT} \x1b[31mred", "--label", "positive")[0] == 0
    out = terminal.getvalue()
    assert re.search(r"\x1b\[(?:1;)?38;5;33mwonderful\x1b\[0m", out)
    assert re.search(r"\x1b\[(?:1;)?4;38;5;208mterrible\x1b\[0m", out)
    assert "\x1b[31m" not in out  # what the text brings along stays harmless
    unpainted = re.sub(r"\x1b\[[0-9;]*m", "", out)
    plain = io.StringIO()
    monkeypatch.setattr(sys, "stdout", plain)
    run("explain", model, f"{TEXT} \x1b[31mred", "--label", "positive")
    assert plain.getvalue() == unpainted


def test_explain_writes_a_page(run: Run, model: Path, tmp_path: Path) -> None:
    page = tmp_path / "why.html"
    assert run("explain", model, TEXT, "<b>bold</b> and good", "--html", page)[0] == 0
    written = page.read_text(encoding="utf-8")
    assert written.startswith("<!doctype html>")
    assert written.count('<div class="st-explained">') == 2
    assert "<b>" not in written


@pytest.mark.parametrize(
    ("options", "code", "parts"),
    [
        (["--html", "why.txt"], 2, ["--html why.txt", ".html"]),
        (["--html", "missing/why.html"], 3, ["missing/why.html", "missing does not exist"]),
        (["--label", "mixed"], 2, ["--label mixed", "negative, positive"]),
    ],
)
def test_explain_refuses_wrong_options(
    run: Run, model: Path, options: list[str], code: int, parts: list[str]
) -> None:
    found, out, err = run("explain", model, TEXT, *options)
    assert (found, out) == (code, "")
    assert all(part in err for part in parts)


def test_polar_words_lists_the_library_s_words_in_every_form(
    run: Run, model: Path, tmp_path: Path, classifier: SentimentClassifier
) -> None:
    expected = classifier.polar_words(3, min_count=1)
    options = ["-n", 3, "--min-count", 1]
    code, out, err = run("polar-words", model, *options)
    assert (code, err) == (0, "")
    header, *rows = [line.split() for line in out.splitlines()]
    assert header == ["word", "polarity", "count"]
    assert [row[0] for row in rows] == expected["word"].tolist()
    assert [row[1] for row in rows] == [f"{p:+.2f}" for p in expected["polarity"]]
    listed = json.loads(run("polar-words", model, *options, "--format", "json")[1])
    assert [row["word"] for row in listed] == expected["word"].tolist()
    path = tmp_path / "words.csv"
    assert run("polar-words", model, *options, "-o", path)[:2] == (0, "")
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["count"] for row in csv.DictReader(file)] == [
            str(count) for count in expected["count"]
        ]


@pytest.mark.filterwarnings("default")
def test_polar_words_of_a_file_are_those_that_it_holds(
    run: Run, model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("Review,stars\na wonderful wonderful film,5\nan awful film,1\n,3\n")
    code, out, err = run("polar-words", model, path, "--min-count", 1)
    rows = {row.split()[0]: row.split()[2] for row in out.splitlines()[1:]}
    assert code == 0
    assert rows.keys() <= {"wonderful", "awful", "film"}
    assert rows["wonderful"] == rows["awful"] == "1"
    assert "read from 'Review'" in err
    code, out, err = run("polar-words", model, path, "--min-count", 9)
    assert (code, len(out.splitlines())) == (0, 1)
    assert "lower --min-count" in err


def test_columns_of_chinese_words_line_up(run: Run) -> None:
    code, out, _ = run("polar-words", "reviews-zh", "-n", 20)
    assert code == 0
    ends = {
        sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
        for line in out.splitlines()
    }
    assert len(ends) == 1  # the last column is aligned right
    assert len({len(line) for line in out.splitlines()}) > 1  # words of several lengths


def test_polar_words_draws_a_picture(run: Run, model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "words.svg"
    assert run("polar-words", model, "-n", 2, "--min-count", 1, "--plot", picture)[0] == 0
    assert "</svg>" in picture.read_text(encoding="utf-8")


def test_polar_words_of_a_model_without_polarity_are_refused(
    run: Run, world: World, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    SentimentClassifier(vectors=world.vectors, seeds=None).fit(*world.few(20)).save(path)
    code, _, err = run("polar-words", path)
    assert code == 4
    assert err.startswith(f"error: {path}: ")
    assert "polarity" in err
    code, out, err = run("polar-words", "reviews-en", "--min-count", 10**9)
    assert (code, out.split()) == (0, ["word", "polarity", "count"])
    assert "lower --min-count" in err
    code, _, err = run("polar-words", path, "--plot", "words.bmp")
    assert code == 2
    assert err.startswith("error: --plot words.bmp")
    assert ".png, .svg, .pdf" in err
    code, _, err = run("polar-words", "reviews-en", "--min-count", 10**9, "--plot", "words.png")
    assert code == 3
    assert "--min-count" in err
    assert not Path("words.png").exists()


def test_a_text_longer_than_a_path_can_be_is_explained(run: Run, model: Path) -> None:
    # 250 characters of three bytes: the system refuses even to look for such a file
    code, out, _ = run("explain", model, "好" * 250)
    assert code == 0
    assert out.startswith(("positive", "negative"))


def test_the_texts_of_a_table_are_explained_from_standard_input(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = b"id,Review\n1,great\n2,awful\n"
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    err = run("explain", "reviews-en", path)[2]
    assert f"use --input-format csv < {path}" in err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
    options = ["--input-format", "csv", "--text", "Review", "--format", "json"]
    code, out, _ = run("explain", "reviews-en", *options)
    assert (code, [each["text"] for each in json.loads(out)]) == (0, ["great", "awful"])
