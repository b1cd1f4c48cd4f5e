"""A project while it is open: answers go to the disk, and a thread learns from them.

Whoever answers never waits for the model: an answer is written, the next text is already known,
and the thread fits a model to the latest answers, skipping those in between. All that is shown is
in `state`, whose version grows with each change.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, SentimentTransferError, shown
from sentiment_transfer.studio import messages as m
from sentiment_transfer.studio.choosing import Teacher, draw_to_measure, n_to_measure
from sentiment_transfer.studio.learning import learn
from sentiment_transfer.studio.learning_curve import Labelled, LearningCurve
from sentiment_transfer.studio.pool import Pool
from sentiment_transfer.studio.project_file import Answer, NewText, ProjectFile
from sentiment_transfer.studio.view import (
    ASK,
    curve_of,
    doubts_of,
    estimate_of,
    history_of,
    item_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sentiment_transfer.model import FittedStages
    from sentiment_transfer.studio.base_model import BaseModel
    from sentiment_transfer.studio.learning import Learnt

__all__ = ["Session"]

SHOWN, PLANNED = 3, 12
"""Next texts that are shown, and that are planned until the next model."""
RECENT = 8
IDLE_TRIALS = 18
"""Trials of the learning curve that are made after an answer while nothing else is to do."""
IDLE_TURN = 6
"""Trials after which the curve is shown again."""


@dataclass
class _Shown:
    """What the learner computed last."""

    n_answers: int = 0
    milliseconds: float | None = None
    estimate: m.Estimate | None = None
    history: list[m.ForecastPoint] = field(default_factory=list)
    curve: m.Curve | None = None
    doubtful: list[m.Doubt] = field(default_factory=list)


class Session:
    """An open project.

    Parameters
    ----------
    project
        Its file.
    base
        The model that labels start from.
    seed
        Of all random choices.
    """

    def __init__(self, project: ProjectFile, base: BaseModel, *, seed: int = 0) -> None:
        self.project = project
        self.base = base
        base.keep(project)
        self._seed = seed
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._listeners: list[Callable[[], None]] = []
        self._version = 0
        self._answers: dict[int, Answer] = {}  # by row, in the order of answering
        self._asked_at: float | None = None
        self._n_changes = 0  # of answers
        self._n_learnt = -1  # changes that the model knows
        self._message, self._problem = "", ""
        self._pool: Pool | None = None
        self._learnt: Learnt | None = None
        self._curve: LearningCurve | None = None
        self._teacher: Teacher | None = None
        self._planned: list[int] = []
        self._first: int | None = None  # a text that was taken back
        self._items: dict[tuple[int, int], m.Item] = {}
        self._shown = _Shown()
        self._n_trials = 0
        self._is_open = True
        self._load()
        self._thread = threading.Thread(target=self._work, name="learner", daemon=True)
        self._thread.start()

    # ---- what it holds

    def _load(self) -> None:
        """Read the project; texts are encoded by the learner."""
        self._texts = self.project.texts()
        names = [[*columns] for columns in self.project.columns()]
        self._columns = list(dict.fromkeys(name for each in names for name in each))
        self._measuring = {i - 1: (h, share) for i, h, share in self.project.measuring()}
        self._answers = {each.text_id - 1: each for each in self.project.answers()}
        self._classes: list[str] = self.project.fact("classes") or []
        self._phase: m.Phase | None = self.project.fact("phase")
        self._complete_classes()
        self._pool = None

    def _complete_classes(self) -> None:
        """Add the labels that came with the texts to the classes; without any, the usual two."""
        used = dict.fromkeys(
            each.label for each in self._answers.values() if each.label is not None
        )
        if not self._classes and len(used) < 2:
            self._classes = self.base.usual_classes([*used])
        missing = [label for label in used if label not in self._classes]
        if missing:
            self._classes = self.base.ordered([*self._classes, *missing])

    def listen(self, changed: Callable[[], None]) -> None:
        """Have a function called after each change, from any thread."""
        self._listeners.append(changed)

    def close(self) -> None:
        """End the learner and close the file."""
        with self._lock:
            self._is_open = False
            self._wake.notify_all()
        self._thread.join(timeout=30)
        self.project.close()

    @property
    def stages(self) -> FittedStages:
        """The model as it is now: with labels, or without."""
        with self._lock:
            model = self._learnt.model if self._learnt is not None else None
            return (model or self.base.model).stages_

    @property
    def texts(self) -> Sequence[str]:
        """All texts of the project."""
        return self._texts

    @property
    def labelled(self) -> tuple[list[str], list[str]]:
        """Texts with a label, and their labels, in the order of answering."""
        with self._lock:
            known = [(row, each.label) for row, each in self._answers.items() if each.label]
            return [self._texts[row] for row, _ in known], [label for _, label in known]

    # ---- what a user does

    def add_texts(self, source: str, texts: Iterable[NewText]) -> int:
        """Add texts of a file, with the labels that they came with; return their number."""
        with self._lock:
            n = self.project.add_texts(source, texts)
            self._load()
            self._changed(answers=True)
            return n

    def answer(self, row: int, label: str | None) -> None:
        """Write the label of a text to the disk; None skips it.

        The same label again changes nothing, so that an answer may be sent twice.

        Raises
        ------
        InputError
            There is no such text or class.
        """
        with self._lock:
            self._check(row, label)
            before = self._answers.get(row)
            if before is not None and before.label == label:
                return
            item = self._item(row)
            way = item.way if before is None else before.way
            self._write(row, Answer(row + 1, label, way, item.guess, item.probability))

    def relabel(self, row: int, label: str) -> None:
        """Give a text with a label another one, or confirm it."""
        with self._lock:
            self._check(row, label)
            before = self._answers.get(row)
            if before is None:
                raise InputError("this text has no label yet; label it first")
            self._write(row, replace(before, label=label, confirmed=True))

    def _write(self, row: int, answer: Answer) -> None:
        self.project.add_answer(answer)
        self._answers.pop(row, None)
        self._answers[row] = answer
        if self._first == row:
            self._first = None
        self._changed(answers=True)

    def _check(self, row: int, label: str | None) -> None:
        if not 0 <= row < len(self._texts):
            raise InputError(f"there is no text {row + 1}; the project has {len(self._texts):,}")
        if label is not None and label not in self._classes:
            listed = ", ".join(self._classes)
            raise InputError(f"label={shown(label)} is none of the classes; there are {listed}")

    def take_back(self) -> None:
        """Take the last answer back; its text comes next again."""
        with self._lock:
            text_id = self.project.take_back()
            if text_id is not None:
                self._answers = {each.text_id - 1: each for each in self.project.answers()}
                self._first = text_id - 1 if text_id - 1 not in self._answers else None
                self._changed(answers=True)

    def choose_phase(self, phase: m.Phase | None) -> None:
        """Have the next labels measure or teach; None leaves it to the number of labels."""
        with self._lock:
            self.project.keep_fact("phase", phase)
            self._phase, self._planned = phase, []
            self._changed(answers=True)

    def name_classes(self, classes: Sequence[str]) -> None:
        """Set the classes, the most negative first; those with labels must be among them."""
        used = {each.label for each in self._answers.values()}
        missing = sorted(label for label in used if label is not None and label not in classes)
        if missing:
            raise InputError(f"texts have the label {shown(missing[0])}; keep it as a class")
        if len({*classes}) < len(classes):
            raise InputError("a class is named twice; give different names")
        with self._lock:
            self.project.keep_fact("classes", [*classes])
            self._classes = [*classes]
            self._changed(answers=True)

    def use(self, base: BaseModel) -> None:
        """Start from another model; labels are kept."""
        with self._lock:
            base.keep(self.project)
            self.base, self._pool = base, None
            self.project.keep_measuring([])
            self._measuring = {}
            self._changed(answers=True)

    def _changed(self, *, answers: bool = False) -> None:
        if answers:
            self._n_changes += 1
            self._asked_at = perf_counter()
        self._version += 1
        self._wake.notify_all()
        for changed in self._listeners:
            changed()

    # ---- what is shown

    def state(self) -> m.State:
        """Return all that is shown."""
        with self._lock:
            ready = self._pool is not None and self._learnt is not None
            shown_ = self._shown
            queue = [self._item(row) for row in self._queue()[:SHOWN]] if ready else []
            last = next(reversed(self._answers), None)
            confirmed = self._confirmed()
            doubtful = [each for each in shown_.doubtful if each.id - 1 not in confirmed]
            asked = [each for each in doubtful if each.id - 1 == last and each.probability < ASK]
            return m.State(
                version=self._version,
                status="empty" if not self._texts else "ready" if ready else "preparing",
                message=self._problem or self._message,
                project=self._described(),
                model=max(self._n_learnt, 0),
                pending=self._n_learnt < self._n_changes,
                milliseconds=shown_.milliseconds,
                queue=queue,
                phase=self._phase_now(),
                n_to_measure=max(0, self._n_wanted() - self._n_measured()),
                estimate=shown_.estimate,
                history=shown_.history,
                curve=shown_.curve,
                doubt=asked[0] if asked else None,
                doubtful=doubtful,
                recent=self._recent(),
            )

    def _described(self) -> m.Project:
        counts = dict.fromkeys(self._classes, 0)
        n_skipped = 0
        for each in self._answers.values():
            if each.label is None:
                n_skipped += 1
            else:
                counts[each.label] += 1
        return m.Project(
            file=self.project.path.name,
            language=self.base.language,
            classes=self._classes,
            columns=self._columns,
            n_texts=len(self._texts),
            n_labelled=sum(counts.values()),
            n_skipped=n_skipped,
            labels=counts,
            vectors=self.base.description,
            members=self.base.members,
        )

    def _recent(self) -> list[m.Answered]:
        rows = [*self._answers][: -RECENT - 1 : -1]
        return [m.Answered(row + 1, self._texts[row], self._answers[row].label) for row in rows]

    def _confirmed(self) -> set[int]:
        return {row for row, each in self._answers.items() if each.confirmed}

    def _item(self, row: int) -> m.Item:
        """Return a text with the guess of the latest model, which is kept."""
        key = (row, self._n_learnt)
        if key not in self._items:
            way: m.Phase = self._way(row)
            if self._learnt is None or self._pool is None:
                return m.Item(row + 1, self._texts[row], way, None, None, 0.0, [], ["", ""])
            coverage = float(self._pool.encoded.coverage[row])
            self._items[key] = item_of(self._learnt, row, self._texts[row], coverage, way)
        return self._items[key]

    # ---- which text comes next

    def _n_wanted(self) -> int:
        n_different = 0 if self._pool is None else len(self._pool.different)
        return n_to_measure(len(self._measuring), n_different)

    def _n_measured(self) -> int:
        labelled = (row for row, each in self._answers.items() if each.label is not None)
        return sum(row in self._measuring for row in labelled)

    def _phase_now(self) -> m.Phase:
        if self._phase is not None:
            return self._phase
        return "measure" if self._n_measured() < self._n_wanted() else "teach"

    def _way(self, row: int) -> m.Phase:
        return "measure" if row in self._measuring else "teach"

    def _queue(self) -> list[int]:
        """Return the next texts, the first one first; those planned before, without answered."""
        left = [row for row in self._planned if row not in self._answers]
        if len(left) < SHOWN:
            left = self._planned = self._plan()
        if self._first is not None:
            left = [self._first, *(row for row in left if row != self._first)]
        return left

    def _plan(self) -> list[int]:
        if self._phase_now() == "measure":
            rows = [row for row in self._measuring if row not in self._answers]
            if rows:
                return rows[:PLANNED]
        if self._teacher is None or self._learnt is None:
            return []
        taken = {*self._answers, *self._measuring}
        rows = self._teacher.next(self._learnt, taken, PLANNED)
        if not rows:  # the measuring set is all that is left
            rows = [row for row in self._measuring if row not in self._answers]
        return rows

    # ---- the learner's thread

    def _work(self) -> None:
        while True:
            with self._lock:
                while self._is_open and not self._has_work():
                    self._wake.wait()
                if not self._is_open:
                    return
                texts, base, n = self._texts, self.base, self._n_changes
            try:
                if self._pool is None:
                    self._prepare(texts, base)
                elif self._n_learnt < n:
                    self._learn(n)
                else:
                    self._draw_curve()
            except (SentimentTransferError, OSError) as error:
                with self._lock:
                    self._problem, self._n_learnt = str(error), n
                    self._changed()

    def _has_work(self) -> bool:
        if not self._texts:
            return False
        if self._problem and self._n_learnt == self._n_changes:
            return False
        return self._pool is None or self._n_learnt < self._n_changes or self._may_draw()

    def _prepare(self, texts: Sequence[str], base: BaseModel) -> None:
        """Encode the texts, and draw the measuring set if there is none."""
        with self._lock:
            self._message = f"reading {len(texts):,} texts with {base.description}"
            self._problem = ""
            self._changed()
        pool = Pool.of(base.model, texts, adapt=base.adapts)
        with self._lock:
            if texts is not self._texts or base is not self.base:  # more came meanwhile
                return
            self._pool, self._learnt, self._shown = pool, None, _Shown()
            self._teacher = Teacher(pool, self._seed)
            self._curve, self._n_trials = LearningCurve(pool, self._seed), 0
            self._n_learnt, self._items, self._planned = -1, {}, []
            self._message = " ".join(pool.messages)
            if not self._measuring:
                drawn = draw_to_measure(pool, self._answers, self._seed)
                places = zip(drawn.strata.tolist(), drawn.shares.tolist(), strict=True)
                self._measuring = dict(zip(drawn.rows.tolist(), places, strict=True))
                self.project.keep_measuring(
                    [(row + 1, *place) for row, place in self._measuring.items()]
                )

    def _learn(self, n: int) -> None:
        """Fit a model to the answers, rank all texts, and estimate."""
        with self._lock:
            pool, curve, asked_at = self._pool, self._curve, self._asked_at
            given, names = self._given(), [*self._classes]
            confirmed = self._confirmed()
        assert pool is not None and curve is not None  # noqa: S101, PT018
        learnt = learn(pool, names, given.rows, given.labels.tolist())
        curve.try_one(given)
        found = _Shown(
            n,
            None,
            estimate_of(learnt, given),
            history_of(learnt, given),
            curve_of(curve.forecast(given)),
            doubts_of(learnt, pool.texts, confirmed),
        )
        with self._lock:
            if pool is not self._pool:
                return
            self._learnt, self._n_learnt, self._n_trials = learnt, n, 0
            self._items, self._planned = {}, []
            for row in self._queue()[:1]:
                self._item(row)
            if asked_at is not None:
                found.milliseconds = 1_000 * (perf_counter() - asked_at)
            self._shown, self._problem = found, ""
            self._message = " ".join({**dict.fromkeys(pool.messages + learnt.messages)})
            self._changed()

    def _given(self) -> Labelled:
        """Return the labelled texts; without any of the measuring set, all that came with one."""
        known = {row: each for row, each in self._answers.items() if each.label is not None}
        rows = np.array([*known], np.intp)
        places = [self._measuring.get(row, (0, 0.0)) for row in known]
        if not any(share for _, share in places):
            places = [(1, 1.0) for _ in known]
        strata = np.array([h for h, _ in places], np.intp)
        share = np.array([share for _, share in places], np.float64)
        return Labelled(rows, np.array([a.label for a in known.values()], np.str_), strata, share)

    def _may_draw(self) -> bool:
        curve = self._curve
        return curve is not None and self._n_trials < IDLE_TRIALS and len(self._answers) > 0

    def _draw_curve(self) -> None:
        """Make the learning curve more certain while nobody answers."""
        with self._lock:
            given, curve, pool, n = self._given(), self._curve, self._pool, self._n_changes
        assert curve is not None  # noqa: S101
        curve.try_one(given)
        with self._lock:
            if pool is not self._pool or n != self._n_changes:
                return
            self._n_trials += 1
            if self._n_trials % IDLE_TURN == 0:
                self._shown.curve = curve_of(curve.forecast(given))
                self._changed()
