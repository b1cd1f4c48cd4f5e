"""What the page sends and gets, beside what `serving.messages` has.

A text is known by its number in the project, a label by its name, a running job by its kind.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from sentiment_transfer.serving.messages import Contribution

__all__ = [
    "AnswerRequest",
    "ClassesRequest",
    "Curve",
    "Doubt",
    "Estimate",
    "ForecastPoint",
    "ImportRequest",
    "Item",
    "Job",
    "JobRequest",
    "LabelName",
    "Nothing",
    "PhaseRequest",
    "Preview",
    "PreviewRequest",
    "Project",
    "RelabelRequest",
    "State",
    "UndoRequest",
    "VectorsRequest",
    "Verdict",
]

MAX_LABEL = 100
MAX_CLASSES = 9
"""One key each."""

LabelName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_LABEL)]
ColumnName = Annotated[str, msgspec.Meta(max_length=1_000)]
TextId = Annotated[int, msgspec.Meta(ge=1)]
Phase = Literal["measure", "teach"]
JobKind = Literal["choose", "pretrain", "compare", "overview"]
JobStatus = Literal["running", "done", "failed", "cancelled"]


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A request without content: ``{}``."""


class AnswerRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The label of a text, null to skip it; and the guess that was shown with it."""

    id: TextId
    label: LabelName | None
    guess: LabelName | None = None
    probability: float | None = None


class UndoRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Take an answer back, if it is still the last one; null takes any last one back."""

    answer: int | None = None


class RelabelRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Another label for a text that has one; the same one confirms it."""

    id: TextId
    label: LabelName


class PhaseRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the next labels measure or teach; null leaves it to the program."""

    phase: Literal["measure", "teach"] | None


class ClassesRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The classes, the most negative first."""

    classes: Annotated[list[LabelName], msgspec.Meta(min_length=2, max_length=MAX_CLASSES)]


class PreviewRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Which columns of an uploaded file to look at."""

    upload: str
    text_column: ColumnName | None = None
    label_column: ColumnName | None = None


class ImportRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Which columns of an uploaded file to add; without a label column only its texts."""

    upload: str
    text_column: ColumnName | None = None
    label_column: ColumnName | None = None


class VectorsRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The member of the bank whose word vectors are to be used."""

    vectors: Annotated[str, msgspec.Meta(max_length=MAX_LABEL)]


class JobRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A job to start.

    ``choose`` compares word vectors; ``pretrain`` learns them from the texts of the project, in
    ``epochs``; ``compare`` measures what pretraining is worth; ``overview`` describes the opinions,
    by the column ``by``.
    """

    kind: JobKind
    epochs: Annotated[int, msgspec.Meta(ge=1, le=1_000)] | None = None
    by: ColumnName | None = None


class Preview(msgspec.Struct):
    """What a file holds, before it is added.

    ``rows`` are the first ones, as wide as ``columns``; ``labels`` are counts by name; ``skipped``
    and ``notices`` say what was left out and why, and what was guessed.
    """

    upload: str
    name: str
    columns: list[str]
    rows: list[list[str]]
    text_column: str | None
    label_column: str | None
    n_texts: int
    n_labels: int
    labels: dict[str, int]
    skipped: list[str]
    notices: list[str]


class Item(msgspec.Struct):
    """A text to label, with what the model thinks of it.

    ``guess`` is null if the model knows nothing yet. ``pieces`` and ``gaps`` are those of
    `serving.messages.Explained`: a text is gap, piece, gap, ..., piece, gap; the contributions are
    to the log odds of the guess.
    """

    id: int
    text: str
    way: Phase
    guess: str | None
    probability: float | None
    coverage: float
    pieces: list[Contribution]
    gaps: list[str]


class Verdict(msgspec.Struct):
    """An advice: what was found, by which evidence, and what to do."""

    found: str
    evidence: str
    next_step: str


class Estimate(msgspec.Struct):
    """The accuracy of the model as it is, with its 95 % interval, from the labels that measure."""

    accuracy: float
    low: float
    high: float
    n_labels: int
    verdict: Verdict


class Point(msgspec.Struct):
    """Mean accuracy of models that were fitted to ``n_labels`` labels, on others."""

    n_labels: int
    accuracy: float


class ForecastPoint(msgspec.Struct):
    """An accuracy with ``n_labels`` labels, and a band: of a forecast, or an interval."""

    n_labels: int
    accuracy: float
    low: float
    high: float


class Curve(msgspec.Struct):
    """Accuracy by number of labels; ``says_stop`` is true when more are hardly worth it."""

    points: list[Point]
    forecasts: list[ForecastPoint]
    verdict: Verdict
    says_stop: bool


class Doubt(msgspec.Struct):
    """A label that the other labels and the words of its text contradict.

    ``probability`` is that of the given label, and ``expected`` the most probable one.
    """

    id: int
    text: str
    label: str
    expected: str
    probability: float


class Answered(msgspec.Struct):
    """A text that was labelled or skipped, for the list of the last ones.

    ``answer`` is the number of the answer, by which it can be taken back.
    """

    answer: int
    id: int
    text: str
    label: str | None


class Job(msgspec.Struct):
    """Work that takes a while; one of a kind at a time.

    ``done`` of ``total`` is what ``unit`` counts; ``seconds_left`` is null until it is known.
    ``losses`` are those of pretraining, one of each report. ``result`` depends on the kind.
    """

    kind: JobKind
    status: JobStatus
    message: str
    done: float = 0
    total: float = 0
    unit: str = ""
    seconds: float = 0
    seconds_left: float | None = None
    losses: list[float] = []
    result: Any = None


class Project(msgspec.Struct):
    """What the project holds.

    ``classes`` are the labels, the most negative first if that is known. ``columns`` are those of
    the files, beside text and label. ``vectors`` says which word vectors are used, and how.
    """

    id: str
    file: str
    language: str
    classes: list[str]
    columns: list[str]
    n_texts: int
    n_labelled: int
    n_skipped: int
    labels: dict[str, int]
    vectors: str
    members: list[str]


class State(msgspec.Struct):
    """All that the page shows; ``version`` grows whenever something changes.

    Attributes
    ----------
    status
        ``"empty"`` without texts, ``"preparing"`` until there is a model, then ``"ready"``.
    message
        What is being prepared, or what went wrong.
    model
        Version of the model: the number of changes of labels that it was fitted to.
    pending
        Whether a newer model is being fitted.
    milliseconds
        From the last answer to the model with it; null if another change came after it.
    queue
        The next texts to label, the next one first; empty when none is left.
    phase
        How they are chosen.
    n_measured, n_to_measure
        Labels of the measuring set, and how many are still to come before teaching begins.
    history
        The estimate after each label that measures.
    doubt
        The last label, if it is contradicted and not confirmed.
    doubtful
        The five most doubtful labels.
    recent
        The last answers, the newest first.
    """

    version: int
    status: Literal["empty", "preparing", "ready"]
    message: str
    project: Project
    model: int = 0
    pending: bool = False
    milliseconds: float | None = None
    queue: list[Item] = []
    phase: Phase = "measure"
    n_measured: int = 0
    n_to_measure: int = 0
    estimate: Estimate | None = None
    history: list[ForecastPoint] = []
    curve: Curve | None = None
    doubt: Doubt | None = None
    doubtful: list[Doubt] = []
    recent: list[Answered] = []
    jobs: list[Job] = []
