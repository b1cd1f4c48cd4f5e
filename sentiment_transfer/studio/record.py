"""What a project holds, in memory: texts, answers, measuring set, classes. Changes go to its file.

Texts are known by their row, from 0; in the file and on the page by their number, from 1.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, shortened, shown
from sentiment_transfer.studio import messages as m
from sentiment_transfer.studio.choosing import LEAST_TO_SHOW, n_to_measure
from sentiment_transfer.studio.learning_curve import Labelled
from sentiment_transfer.studio.project_file import Answer, NewText, ProjectFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.advice import MeasuringSet
    from sentiment_transfer.studio.base_model import BaseModel

__all__ = ["Record"]

RECENT = 8
"""Last answers that are shown."""
LONGEST = 300
"""Characters of their texts."""


class Record:
    """The texts and answers of a project. Not safe for threads by itself.

    Attributes
    ----------
    base
        The model that labels start from, whose language orders the classes.
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
        self.base = base
        self.texts: list[str] = []
        self.columns: list[str] = []
        self.answers: dict[int, Answer] = {}
        self.measuring: dict[int, tuple[int, float]] = {}
        self.classes: list[str] = project.fact("classes") or []
        self.phase: m.Phase | None = project.fact("phase")
        self.id: str = project.fact("id") or secrets.token_hex(8)
        project.keep_fact("id", self.id)
        self._load()

    def _load(self) -> None:
        self.texts = self._project.texts()
        self.columns = self._project.column_names()
        self.measuring = {i - 1: (h, share) for i, h, share in self._project.measuring()}
        self._drawn_from: dict[str, int] = self._project.fact("drawn_from", {})
        self._load_answers()
        self._complete_classes()

    def _load_answers(self) -> None:
        self.answers = {}
        self.counts: Counter[str | None] = Counter()
        self.confirmed: set[int] = set()
        for each in self._project.answers():
            self._take(each)

    def _take(self, answer: Answer) -> None:
        """Take an answer, in place of an earlier one; the latest one comes last."""
        row = answer.text_id - 1
        before = self.answers.pop(row, None)
        if before is not None:
            self.counts[before.label] -= 1
        self.answers[row] = answer
        self.counts[answer.label] += 1
        (self.confirmed.add if answer.confirmed else self.confirmed.discard)(row)

    def _complete_classes(self) -> None:
        """Add labels that came with texts to the classes; fewer than two are completed."""
        used = dict.fromkeys(label for _, label in self.labels())
        missing = [label for label in used if label not in self.classes]
        if missing and len(used) > 1 and self.classes == self.base.usual_classes([]):
            self.classes = []  # the usual two, which nobody chose
            missing = [*used]
        if missing:
            self.classes = self.base.ordered([*self.classes, *missing])
        if len(self.classes) < 2:
            self.classes = self.base.usual_classes(self.classes)

    # ---- changes

    def add_texts(self, source: str, texts: Iterable[NewText]) -> int:
        """Add texts with the labels that they came with; return their number.

        Raises
        ------
        InputError
            Their labels are others than those of the project, or too many together.
        """
        listed = [*texts]
        self._check_classes({new.label for new in listed if new.label is not None})
        n = self._project.add_texts(source, listed)
        self._load()
        return n

    def _check_classes(self, added: set[str]) -> None:
        used = {label for label in +self.counts if label is not None}
        both = f"the project has the labels {_listed(used)}, and the file {_listed(added)}"
        if used and added and not used & added:
            raise InputError(f"{both}; add its texts without labels, or rename these in the file")
        if len(used | added) > m.MAX_CLASSES:
            raise InputError(f"{both}; {m.MAX_CLASSES} are the most")

    def answer(
        self, row: int, label: str | None, guess: str | None = None, p: float | None = None
    ) -> bool:
        """Write the label of a text, None to skip it; return whether that is new.

        ``guess`` was shown with it, of probability ``p``. Raises ``InputError`` for a text or a
        class that there is not.
        """
        self._check(row, label)
        before = self.answers.get(row)
        if before is not None and before.label == label:
            return False
        self._write(Answer(row + 1, label, self.way(row), guess, p))
        return True

    def relabel(self, row: int, label: str) -> None:
        """Give a text with a label another one, or confirm it."""
        self._check(row, label)
        before = self.answers.get(row)
        if before is None or before.label is None:
            raise InputError("this text has no label yet; label it first")
        self._write(replace(before, label=label, confirmed=True))

    def _write(self, answer: Answer) -> None:
        self._take(replace(answer, place=self._project.add_answer(answer)))

    def _check(self, row: int, label: str | None) -> None:
        if not 0 <= row < len(self.texts):
            raise InputError(f"there is no text {row + 1}; the project has {len(self.texts):,}")
        if label is not None and label not in self.classes:
            raise InputError(f"this is none of the classes; there are {', '.join(self.classes)}")

    def take_back(self, place: int | None = None) -> int | None:
        """Take the last answer back; return its row, if the text has no answer now.

        With ``place``, only if it is that answer, so that this may be sent twice.
        """
        text_id = self._project.take_back(place)
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
        missing = sorted({label for label in +self.counts if label is not None} - {*classes})
        if missing:
            raise InputError(f"texts have the label {shown(missing[0])}; keep it as a class")
        if len({*classes}) < len(classes):
            raise InputError("a class is named twice; give different names")
        self._project.keep_fact("classes", [*classes])
        self.classes = [*classes]

    def measure_by(self, drawn: MeasuringSet, n_taken: int) -> None:
        """Set the texts that measure, drawn from all but ``n_taken``, which had an answer."""
        places = zip(drawn.strata.tolist(), drawn.shares.tolist(), strict=True)
        measuring = dict(zip(drawn.rows.tolist(), places, strict=True))
        rows = [(row + 1, *place) for row, place in measuring.items()]
        drawn_from = {"n_texts": len(self.texts), "n_taken": n_taken}
        self._project.keep_measuring(rows)
        self._project.keep_fact("drawn_from", drawn_from)
        self.measuring, self._drawn_from = measuring, drawn_from

    # ---- what follows from it

    @property
    def n_measured(self) -> int:
        """Number of labels of the measuring set."""
        found = (self.answers.get(row) for row in self.measuring)
        return sum(each is not None and each.label is not None for each in found)

    @property
    def needs_measuring_set(self) -> bool:
        """Whether texts to measure are still to be drawn: none of them has a label yet."""
        return not self.n_measured and self._drawn_from.get("n_texts") != len(self.texts)

    def about_measure(self) -> str:
        """Return what a reader of the accuracy has to know of the labels that measure."""
        if self.n_measured < LEAST_TO_SHOW:
            return "; these came with their texts, and count as if they were drawn at random"
        n, n_taken = self._drawn_from["n_texts"], self._drawn_from["n_taken"]
        n_asked = sum(row in self.confirmed for row in self.measuring)
        n_skipped = sum(row in self.answers for row in self.measuring) - self.n_measured
        notes = [
            f"texts that were skipped and do not count: {n_skipped:,}" if n_skipped else "",
            f"of the first {n:,} texts" if n < len(self.texts) else "",
            f"texts that had an answer before and are left out: {n_taken:,}" if n_taken else "",
            f"labels that were looked at again after a question: {n_asked:,}" if n_asked else "",
        ]
        return "".join(f"; {note}" for note in notes if note)

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
        wanted = n_to_measure(len(self.measuring), n_different) - self.n_measured
        return max(0, min(wanted, len(self.unanswered(self.measuring))))

    def unanswered(self, rows: Iterable[int]) -> list[int]:
        """Return those of the rows that have no answer, in order."""
        return [row for row in rows if row not in self.answers]

    def labelled(self, first: NDArray[np.intp]) -> Labelled:
        """Return the labelled texts, and which of them measure.

        Of equal texts, which have the same row in ``first``, one label is taken: one that measures,
        or else the latest, since a model must not be judged by a text that it knows. With fewer
        than 8 labels of the measuring set, all measure that came with their texts, as if these were
        drawn at random.
        """
        kept: dict[int, int] = {}
        for row, _ in self.labels():
            if kept.get(int(first[row])) not in self.measuring:
                kept[int(first[row])] = row
        rows = [*kept.values()]
        places = [self.measuring.get(row, (0, 0.0)) for row in rows]
        if self.n_measured < LEAST_TO_SHOW:
            places = [(1, float(self.answers[row].way == "given")) for row in rows]
        return Labelled(
            np.array(rows, np.intp),
            np.array([self.answers[row].label for row in rows], np.str_),
            np.array([stratum for stratum, _ in places], np.intp),
            np.array([share for _, share in places], np.float64),
        )

    def recent(self) -> list[m.Answered]:
        """Return the last answers, the newest first; labels that came with texts are none."""
        own = (each for each in reversed(self.answers.values()) if each.is_own)
        return [
            m.Answered(
                each.place,
                each.text_id,
                shortened(self.texts[each.text_id - 1], LONGEST),
                each.label,
            )
            for each in islice(own, RECENT)
        ]

    def described(self) -> m.Project:
        """Return what is shown of the project."""
        counts = {name: self.counts[name] for name in self.classes}
        n_labelled = sum(counts.values())
        return m.Project(
            id=self.id,
            file=self._project.path.name,
            language=self.base.language,
            classes=self.classes,
            columns=self.columns,
            n_texts=len(self.texts),
            n_labelled=n_labelled,
            n_skipped=len(self.answers) - n_labelled,
            labels=counts,
            vectors=self.base.description,
            members=self.base.members,
        )


def _listed(labels: set[str]) -> str:
    return ", ".join(shown(label) for label in sorted(labels))
