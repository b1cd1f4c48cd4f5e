"""Compare arms, with and without pretraining, on the same draws of labels."""

from __future__ import annotations

import copy
import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.progress import Progress
from sentiment_transfer.base.progress_bars import shown_progress
from sentiment_transfer.classification.labels import as_labels, require_plausible
from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.corpus.formats import looks_like_path
from sentiment_transfer.errors import InputError, ModelFileError, NotFittedError, SettingError
from sentiment_transfer.experiments import report
from sentiment_transfer.experiments.arms import by_name, check_names, default_arms
from sentiment_transfer.experiments.cross_validation import with_order_as_text
from sentiment_transfer.experiments.draws import plan_draws
from sentiment_transfer.experiments.leaks import (
    check_labelled,
    read_extra_domains,
    warn_of_seen,
    without_test_texts,
)
from sentiment_transfer.experiments.multitask import check_extra_domains, multitask_arms
from sentiment_transfer.experiments.run_log import RunLog, digest
from sentiment_transfer.experiments.statistics import accuracy, macro_f1, summarise
from sentiment_transfer.model import SentimentClassifier, load
from sentiment_transfer.polarity.contradiction import SeedsContradictedWarning
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.pretraining.bank import bank_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame

    from sentiment_transfer.base.progress import Callback, OptionalCallback
    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.experiments.arms import Arm
    from sentiment_transfer.experiments.draws import Draw, Labels, Rows, Sampling

__all__ = ["Comparison", "compare", "default_arms"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The result of `compare`.

    Attributes
    ----------
    runs
        One row an arm and draw: ``arm``, ``budget``, ``draw``, ``accuracy``, ``macro_f1``,
        ``seconds``.
    reference, n_test
        The arm that gains are computed from, and the number of test texts.
    settings
        Budgets, draws, sampling, seed, sizes and the seconds it took, as JSON-able values.
    left_out
        Default arms that could not be run, by title, each with the reason.

    Examples
    --------
    >>> from sentiment_transfer import compare
    >>> pool = ["great", "fine", "superb", "dull", "awful", "weak"], ["good"] * 3 + ["bad"] * 3
    >>> test = ["a great film", "an awful plot"], ["good", "bad"]
    >>> result = compare("reviews-en", pool, test, budgets=[2], draws=3, arms=["model"])
    >>> list(result.table.columns), result.n_test
    (['budget', 'arm', 'draws', 'mean', 'std', 'worst', 'macro_f1', 'gain', 'gain_low',
    'gain_high', 'seconds'], 2)
    """

    runs: DataFrame
    reference: str
    n_test: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> DataFrame:
        """One row for each budget and arm; see `summarise`."""
        return summarise(self.runs, self.reference)

    def plot(self, path: str | Path) -> None:
        """Draw accuracy against labels, to PNG, SVG or PDF by the suffix of the path.

        Parameters
        ----------
        path
            Of the file, with the suffix ``.png``, ``.svg`` or ``.pdf``.

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        SettingError
            The suffix is another one.
        """
        report.plot_comparison(self, path)

    def save(self, path: str | Path) -> None:
        """Write the table as ``.csv`` or ``.md``, or table, runs and settings as ``.json``.

        Parameters
        ----------
        path
            Of the file.

        Raises
        ------
        SettingError
            The suffix is another one.
        """
        report.save_comparison(self, path)

    def __str__(self) -> str:
        return report.comparison_table(self)


def compare(
    texts: Iterable[str] | str | os.PathLike[str] | SentimentClassifier,
    labelled: Any,  # noqa: ANN401  (whatever read_labelled takes)
    test: Any,  # noqa: ANN401
    *,
    budgets: Sequence[int] = (8, 20, 100),
    draws: int = 20,
    sampling: Sampling = "balanced",
    arms: Mapping[str, Arm] | Iterable[str] | None = None,
    extra_domains: Mapping[str, Any] | None = None,
    language: str = "en",
    seed: int = 0,
    callback: OptionalCallback = "auto",
    resume: str | Path | None = None,
) -> Comparison:
    """Measure the gain from pretraining at several numbers of labels.

    Every arm is fitted to the same draws of labels and measured on the same test texts. A test
    text that is also among the unlabelled texts, up to case, spaces and punctuation, is dropped
    there, with a warning.

    Parameters
    ----------
    texts
        Unlabelled texts to pretrain on (whatever `read_texts` takes), or a pretrained
        `SentimentClassifier`, the path of its file, or the name of one that ships with the
        package, such as ``"reviews-en"``. A model is checked for test texts only in the sample of
        unlabelled texts that it holds before it is saved, with a warning.
    labelled, test
        Texts to draw labels from, and texts to measure accuracy on: whatever `read_labelled`
        takes, such as a file, a DataFrame, a pair of texts and labels.
    budgets
        Numbers of labels. At 0 only the arms that need no labels are measured, once each.
    draws
        Draws of labels at each budget; 20 or more separate gains from chance. There is one draw of
        a budget of all labels.
    sampling
        ``"balanced"`` or ``"natural"``; see `draw_labelled`.
    arms
        Names of arms (see `arms.ARMS`), or arms of your own by title, for which ``texts`` is not
        read. The first is the reference. By default those of `arms.DEFAULT_ARMS` that can be run;
        the result's ``left_out`` names the others.
    extra_domains
        Other labelled sets by name. Adds two arms that are also fitted to as many labels of each
        of them: a hidden layer that the sets share, and one network on all labels pooled. Not
        allowed with arms of your own.
    language
        Of the texts; a model has its own.
    seed
        Of the draws, of pretraining and of the arms.
    callback
        Called during pretraining and after every fit. ``"auto"`` shows bars on a terminal or in a
        notebook, None shows nothing.
    resume
        A file that keeps finished runs. Called again with the same arguments, or with more
        budgets, draws or arms, only missing runs are made. (Whether a title still means the same
        arm of your own is not checked.)

    Returns
    -------
    Comparison
        ``print`` shows its table.

    Raises
    ------
    InputError
        ``texts`` is a str that is neither a model nor a source of texts, a text is both labelled
        and tested, a test label is unknown, a budget exceeds the labelled texts, one of
        ``extra_domains`` has other labels or too few, or ``resume`` holds the runs of another
        comparison.
    NotFittedError
        The model has no vectors, or does not hold the unlabelled texts that an arm in ``arms``
        needs.
    SettingError
        A parameter is out of range, ``extra_domains`` is given with arms of your own, or all arms
        need labels at budget 0.

    Examples
    --------
    >>> pool = ["great", "fine", "superb", "dull", "awful", "weak"], ["good"] * 3 + ["bad"] * 3
    >>> test = ["a great film", "an awful plot"], ["good", "bad"]
    >>> result = compare("reviews-en", pool, test, budgets=[2], draws=3, arms=["model"])
    >>> result.runs[["arm", "budget", "draw"]].shape, result.n_test
    ((3, 3), 2)
    """
    import pandas as pd

    began = time.perf_counter()
    if extra_domains and isinstance(arms, Mapping):
        raise SettingError(
            "extra_domains is not allowed with arms of your own; add a MultiTaskArm to them"
        )
    pool, truth = read_labelled(labelled), read_labelled(test)
    for rows in (pool, truth):
        require_plausible(as_labels(rows.labels))
    check_labelled(pool, truth)
    plan = plan_draws(pool.labels, budgets, draws, sampling, seed)
    others = read_extra_domains(extra_domains or {}, truth.texts)
    check_extra_domains(others, set(pool.labels), plan[-1][0], sampling)
    depends_on: dict[str, Any] = {
        "seed": seed,
        "sampling": sampling,
        "labelled texts": digest([*pool.texts, *pool.labels]),
        "test texts": digest([*truth.texts, *truth.labels]),
    }
    sizes = {"n_labelled": len(pool), "n_test": len(truth)}
    left_out: dict[str, str] = {}
    if not isinstance(arms, Mapping):
        names = None if arms is None else check_names(arms)
        model = _pretrained(texts, truth.texts, language, seed, callback)
        arms, left_out = default_arms(model) if names is None else (by_name(names, model), {})
        depends_on["model"] = _digest_model(model)
        if others:
            arms = arms | multitask_arms(model, others, sampling)
            sets = (digest([name, *rows.texts, *rows.labels]) for name, rows in others.items())
            depends_on["extra domains"] = digest(sets)
        if hasattr(model, "unlabelled_"):
            sizes["n_unlabelled"] = len(model.unlabelled_.ids)
    if not arms:
        raise SettingError("arms is empty; it must hold at least one")
    with shown_progress(callback) as show:
        runs = _run_all(arms, plan, pool, truth, seed, RunLog(resume, depends_on), show)
    settings = {
        "budgets": sorted({budget for budget, _, _ in plan}),
        "draws": draws,
        "sampling": sampling,
        "seed": seed,
        **sizes,
        "seconds": round(time.perf_counter() - began, 2),
    }
    return Comparison(pd.DataFrame(runs), next(iter(arms)), len(truth), settings, left_out)


def _pretrained(
    texts: Iterable[str] | str | os.PathLike[str] | SentimentClassifier | WordVectors,
    test: Sequence[str],
    language: str,
    seed: int,
    callback: OptionalCallback,
) -> SentimentClassifier:
    """Open a model or pretrain one, without the test texts."""
    if isinstance(texts, str | os.PathLike):
        texts = _open_model(texts) or texts
    if isinstance(texts, WordVectors):
        raise SettingError(
            "texts are word vectors; pass "
            "SentimentClassifier(vectors=...).pretrain(unlabelled_texts) with them"
        )
    if isinstance(texts, SentimentClassifier):
        if not hasattr(texts, "vectors_"):
            raise NotFittedError("the model has no vectors yet; call pretrain(unlabelled_texts)")
        warn_of_seen(texts, test)
        return with_order_as_text(texts)
    try:
        unlabelled = read_texts(list(texts) if isinstance(texts, Iterator) else texts)
    except InputError as error:
        if not isinstance(texts, str):
            raise
        known = ", ".join(bank_names())
        raise InputError(f"{error}; the models that ship with the package are {known}") from error
    model = SentimentClassifier(language, seed=seed)
    return model.pretrain(without_test_texts(unlabelled, test), callback=callback)


def _open_model(source: str | os.PathLike[str]) -> SentimentClassifier | WordVectors | None:
    """Load the model of that name or in that file; None if it is something else."""
    path = Path(source)
    try:
        named = str(source) in bank_names()
        if not named and path.exists() and (path.is_dir() or looks_like_path(str(path))):
            return None
        return load(path)
    except OSError:  # longer than a path can be
        return None
    except ModelFileError:
        if path.is_file() and path.suffix == ".safetensors":
            raise
        return None


def _digest_model(model: SentimentClassifier) -> str:
    """Digest of all that fits depend on: parameters, vectors and the state of the encoder."""
    encoder = model.encoder_
    facts, tensors = encoder.state() if hasattr(encoder, "state") else (repr(encoder), {})
    arrays = [model.vectors_.matrix, *(tensors[name] for name in sorted(tensors))]
    raw = [np.ascontiguousarray(array).tobytes() for array in arrays]
    # a sentence encoder is known by the vectors in its state; its repr may hold an address
    settings = repr(copy.copy(model).set_params(sentence_encoder=None))
    return digest([settings, repr(facts), *model.vectors_.words, *raw])


def _run_all(
    arms: Mapping[str, Arm],
    plan: Sequence[Draw],
    pool: Labelled,
    truth: Labelled,
    seed: int,
    log: RunLog,
    callback: Callback | None,
) -> list[dict[str, Any]]:
    """Run every arm on every draw that has the labels it needs."""
    used = np.unique(np.concatenate([rows for _, _, rows in plan]))
    for arm in arms.values():
        arm.prepare([pool.texts[i] for i in used], truth.texts, sorted(set(pool.labels)))
    tasks = [
        (n, *draw) for n, arm in arms.items() for draw in plan if draw[0] or not arm.needs_labels
    ]
    if plan[0][0] == 0 and all(budget for _, budget, _, _ in tasks):
        raise SettingError(
            "every arm needs labels, and a budget is 0; leave it out, or compare a model with seed "
            "words on two classes whose names show the positive one (or set the model's ordered=)"
        )
    labels, answers = np.asarray(pool.labels), np.asarray(truth.labels)
    runs: list[dict[str, Any]] = []
    seconds = 0.0
    for name, budget, draw, rows in tasks:
        run = log.get((name, budget, draw))
        if run is None:
            own_seed = int(np.random.SeedSequence([seed, budget, draw]).generate_state(1)[0])
            places = np.searchsorted(used, rows)
            figures = _run(arms[name], places, labels[rows], answers, own_seed)
            run = {"arm": name, "budget": budget, "draw": draw, **figures}
            log.add(run)
        runs.append(run)
        seconds += run["seconds"]
        if callback is not None:
            metrics = {"accuracy": run["accuracy"]}
            callback(Progress("compare", len(runs), len(tasks), "fits", metrics, seconds))
    return runs


def _run(arm: Arm, rows: Rows, labels: Labels, answers: Labels, seed: int) -> dict[str, float]:
    """Measure one arm on one draw; with labels of one class, that class is always predicted."""
    began = time.perf_counter()
    if len(set(labels.tolist())) == 1:
        predicted = np.repeat(labels[:1], len(answers))
    else:
        with warnings.catch_warnings():  # of single draws: the accuracy is measured here
            warnings.simplefilter("ignore", SeedsContradictedWarning)
            predicted = arm.predict(rows, labels, seed)
    seconds = time.perf_counter() - began
    right, f1 = accuracy(answers, predicted), macro_f1(answers, predicted)
    return {"accuracy": right, "macro_f1": f1, "seconds": seconds}
