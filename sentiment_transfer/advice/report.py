"""All advice that some data allow, as one report.

Each question has a function that takes the data and returns a section: the verdict, a picture where
one would rather look, and figures. What the data do not allow is said, with what would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.advice.corpora.description import CorpusReport, describe_corpus
from sentiment_transfer.advice.corpora.forecast import forecast_corpus
from sentiment_transfer.advice.corpora.plot import corpus_figure
from sentiment_transfer.advice.diagnosis.diagnosis import diagnose
from sentiment_transfer.advice.labels.audit import MIN_LABELS as MIN_TO_AUDIT
from sentiment_transfer.advice.labels.audit import audit_labels
from sentiment_transfer.advice.labels.forecast import MIN_LABELS as MIN_TO_FORECAST
from sentiment_transfer.advice.labels.forecast import forecast_accuracy
from sentiment_transfer.advice.labels.measuring import estimate_accuracy, right_predictions
from sentiment_transfer.advice.labels.plot import forecast_figure
from sentiment_transfer.advice.labels.suggestion import suggest_texts
from sentiment_transfer.advice.report_html import Section, Table, report_html, svg_of
from sentiment_transfer.advice.sizing.sizing import size_head
from sentiment_transfer.advice.vectors.choice import OWN, VectorChoice, choose_vectors
from sentiment_transfer.errors import InputError, MissingExtraError, SettingError
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.evidence import MIN_TO_ADAPT
from sentiment_transfer.model.files import open_member

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["QUESTIONS", "ReportData", "report_page"]

MOST_LABELS = 500
"""Labels that are looked at, chosen at random: what is fitted to them is fitted many times."""
FOREIGN = 0.5
"""Share of texts of another language from which only the texts are described."""
MIN_LABELS = 10
"""From which the accuracy is estimated."""
LISTED, SUGGESTED = 10, 20
"""Suspect labels, and texts to label next, that are listed."""
LONGEST = 200
"""Characters of a text that are shown."""


@dataclass(frozen=True, eq=False)
class ReportData:
    """Texts, some of them with a label.

    Attributes
    ----------
    name
        What the report is about.
    unlabelled
        Texts without a label.
    texts, labels
        Texts with a label, and their labels.
    places
        Where each label is, such as ``"reviews.csv, line 4"``; empty if that is not known.
    language
        Of the texts.
    seed
        Of all random choices.
    """

    name: str
    unlabelled: Sequence[str]
    texts: Sequence[str] = ()
    labels: Sequence[str] = ()
    places: Sequence[str] = ()
    language: str = "en"
    seed: int = 0

    @cached_property
    def all_texts(self) -> list[str]:
        """Texts with and without a label."""
        return [*self.unlabelled, *self.texts]

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """Rows of at most 500 labels, chosen at random."""
        order = np.random.default_rng(self.seed).permutation(len(self.labels))
        return np.sort(order[:MOST_LABELS])

    @cached_property
    def some(self) -> tuple[list[str], list[str]]:
        """Those labelled texts, and their labels."""
        return [self.texts[i] for i in self.rows], [self.labels[i] for i in self.rows]

    @cached_property
    def choice(self) -> VectorChoice:
        """The choice of word vectors."""
        known = self.some if len(self.labels) else None
        return choose_vectors(self.all_texts, known, language=self.language, seed=self.seed)

    @cached_property
    def model(self) -> SentimentClassifier:
        """A model over the chosen vectors, adapted to all texts, without labels."""
        if self.choice.name == OWN:
            return SentimentClassifier(self.language, seed=self.seed).pretrain(self.all_texts)
        model = SentimentClassifier.from_stages(open_member(self.choice.name))
        return model.adapt(self.all_texts) if len(self.all_texts) >= MIN_TO_ADAPT else model

    @cached_property
    def corpus(self) -> CorpusReport:
        """What the texts are like."""
        return describe_corpus(self.all_texts, language=self.language, seed=self.seed)

    @property
    def foreign(self) -> str:
        """Why nothing but the texts is looked into; empty if they are of the language."""
        if self.corpus.foreign <= FOREIGN:
            return ""
        likely = next(iter(self.corpus.languages))
        return (
            f"the texts seem to be of another language ({likely}), not {self.language!r}; name "
            "theirs if there are shipped models of it, or pretrain on many texts with seeds=None"
        )

    @property
    def facts(self) -> str:
        """How many texts and labels there are."""
        n, k = len(self.all_texts), len(self.labels)
        looked = f", of which {MOST_LABELS:,} are looked at" if k > MOST_LABELS else ""
        return f"{n:,} texts, {k:,} with a label{looked}."


def report_page(
    data: ReportData,
    on_question: Callable[[str], None] | None = None,
    wording: Callable[[str], str] = str,
) -> str:
    """Answer all questions that the data allow, and return a page of HTML.

    ``on_question`` is called with each question before it is looked into. ``wording`` returns the
    reason for a question without an answer as the page has it.

    Raises
    ------
    InputError
        There is no text.
    """
    if not data.all_texts:
        raise InputError("there is no text to advise on")
    sections = []
    foreign = data.foreign
    for question, answer in QUESTIONS.items():
        if on_question is not None:
            on_question(question)
        if foreign and answer is not _corpus:
            sections.append(Section(question, missing=f"Not answered: {foreign}."))
        else:
            sections.append(_section(question, answer, data, wording))
    return report_html(f"Advice on {data.name}", data.facts, sections)


def _section(
    question: str,
    answer: Callable[[ReportData], dict[str, Any]],
    data: ReportData,
    wording: Callable[[str], str],
) -> Section:
    """Return a section; what cannot be answered is a section that says why."""
    try:
        return Section(question, **answer(data))
    except (InputError, SettingError, MissingExtraError) as error:
        return Section(question, missing=f"Not answered: {wording(str(error))}.")


def _corpus(data: ReportData) -> dict[str, Any]:
    found = data.corpus
    shares = [[name, f"{100 * share:.1f} %"] for name, share in found.languages.items()]
    return {"verdict": found.verdict, "table": Table(["language", "texts"], shares[:5])}


def _more_text(data: ReportData) -> dict[str, Any]:
    found = forecast_corpus(data.all_texts, language=data.language, draws=1, seed=data.seed)
    picture = "" if found.growth is None else _picture(corpus_figure, found)
    return {"verdict": found.verdict, "picture": picture}


def _choice(data: ReportData) -> dict[str, Any]:
    header, rows = data.choice.cells()
    return {"verdict": data.choice.verdict, "table": Table(header, rows)}


def _accuracy(data: ReportData) -> dict[str, Any]:
    _require(data, MIN_LABELS)
    texts, labels = data.some
    return {"verdict": estimate_accuracy(right_predictions(data.model, texts, labels)).verdict}


def _more_labels(data: ReportData) -> dict[str, Any]:
    _require(data, MIN_TO_FORECAST)
    found = forecast_accuracy(data.model, *data.some, seed=data.seed)
    picture = _picture(forecast_figure, found) if found.points else ""
    return {"verdict": found.verdict, "picture": picture}


def _wrong_labels(data: ReportData) -> dict[str, Any]:
    _require(data, MIN_TO_AUDIT)
    found = audit_labels(data.model, *data.some, seed=data.seed)
    rows = []
    for one in found.suspects[:LISTED]:
        row = data.rows[one.row]
        place = data.places[row] if data.places else f"row {row}"
        rows.append([place, str(one.label), str(one.expected), _cut(one.text)])
    return {
        "verdict": found.verdict,
        "table": Table(["place", "label", "expected", "text"], rows, (1, 2), (3,)),
    }


def _failing_part(data: ReportData) -> dict[str, Any]:
    _require(data, MIN_TO_AUDIT)
    found = diagnose(data.model, *data.some, unlabelled=data.all_texts, seed=data.seed)
    rows = [[one.code, one.kind.name, one.result, one.finding] for one in found.checks]
    table = Table(["", "check", "result", "found"], rows, (1, 2), (3,))
    return {"verdict": found.verdict, "table": table}


def _size(data: ReportData) -> dict[str, Any]:
    _require(data, MIN_TO_FORECAST)
    found = size_head(data.model, *data.some, seed=data.seed)
    rows = [
        [
            str(one.hidden_units or "none"),
            f"{one.trained:,}",
            f"{one.total:,}",
            f"{100 * one.accuracy:.1f} %",
            f"{one.log_loss:.3f}",
        ]
        for one in found.sizes
    ]
    header = ["hidden units", "parameters", "from scratch", "accuracy", "log loss"]
    return {"verdict": found.verdict, "table": Table(header, rows)}


def _next_labels(data: ReportData) -> dict[str, Any]:
    known = (list(data.texts), list(data.labels)) if len(data.labels) else None
    found = suggest_texts(data.model, data.unlabelled, SUGGESTED, known, seed=data.seed)
    rows = [[_cut(data.unlabelled[row])] for row in found.rows]
    return {"verdict": found.verdict, "table": Table(["text"], rows, texts=(0,))}


QUESTIONS: dict[str, Callable[[ReportData], dict[str, Any]]] = {
    "Is there enough text, and is it clean?": _corpus,
    "Which word vectors?": _choice,
    "How good is the model without labels?": _accuracy,
    "Which labels are wrong?": _wrong_labels,
    "Would more labels help?": _more_labels,
    "Which texts to label next?": _next_labels,
    "Would more text help?": _more_text,
    "Does some part fail?": _failing_part,
    "How big must the head be?": _size,
}
"""The questions in order, each with what answers it."""


def _require(data: ReportData, n: int) -> None:
    if len(data.labels) < n:
        raise InputError(
            f"{len(data.labels):,} labels are too few; {n} are needed, of two classes or more"
        )


def _picture(draw: Callable[[Any], Figure], found: object) -> str:
    """Return a picture as SVG, or nothing without matplotlib."""
    try:
        return svg_of(draw(found))
    except MissingExtraError:
        return ""


def _cut(text: str) -> str:
    plain = " ".join(re.sub(r"<[^<>]{1,100}>", " ", text).split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
