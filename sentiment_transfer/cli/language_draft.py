"""``sentiment-transfer language draft``: propose a language file from texts and a few seeds."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, TextIO

from sentiment_transfer.advice.drafting import Draft, Proposal, draft_language
from sentiment_transfer.advice.drafting.draft import PARTS
from sentiment_transfer.base.atomic import check_place
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import progress_shown, say
from sentiment_transfer.cli.output import Writers, open_output, table, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.languages import available_languages, load_language
from sentiment_transfer.languages.schema import SEGMENTERS

__all__ = ["draft"]

SHOWN = 12
"""Words of a part that the table shows."""


def _write_table(draft: Draft, file: TextIO) -> None:
    rows = []
    for part in PARTS:
        words = [one.word for one in draft.of(part)]
        more = ", …" if len(words) > SHOWN else ""
        rows.append([part, str(len(words)), ", ".join(words[:SHOWN]) + more or "none"])
    file.write(table(["part", "proposed", "words, the surest first"], rows, align="lrl"))


def _write_csv(draft: Draft, file: TextIO) -> None:
    writer = csv.DictWriter(file, [field.name for field in fields(Proposal)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(asdict, draft.evidence))


FORMS: Writers = {
    "table": _write_table,
    "csv": _write_csv,
    "json": lambda draft, file: write_json([asdict(one) for one in draft.evidence], file),
}


def draft(
    code: Annotated[str, options.argument("CODE", "Code of the language, such as nl.")],
    texts: Annotated[list[str], options.texts("Unlabelled texts")],
    seeds: Annotated[
        list[str],
        options.value(
            "WORDS",
            "A few words of one side, frequent in such texts, as in positive=good,great and "
            "negative=bad,boring; once for each side.",
        ),
    ],
    output: Annotated[
        Path | None,
        options.value(
            "FILE",
            "File to write, by default CODE.json; it may not exist yet. Why each word is in it "
            "(and words that nearly are) goes to a second file, which ends in .evidence.csv.",
            "--output",
            "-o",
        ),
    ] = None,
    name: Annotated[
        str | None, options.value("NAME", "Name of the language, by default its code.")
    ] = None,
    segmenter: Annotated[
        str | None,
        options.choice(
            SEGMENTERS,
            "SEGMENTER",
            f"Puts spaces between the words of texts without any: {', '.join(SEGMENTERS)}.",
        ),
    ] = None,
    form: Annotated[
        str | None,
        options.choice(
            FORMS,
            "FORMAT",
            "Of what is printed: table, a summary, or csv or json, all of the evidence.",
            "--format",
        ),
    ] = None,
    text: options.TextColumn = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Draft a language file from texts and a few seed words.

    Proposes stop words, negators and more seed words, the surest first, with the evidence for each.
    Delete what is wrong and add what is missing by hand; then check the file with language check,
    and use it as in pretrain --language FILE.
    """
    path = Path(f"{code}.json") if output is None else output
    evidence = path.with_suffix(".evidence.csv")
    _check_new(path, evidence)
    sides = _sides(seeds)
    if code in available_languages():
        say(f"{code} ships with the package; show it with: sentiment-transfer language show {code}")
        name = name or load_language(code).name
    write = writer_for(form, None, FORMS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    with Reader(text, skip_bad=skip_bad, files=files) as read, progress_shown(quiet) as callback:
        found = draft_language(
            read.texts(texts),
            code,
            sides,
            name=name,
            segmenter=segmenter,
            seed=seed,
            callback=callback,
        )
    with open_output(path) as file:
        write_json(found.content, file)
    with open_output(evidence) as file:
        _write_csv(found, file)
    write(found)
    for note in found.notes:
        say(note)
    say(f"{path}: drafted from {found.n_texts:,} different texts; the evidence is in {evidence}")
    say(
        "delete what is wrong, add what is missing, and run: "
        f"sentiment-transfer language check {path}"
    )


def _check_new(path: Path, evidence: Path) -> None:
    """Raise for a file that exists, since it may hold edits, or cannot be written."""
    if str(path) == "-" or path.suffix.lower() != ".json":
        raise SettingError(f"-o {path} is not allowed; name a file that ends in .json")
    for each in (path, evidence):
        if each.exists():
            raise InputError(
                f"{each} exists, and may have been edited; name another file with -o, or remove it"
            )
        check_place(each)


def _sides(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words of ``positive=good,great`` and ``negative=bad``."""
    sides: dict[str, list[str]] = {"positive": [], "negative": []}
    for each in given:
        side, sign, words = each.partition("=")
        if not sign or side.strip() not in sides:
            raise SettingError(
                f"--seeds {each} is not allowed; give both sides, as in --seeds "
                "positive=good,great --seeds negative=bad,boring"
            )
        sides[side.strip()] += [word for word in options.split(words) if word]
    for side, listed in sides.items():
        if not listed:
            raise SettingError(f"--seeds has no {side} word; give --seeds {side}=WORD,WORD")
    return sides["positive"], sides["negative"]
