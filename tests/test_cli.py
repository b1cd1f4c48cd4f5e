"""What each command reads, prints and writes, and how it fails."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shlex
import signal
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import typer.main
from conftest import CORPORA

from sentiment_transfer import (
    HiddenLayerClassifier,
    SentimentClassifier,
    SkipGram,
    WordVectors,
    load,
    read_labelled,
    read_texts,
)
from sentiment_transfer.base.signals import Ended
from sentiment_transfer.classification import Training
from sentiment_transfer.cli import main
from sentiment_transfer.cli.app import EXAMPLES, GROUPS, app
from sentiment_transfer.experiments.arms import ARMS
from sentiment_transfer.experiments.augmentation import swap_words
from sentiment_transfer.experiments.evaluation import measure
from sentiment_transfer.model import FittedStages

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, World


MOVIES = CORPORA / "movies72"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the vectors and the model of the examples, made by the library itself."""
    folder = tmp_path_factory.mktemp("models")
    skipgram = SkipGram(seed=0).fit(read_texts(MOVIES / "unlabelled.txt"))
    skipgram.vectors_.save(folder / "vectors.safetensors")
    labelled = read_labelled(MOVIES / "labelled.csv")
    model = SentimentClassifier(vectors=skipgram.vectors_)
    model.pretrain(read_texts(MOVIES / "unlabelled.txt"))
    model.fit(labelled.texts, labelled.labels).save(folder / "model.safetensors")
    return folder


@pytest.fixture
def model(folder: Path) -> Path:
    return folder / "model.safetensors"


def commands() -> dict[str, Any]:
    """The commands by name, those of a group as in ``"bank list"``."""
    group: Any = typer.main.get_command(app)
    found = {}
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None) or {}
        found |= {f"{name} {each}": one for each, one in inner.items()} or {name: command}
    return found


def names_all(message: str, *parts: str) -> bool:
    """Whether a message has these parts: names, values, remedies; not how it puts them."""
    return all(part in message for part in parts)


def test_the_commands_are_these() -> None:
    first = ["pretrain", "adapt", "fit", "predict", "evaluate", "prevalence", "compare", "inspect"]
    assert list(commands()) == [
        *first,
        "explain",
        "polar-words",
        "report",
        "export",
        "card",
        "serve",
        "studio",
        "bank list",
        "bank describe",
        "bank judge",
        "language check",
        "language show",
        "language draft",
        "advise report",
        "advise catalogue",
        "advise corpus",
        "advise choose",
        "advise stopping",
        "advise suggest",
        "advise budget",
        "advise audit",
        "advise diagnose",
        "advise sizing",
        "advise update",
    ]


@pytest.mark.parametrize("name", [None, *commands()])
def test_every_command_and_option_has_help(name: str | None) -> None:
    command = typer.main.get_command(app) if name is None else commands()[name]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), parameter.name


@pytest.mark.parametrize("name", commands())
def test_the_first_sentence_of_every_command_fits_the_list(run: Run, name: str) -> None:
    sentence = commands()[name].help.splitlines()[0]
    *group, last = name.split()
    code, out, _ = run(*group, "--help")
    assert code == 0
    assert re.search(rf"^  {last} +{re.escape(sentence)}$", out, re.MULTILINE)


@pytest.mark.parametrize("name", commands())
def test_every_help_shows_an_example_of_its_command(run: Run, name: str) -> None:
    code, out, _ = run(*name.split(), "--help")
    assert code == 0
    examples = out.split("Example:\n")[1]
    named = re.findall(rf"sentiment-transfer ({name}|[\w-]+)", examples)
    assert named == [name] * examples.count("sentiment")


@pytest.mark.parametrize("name", [None, *commands()])
def test_help_fits_80_columns_and_names_no_python_types(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = run(*(name or "").split(), "--help")[1]
    assert max(map(len, out.splitlines())) <= 80
    assert re.findall(r"<[a-z]|[{}]", out) == []  # as in <path>, <int>, {MODEL}


def test_the_examples_work_one_after_the_other(
    run: Run,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    # a report of all labels takes ten seconds; test_advice_report.py has one with all its parts
    few = tmp_path_factory.mktemp("few") / "held_out.csv"
    rows = (MOVIES / "held_out.csv").read_text("utf-8").splitlines()[:25]
    few.write_text("\n".join(rows), "utf-8")
    monkeypatch.setattr(sys, "argv", ["sentiment-transfer"])
    if find_spec("starlette"):  # they would serve until a signal comes
        monkeypatch.setattr("sentiment_transfer.serving.serve", lambda *_, **__: None)
        monkeypatch.setattr("sentiment_transfer.studio.run.run_studio", lambda *_, **__: None)
    absolute = f"{CORPORA.as_posix()}/"
    in_groups = [text for _, inner in GROUPS.values() for _, text in inner.values()]
    for text in (*EXAMPLES.values(), *in_groups):
        for line in text.replace("\\\n", " ").strip().splitlines():
            program, *arguments = shlex.split(line)
            assert program == "sentiment-transfer"
            if arguments[:2] == ["advise", "report"]:
                arguments[2] = str(few)
            code, _, err = run(*(word.replace("corpora/", absolute) for word in arguments))
            assert code == 0, f"{line}: {err}"
    made = [
        "adapted.safetensors",
        "answers",
        "card.md",
        "curve.svg",
        "drafted.evidence.csv",
        "drafted.json",
        "model.js",
        "model.safetensors",
        "page.html",
        "predicted.csv",
        "report.html",
        "reviews.sqlite",
        "stopped.safetensors",
        "stopped.svg",
        "to-label.csv",
        "unlabelled.txt.studio.sqlite",
        "updated.safetensors",
        "vectors.safetensors",
    ]
    made += ["why.html", "words.svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == made


def test_help_lists_the_exit_codes(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    codes = ["0", "1", "2", "3", "4", "129", "130", "141", "143"]
    assert re.findall(r"^  +(\d+)  ", out, re.MULTILINE) == codes


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version_is_that_of_the_package(run: Run, option: str) -> None:
    from importlib.metadata import version

    assert run(option)[1] == f"sentiment-transfer {version('sentiment-transfer')}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("pretrain x -o v --window x", "'--window': x is not allowed; it must be an integer"),
        ("pretrain x -o v --window 0", "'--window': 0 is not allowed; it must be at least 1"),
        ("predict m x --abstain-below 2", "'--abstain-below': 2 is not allowed; it must be at mo"),
        ("fit x -o v --learning-rate k", "'--learning-rate': k is not allowed; it must be a num"),
    ],
)
def test_a_value_of_a_wrong_kind_is_named_with_its_rule(
    run: Run, arguments: str, message: str
) -> None:
    code, out, err = run(*arguments.split())
    assert (code, out) == (2, "")
    assert message in err
    assert "Input should" not in err


def test_pretrain_writes_the_same_vectors_as_the_library(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "vectors.safetensors"
    options = ["--vector-size", 8, "--window", 3, "--epochs", 2, "--min-count", 4, "--seed", 7]
    code, out, err = run("pretrain", MOVIES / "unlabelled.txt", "-o", path, *options)
    expected = SkipGram(8, 3, epochs=2, min_count=4, seed=7).fit(
        read_texts(MOVIES / "unlabelled.txt")
    )
    model = load(path)
    assert (code, out) == (0, "")
    assert names_all(err, str(path), f"{len(expected.vectors_)} words", "8 dimensions", "62 texts")
    assert isinstance(model, SentimentClassifier)
    vectors, n = model.vectors_, len(expected.vectors_)  # then come the other seed words
    assert vectors.words[:n] == expected.vectors_.words
    np.testing.assert_array_equal(vectors.matrix[:n], expected.vectors_.matrix)


def test_pretrain_reads_several_sources_and_another_column(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("review\n" + "good film\n" * 5)
    (tmp_path / "b.txt").write_text("dull plot\n" * 5)
    path = tmp_path / "vectors.safetensors"
    sources = [tmp_path / "a.csv", tmp_path / "b.txt"]
    code, _, err = run("pretrain", *sources, "--text", "review", "-o", path, "--epochs", 200)
    assert code == 0, err
    model = load(path)
    assert isinstance(model, SentimentClassifier)
    vectors = model.vectors_
    assert {*vectors.words[:4]} == {"dull", "film", "good", "plot"}
    assert not vectors.counts[4:].any()  # other seed words


def test_fit_with_vectors_and_texts_keeps_the_vectors_and_gives_the_library_s_model(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    made = tmp_path / "model.safetensors"
    code, _, err = run(
        *("fit", MOVIES / "labelled.csv", "--vectors", folder / "vectors.safetensors"),
        *("--unlabelled", MOVIES / "unlabelled.txt", "-o", made),
    )
    assert code == 0, err
    expected = load(folder / "model.safetensors")
    assert isinstance(expected, SentimentClassifier)
    expected.remember_columns(text="text", label="label").save(tmp_path / "expected")
    assert made.read_bytes() == (tmp_path / "expected").read_bytes()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("network", "HiddenLayerClassifier"),
        ("logistic", "LinearHead"),
        ("svm", "LinearHead"),
    ],
)
def test_fit_takes_another_head(
    run: Run, folder: Path, tmp_path: Path, head: str, kind: str
) -> None:
    made = tmp_path / "model.safetensors"
    start = ["--vectors", folder / "vectors.safetensors", "-o", made, "--quiet"]
    code, _, err = run("fit", MOVIES / "labelled.csv", *start, "--head", head)
    assert (code, err) == (0, "")
    card = json.loads(run("inspect", made, "--format", "json")[1])
    assert card["head"] == kind
    assert card["labels"] == ["negative", "positive"]


def test_fit_draws_learning_curves_and_rates_and_prints_a_diagnosis(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    start = ["--vectors", folder / "vectors.safetensors", "-o", tmp_path / "model.safetensors"]
    curves, rates = tmp_path / "curves.svg", tmp_path / "rates.svg"
    pictures = ["--curves", curves, "--rates", rates]
    code, _, err = run("fit", MOVIES / "held_out.csv", *start, "--head", "network", *pictures)
    assert code == 0, err
    _, _, read, suggested = err.splitlines()
    assert re.match(rf"{re.escape(str(curves))}: (fine|overfitting|underfitting)\b", read)
    assert re.match(rf"{re.escape(str(rates))}: .*learning rate [0-9.e-]+", suggested)
    assert "validation" in curves.read_text()
    assert "learning rate" in rates.read_text()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--curves", "c.svg"], ["--curves", "--head network", "--encoder"]),
        (["--rates", "r.svg", "--head", "svm"], ["--rates", "--head network"]),
        (["--rates", "r.svg", "--encoder", "lstm"], ["--rates", "--head network"]),
        (["--encoder", "lstm", "--head", "svm"], ["--encoder lstm", "leave out --head svm"]),
        (["--augment", "4"], ["--augment", "LABELLED", "--head"]),
        (["--ordered", "a,b", "--head", "svm"], ["--ordered", "leave out --head"]),
        (["--prevalence", "0.5", "--encoder", "lstm"], ["--prevalence", "leave out", "--encoder"]),
        (["--no-seeds", "--head", "network"], ["--no-seeds", "leave out --head"]),
        (["--curves", "c.bmp", "--head", "network"], ["--curves c.bmp", ".png, .svg, .pdf"]),
        (["--learning-rate", "0.01"], ["--learning-rate", "--head network"]),
    ],
)
def test_fit_refuses_what_does_not_go_together(
    run: Run, tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    start = ["--vectors", "none.safetensors", "-o", tmp_path / "model.safetensors"]
    code, _, err = run("fit", MOVIES / "labelled.csv", *start, *arguments)
    assert code == 2
    assert err.startswith("error: ")
    assert names_all(err, *parts)


def test_fit_augments_like_the_library(run: Run, folder: Path, tmp_path: Path) -> None:
    made = tmp_path / "model.safetensors"
    start = ["--vectors", folder / "vectors.safetensors", "-o", made, "--head", "network"]
    code, _, err = run("fit", MOVIES / "labelled.csv", *start, "--augment", 3, "--seed", 5)
    assert code == 0, err
    vectors, rows = load(folder / "vectors.safetensors"), read_labelled(MOVIES / "labelled.csv")
    assert not isinstance(vectors, SentimentClassifier)
    assert f"from {len(rows)} labels" in err
    texts, labels = swap_words(rows.texts, rows.labels, vectors, copies=3, seed=5)
    head = HiddenLayerClassifier(training=Training(validation_fraction=0), seed=5)
    expected = SentimentClassifier(vectors=vectors, head=head, seed=5).fit(texts, labels)
    loaded = load(made)
    assert isinstance(loaded, SentimentClassifier)
    test = read_labelled(MOVIES / "held_out.csv").texts
    np.testing.assert_array_equal(loaded.predict_proba(test), expected.predict_proba(test))
    assert loaded.head.training == Training()  # which a next fit, without copies, goes by


@pytest.mark.parametrize("encoder", ["lstm", "fine-tuned"])
def test_fit_lets_an_encoder_learn_with_its_network(
    run: Run, folder: Path, tmp_path: Path, encoder: str
) -> None:
    made, curves = tmp_path / "model.safetensors", tmp_path / "curves.svg"
    start = ["--vectors", folder / "vectors.safetensors", "-o", made, "--curves", curves]
    given = ["--unlabelled", MOVIES / "unlabelled.txt", "--encoder", encoder]
    code, _, err = run("fit", MOVIES / "labelled.csv", *start, *given)
    assert code == 0, err
    assert re.search(rf"{re.escape(str(curves))}: (underfitting|not validated)\b", err)
    card = json.loads(run("inspect", made, "--format", "json")[1])
    kind = "TunedAveragingEncoder" if encoder == "fine-tuned" else "LSTMEncoder"
    assert (card["encoder"], card["head"]) == (kind, "HiddenLayerClassifier")
    assert run("predict", made, "--string", "great")[0] == 0


def test_fit_without_labels_uses_what_is_known_of_polarity(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "model.safetensors"
    code, _, err = run("fit", "--unlabelled", MOVIES / "unlabelled.txt", "-o", made)
    assert code == 0
    assert "negative, positive from 0 labels" in err


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ([MOVIES / "labelled.csv"], ["--unlabelled", "--vectors"]),
        (["--vectors", "v.safetensors"], ["LABELLED", "--unlabelled"]),
        (["--unlabelled", "-", "--head", "svm"], ["LABELLED", "--head"]),
        (["--unlabelled", "-", "--unlabelled", "a.txt"], ["- ", "standard input", "TEXTS"]),
        (["--unlabelled", "-", "-o", "-"], ["-o -", "-o model.safetensors"]),
        (["--unlabelled", MOVIES / "unlabelled.txt", "--language", "tlh"], ["--language tlh"]),
    ],
)
def test_fit_refuses_wrong_usage(
    run: Run, tmp_path: Path, arguments: list[object], parts: list[str]
) -> None:
    code, _, err = run("fit", "-o", tmp_path / "m.safetensors", *arguments)
    assert code == 2
    assert err.startswith("error: ")
    assert names_all(err, *parts)
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_language_other_than_that_of_the_vectors_is_refused(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    start = ["--vectors", folder / "vectors.safetensors", "--language", "zh"]
    code, _, err = run("fit", MOVIES / "labelled.csv", *start, "-o", tmp_path / "m.safetensors")
    assert code == 2
    assert names_all(err, "--language zh", "vectors.safetensors", "'en'", "leave out --language")


def test_predict_prints_what_the_library_predicts(run: Run, model: Path) -> None:
    test = read_labelled(MOVIES / "test.csv")
    classifier = load(model)
    assert isinstance(classifier, SentimentClassifier)
    probabilities = classifier.predict_proba(test.texts)
    code, out, err = run("predict", model, MOVIES / "test.csv", "--format", "json")
    assert code == 0
    assert err == "the input has a column label already; the new one is named predicted_label\n"
    answers = json.loads(out)
    assert [answer["text"] for answer in answers] == test.texts
    predicted = classifier.predict(test.texts).tolist()
    assert [answer["predicted_label"] for answer in answers] == predicted
    for answer, row, coverage in zip(
        answers, probabilities, classifier.coverage(test.texts), strict=True
    ):
        by_label = dict(zip(classifier.classes_.tolist(), row, strict=True))
        assert answer["probabilities"] == pytest.approx(by_label, abs=1e-6)
        assert answer["probability"] == pytest.approx(row.max(), abs=1e-6)
        assert answer["coverage"] == pytest.approx(coverage, abs=1e-6)


def test_predict_s_formats_hold_the_same_answers(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    command = ["predict", model, MOVIES / "test.csv", "--keep", "text"]
    assert run(*command, "-o", path)[:2] == (0, "")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = run(*command, "--format", "jsonl")[1].splitlines()
    assert len(lines) == len(rows) == 2
    for row, line in zip(rows, lines, strict=True):
        answer = json.loads(line)
        assert list(row) == ["text", "label", "probability", "coverage"]
        assert row == {name: str(answer[name]) for name in row}


def test_a_text_given_itself_is_never_taken_for_a_path(run: Run, model: Path) -> None:
    code, out, _ = run("predict", model, "--string", "test.csv", "--string", "s3://a great film")
    assert code == 0
    assert [line.split()[-1] for line in out.splitlines()] == ["text", "test.csv", "film"]


def test_a_text_without_a_known_word_is_flagged(run: Run, model: Path) -> None:
    code, out, err = run("predict", model, "--string", "xyzzy plugh", "--string", "great")
    assert code == 0
    assert out.splitlines()[1].split()[2] == "0.00"
    assert re.search(r"coverage 0\D+1;", err)


def test_the_table_escapes_what_would_drive_a_terminal(run: Run, model: Path) -> None:
    _, out, _ = run("predict", model, "--string", "\x1b]0;owned\x07great\r\n\u202efilm\x9b")
    header, row = out.splitlines()
    assert header == "label     probability  coverage  text"
    assert row.endswith(r"  \x1b]0;owned\x07great\r\n\u202efilm\x9b")


def test_the_table_lines_up_with_chinese_labels(run: Run, folder: Path, tmp_path: Path) -> None:
    vectors = load(folder / "vectors.safetensors")
    assert not isinstance(vectors, SentimentClassifier)
    path = tmp_path / "model.safetensors"
    made = SentimentClassifier(vectors=vectors, seeds=None)
    made.fit(["great wonderful", "dull boring"] * 3, ["好评", "worst of all"] * 3).save(path)
    _, out, _ = run("predict", path, "--string", "great", "--string", "awful dull")
    good, bad = out.splitlines()[1:]
    assert good.startswith("好评          ")  # 4 cells, and 2 + 2 + len("worst of all") - 4 before
    assert bad.startswith("worst of all  ")
    assert (
        len(good.removesuffix("great")) == len(bad.removesuffix("awful dull")) - 2
    )  # 好评 is wide


def test_the_table_cuts_a_long_text_and_other_formats_do_not(run: Run, model: Path) -> None:
    text = "great " * 50
    assert f"  {text[:99]}…\n" in run("predict", model, "--string", text)[1]
    assert text in run("predict", model, "--string", text, "--format", "csv")[1]


def stdin(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))


def test_standard_input_is_a_text_a_line(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin(monkeypatch, "\ufeffgreat film\r\n\nc'est très bien\n".encode())
    code, out, err = run("predict", model, "-", "--format", "jsonl")
    assert code == 0
    assert [json.loads(line)["text"] for line in out.splitlines()] == [
        "great film",
        "c'est très bien",
    ]
    assert "skipped: standard input: blank lines left out: 1\n" in err


def test_standard_input_is_read_as_a_file_of_the_same_lines(
    run: Run, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = b"__label__positive great film\n\ndull film\n"
    path = tmp_path / "lines.txt"
    path.write_bytes(raw)
    from_file = run("predict", model, path)[1]
    stdin(monkeypatch, raw)
    assert run("predict", model, "-")[1] == from_file
    assert from_file.splitlines()[1].endswith("  great film")


def test_a_bad_line_of_standard_input_stops_or_is_skipped_and_counted(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin(monkeypatch, b"great\n\xff\n")
    code, _, err = run("predict", model, "-")
    assert code == 3
    assert err.startswith("error: standard input:2: byte 1 (0xff) is not UTF-8")
    stdin(monkeypatch, b"great\n\xff\n")
    code, out, err = run("predict", model, "-", "--skip-bad")
    assert code == 0
    assert len(out.splitlines()) == 2
    assert err.startswith("skipped: standard input:2: byte 1")
    assert re.search(r"skipped\D+1\n$", err)


def test_predict_without_texts_names_the_ways_to_give_them(run: Run, model: Path) -> None:
    code, _, err = run("predict", model)
    assert code == 2
    assert names_all(err, "TEXTS", " - ", "--string")


def test_a_failing_run_leaves_the_old_output_whole(
    run: Run, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("old")
    stdin(monkeypatch, b"great\n" * 3000 + b"\xff\n")
    assert run("predict", model, "-", "-o", path)[0] == 3
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_ctrl_c_ends_with_130_and_leaves_nothing(
    run: Run, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FittedStages, "answer", interrupt)
    code, _, err = run("predict", model, MOVIES / "test.csv", "-o", tmp_path / "answers.csv")
    assert (code, err) == (130, "interrupted\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("cause", "end"),
    [(KeyboardInterrupt(), (130, "interrupted")), (Ended(signal.SIGTERM), (143, "terminated"))],
)
def test_a_signal_on_the_way_into_compiled_code_ends_as_elsewhere(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cause: BaseException,
    end: tuple[int, str],
) -> None:
    def interrupt(*_: object) -> None:
        raise SystemError("returned a result with an exception set") from cause

    monkeypatch.setattr(FittedStages, "answer", interrupt)
    code, _, err = run("predict", "reviews-en", MOVIES / "test.csv", "-o", tmp_path / "answers.csv")
    assert (code, err) == (end[0], f"{end[1]}\n")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_read_a_text_a_file_and_this_is_said(run: Run, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.csv", "d.md"):
        (tmp_path / name).write_text("a great film\na dull film\n", "utf-8")
    code, out, err = run("predict", "reviews-en", tmp_path, "--format", "jsonl")
    assert code == 0
    assert len(out.splitlines()) == 2
    assert f"{tmp_path}: 2 .txt files (a.txt, b.txt), each read as one text" in err
    assert "left out, since no .txt files: c.csv, d.md (2)" in err


def test_a_missing_text_is_answered_like_an_empty_one_in_every_format(
    run: Run, tmp_path: Path
) -> None:
    files = [tmp_path / f"a.{suffix}" for suffix in ("csv", "jsonl", "parquet")]
    files[0].write_text("text,id\ngreat,1\n,2\nNA,3\n", "utf-8")
    lines = [json.dumps({"text": text}) for text in ("great", None, "NA")]
    files[1].write_text("\n".join(lines), "utf-8")
    pd.DataFrame({"text": ["great", None, "NA"]}).to_parquet(files[2])
    for file in files:
        code, out, _ = run("predict", "reviews-en", file, "--format", "jsonl")
        rows = [json.loads(line) for line in out.splitlines()]
        missing = "" if file.suffix == ".csv" else None
        assert (code, [row["text"] for row in rows]) == (0, ["great", missing, "NA"])
        assert rows[1]["coverage"] == 0


def test_signed_labels_and_formulas_survive_fit_and_predict(run: Run, tmp_path: Path) -> None:
    texts = ["=a lovely lamp", "@broken(hinge) awful", "- great value", "-3 a waste"]
    table = io.StringIO()
    csv.writer(table).writerows([("text", "label"), *zip(texts, ["+1", "-1"] * 2, strict=True)])
    path, model, answers = tmp_path / "in.csv", tmp_path / "m", tmp_path / "out.csv"
    path.write_text(table.getvalue(), "utf-8")
    assert run("fit", path, "--vectors", "reviews-en", "-o", model, "-q")[0] == 0
    assert run("predict", model, path, "-o", answers)[0] == 0
    assert read_labelled(answers) == read_labelled(path)
    assert "\n'=a lovely lamp,+1,+1," in answers.read_text("utf-8")


def test_a_folder_named_like_a_shipped_model_does_not_hide_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = run("predict", "reviews-en", "--string", "great")
    (tmp_path / "reviews-en").mkdir()
    assert run("predict", "reviews-en", "--string", "great") == expected
    assert expected[0] == 0
    code, _, err = run("predict", tmp_path, "--string", "great")
    assert code == 4
    assert "is a folder or a device" in err


@pytest.mark.parametrize(
    "arguments",
    [
        "predict reviews-en header.csv",
        "predict reviews-en header.jsonl",
        "evaluate reviews-en labels.csv",
        "evaluate reviews-en labels.ft",
        "fit labels.csv --vectors reviews-en -o m",
        "fit both.csv --vectors reviews-en -o m --ordered a,b",
        "predict LONG --string fine",
        "predict reviews-en LONG",
        "predict reviews-en LONG.csv",
        "predict reviews-en memory://LONG.csv",
        "predict reviews-en fine.csv -o LONG",
        "fit fine.csv --vectors LONG -o m",
        "fit fine.csv --vectors reviews-en -o m --language LONG",
        "explain reviews-en fine --label LONG",
        "inspect reviews-en --nearest LONG",
        "predict reviews-en fine.csv --text LONG",
        "predict reviews-en fine.csv --format LONG",
        "pretrain fine.csv -o m --checkpoint LONG",
        "compare --labelled fine.csv --test both.csv --vectors reviews-en --arms LONG",
        "compare --labelled fine.csv --test both.csv --vectors reviews-en --budgets LONG",
        "compare --labelled fine.csv --test labels.csv --vectors reviews-en",
    ],
)
def test_a_message_holds_little_of_the_input(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    monkeypatch.chdir(tmp_path)
    long = "qz" * 200_000
    contents = {
        "header.csv": f"{long},{long}\na,b\n",
        "header.jsonl": json.dumps({long: 1}),
        "fine.csv": "text,label\nfine,a\nbad,b\n",
        "labels.csv": f"text,label\nfine,{long}\nbad,{long}\n",
        "labels.ft": f"__label__{long} __label__{long} fine\n",
        "both.csv": f"text,label\nfine,{long}a\nbad,{long}b\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content, "utf-8")
    code, out, err = run(*arguments.replace("LONG", long).split())
    assert code in (1, 2, 3, 4)
    assert "unexpected" not in err
    assert len(out + err) < 1500


def test_a_model_is_not_written_to_the_name_of_a_folder(run: Run, tmp_path: Path) -> None:
    command = ["fit", MOVIES / "labelled.csv", "--vectors", "reviews-en"]
    code, _, err = run(*command, "-o", f"{tmp_path}/films/")
    assert code == 2
    assert names_all(err, "films/", "name a file")
    assert list(tmp_path.iterdir()) == []


def test_evaluate_agrees_with_sums_by_hand() -> None:
    truth = ["neg"] * 4 + ["pos"] * 6
    predicted = ["neg", "neg", "neg", "pos"] + ["pos"] * 5 + ["mixed"]
    coverage = [1.0] * 8 + [0.5, 0.0]
    classes = np.unique(predicted)
    probabilities = np.where(np.array(predicted)[:, None] == classes, 0.9, 0.1 / 2)
    report = measure(truth, probabilities, np.array(coverage), classes)

    n, p, z = 10, 8 / 10, 1.959964
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert report["accuracy"] == 8 / 10
    assert report["accuracy_interval"] == pytest.approx([centre - half, centre + half], abs=1e-6)
    assert report["majority"] == {"label": "pos", "accuracy": 6 / 10}
    assert report["coverage"] == pytest.approx((8 + 0.5) / 10)
    assert report["texts_without_known_word"] == 1
    neg_f1 = 2 * (3 / 3) * (3 / 4) / (3 / 3 + 3 / 4)
    pos_f1 = 2 * (5 / 6) * (5 / 6) / (5 / 6 + 5 / 6)
    assert report["macro_f1"] == pytest.approx((neg_f1 + pos_f1) / 2)  # mixed is no true label
    mixed, neg, pos = report["labels"]
    assert mixed == {"label": "mixed", "precision": 0, "recall": 0, "f1": 0, "texts": 0}
    assert neg["precision"] == 3 / 3
    assert neg["recall"] == 3 / 4
    assert pos["precision"] == pytest.approx(5 / 6)
    assert pos["f1"] == pytest.approx(pos_f1)
    # rows: the truth mixed, neg, pos; columns: what they were taken for
    assert report["confusion"] == [[0, 0, 0], [0, 3, 1], [1, 0, 5]]
    # 0.9 sure of each answer, 8 of 10 right
    assert report["calibration_error"] == pytest.approx(0.9 - 8 / 10)
    assert report["overconfidence"] == pytest.approx(0.9 - 8 / 10)
    assert report["log_loss"] == pytest.approx(-(8 * math.log(0.9) + 2 * math.log(0.05)) / 10)
    right, wrong = 0.1**2 + 2 * 0.05**2, 0.9**2 + 0.95**2 + 0.05**2
    assert report["brier_score"] == pytest.approx((8 * right + 2 * wrong) / 10)
    assert report["answered"][-1] == {
        "answered": 1,
        "accuracy": 0.8,
        "threshold": 0.9,
    }  # no surer half


def test_evaluate_prints_what_it_measured(run: Run, model: Path) -> None:
    code, out, err = run("evaluate", model, MOVIES / "held_out.csv", "--format", "json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    held_out = read_labelled(MOVIES / "held_out.csv")
    classifier = load(model)
    assert isinstance(classifier, SentimentClassifier)
    assert report["accuracy"] == classifier.score(held_out.texts, held_out.labels)
    table = run("evaluate", model, MOVIES / "held_out.csv")[1]
    low, high = report["accuracy_interval"]
    first, _, majority, *_ = table.splitlines()
    interval = f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
    assert first == f"accuracy     {100 * report['accuracy']:.1f} %  {interval}"
    assert majority == "majority     50.0 %  always negative"
    assert f"calibration  {100 * report['calibration_error']:.1f} %" in table
    half = report["answered"][-1]
    assert table.splitlines()[-1].split() == [
        f"{100 * half['answered']:.1f}",
        f"{100 * half['accuracy']:.1f}",
        f"{half['threshold']:.2f}",
    ]


def test_evaluate_draws_a_reliability_diagram(run: Run, model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "reliability.svg"
    code, out, err = run("evaluate", model, MOVIES / "held_out.csv", "--reliability", picture)
    assert (code, err) == (0, "")
    error = re.search(r"calibration  ([0-9.]+) %", out)
    assert error is not None
    assert f"calibration error {error[1]} points" in picture.read_text(encoding="utf-8")
    code, _, err = run("evaluate", model, "missing.csv", "--reliability", "picture.bmp")
    assert code == 2
    assert names_all(err, "error: --reliability picture.bmp", ".png, .svg, .pdf")


def test_predict_answers_unsure_below_a_probability(run: Run, model: Path) -> None:
    options = ["--format", "jsonl", "--abstain-below", "0.6", "--keep", "text"]
    code, out, err = run("predict", model, MOVIES / "held_out.csv", *options)
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    unsure = [row["probability"] < 0.6 or row["coverage"] == 0 for row in rows]
    assert 0 < sum(unsure) < len(rows)
    assert [row["label"] == "unsure" for row in rows] == unsure
    unknown = sum(row["coverage"] == 0 for row in rows)
    numbers = [unsure.count(False), len(rows), 0.6, sum(unsure) - unknown, unknown]
    assert [float(number) for number in re.findall(r"\d+(?:\.\d+)?", err)] == numbers
    classifier = load(model)
    assert isinstance(classifier, SentimentClassifier)
    texts = [row["text"] for row in rows]
    assert classifier.predict_or_abstain(texts, 0.6).tolist() == [row["label"] for row in rows]


def test_predict_abstains_on_a_text_without_a_known_word(run: Run, model: Path) -> None:
    options = ["--abstain-below", "0", "--unsure", "don't know", "--format", "csv"]
    _, out, _ = run("predict", model, "--string", "xyzzy", "--string", "great", *options)
    assert next(csv.DictReader(io.StringIO(out)))["label"] == "don't know"
    assert out.count("don't know") == 1


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--abstain-below", "0.7", "--unsure", "positive"], ["--unsure positive", "label"]),
        (["--abstain-below", "7"], ["--abstain-below"]),
        (["--abstain-below", "nan"], ["--abstain-below"]),
        (["reviews.txt"], ["TEXTS", "--string"]),
    ],
)
def test_predict_refuses_wrong_options(
    run: Run, model: Path, options: list[str], parts: list[str]
) -> None:
    code, out, err = run("predict", model, "--string", "great", *options)
    assert (code, out) == (2, "")
    assert names_all(err, *parts)


@pytest.mark.parametrize("form", ["table", "json", "csv", "jsonl"])
def test_predict_prints_nothing_if_the_first_row_fails(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    stdin(monkeypatch, b"\xff\n")
    code, out, _ = run("predict", model, "-", "--format", form)
    assert (code, out) == (3, "")


def test_evaluate_refuses_labels_that_are_all_unknown_to_the_model(
    run: Run, model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "test.csv"
    path.write_text("text,label\ngreat,1\ndull,2\n")
    code, _, err = run("evaluate", model, path)
    assert code == 3
    assert err.startswith(f"error: {path}: ")
    assert names_all(err, "'1' (1), '2' (1)", "'negative', 'positive'", "--label")


@pytest.mark.filterwarnings("default")
def test_evaluate_reads_usual_names_of_the_labels_and_says_so(
    run: Run, model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "test.csv"
    path.write_text("text,label\ngreat,1\ndull,0\n")
    code, out, err = run("evaluate", model, path)
    assert code == 0
    assert names_all(err, "'0' as 'negative', '1' as 'positive'; pass --map-labels if")
    assert "100.0 %" in out


@pytest.mark.filterwarnings("default")
def test_evaluate_names_labels_that_the_model_never_predicts(
    run: Run, model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "test.csv"
    path.write_text("text,label\ngreat,positive\ndull,mixed\n")
    code, _, err = run("evaluate", model, path)
    assert code == 0
    assert names_all(err, "warning: ", "'mixed' (1)")


@pytest.mark.filterwarnings("default")
def test_evaluate_warns_if_the_model_knows_few_words(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_text("text,label\n" + "great qwx qwy qwz,positive\nqwv,negative\n" * 10)
    code, out, err = run("evaluate", model, path)
    assert code == 0
    assert names_all(err, "warning: the model knows 12 % of the words of 20 texts (usually ")
    confident = out.split("\n\n")[-1].splitlines()
    assert len(confident) == 1 + 2, "equal shares of so few texts are shown once"


def test_compare_writes_the_library_s_table(run: Run, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    code, out, err = run(
        *("compare", "--vectors", folder / "vectors.safetensors", "--quiet", "-o", path),
        *("--labelled", MOVIES / "labelled.csv", "--test", MOVIES / "test.csv"),
        *("--budgets", "4", "--draws", "1"),
    )
    assert (code, out, err) == (0, "", "")
    table = json.loads(path.read_text())
    assert table["settings"]["n_test"] == 2
    assert {row["budget"] for row in table["table"]} == {4}
    assert {row["mean"] for row in table["table"]} <= {0, 0.5, 1}
    assert table["table"][0]["arm"] == table["reference"]
    assert table["table"][0]["std"] is None  # one draw has no spread
    majority = next(row for row in table["table"] if "majority" in row["arm"])
    assert majority["mean"] == 0.5


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("source", ["file", "-"])
def test_compare_learns_nothing_from_test_texts(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    test = read_labelled(MOVIES / "test.csv")
    unlabelled = (MOVIES / "unlabelled.txt").read_text(encoding="utf-8")
    mixed = tmp_path / "mixed.txt"
    mixed.write_text(f"{test.texts[0].upper()}\n{unlabelled}", encoding="utf-8")
    stdin(monkeypatch, mixed.read_bytes())
    arguments = ["--labelled", MOVIES / "labelled.csv", "--test", MOVIES / "test.csv", "--quiet"]
    arguments += ["--budgets", "4", "--draws", "1", "--format", "csv"]
    code, out, err = run("compare", "--unlabelled", mixed if source == "file" else "-", *arguments)
    clean = run("compare", "--unlabelled", MOVIES / "unlabelled.txt", *arguments)[1]
    assert code == 0
    assert names_all(err, "warning: 1 unlabelled text", "test text")
    assert err.count("repeat a test text") == 1

    def figures(table: str) -> list[list[str]]:
        return [row[:-1] for row in csv.reader(io.StringIO(table))]  # the last is the time taken

    assert figures(out)[0][0] in ("arm", "budget")
    assert figures(out) == figures(clean)


@pytest.mark.parametrize(
    ("option", "value", "code", "parts"),
    [
        ("--budgets", "8,many", 2, ["--budgets '8,many'", "8,20,100"]),
        ("--budgets", "8,-1", 2, ["--budgets '8,-1'", "8,20,100"]),
        ("--budgets", "", 2, ["--budgets ''", "8,20,100"]),
        ("--arms", "model,bert", 2, ["'bert'", "model, hidden-layer"]),
        ("--resume", "missing/runs.jsonl", 3, ["missing/runs.jsonl", "missing does not exist"]),
        ("--plot", "curve.bmp", 2, ["--plot curve.bmp", ".png, .svg, .pdf"]),
        ("--plot", "missing/curve.svg", 3, ["missing/curve.svg", "missing does not exist"]),
        ("-o", "table.xlsx", 2, ["table.xlsx", "--format table | json | csv | md"]),
        ("--labelled", "missing.csv", 3, ["missing.csv"]),
        ("--draws", "0", 2, ["--draws"]),
    ],
)
def test_compare_refuses_before_any_work(
    run: Run, option: str, value: str, code: int, parts: list[str]
) -> None:
    start = ["--vectors", "none.safetensors", "--labelled", MOVIES / "labelled.csv"]
    got, _, err = run("compare", *start, "--test", MOVIES / "test.csv", option, value)
    assert got == code
    assert names_all(err, *parts)


def test_compare_runs_the_named_arms_and_resumes(run: Run, folder: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs.jsonl"
    arguments = ["--vectors", folder / "vectors.safetensors", "--quiet", "--format", "json"]
    arguments += ["--labelled", MOVIES / "held_out.csv", "--test", MOVIES / "test.csv"]
    arguments += ["--draws", "2", "--resume", runs, "--arms", "logistic, majority"]
    code, out, err = run("compare", *arguments, "--budgets", "4")
    assert (code, err) == (0, "")
    first = json.loads(out)
    assert first["reference"] == "pretrained, logistic regression"
    assert {row["arm"] for row in first["table"]} == {
        "pretrained, logistic regression",
        "majority class",
    }
    kept = runs.read_text().splitlines()
    assert len(kept) == 1 + 2 * 2
    second = json.loads(run("compare", *arguments, "--budgets", "4,8")[1])
    assert runs.read_text().splitlines()[: len(kept)] == kept
    assert [r for r in second["runs"] if r["budget"] == 4] == first["runs"]  # seconds included


def test_compare_learns_from_extra_domains(run: Run, folder: Path, tmp_path: Path) -> None:
    rows = read_labelled(MOVIES / "held_out.csv")
    parts = {"pool": slice(0, 60), "other": slice(60, 120), "test": slice(120, None)}
    for name, part in parts.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [("text", "label"), *zip(rows.texts[part], rows.labels[part], strict=True)]
            )
    arguments = ["--vectors", folder / "vectors.safetensors", "--quiet", "--format", "json"]
    arguments += ["--labelled", tmp_path / "pool.csv", "--test", tmp_path / "test.csv"]
    arguments += ["--extra-domain", tmp_path / "other.csv", "--arms", "majority"]
    code, out, err = run("compare", *arguments, "--budgets", "4", "--draws", "1")
    assert (code, err) == (0, "")
    assert {row["arm"] for row in json.loads(out)["table"]} == {
        "majority class",
        "hidden layer shared with other sets",
        "hidden layer, other sets pooled",
    }


def test_the_help_of_compare_lists_the_arms(run: Run) -> None:
    said = "".join(run("compare", "--help")[1].split())
    assert ",".join(ARMS) in said  # however the lines are broken


def test_inspect_shows_the_card_of_a_model(run: Run, model: Path) -> None:
    code, out, err = run("inspect", model, "--format", "json", "--nearest", "good")
    assert (code, err) == (0, "")
    card = json.loads(out)
    classifier = load(model)
    assert isinstance(classifier, SentimentClassifier)
    assert card["bytes"] == model.stat().st_size
    assert card["kind"] == "classifier"
    assert card["words"] == len(classifier.vectors_)
    assert card["dimensions"] == 100
    assert card["training"]["texts"] == 62
    assert card["prior"] == {"negative": 0.5, "positive": 0.5}
    assert list(card["nearest"]) == [word for word, _ in classifier.vectors_.nearest("good")]
    assert card["seed words"] == "of the language"
    shares = [member.share for member in classifier.head_.mixture_.members_]
    assert list(card["share of the answers by"].values()) == shares
    assert list(card["share of the answers by"])[:2] == [
        "the score before labels",
        "this score and labels",
    ]


@pytest.mark.filterwarnings("default")
def test_labels_against_the_seed_words_are_warned_of_in_fitting_and_in_the_card(
    run: Run, tmp_path: Path
) -> None:
    rows = read_labelled(MOVIES / "held_out.csv")
    swapped = ["negative" if label == "positive" else "positive" for label in rows.labels]
    lines = [json.dumps({"text": t, "label": s}) for t, s in zip(rows.texts, swapped, strict=True)]
    labelled, made = tmp_path / "swapped.jsonl", tmp_path / "m.safetensors"
    labelled.write_text("\n".join(lines), encoding="utf-8")
    code, _, err = run("fit", labelled, "--vectors", "reviews-en", "-o", made, "--quiet")
    assert code == 0
    assert err.startswith("warning: ")
    assert "seed words" in err
    card = json.loads(run("inspect", made, "--format", "json")[1])
    assert f"warning: {card['warning']}\n" == err


def test_inspect_begins_with_what_the_model_was_trained_on(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    made, losses = tmp_path / "m.safetensors", ["--held-out", MOVIES / "test.csv"]
    start = ["pretrain", MOVIES / "unlabelled.txt", "--epochs", "30", *losses]
    assert run(*start, "-o", tmp_path / "v.safetensors")[0] == 0
    fitted = ["fit", MOVIES / "labelled.csv", "--vectors", tmp_path / "v.safetensors", "-o", made]
    assert run(*fitted)[0] == 0
    names = [line.split("  ")[0] for line in run("inspect", made)[1].splitlines() if line[0] != " "]
    assert names[:5] == ["file", "kind", "labels", "trained on", "pretraining"]
    card = json.loads(run("inspect", made, "--format", "json")[1])
    trained = card["trained on"]
    assert trained["labels"] == {"negative": 4, "positive": 4}
    assert trained["unlabelled texts, in pretraining"] == 62
    assert [epoch["epoch"] for epoch in card["history"]] == list(range(30))
    lines = re.findall(
        r"epoch (\d+) +loss ([\d.]+), held-out loss ([\d.]+)", run("inspect", made)[1]
    )
    assert len(lines) == 12
    for epoch, loss, held_out in lines:
        there = card["history"][int(epoch) - 1]
        assert (loss, held_out) == (f"{there['loss']:.4f}", f"{there['held_out_loss']:.4f}")
    assert (lines[0][0], lines[-1][0]) == ("1", "30")


def test_inspect_shows_the_accuracy_of_a_shipped_model_for_that_model_alone(
    run: Run, tmp_path: Path
) -> None:
    made = tmp_path / "m.safetensors"
    assert run("fit", MOVIES / "labelled.csv", "--vectors", "reviews-en", "-o", made)[0] == 0
    assert "development_texts" in run("inspect", "reviews-en")[1]
    out = run("inspect", made)[1]
    assert "development_texts" not in out
    assert re.search(r"started from +reviews-en", out)
    card = json.loads(run("inspect", made, "--format", "json")[1])
    assert "accuracy" in card["training"]


def test_inspect_shows_word_vectors_as_lines(run: Run, folder: Path) -> None:
    code, out, _ = run("inspect", folder / "vectors.safetensors")
    assert code == 0
    facts = dict(
        re.split(r"  +", line.strip(), maxsplit=1)
        for line in out.splitlines()
        if "  " in line.strip()
    )
    assert facts["kind"] == "word_vectors"
    assert facts["dimensions"] == "100"
    assert facts["texts"] == "62"


def test_inspect_wraps_long_values_and_keeps_every_word(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    out = run("inspect", "reviews-en")[1]
    assert max(map(len, out.splitlines()[1:])) <= 70  # the first is a path, which is not broken
    assert "{" not in out
    card = json.loads(run("inspect", "reviews-en", "--format", "json")[1])
    assert "".join(card["training"]["note"].split()) in "".join(out.split())


def test_an_unknown_word_is_an_error_of_its_own(run: Run, model: Path) -> None:
    code, _, err = run("inspect", model, "--nearest", "xyzzy")
    assert code == 1
    assert err.startswith("error: ")
    assert "'xyzzy'" in err


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_word_vectors_alone_cannot_predict(run: Run, folder: Path, command: str) -> None:
    code, _, err = run(command, folder / "vectors.safetensors", MOVIES / "test.csv")
    assert code == 4
    path = folder / "vectors.safetensors"
    remedy = f"sentiment-transfer fit LABELLED --vectors {path}"
    assert names_all(err, f"error: {path}: ", "word vectors", remedy)


def test_what_is_no_model_file_ends_with_4_and_one_line(run: Run) -> None:
    code, out, err = run("inspect", MOVIES / "test.csv")
    assert (code, out) == (4, "")
    assert err.startswith(f"error: {MOVIES / 'test.csv'}: ")
    assert err.count("\n") == 1


def test_debug_shows_where_an_error_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    from sentiment_transfer.errors import ModelFileError

    with pytest.raises(ModelFileError, match="does not exist"):
        main(["--debug", "inspect", "missing.safetensors"])


def test_an_unforeseen_error_is_one_line_too(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr(FittedStages, "answer", fail)
    code, _, err = run("predict", model, "--string", "great")
    assert code == 1
    assert err.startswith("error: ")
    assert names_all(err, r"ZeroDivisionError: division\nby zero", "--debug")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["predikt"], ["predikt"]),
        (["predict"], ["MODEL"]),
        (["predict", "m", "--format", "xml"], ["--format", "'xml'", "'table', 'json', 'csv'"]),
        (["fit", "--head", "tree"], ["--head", "'tree'", "'network', 'logistic', 'svm'"]),
        (["compare", "--sampling", "x"], ["--sampling", "'x'", "'balanced', 'natural'"]),
        (["fit", "--seed"], ["--seed"]),
    ],
)
def test_wrong_usage_ends_with_2(run: Run, arguments: list[str], parts: list[str]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert names_all(err, "error: ", *parts)
    assert "Error:" not in err


def test_evaluate_of_texts_of_one_class_compares_with_a_uniform_guess_of_two(
    run: Run, model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "test.csv"
    path.write_text("text,label\ngreat,positive\nwonderful film,positive\n")
    code, out, err = run("evaluate", model, path)
    assert (code, err) == (0, "")
    assert re.search(r"^Brier .* 0\.5$", out, re.MULTILINE)  # (1 - 1/2)² + (1/2)²
    assert re.search(r"^log loss .* 0\.693$", out, re.MULTILINE)  # log 2


def test_fit_takes_order_prevalence_and_rate_and_may_do_without_seeds(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    made, stars = tmp_path / "model.safetensors", tmp_path / "stars.csv"
    stars.write_text("text,label\n" + "boring,1\nfilm,2\ngreat,3\n" * 4)
    start = ["--vectors", folder / "vectors.safetensors", "-o", made, "--quiet"]
    texts = ["--unlabelled", MOVIES / "unlabelled.txt"]
    given = [*texts, "--ordered", "1, 2,3", "--prevalence", "0.6"]
    code, _, err = run("fit", stars, *start, *given)
    assert code == 0, err
    loaded = load(made)
    assert isinstance(loaded, SentimentClassifier)
    assert loaded.ordered == ["1", "2", "3"]
    assert loaded.prevalence == 0.6
    assert run("fit", MOVIES / "labelled.csv", *start, *texts, "--no-seeds")[0] == 0
    assert json.loads(run("inspect", made, "--format", "json")[1])["seed words"].startswith("none")
    network = ["--head", "network", "--learning-rate", "0.01"]
    assert run("fit", MOVIES / "labelled.csv", *start, *network)[0] == 0
    loaded = load(made)
    assert isinstance(loaded, SentimentClassifier)
    assert loaded.head.training.learning_rate == 0.01


def test_compare_refuses_test_texts_that_are_labelled_texts(run: Run, folder: Path) -> None:
    path = MOVIES / "labelled.csv"
    code, _, err = run(
        *("compare", "--vectors", folder / "vectors.safetensors"),
        *("--labelled", path, "--test", path, "--budgets", "4", "--draws", "1"),
    )
    assert code == 3
    assert err.startswith("error: 8 texts ")


def test_explain_of_a_file_s_name_is_pointed_out(run: Run, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "great.txt"
    path.write_text("dull\n")
    code, _, err = run("explain", model, path)
    assert code == 0
    assert names_all(err, "warning: ", f"< {path}")


def test_an_interrupted_pretraining_names_its_checkpoint(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SkipGram, "fit", interrupt)
    start = ["pretrain", MOVIES / "unlabelled.txt", "-o", tmp_path / "v.safetensors"]
    state = tmp_path / "state"

    def said(*options: object) -> str:
        code, _, err = run(*start, *options)
        message, ended = err.splitlines()
        assert (code, ended) == (130, "interrupted")
        return message

    assert names_all(said(), "nothing is kept", "--checkpoint DIR")
    assert names_all(said("--checkpoint", state), "no state was saved", str(state), "starts again")
    state.mkdir()
    (state / "weights.safetensors").touch()
    assert names_all(said("--checkpoint", state), "the state is saved", str(state), "to continue")


def test_texts_are_augmented_by_shipped_vectors_too(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "model.safetensors"
    given = ["--vectors", "reviews-en", "--head", "network", "--augment", 2, "-o", made]
    code, _, err = run("fit", MOVIES / "labelled.csv", *given)
    assert code == 0, err


# What was learnt from unlabelled texts stays


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Unlabelled texts of two groups, and four labelled ones."""
    folder = tmp_path_factory.mktemp("reviews")
    rng = np.random.default_rng(0)
    sides = [
        ["good", "great", "superb", "lovely", "room"],
        ["bad", "awful", "dreadful", "filthy", "room"],
    ]
    texts = [" ".join(rng.choice(sides[i % 2], 8)) for i in range(400)]
    (folder / "texts.txt").write_text("\n".join(texts))
    rows = [f"{texts[i]},{('positive', 'negative')[i % 2]}" for i in range(4)]
    (folder / "few.csv").write_text("\n".join(["text,label", *rows]))
    return folder / "texts.txt", folder / "few.csv"


def test_a_pretrained_file_predicts_and_keeps_what_it_knows_of_its_texts(
    run: Run, reviews: tuple[Path, Path], tmp_path: Path
) -> None:
    texts, few = reviews
    pretrained, fitted = tmp_path / "pretrained.safetensors", tmp_path / "fitted.safetensors"
    assert run("pretrain", texts, "-o", pretrained, "-q")[0] == 0
    assert run("predict", pretrained, "--string", "a superb room")[1].count("positive") == 1
    assert run("fit", few, "--vectors", pretrained, "-o", fitted, "-q")[0] == 0
    rows = read_labelled(few)
    expected = SentimentClassifier().pretrain(read_texts(texts)).fit(rows.texts, rows.labels)
    answers = load(fitted).predict_proba(["a superb room", "filthy"])
    np.testing.assert_allclose(answers, expected.predict_proba(["a superb room", "filthy"]))


def test_an_adapted_model_stays_adapted_when_it_is_fitted(
    run: Run, reviews: tuple[Path, Path], tmp_path: Path
) -> None:
    texts, few = reviews
    adapted, fitted = tmp_path / "adapted.safetensors", tmp_path / "fitted.safetensors"
    code, _, err = run("adapt", "reviews-en", texts, "-o", adapted, "--prevalence", 0.5)
    counts = "400 texts read, 0 empty, 0 repeated\n"
    assert (code, err) == (0, f"{counts}{adapted}: adapted to 400 texts, 400 with a known word\n")
    assert run("fit", few, "--vectors", adapted, "-o", fitted, "-q")[0] == 0
    rows = read_labelled(few)
    expected = load("reviews-en").adapt(read_texts(texts), prevalence=0.5)
    expected.fit(rows.texts, rows.labels)
    np.testing.assert_allclose(
        load(fitted).predict_proba(["a superb room"]), expected.predict_proba(["a superb room"])
    )


def test_adapt_says_that_labels_are_discarded(
    run: Run, reviews: tuple[Path, Path], tmp_path: Path
) -> None:
    texts, few = reviews
    fitted, adapted = tmp_path / "fitted.safetensors", tmp_path / "adapted.safetensors"
    assert run("fit", few, "--vectors", "reviews-en", "-o", fitted, "-q")[0] == 0
    code, _, err = run("adapt", fitted, texts, "-o", adapted)
    assert code == 0
    assert f"the 4 labels that {fitted} was fitted to are discarded" in err


@pytest.mark.filterwarnings("default")
def test_texts_without_seed_words_give_word_vectors_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("alpha beta gamma\n" * 20)
    made = tmp_path / "vectors.safetensors"
    code, _, err = run("pretrain", tmp_path / "texts.txt", "-o", made)
    assert code == 0
    assert "the model has no polarity prior" in err
    assert isinstance(load(made), WordVectors)


def test_a_model_serves_as_the_vectors_of_another_and_as_its_background(world: World) -> None:
    first = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    again = SentimentClassifier(vectors=first).pretrain(world.unlabelled[:200])
    expected = first.adapt(world.unlabelled[:200]).predict_proba(world.texts[:9])
    np.testing.assert_array_equal(again.predict_proba(world.texts[:9]), expected)


# ---- the columns that a model was trained on


@pytest.fixture
def hotels(run: Run, tmp_path: Path) -> Path:
    """A folder with a model fitted on the columns Review and Sentiment."""
    rows = read_labelled(MOVIES / "labelled.csv")
    frame = pd.DataFrame({"Review": rows.texts, "Sentiment": rows.labels})
    frame.to_csv(tmp_path / "labelled.csv", index=False)
    fitted = [tmp_path / "labelled.csv", "--vectors", "reviews-en", "-o", tmp_path / "m"]
    code, _, err = run("fit", *fitted, "--text", "Review", "--label", "Sentiment")
    assert code == 0, err
    held_out = read_labelled(MOVIES / "held_out.csv")
    other = {"Hotel": "Ritz", "Review": held_out.texts, "Sentiment": held_out.labels}
    frame = pd.DataFrame(other | {"text": "awful", "label": "negative"})
    frame.to_csv(tmp_path / "new.csv", index=False)
    return tmp_path


def test_predict_reads_the_column_that_the_model_was_fitted_on(run: Run, hotels: Path) -> None:
    code, out, err = run("predict", hotels / "m", hotels / "new.csv", "--format", "json")
    assert code == 0
    rows = json.loads(out)
    assert [row["Review"] for row in rows] == read_labelled(MOVIES / "held_out.csv").texts
    assert {row["predicted_label"] for row in rows} == {"negative", "positive"}
    assert err.startswith(f"{hotels / 'new.csv'}: texts are read from 'Review', as in training\n")
    other = ["--format", "json", "--text", "text", "--keep", "text"]
    code, out, err = run("predict", hotels / "m", hotels / "new.csv", *other)
    assert {row["label"] for row in json.loads(out)} == {"negative"}
    assert err == ""


def test_predict_finds_a_column_that_was_named_with_white_space(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "few.csv"
    table.write_text('"A comment ",label\nA great film,yes\nA dull plot,no\n', encoding="utf-8")
    fit = ["fit", table, "--text", "A comment ", "--vectors", "reviews-en", "--folds", "0"]
    assert run(*fit, "-o", tmp_path / "m")[0] == 0
    code, _, err = run("predict", tmp_path / "m", table)
    assert (code, "texts are read from 'A comment', as in training" in err) == (0, True)


def test_evaluate_reads_the_columns_that_the_model_was_fitted_on(run: Run, hotels: Path) -> None:
    command = ["evaluate", hotels / "m", hotels / "new.csv", "--format", "json"]
    code, out, err = run(*command)
    assert code == 0
    assert {row["label"] for row in json.loads(out)["labels"]} == {"negative", "positive"}
    assert err.count("as in training") == 2
    assert run(*command, "--text", "Review", "--label", "Sentiment")[1] == out
    one = json.loads(run(*command, "--label", "label")[1])
    assert one["majority"] == {"label": "negative", "accuracy": 1.0}


def test_an_adapted_model_and_one_fitted_again_keep_the_columns(run: Run, hotels: Path) -> None:
    code, _, err = run("adapt", hotels / "m", hotels / "new.csv", "-o", hotels / "adapted")
    assert (code, "'Review', as in training" in err) == (0, True)
    again = ["fit", hotels / "new.csv", "--vectors", hotels / "adapted", "-o", hotels / "again"]
    code, _, err = run(*again, "--folds", "0")
    assert (code, "labels are read from 'Sentiment', as in training" in err) == (0, True)
    card = json.loads(run("inspect", hotels / "again", "--format", "json")[1])
    trained = card["trained on"]
    assert (trained["column of texts"], trained["column of labels"]) == ("Review", "Sentiment")


@pytest.mark.filterwarnings("default")
def test_a_guessed_column_is_kept_too(run: Run, hotels: Path) -> None:
    path, texts = hotels / "usual.csv", list(read_texts(MOVIES / "unlabelled.txt"))
    pd.DataFrame({"Comment": texts}).to_csv(path, index=False)
    code, _, err = run("pretrain", path, "-o", hotels / "p", "--epochs", "2", "-q")
    assert (code, "read from 'Comment'" in err) == (0, True)
    card = json.loads(run("inspect", hotels / "p", "--format", "json")[1])
    assert card["trained on"]["column of texts"] == "Comment"
