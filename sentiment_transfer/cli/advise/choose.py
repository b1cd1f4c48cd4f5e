"""``sentiment-transfer advise choose``."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from sentiment_transfer.advice import VectorChoice, choose_vectors
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say, say_lines
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions

__all__ = ["choose"]


WRITERS: Writers = {
    "table": lambda found, file: file.write(table(*found.cells())),
    "json": lambda found, file: write_json(_as_record(found), file),
}


def choose(
    texts: Annotated[list[str], options.texts("Unlabelled texts of the kind to judge")],
    labelled: Annotated[
        str | None,
        options.value("FILE", "Texts with labels, evidence from 30 on.", "--labelled"),
    ] = None,
    vectors: Annotated[
        list[Path] | None,
        options.value(
            "FILE", "Word vectors or a model that is a candidate too. Can be repeated.", "--vectors"
        ),
    ] = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    language: options.TextLanguage = "en",
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Choose word vectors: shipped, own, of a file or random.

    All are judged on the same texts by how well they predict seed words that are hidden, and from
    30 labels on by repeated cross-validation. Own vectors are pretrained quickly, to compare them.
    A lead is how far a candidate is better than the chosen one, in standard errors.
    """
    write = writer_for(form, output, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files) as read:
        listed = list(read.texts(texts))
        rows = None if labelled is None else read.labelled(labelled)
    say("comparing vectors; own ones are pretrained first, which takes seconds to a minute")
    known = None if rows is None else (rows.texts, rows.labels)
    found = choose_vectors(listed, known, files=vectors or (), language=language, seed=seed)
    write(found)
    for name, reason in found.left_out.items():
        say(f"{name} is left out: {reason}")
    say_lines(str(found))
    if found.chosen.kind == "shipped":
        named = " ".join(texts)
        say(f"such as: sentiment-transfer adapt {found.name} {named} -o adapted.safetensors")


def _as_record(found: VectorChoice) -> dict[str, Any]:
    candidates = [
        {name: None if _is_nan(value) else value for name, value in asdict(one).items()}
        for one in found.candidates
    ]
    return {
        "chosen": found.name,
        "as_good": list(found.as_good),
        "candidates": candidates,
        "left_out": found.left_out,
        "verdict": asdict(found.verdict),
    }


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
