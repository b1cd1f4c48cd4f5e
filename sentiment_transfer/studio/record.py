"""What a project holds, in memory: texts, answers, measuring set, classes. Changes go to its file.

Texts are known by their row, from 0; in the file and on the page by their number, from 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, shown
from sentiment_transfer.studio import messages as m
from sentiment_transfer.studio.choosing import n_to_measure
from sentiment_transfer.studio.learning_curve import Labelled
from sentiment_transfer.studio.project_file import Answer, NewText, ProjectFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentiment_transfer.advice import MeasuringSet
    from sentiment_transfer.studio.base_model import BaseModel

__all__ = ["Record"]

RECENT = 8
"""Last answers that are shown."""


class Record:
    """The texts and answers of a project. Not safe for threads by itself.

    Attributes
    ----------
    texts, columns
        All texts, and the names of the other columns of their files.
    answers
        By row, in the order of answering; skipped texts too.
    measuring
        Stratum and its share of the texts that measure, by row, in the order of asking.
    classes
        The most negative first, if that is known.
    phase
        What the user chose; None leaves it to the number of labels.
    """

    def __init__(self, project: ProjectFile, base: BaseModel) -> None:
        self._project = project
        self._base = base
        self.texts: list[str] = []
        self.columns: list[str] = []
        self.answers: dict[int, Answer] = {}
        self.measuring: dict[int, tuple[int, float]] = {}
        self.classes: list[str] = project.fact("classes") or []
        self.phase: m.Phase | None = project.fact("phase")
        self._load()

    def _load(self) -> None:
        self.texts = self._project.texts()
        self.columns = self._project.column_names()
        self.measuring = {i - 1: (h, share) for i, h, share in self._project.measuring()}
        self._n_measured_of = self._project.fact("n_measured_of", 0)
        self._load_answers()
        self._complete_classes()

    def _load_answers(self) -> None:
        self.answers = {each.text_id - 1: each for each in self._project.answers()}

    def _complete_classes(self) -> None:
        """Add labels that came with texts to the classes; fewer than two are completed."""
        used = dict.fromkeys(label for _, label in self.labels())
        missing = [label for label in used if label not in self.classes]
        if missing and len(used) > 1 and self.classes == self._base.usual_classes([]):
            self.classes = []  # the usual two, which nobody chose
            missing = [*used]
        if missing:
            self.classes = self._base.ordered([*self.classes, *missing])
        if len(self.classes) < 2:
            self.classes = self._base.usual_classes(self.classes)

    # ---- changes

    def add_texts(self, source: str, texts: Iterable[NewText]) -> int:
        """Add texts with the labels that they came with; return their number."""
        n = self._project.add_texts(source, texts)
        self._load()
        return n

    def answer(self, row: int, label: str | None, guessed: m.Item | None = None) -> bool:
        """Write the label of a text, None to skip it; return whether that is new.

        ``guessed`` has the guess that was shown with it. Raises ``InputError`` for a text or a
        class that there is not.
        """
        self._check(row, label)
        before = self.answers.get(row)
        if before is not None and before.label == label:
            return False
        guess, p = (guessed.guess, guessed.probability) if guessed else (None, None)
        self._write(row, Answer(row + 1, label, self.way(row), guess, p))
        return True

    def relabel(self, row: int, label: str) -> None:
        """Give a text with a label another one, or confirm it."""
        self._check(row, label)
        before = self.answers.get(row)
        if before is None or before.label is None:
            raise InputError("this text has no label yet; label it first")
        self._write(row, replace(before, label=label, confirmed=True))

    def _write(self, row: int, answer: Answer) -> None:
        self._project.add_answer(answer)
        self.answers.pop(row, None)  # the latest one comes last
        self.answers[row] = answer

    def _check(self, row: int, label: str | None) -> None:
        if not 0 <= row < len(self.texts):
            raise InputError(f"there is no text {row + 1}; the project has {len(self.texts):,}")
        if label is not None and label not in self.classes:
            raise InputError(f"this is none of the classes; there are {', '.join(self.classes)}")

    def take_back(self) -> int | None:
        """Take the last answer back; return its row, if the text has no label now."""
        text_id = self._project.take_back()
        if text_id is None:
            return None
        self._load_answers()
        return None if text_id - 1 in self.answers else text_id - 1

    def choose_phase(self, phase: m.Phase | None) -> None:
        """Have the next labels measure or teach."""
        self._project.keep_fact("phase", phase)
        self.phase = phase

    def name_classes(self, classes: Sequence[str]) -> None:
        """Set the classes, the most negative first; those of labels must be among them."""
        missing = sorted({label for _, label in self.labels()} - {*classes})
        if missing:
            raise InputError(f"texts have the label {shown(missing[0])}; keep it as a class")
        if len({*classes}) < len(classes):
            raise InputError("a class is named twice; give different names")
        self._project.keep_fact("classes", [*classes])
        self.classes = [*classes]

    def measure_by(self, drawn: MeasuringSet) -> None:
        """Set the texts that measure."""
        places = zip(drawn.strata.tolist(), drawn.shares.tolist(), strict=True)
        measuring = dict(zip(drawn.rows.tolist(), places, strict=True))
        rows = [(row + 1, *place) for row, place in measuring.items()]
        self._project.keep_measuring(rows, len(self.texts))
        self.measuring = measuring
        self._n_measured_of = len(self.texts)

    # ---- what follows from it

    @property
    def needs_measuring_set(self) -> bool:
        """Whether texts to measure are still to be drawn: none of them has a label yet."""
        begun = any(row in self.measuring for row, _ in self.labels())
        return not begun and self._n_measured_of != len(self.texts)

    def about_measure(self) -> str:
        """Return what is to be said of the texts that measure, if they are not all alike."""
        n = self._n_measured_of
        if not any(row in self.measuring for row, _ in self.labels()):
            return " that came with the texts, as if these were drawn at random"
        return f", of the first {n:,} texts" if n < len(self.texts) else ""

    def labels(self) -> list[tuple[int, str]]:
        """Return row and label of the texts with one, in the order of answering."""
        rows = self.answers.items()
        return [(row, each.label) for row, each in rows if each.label is not None]

    def way(self, row: int) -> m.Phase:
        """Return whether the label of a text measures or teaches."""
        return "measure" if row in self.measuring else "teach"

    def phase_now(self, n_different: int) -> m.Phase:
        """Return how the next text is chosen, of ``n_different`` texts."""
        if self.phase is not None:
            return self.phase
        return "measure" if self.left_to_measure(n_different) else "teach"

    def left_to_measure(self, n_different: int) -> int:
        """Return how many labels measure before teaching begins."""
        measured = sum(row in self.measuring for row, _ in self.labels())
        return max(0, n_to_measure(len(self.measuring), n_different) - measured)

    def unanswered(self, rows: Iterable[int]) -> list[int]:
        """Return those of the rows that have no answer, in order."""
        return [row for row in rows if row not in self.answers]

    def labelled(self) -> Labelled:
        """Return the labelled texts, and which of them measure.

        If none of the measuring set has a label, all do that came with their texts, as if these
        were drawn at random.
        """
        known = self.labels()
        places = [self.measuring.get(row, (0, 0.0)) for row, _ in known]
        if not any(share for _, share in places):
            places = [(1, float(self.answers[row].way == "given")) for row, _ in known]
        return Labelled(
            np.array([row for row, _ in known], np.intp),
            np.array([label for _, label in known], np.str_),
            np.array([stratum for stratum, _ in places], np.intp),
            np.array([share for _, share in places], np.float64),
        )

    def confirmed(self) -> set[int]:
        """Return the rows of labels that were confirmed."""
        return {row for row, each in self.answers.items() if each.confirmed}

    def recent(self) -> list[m.Answered]:
        """Return the last answers, the newest first; labels that came with texts are none."""
        own = [row for row, each in self.answers.items() if each.way != "given" or each.confirmed]
        rows = own[: -RECENT - 1 : -1]
        return [m.Answered(row + 1, self.texts[row], self.answers[row].label) for row in rows]

    def described(self, base: BaseModel) -> m.Project:
        """Return what is shown of the project."""
        counts = dict.fromkeys(self.classes, 0)
        for _, label in self.labels():
            counts[label] += 1
        n_labelled = sum(counts.values())
        return m.Project(
            file=self._project.path.name,
            language=base.language,
            classes=self.classes,
            columns=self.columns,
            n_texts=len(self.texts),
            n_labelled=n_labelled,
            n_skipped=len(self.answers) - n_labelled,
            labels=counts,
            vectors=base.description,
            members=base.members,
        )
