"""Tables in which some rows have a label and others none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sentiment_transfer import SentimentClassifier, load, read_labelled
from sentiment_transfer.cli.fit_data import LEAST_BLANKS
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, World

TEXTS = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    "labels",
    [
        ["+", None, "-", ""],
        ["+", np.nan, "-", "  "],
        [1, None, 0, None],  # pandas makes these floats
        [1, pd.NA, 0, None],
        [True, None, False, None],
    ],
    ids=repr,
)
def test_rows_without_a_label_are_unlabelled_texts(labels: list[object]) -> None:
    frame = pd.DataFrame({"text": TEXTS, "label": labels})
    rows = read_labelled(frame, blank="unlabelled")
    assert (rows.texts, rows.unlabelled) == (["a", "c"], ["b", "d"])
    assert rows.labels == [str(labels[0]), str(labels[2])]
    with pytest.raises(InputError, match=r"label is (missing|empty)"):
        read_labelled(frame)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet", "table"])
def test_integers_that_blanks_turned_into_floats_are_integers_again(
    tmp_path: Path, suffix: str
) -> None:
    frame = pd.DataFrame({"text": TEXTS, "label": [1.0, np.nan, 0.0, np.nan]})
    source: object = tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(tmp_path / "a.parquet")
    elif suffix == "table":
        source = pa.Table.from_pandas(frame)
    elif suffix == "jsonl":
        lines = [{"text": "a", "label": 1}, {"text": "b", "label": None}]
        lines += [{"text": "c", "label": 0}, {"text": "d"}]
        (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    else:
        whole = frame.astype({"label": "Int64"})
        whole.to_csv(tmp_path / f"a.{suffix}", index=False, sep="," if suffix == "csv" else "\t")
    rows = read_labelled(source, blank="unlabelled")
    assert (rows.texts, rows.labels, rows.unlabelled) == (["a", "c"], ["1", "0"], ["b", "d"])


@pytest.mark.parametrize("labels", [[1.5, None, 0, None], [1.0, 0.0, 1.0, 0.0]], ids=repr)
def test_other_floats_are_no_labels(tmp_path: Path, labels: list[object]) -> None:
    frame = pd.DataFrame({"text": TEXTS, "label": pd.Series(labels, dtype=float)})
    frame.to_parquet(tmp_path / "a.parquet")
    for source in (frame, pa.Table.from_pandas(frame), tmp_path / "a.parquet"):
        with pytest.raises(InputError, match="floats"):
            read_labelled(source, blank="unlabelled")


def test_a_row_with_neither_text_nor_label_counts_as_a_blank_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,+\n,\nb,\nc,-\n", "utf-8")
    rows = read_labelled(path, blank="unlabelled")
    assert (rows.texts, rows.unlabelled) == (["a", "c"], ["b"])
    assert rows.skipped == [f"{path}: blank lines left out: 1"]
    path.write_text("text,label\na,+\n,-\n", "utf-8")
    with pytest.raises(InputError, match=r"a\.csv:3: text is empty"):
        read_labelled(path, blank="unlabelled")


def test_lines_without_a_fasttext_label_and_an_unsup_folder_are_unlabelled(tmp_path: Path) -> None:
    rows = read_labelled(["__label__good a", "b"], blank="unlabelled")
    assert (rows.texts, rows.unlabelled) == (["a"], ["b"])
    for part in ("pos", "neg", "unsup"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "1.txt").write_text(part, "utf-8")
    rows = read_labelled(tmp_path, blank="unlabelled")
    assert (rows.labels, rows.unlabelled) == (["positive", "negative"], ["unsup"])
    assert rows.skipped == []


def test_a_table_without_any_label_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,\nb,\n", "utf-8")
    with pytest.raises(InputError, match=r"a\.csv: no row has a label"):
        read_labelled(path, blank="unlabelled")
    with pytest.raises(SettingError, match="blank='skip' is not allowed"):
        read_labelled(path, blank="skip")  # type: ignore[arg-type]


@pytest.fixture
def one_file(world: World, tmp_path: Path) -> Path:
    """A table of 12 labelled and 300 unlabelled texts, mixed."""
    texts, labels = world.few(12)
    frame = pd.DataFrame(
        {"text": [*texts, *world.unlabelled], "label": [*labels, *[None] * len(world.unlabelled)]}
    )
    path = tmp_path / "one.csv"
    frame.sample(frac=1, random_state=0).to_csv(path, index=False)
    world.vectors.save(tmp_path / "vectors.safetensors")
    return path


def split(path: Path) -> tuple[Path, Path]:
    """Write the rows of a table with a label and those without into a file each."""
    frame = pd.read_csv(path)
    parts = path.with_name("with.csv"), path.with_name("without.csv")
    frame[frame.label.notna()].to_csv(parts[0], index=False)
    frame.loc[frame.label.isna(), ["text"]].to_csv(parts[1], index=False)
    return parts


def test_fit_takes_the_rows_without_a_label_as_unlabelled_texts(run: Run, one_file: Path) -> None:
    folder = one_file.parent
    vectors = ["--vectors", folder / "vectors.safetensors", "-o"]
    code, _, err = run("fit", one_file, *vectors, folder / "one")
    assert code == 0
    assert f"{one_file}: 12 texts with a label; 300 without" in err
    with_labels, without = split(one_file)
    other = run("fit", with_labels, "--unlabelled", without, *vectors, folder / "two")[2]
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()
    assert err.splitlines()[-1] == other.splitlines()[-1]  # the estimate of the accuracy
    assert err.splitlines()[-1].startswith("accuracy: ")


def test_few_rows_without_a_label_are_left_out_which_is_said(run: Run, one_file: Path) -> None:
    folder = one_file.parent
    frame = pd.read_csv(one_file)
    blank = frame[frame.label.isna()].iloc[: LEAST_BLANKS - 1]
    few = folder / "few.csv"
    pd.concat([frame[frame.label.notna()], blank]).to_csv(few, index=False)
    vectors = ["--vectors", folder / "vectors.safetensors", "-o"]
    code, _, err = run("fit", few, *vectors, folder / "few")
    assert code == 0
    assert f"{few}: 12 texts with a label; 99 without, which are left out: fewer than 100" in err
    assert run("fit", split(one_file)[0], *vectors, folder / "alone")[0] == 0
    assert (folder / "few").read_bytes() == (folder / "alone").read_bytes()
    code, _, err = run("fit", few, "-o", folder / "none")
    assert (code, "give --unlabelled or --vectors" in err) == (2, True)
    assert not (folder / "none").exists()


def test_without_vectors_all_texts_are_pretrained_on(run: Run, one_file: Path) -> None:
    made = one_file.with_name("m")
    code, _, err = run("fit", one_file, "-o", made)
    assert code == 0
    assert err.splitlines()[-1].endswith("word vectors from all texts, without labels")
    model = load(made)
    assert isinstance(model, SentimentClassifier)
    summary = model.training_summary_
    assert (summary.n_pretraining_texts, summary.n_labels) == (312, 12)


def test_a_file_of_labels_alone_still_needs_vectors(run: Run, one_file: Path) -> None:
    code, _, err = run("fit", split(one_file)[0], "-o", one_file.with_name("m"))
    assert (code, "give --unlabelled or --vectors" in err) == (2, True)


def test_evaluate_and_compare_leave_rows_without_a_label_out(run: Run, one_file: Path) -> None:
    folder = one_file.parent
    said = f"{one_file}: rows without a label, left out: 300\n"
    command = ["--format", "json", "--folds", "3"]
    code, out, err = run("evaluate", "reviews-en", one_file, *command)
    assert (code, said in err, json.loads(out)["texts"]) == (0, True, 12)
    assert run("evaluate", "reviews-en", split(one_file)[0], *command)[1] == out
    test = folder / "test.csv"
    frame = pd.DataFrame({"text": ["a good film", "a bad film", "film"], "label": 0})
    frame.assign(label=["positive", "negative", None]).to_csv(test, index=False)
    compared = ["--labelled", one_file, "--test", test, "--vectors", folder / "vectors.safetensors"]
    options = ["--budgets", "4", "--draws", "2", "--arms", "model,random", "-q"]
    code, _, err = run("compare", *compared, *options)
    assert (code, said in err) == (0, True)
    assert f"{test}: rows without a label, left out: 1\n" in err
