"""The configurations of a comparison, and their names.

An arm encodes the pool of labelled texts and the test texts once, without labels. In each draw it
is fitted to some rows of the pool and predicts the test texts. Nothing is fitted to test texts.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from sentiment_transfer.base.extras import require_torch
from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.encoding.sentence_encoder import SentenceEncoder
from sentiment_transfer.errors import MissingExtraError, NotFittedError, SettingError
from sentiment_transfer.experiments.augmentation import SwappedWordsArm
from sentiment_transfer.experiments.baselines import (
    FeaturesArm,
    SeedWordsArm,
    fit_best_c,
    majority_arm,
    nbsvm_arm,
    tfidf_arm,
)
from sentiment_transfer.experiments.transfer_arms import (
    SCRATCH,
    NbsvmFeaturesArm,
    ZeroShotArm,
    averages_stages,
    lstm_stages,
    shipped,
)
from sentiment_transfer.polarity.class_order import polar_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sentiment_transfer.experiments.draws import Labels, Rows
    from sentiment_transfer.model import SentimentClassifier

__all__ = [
    "ARMS",
    "DEFAULT_ARMS",
    "Arm",
    "ModelArm",
    "RandomVectorsArm",
    "by_name",
    "check_names",
    "default_arms",
    "vectors_arm",
]


class Arm(Protocol):
    """One configuration.

    ``needs_labels``, read after ``prepare``, is False if it can predict from no rows at all.
    """

    needs_labels: bool

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Encode all texts; ``pool`` holds those that are in some draw, perhaps none.

        ``classes`` are the names of the labels, sorted.
        """
        ...

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Fit to rows of the pool and their labels; predict every test text.

        The labels are of two classes or more. At a budget of 0, which only arms with
        ``needs_labels`` False are run at, there are none.
        """
        ...


class ModelArm:
    """A `SentimentClassifier` whose vectors are fixed; the given one is not changed.

    The default stages predict without labels, if the names of the two classes, or the model's
    ``ordered``, determine the positive one.
    """

    def __init__(self, model: SentimentClassifier) -> None:
        self.model = copy.copy(model)
        self.needs_labels = True

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Encode the texts by the model's encoder."""
        self._pool, self._test = self.model.encode(pool), self.model.encode(test)
        order = self.model.ordered
        self._order: Any = order
        if order is None or order is False:
            self._order = polar_classes(classes, self.model.language)
        self.needs_labels = self._order is None or not self.model.knows_polarity

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Fit the head on the encoded rows."""
        model = _seeded(self.model, seed)
        if not len(rows):
            model.ordered = self._order
        return model.fit_encoded(self._pool[rows], labels).predict_encoded(self._test)


class RandomVectorsArm:
    """The same model on random word vectors, different ones in each draw: without pretraining.

    Raises ``NotFittedError`` for a model from a file whose encoder is fitted to unlabelled texts,
    because the file does not hold them.
    """

    needs_labels = True

    def __init__(self, model: SentimentClassifier) -> None:
        if not hasattr(model, "unlabelled_"):
            model.with_random_vectors()  # raises here, before any arm is run
        self.model = model

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Read the texts as token ids, which do not depend on the vectors."""
        self._pool, self._test = map(self.model.encoder_.read, (pool, test))

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Draw vectors, and fit the encoder and the head."""
        model = _seeded(self.model, seed).with_random_vectors()
        encode = model.encoder_.encode_read
        return model.fit_encoded(encode(self._pool[rows]), labels).predict_encoded(
            encode(self._test)
        )


def vectors_arm(
    model: SentimentClassifier,
    classifier: Any,  # noqa: ANN401  (scikit-learn's)
    Cs: Sequence[float] = (0.1, 1, 10, 100),
) -> FeaturesArm:
    """A classifier of scikit-learn on a model's averaged vectors, ``C`` by `fit_best_c`."""
    averages = model.with_head(classifier)
    fit = partial(fit_best_c, classifier=classifier, Cs=Cs)
    return FeaturesArm(lambda texts: averages.encode(texts).features, fit)


def _hidden_layer(model: SentimentClassifier) -> SentimentClassifier:
    return model.with_head(HiddenLayerClassifier())


def _logistic_regression(model: SentimentClassifier) -> Arm:
    from sklearn.linear_model import LogisticRegression

    return vectors_arm(model, LogisticRegression())


def _linear_svm(model: SentimentClassifier) -> Arm:
    from sklearn.svm import LinearSVC

    return vectors_arm(model, LinearSVC(random_state=0), Cs=(0.01, 0.1, 1, 10))


def _without_sentences(model: SentimentClassifier) -> Arm:
    _sentence_encoder(model)
    return ModelArm(copy.copy(model).set_params(sentence_encoder=None))


def _sentences(model: SentimentClassifier) -> Arm:
    from sklearn.linear_model import LogisticRegression

    fit = partial(fit_best_c, classifier=LogisticRegression(max_iter=1_000))
    return FeaturesArm(_sentence_encoder(model).encode, fit)


def _sentence_encoder(model: SentimentClassifier) -> SentenceEncoder:
    if model.sentence_encoder is None:
        raise SettingError(
            f"the arms {' and '.join(SENTENCE_ARMS)} need a model with a sentence encoder; give "
            "one with sentence_encoder=..., or leave them out"
        )
    return SentenceEncoder(model.sentence_encoder)


ARMS: dict[str, tuple[str, Callable[[SentimentClassifier], Arm]]] = {
    "model": ("pretrained model", ModelArm),
    "hidden-layer": ("pretrained, hidden layer", lambda m: ModelArm(_hidden_layer(m))),
    "logistic": ("pretrained, logistic regression", _logistic_regression),
    "svm": ("pretrained, linear SVM", _linear_svm),
    "swapped-words": ("pretrained, hidden layer, words swapped", SwappedWordsArm),
    "random": ("random vectors, hidden layer", lambda m: RandomVectorsArm(_hidden_layer(m))),
    "zero-shot": ("shipped model, no labels", lambda m: ZeroShotArm(shipped(m), m.ordered)),
    "nbsvm-features": ("pretrained, hidden layer, NB-SVM joined", NbsvmFeaturesArm),
    "fine-tuned": ("averages, fine-tuned", lambda m: ModelArm(m.with_head(**averages_stages()))),
    "end-to-end": (
        "averages, all from scratch",
        lambda m: RandomVectorsArm(m.with_head(**averages_stages(SCRATCH))),
    ),
    "lstm": ("LSTM, pretrained vectors", lambda m: ModelArm(m.with_head(**lstm_stages()))),
    "lstm-scratch": (
        "LSTM, all from scratch",
        lambda m: RandomVectorsArm(m.with_head(**lstm_stages(SCRATCH))),
    ),
    "no-sentences": ("pretrained model, no sentence encoder", _without_sentences),
    "sentences": ("sentence encoder + logistic regression", _sentences),
    "tfidf": ("TF-IDF + logistic regression", lambda m: tfidf_arm(m.language)),
    "nbsvm": ("NB-SVM", lambda m: nbsvm_arm(m.language)),
    "seeds": ("seed words, counted", lambda m: SeedWordsArm(m.language)),
    "majority": ("majority class", lambda _: majority_arm()),
}
"""Title of each arm by its name, and the function that makes it from a pretrained model."""


SENTENCE_ARMS = ("no-sentences", "sentences")
"""Arms for a model with a sentence encoder: the model without it, and it without the model."""

WITHOUT_TORCH = (
    *("model", "logistic", "svm", "zero-shot", "tfidf", "nbsvm", "seeds", "majority"),
    *SENTENCE_ARMS,
)
"""Arms that can be run without torch; the others train a network."""

DEFAULT_ARMS = ("model", "hidden-layer", "random", "tfidf", "nbsvm", "seeds", "majority")
"""The model, a network with and without pretraining, and the baselines."""


def check_names(names: Iterable[str]) -> list[str]:
    """List the names of arms; ``SettingError`` if there is none, one is unknown or is repeated."""
    listed = [names] if isinstance(names, str) else list(names)
    known = ", ".join(ARMS)
    if not listed:
        raise SettingError(f"arms is empty; it must name at least one of {known}")
    for name in listed:
        if name not in ARMS:
            raise SettingError(f"the arm {name!r} is not known; it must be one of {known}")
        if listed.count(name) > 1:
            raise SettingError(f"the arm {name!r} is named twice; name it once")
    return listed


def by_name(names: Iterable[str], model: SentimentClassifier) -> dict[str, Arm]:
    """Make arms, by title, from names in `ARMS` and a pretrained model.

    Raises ``SettingError`` for an unknown name, ``MissingExtraError`` where an arm needs torch,
    which is not installed, and ``NotFittedError`` for a model from a file: it does not hold the
    unlabelled texts that ``random`` and ``end-to-end`` fit their encoder to.
    """
    return {ARMS[name][0]: _make(name, model) for name in check_names(names)}


def default_arms(model: SentimentClassifier) -> tuple[dict[str, Arm], dict[str, str]]:
    """Make the arms of `DEFAULT_ARMS`, by title, and give the reasons for those left out.

    A model from a file does not hold the unlabelled texts that ``random`` needs, and networks need
    torch. ``seeds`` is not among the arms of a model without seed words. A model with a sentence
    encoder has those of `SENTENCE_ARMS` besides.
    """
    arms: dict[str, Arm] = {}
    left_out: dict[str, str] = {}
    more = () if model.sentence_encoder is None else SENTENCE_ARMS
    for name in (*DEFAULT_ARMS, *more):
        if name == "seeds" and model.seeds is None:
            continue
        try:
            arms[ARMS[name][0]] = _make(name, model)
        except (MissingExtraError, NotFittedError) as error:
            left_out[ARMS[name][0]] = str(error)
    return arms, left_out


def _make(name: str, model: SentimentClassifier) -> Arm:
    if name not in WITHOUT_TORCH:
        require_torch(f"the arm {name!r}")
    try:
        return ARMS[name][1](model)
    except NotFittedError as error:
        raise NotFittedError(
            f"the arm {name!r} needs unlabelled texts, which this model does not hold; call "
            "model.pretrain(unlabelled_texts) first"
        ) from error


def _seeded(model: SentimentClassifier, seed: int) -> SentimentClassifier:
    """Return a copy with another seed, also of its head: draws then vary its start as well."""
    model = copy.copy(model)
    model.seed = seed
    if hasattr(model.head, "get_params") and "seed" in model.head.get_params():
        from sklearn.base import clone

        model.head = clone(model.head).set_params(seed=seed)
    return model
