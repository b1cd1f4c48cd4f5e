"""What a job does, in a process of its own: it reads the project and sends what comes out.

Each function takes a `Task` and a function to report progress with, and returns what the page
shows, or a model file.
"""

from __future__ import annotations

import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.progress import Progress
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.errors import InputError
from sentiment_transfer.studio.project_file import ProjectFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentiment_transfer.base.progress import Callback
    from sentiment_transfer.model import FittedStages, SentimentClassifier
    from sentiment_transfer.studio.base_model import BaseModel

__all__ = ["WORK", "Task"]

LEAST_TO_COMPARE = 16
TESTED = 0.5
"""Share of the labels that a comparison is tested on."""
DRAWS = 5
ARMS = ("model", "random", "tfidf")
ARMS_WITHOUT_TORCH = ("model", "tfidf")
N_PARTS = 4
"""Of an overview."""
EPOCHS = 16
"""Of pretraining, unless the page says how many."""


@dataclass(frozen=True)
class Task:
    """What to work on.

    Attributes
    ----------
    project
        Path of its file.
    base
        The model that it starts from.
    epochs
        Of pretraining.
    by
        Column to group an overview by; None lets it choose.
    model
        The latest model, as a file, for an overview.
    seed
        Of all random choices.
    """

    project: Path
    base: BaseModel
    epochs: int | None = None
    by: str | None = None
    model: bytes | None = None
    seed: int = 0


def _texts(task: Task) -> list[str]:
    project = ProjectFile(task.project)
    texts = project.texts()
    project.close()
    return texts


def _labelled(task: Task) -> tuple[list[str], list[str]]:
    """Return the texts with a label, and the labels."""
    project = ProjectFile(task.project)
    rows = project.labels()
    project.close()
    return [row["text"] for row in rows], [row["label"] for row in rows]


def pretrain(task: Task, report: Callback) -> bytes:
    """Learn word vectors from the texts; return a model file without labels."""
    model = _pretrained(task, _texts(task), report)
    if not model.knows_polarity:
        raise InputError(
            "too few seed words are frequent in these texts to know polarity without labels; add "
            "texts, or use vectors of the package"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own.safetensors"
        model.save(path, "float16")
        return path.read_bytes()


def _pretrained(
    task: Task, texts: list[str], report: Callback | None = None
) -> SentimentClassifier:
    """Return a model with vectors of these texts."""
    from sentiment_transfer.model import SentimentClassifier
    from sentiment_transfer.pretraining import SkipGram

    skipgram = SkipGram(epochs=task.epochs or EPOCHS, seed=task.seed)
    model = SentimentClassifier(task.base.language, skipgram=skipgram, seed=task.seed)
    return model.pretrain(texts, callback=report)


def choose(task: Task, report: Callback) -> dict[str, Any]:  # noqa: ARG001  (it has no steps)
    """Compare word vectors; return the verdict and a table."""
    from sentiment_transfer.advice import choose_vectors

    texts, labels = _labelled(task)
    known = (texts, labels) if len(set(labels)) > 1 else None
    found = choose_vectors(_texts(task), known, language=task.base.language, seed=task.seed)
    header, rows = found.cells()
    return {
        "chosen": found.name,
        "verdict": asdict(found.verdict),
        "header": header,
        "rows": rows,
    }


def compare(task: Task, report: Callback) -> dict[str, Any]:
    """Measure what pretraining is worth on the labels of the project."""
    from sentiment_transfer.experiments import compare as run
    from sentiment_transfer.experiments.arms import ARMS as TITLED

    texts, labels, pool, test = _divided(task)
    budgets = [n for n in (2, 4, 8, 16, 32, 64, 128) if n <= len(pool)]
    found = run(
        _pretrained_without(task, {text_key(texts[i]) for i in test}),
        ([texts[i] for i in pool], [labels[i] for i in pool]),
        ([texts[i] for i in test], [labels[i] for i in test]),
        budgets=budgets,
        draws=DRAWS,
        sampling="natural",
        arms=ARMS if find_spec("torch") else ARMS_WITHOUT_TORCH,
        seed=task.seed,
        callback=report,
    )
    names = {title: name for name, (title, _) in TITLED.items()}
    arms: dict[str, list[dict[str, Any]]] = {}
    for row in found.table.to_dict("records"):
        spread = 0.0 if np.isnan(row["std"]) else row["std"]
        arms.setdefault(names[row["arm"]], []).append(
            {
                "n_labels": int(row["budget"]),
                "accuracy": row["mean"],
                "low": max(0.0, row["mean"] - spread),
                "high": min(1.0, row["mean"] + spread),
            }
        )
    return {
        "arms": [{"name": name, "points": points} for name, points in arms.items()],
        "said": (
            f"tested on {len(test):,} labels, none of which teaches, learnt from up to "
            f"{budgets[-1]:,} others in {DRAWS} draws; the band is the standard deviation over the "
            "draws. Texts that are hard for the model are more frequent among those that measure, "
            "so read the differences; how good the model is, the Label tab estimates"
        ),
    }


def _divided(task: Task) -> tuple[list[str], list[str], list[int], list[int]]:
    """Return labelled texts and labels, the rows to learn from, and those to test on.

    Half of the labels that measure, or that came with their texts, test; those that teach were
    chosen because they are hard. Of equal texts one is taken.
    """
    from sklearn.model_selection import train_test_split

    project = ProjectFile(task.project)
    rows = {text_key(row["text"]): row for row in project.labels()}
    project.close()
    texts, labels, ways = ([row[key] for row in rows.values()] for key in ("text", "label", "way"))
    judges = [i for i, way in enumerate(ways) if way != "teach"]
    counts = np.unique([labels[i] for i in judges], return_counts=True)[1]
    if len(judges) < LEAST_TO_COMPARE or len(counts) < 2 or counts.min() < 4:
        raise InputError(
            f"{len(judges)} labels are too few to compare by, without those that teach; "
            f"{LEAST_TO_COMPARE} or more are needed, at least four of each class"
        )
    _, test = train_test_split(
        judges,
        test_size=TESTED,
        random_state=task.seed,
        stratify=[labels[i] for i in judges],
    )
    return texts, labels, sorted({*range(len(texts))} - {*test}), test


def _pretrained_without(task: Task, tested: set[bytes]) -> SentimentClassifier:
    """Return the model without labels, which has not seen the tested texts.

    It holds the other texts, which random vectors need. Vectors of the project's own texts are
    learnt again without them.
    """
    others = [text for text in _texts(task) if text_key(text) not in tested]
    return _pretrained(task, others) if task.base.is_own else task.base.model.adapt(others)


def overview(task: Task, report: Callback) -> dict[str, Any]:
    """Describe what the texts say by the latest model; return figures, and a page to keep."""
    from sentiment_transfer.overview import describe_opinions, overview_page

    project = ProjectFile(task.project)
    texts, rows = project.texts(), project.columns()
    names = project.column_names()
    project.close()
    parts: list[str] = []

    def part(name: str) -> None:
        parts.append(name)
        report(Progress("overview", len(parts) - 1, N_PARTS, "parts"))

    columns = {name: [row.get(name) for row in rows] for name in names}
    with _model_of(task) as stages:
        found = describe_opinions(stages, texts, columns, task.by, on_part=part)
    page = overview_page(found, f"Opinions in {task.project.name}")
    return {"figures": found.as_dict(), "page": page}


@contextmanager
def _model_of(task: Task) -> Iterator[FittedStages]:
    """Yield the latest model, read from a file that is removed afterwards."""
    from sentiment_transfer.model.files import open_member

    assert task.model is not None  # noqa: S101  (an overview is given one)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(task.model)
        yield open_member(path)


WORK: dict[str, Callable[[Task, Callback], Any]] = {
    "choose": choose,
    "pretrain": pretrain,
    "compare": compare,
    "overview": overview,
}


def ignore_warnings() -> None:
    """Show no warnings in the terminal: a page reports what matters."""
    warnings.simplefilter("ignore")


def as_message(progress: Progress) -> dict[str, Any]:
    """Return progress as it is sent to the parent."""
    return {
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "seconds": progress.seconds,
        "seconds_left": progress.eta,
        "metrics": dict(progress.metrics),
    }
