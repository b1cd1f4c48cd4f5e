"""With and without pretraining, side by side, on the same draws of labels."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.misfit import KnowledgeMisfitWarning
from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.errors import NotFittedError, SettingError
from sentiment_transfer.experiments.arms import by_name, check_names, default_arms
from sentiment_transfer.experiments.draws import plan_draws
from sentiment_transfer.experiments.leaks import (
    check_labelled,
    read_beside,
    unseen,
    warn_of_seen,
)
from sentiment_transfer.experiments.multitask_arm import arms_beside, check_beside
from sentiment_transfer.experiments.resume import RunLog, digest
from sentiment_transfer.experiments.statistics import accuracy, macro_f1, summarise
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.experiments.arms import Arm
    from sentiment_transfer.experiments.draws import Draw, Prevalence
    from sentiment_transfer.progress import Callback

__all__ = ["Comparison", "compare", "default_arms"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What `compare` measured.

    Attributes
    ----------
    runs
        DataFrame, one row an arm and draw: ``arm``, ``budget``, ``draw``, ``accuracy``,
        ``macro_f1``, ``seconds``.
    reference
        The arm that gains are measured from.
    n_test
        Number of test texts.
    made_from
        What it was made from, as JSON-able values: budgets, draws, prevalence, seed, sizes and
        the seconds it took.
    """

    runs: DataFrame
    reference: str
    n_test: int
    made_from: Mapping[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> DataFrame:
        """One row for each budget and arm; see `summarise`."""
        return summarise(self.runs, self.reference)

    def plot(self, path: str | Path) -> None:
        """Draw accuracy against labels, to PNG, SVG or PDF by the ending of the path."""
        from sentiment_transfer.experiments.plots import plot_comparison

        plot_comparison(self, path)

    def save(self, path: str | Path) -> None:
        """Write the table as ``.csv`` or ``.md``, or table, runs and ``made_from`` as ``.json``.

        Any other ending raises ``SettingError``.
        """
        from sentiment_transfer.experiments.tables import save_comparison

        save_comparison(self, path)

    def __str__(self) -> str:
        from sentiment_transfer.experiments.tables import comparison_table

        return comparison_table(self)


def compare(
    texts: Iterable[str] | str | SentimentClassifier,
    labelled: Any,  # noqa: ANN401  (whatever read_labelled takes)
    test: Any,  # noqa: ANN401
    *,
    budgets: Sequence[int] = (8, 20, 100),
    draws: int = 20,
    prevalence: Prevalence = "balanced",
    arms: Mapping[str, Arm] | Iterable[str] | None = None,
    beside: Mapping[str, Any] | None = None,
    language: str = "en",
    seed: int = 0,
    callback: Callback | None = None,
    resume: str | Path | None = None,
) -> Comparison:
    """Measure what pretraining is worth at several numbers of labels.

    Every arm learns from the same draws of labels and is measured on the same test texts. No test
    text is learnt from: one that also stands among the unlabelled texts, up to case, spaces and
    punctuation, is left out there, with a warning.

    Parameters
    ----------
    texts
        Unlabelled texts to pretrain on (whatever `read_texts` takes), or a `SentimentClassifier`
        that has its vectors. Of a model it cannot be known whether it was pretrained on test
        texts; see to it that it was not. Where it still has a sample of its unlabelled texts,
        a test text among them is warned of.
    labelled, test
        Whatever `read_labelled` takes: a file, a DataFrame, a pair of texts and labels. Labels
        are drawn from ``labelled``; accuracy is measured on ``test``.
    budgets
        Numbers of labels. At 0 stand the arms that can do without, each measured once.
    draws
        Draws of labels at each budget; 20 or more tell luck from gain. Where the budget is all
        there are, all draws would be alike, and one is made.
    prevalence
        ``"balanced"`` or ``"natural"``; see `draw_labelled`.
    arms
        Names of arms (see `arms.ARMS`), or arms of your own by title, for which ``texts`` is not
        read. The first is the reference; `default_arms` if not given.
    beside
        Other labelled sets by name, such as other domains (whatever `read_labelled` takes). Two
        arms more then learn from as many labels of each of them too, by a hidden layer that they
        share and with all labels pooled; not beside arms of your own.
    language
        Of the texts, where they are not a model that knows it.
    seed
        Decides the draws, pretraining, and what is random in the arms.
    callback
        Is told of pretraining and of every fit.
    resume
        A file that finished runs are kept in. Called again with the same arguments, or more
        budgets, draws or arms, only what is missing is run, and the result is the same. (That
        titles of your own arms still mean the same cannot be checked.)

    Raises
    ------
    InputError
        A text is labelled and tested at once, a test label is unknown, a budget exceeds the
        labelled texts, a set ``beside`` has other labels or too few, or ``resume`` holds the runs
        of another comparison.
    SettingError
        A parameter cannot work, ``beside`` stands with arms of your own, or no arm can do without
        labels at budget 0.
    """
    began = time.perf_counter()
    if beside and isinstance(arms, Mapping):
        raise SettingError("beside= adds arms to named ones; make a MultiTaskArm among your own")
    pool, truth = read_labelled(labelled), read_labelled(test)
    check_labelled(pool, truth)
    plan = plan_draws(pool.labels, budgets, draws, prevalence, seed)
    others = read_beside(beside or {}, truth.texts)
    check_beside(others, set(pool.labels), plan[-1][0], prevalence)
    depends_on: dict[str, Any] = {
        "seed": seed,
        "prevalence": prevalence,
        "labelled texts": digest([*pool.texts, *pool.labels]),
        "test texts": digest([*truth.texts, *truth.labels]),
    }
    sizes = {"n_labelled": len(pool), "n_test": len(truth)}
    if not isinstance(arms, Mapping):
        names = None if arms is None else check_names(arms)
        model = _pretrained(texts, truth.texts, language, seed, callback)
        arms = default_arms(model) if names is None else by_name(names, model)
        depends_on["model"] = _digest_model(model)
        if others:
            arms = arms | arms_beside(model, others, prevalence)
            sets = (digest([name, *rows.texts, *rows.labels]) for name, rows in others.items())
            depends_on["texts beside"] = digest(sets)
        if hasattr(model, "unlabelled_"):
            sizes["n_unlabelled"] = len(model.unlabelled_.ids)
    if not arms:
        raise SettingError("arms is empty; give at least one")
    runs = _run_all(arms, plan, pool, truth, seed, RunLog(resume, depends_on), callback)
    import pandas as pd

    made_from = {
        "budgets": sorted({budget for budget, _, _ in plan}),
        "draws": draws,
        "prevalence": prevalence,
        "seed": seed,
        **sizes,
        "seconds": round(time.perf_counter() - began, 2),
    }
    return Comparison(pd.DataFrame(runs), next(iter(arms)), len(truth), made_from)


def _pretrained(
    texts: Iterable[str] | str | SentimentClassifier,
    test: Sequence[str],
    language: str,
    seed: int,
    callback: Callback | None,
) -> SentimentClassifier:
    if isinstance(texts, SentimentClassifier):
        if not hasattr(texts, "vectors_"):
            raise NotFittedError("the model has no vectors yet; call pretrain(unlabelled_texts)")
        warn_of_seen(texts, test)
        return texts
    unlabelled = read_texts(list(texts) if isinstance(texts, Iterator) else texts)
    model = SentimentClassifier(language, seed=seed)
    return model.pretrain(unseen(unlabelled, test), callback=callback)


def _digest_model(model: SentimentClassifier) -> str:
    """What fits depend on: the parameters, the vectors, and what the encoder learnt."""
    encoder = model.encoder_
    facts, tensors = encoder.state() if hasattr(encoder, "state") else (repr(encoder), {})
    arrays = [model.vectors_.matrix, *(tensors[name] for name in sorted(tensors))]
    raw = [np.ascontiguousarray(array).tobytes() for array in arrays]
    return digest([repr(model), repr(facts), *model.vectors_.words, *raw])


def _run_all(
    arms: Mapping[str, Arm],
    plan: Sequence[Draw],
    pool: Labelled,
    truth: Labelled,
    seed: int,
    log: RunLog,
    callback: Callback | None,
) -> list[dict[str, Any]]:
    """Run every arm on every draw that it can learn from."""
    used = np.unique(np.concatenate([rows for _, _, rows in plan]))
    for arm in arms.values():
        arm.prepare([pool.texts[i] for i in used], truth.texts, sorted(set(pool.labels)))
    tasks = [
        (name, budget, draw, rows)
        for name, arm in arms.items()
        for budget, draw, rows in plan
        if budget or not arm.needs_labels
    ]
    if plan[0][0] == 0 and not any(budget == 0 for _, budget, _, _ in tasks):
        raise SettingError(
            "no arm can do without labels at budget 0: that takes a model with seed words, and two "
            "classes whose names tell which is the positive one (or the model's ordered=)"
        )
    labels, answers = np.asarray(pool.labels), np.asarray(truth.labels)
    runs: list[dict[str, Any]] = []
    seconds = 0.0
    for name, budget, draw, rows in tasks:
        run = log.get((name, budget, draw))
        if run is None:
            run = {"arm": name, "budget": budget, "draw": draw}
            own_seed = int(np.random.SeedSequence([seed, budget, draw]).generate_state(1)[0])
            places = np.searchsorted(used, rows)
            run |= _run(arms[name], places, labels[rows], answers, own_seed)
            log.add(run)
        runs.append(run)
        seconds += run["seconds"]
        if callback is not None:
            metrics = {"accuracy": run["accuracy"]}
            callback(Progress("compare", len(runs), len(tasks), "fits", metrics, seconds))
    return runs


def _run(
    arm: Arm,
    rows: NDArray[np.intp],
    labels: NDArray[np.str_],
    answers: NDArray[np.str_],
    seed: int,
) -> dict[str, float]:
    """Measure one arm on one draw. From labels of a single class all arms answer that class."""
    began = time.perf_counter()
    if len(set(labels.tolist())) == 1:
        predicted = np.repeat(labels[:1], len(answers))
    else:
        with warnings.catch_warnings():  # of single draws: here accuracy tells what fits
            warnings.simplefilter("ignore", KnowledgeMisfitWarning)
            predicted = arm.predict(rows, labels, seed)
    seconds = time.perf_counter() - began
    return {
        "accuracy": accuracy(answers, predicted),
        "macro_f1": macro_f1(answers, predicted),
        "seconds": seconds,
    }
