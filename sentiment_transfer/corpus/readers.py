"""Reading texts, and texts with labels, from files, folders, tables and memory.

A source is a stream of items (see `rows`). Good rows are passed on; a bad row raises or, with
``skip_bad``, is counted and its message kept, so nothing is left out silently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeGuard

from sentiment_transfer.corpus.columns import Columns
from sentiment_transfer.corpus.empty_texts import wrong_column
from sentiment_transfer.corpus.formats import FORMATS, looks_like_path, sources_of
from sentiment_transfer.corpus.label_names import final_names
from sentiment_transfer.corpus.rows import LabelledRows, SkippedRows, good_rows
from sentiment_transfer.corpus.sources import MAX_BYTES, FileOptions
from sentiment_transfer.corpus.texts import Labelled, ListedTexts, Texts
from sentiment_transfer.errors import InputError, NoLabelsError, SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentiment_transfer.corpus.columns import ColumnNames
    from sentiment_transfer.corpus.label_names import Renaming
    from sentiment_transfer.corpus.rows import Row, Source

__all__ = ["checked_options", "labelled_from", "read_labelled", "read_texts"]


def read_texts(
    source: object,
    *,
    text: str = "text",
    skip_bad: bool = False,
    on_skip: Callable[[str], None] | None = None,
    max_bytes: int = MAX_BYTES,
    columns: ColumnNames | None = None,
    sep: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    format: str | None = None,  # noqa: A002
) -> Texts:
    """Read texts from files, folders, tables or memory.

    Parameters
    ----------
    source
        A path, URL (through fsspec) or glob pattern of ``.csv``, ``.tsv``, ``.xlsx`` or ``.xlsm``
        (with the extra ``excel``), ``.json`` (an array of objects), ``.jsonl``, ``.ndjson``,
        ``.parquet``, ``.txt`` (one text a line) or ``.ft`` (fastText lines, labels cut off) files,
        all but Excel and Parquet also with ``.gz`` or ``.zst``; a folder of ``.txt`` files or of
        ``pos``, ``neg`` and ``unsup`` folders of them; a public corpus by name, such as
        ``catalogue:nsmc/test`` (`catalogue`), with its columns; a list of any of these; a DataFrame
        or Series of pandas; a pyarrow Table or Array; an iterable of strings, a generator for one
        pass only.
        The apostrophe that ``predict`` writes in CSV before a text that a spreadsheet would run is
        taken off.

        The strings of a list are texts, unless the first is a URL or ends in one of these suffixes;
        this depends on the form alone, not on what exists. Do not pass untrusted strings (from a
        web form): one in the form of a path would be opened.
    text
        The column of the texts, for sources with columns. If the default is missing in a table,
        its only column or the one of a usual name is read instead, with a warning: text, review,
        comment, body, content, sentence, tweet, message, 评论, 评价 or 内容, in any case.
    skip_bad
        Leave bad rows out and count them instead of raising the first.
    on_skip
        Called with each message about something left out, until the first pass is complete.
    max_bytes
        A compressed, Excel or Parquet file that expands to more is refused.
    columns
        Names that are looked for before the usual ones, where no other column is named.
    sep
        The character between the fields of CSV and TSV files, or "tab". By default a comma, and
        for ``.tsv`` a tab; ``;``, tab and ``|`` are recognised by the header and the first lines of
        a CSV file that makes no sense with commas, with a `Notice`.
    encoding
        The encoding of files of text. By default UTF-8; UTF-16, cp1252 and GB18030 are recognised
        by the first megabyte, with a `Notice`.
    sheet
        The sheet of an Excel workbook, by default the first one; a `Notice` names the others.
    format
        The format of all files, such as "csv", in place of that of their suffix.

    Returns
    -------
    Texts
        A missing text (an empty field, null, None, NaN) is an empty text, so that each row of a
        table gives one; NA and null are words. Blank lines are skipped and counted.

    Raises
    ------
    InputError
        Immediately, if the source does not exist or has no known form. During a pass, with file and
        line, for a bad row, a source without texts, a damaged or too large file, a missing column.

    Examples
    --------
    >>> list(read_texts(["A fine film.", "A dull plot."]))
    ['A fine film.', 'A dull plot.']
    >>> import pandas as pd
    >>> list(read_texts(pd.DataFrame({"remark": ["A fine film."], "id": [7]}), text="remark"))
    ['A fine film.']
    """
    options = checked_options(max_bytes, sep, encoding, sheet, format)
    if isinstance(source, Texts):
        return source
    if _lists_texts(source):
        return ListedTexts(source)
    sources = sources_of(source, Columns(text, None, columns), options)
    return Texts(sources, skip_bad=skip_bad, on_skip=on_skip)


def read_labelled(
    source: object,
    *,
    text: str = "text",
    label: str = "label",
    skip_bad: bool = False,
    on_skip: Callable[[str], None] | None = None,
    max_bytes: int = MAX_BYTES,
    columns: ColumnNames | None = None,
    blank: Literal["error", "unlabelled"] = "error",
    sep: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    format: str | None = None,  # noqa: A002
) -> Labelled:
    """Read texts with their labels into memory.

    Accepts the sources of `read_texts` that have labels: tables, JSON lines, fastText lines (in a
    file or a list), a folder with ``pos`` and ``neg`` (labels "positive" and "negative"), a pair
    ``(texts, labels)``. Exports of Label Studio (JSON, JSON-MIN, CSV), Prodigy, Argilla and doccano
    (JSON lines) are recognised by the form of their records, with a `Notice`: the label is that of
    most annotators, a text without an answer is an unlabelled one, and those that were skipped,
    ignored, rejected or discarded are left out and counted.

    A label is kept as written, but for white space around those of CSV, TSV and Excel: "01" is not
    "1", "NA" and "null" are words. If all labels are numbers such as "1.0", they become "1" and so
    on, with a notice. Labels that differ in space or case alone are warned of.
    Integers and booleans of typed sources become "1" and "True". An empty or missing text or
    label, a float or a list as label, and two labels on one line are bad rows. Labels of several
    types in one source are an error, since 1 and "1" would become one class.

    Parameters
    ----------
    source, text, skip_bad, on_skip, max_bytes, columns, sep, encoding, sheet, format
        As for `read_texts`, with the same errors. Without ``on_skip``, a `Notice` has the number
        of bad rows and the first message.
    label
        The column of the labels, for sources with columns; usual names are label, sentiment,
        polarity, rating, stars, 标签 and 情感. In exports, the question that annotators answered.
    blank
        With "unlabelled", the texts of rows without a label (an empty field, None, NaN) are
        returned as ``Labelled.unlabelled``, as are the texts of an ``unsup`` folder. A column of
        whole numbers that such rows turned into floats is read as integers. Rows without text and
        label count as blank lines. Raises ``InputError`` if no row has a label.

    Returns
    -------
    Labelled
        Texts and labels in the order of the rows.

    Raises
    ------
    SettingError
        ``blank``, or an option of reading, is not allowed.

    Examples
    --------
    >>> few = read_labelled((["A fine film.", "A dull plot."], ["good", "bad"]))
    >>> few.texts, few.labels
    (['A fine film.', 'A dull plot.'], ['good', 'bad'])
    """
    if isinstance(source, Labelled):
        return source
    if blank not in ("error", "unlabelled"):
        raise SettingError(f"blank={shown(blank)} is not allowed; it must be error or unlabelled")
    skipped = SkippedRows(skip_bad, on_skip)
    options = checked_options(max_bytes, sep, encoding, sheet, format)
    wanted = Columns(text, label, columns, blanks=blank == "unlabelled")
    rows = labelled_from(sources_of(source, wanted, options), skipped, blanks=wanted.blanks)
    skipped.warn(kept=len(rows) + len(rows.unlabelled))
    return rows


def labelled_from(
    sources: Sequence[Source],
    skipped: SkippedRows,
    *,
    blanks: bool = False,
    places: bool = False,
    renaming: Renaming | None = None,
) -> Labelled:
    """Read sources of rows with labels into memory, with ``blanks`` those without as well.

    ``renaming`` returns the new names of labels (`final_names`). With ``places``, the place of each
    text with a label is kept.
    """
    texts: list[str] = []
    labels: list[str] = []
    unlabelled: list[str] = []
    kept: list[str] = []
    check = LabelledRows(blanks=blanks)

    def parse(source: Source, row: Row) -> tuple[str, str | None] | InputError | None:
        checked = check(source, row)
        if places and isinstance(checked, tuple) and checked[1] is not None:
            kept.append(source.place_in_words(row[0]))
        return checked

    try:
        for text, label in good_rows(sources, parse, skipped):
            if label is None:
                unlabelled.append(text)
            else:
                texts.append(text)
                labels.append(label)
    except InputError as error:
        if check.found_empty and not skipped.n_bad:
            raise wrong_column(sources, error) from None
        raise
    if not labels:
        raise NoLabelsError(
            "no row has a label; fill in some, or use the texts as unlabelled ones",
            path=sources[0].name,
        )
    names = final_names(set(labels), renaming)
    labels = [names[label] for label in labels]
    return Labelled(texts, labels, skipped.messages, unlabelled, kept)


def checked_options(
    max_bytes: int,
    sep: str | None,
    encoding: str | None,
    sheet: str | None,
    form: str | None,
) -> FileOptions:
    """Return how files are read; raises ``SettingError`` for a wrong value."""
    if form is not None and form not in FORMATS:
        raise SettingError(f"format={form!r} is not allowed; it must be one of {[*FORMATS]}")
    return FileOptions(max_bytes, sep, encoding, sheet, form)


def _lists_texts(source: object) -> TypeGuard[Sequence[str]]:
    return (
        isinstance(source, list | tuple)
        and set(map(type, source)) <= {str}
        and not any(map(looks_like_path, source[:1]))
    )
