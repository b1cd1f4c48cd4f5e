"""The default stages two and three: what is known of polarity, and labels on top of it.

`PolarityEncoder` turns texts into everything that is known of them before a label, and
`InformedClassifier` lets labels refine it: none, two, eight or thousands, by the same call.
"""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.hidden_on_map import HiddenOnMap, fit_hidden
from sentiment_transfer.classification.misfit import warn_of_misfit
from sentiment_transfer.classification.mixture import Features, GuardedMixture, Member, OneVsRest
from sentiment_transfer.classification.polarity import (
    Polarity,
    mean_of_texts,
    polarity_from_labels,
    polarity_from_seeds,
    seed_ids,
    sentence_vectors,
)
from sentiment_transfer.classification.weighting import row_weights
from sentiment_transfer.classification.words import (
    GramFrequencies,
    Grams,
    GramTfidf,
    grams_of_texts,
)
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.estimator import Estimator
from sentiment_transfer.languages import load_language
from sentiment_transfer.text import TokenIds, Tokenizer
from sentiment_transfer.text.counting import select

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, Self, TypeAlias

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.classification.weighting import ClassWeight
    from sentiment_transfer.pretraining.vectors import WordVectors

    Seeds: TypeAlias = Literal["language"] | tuple[Sequence[str], Sequence[str]] | None

__all__ = ["SAMPLE_TEXTS", "InformedClassifier", "InformedFeatures", "PolarityEncoder"]

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

_FEW_WEIGHTS = 1 << 20
"""Up to so many, a full matrix of word weights is no worse than a sparse one."""

SAMPLE_TEXTS = 5_000
"""Unlabelled texts that tell how common words are."""

TAUGHT_SLOPE = 0.75
"""Prior mean slope of a score that the labels themselves taught, less sure than seed words."""


@dataclass(frozen=True, eq=False)
class InformedFeatures:
    """What is known of ``n`` texts before any label.

    Attributes
    ----------
    score
        Polarity score, float64 ``(n,)``, positive above 0; None without seed words.
    pooled
        Sentence vectors with words weighted by polarity, float32 ``(n, d)``; None likewise.
    plain
        Sentence vectors with all words alike, float32 ``(n, d)``.
    grams
        Words and word pairs.
    frequencies
        How common they are among unlabelled texts.
    ids
        The texts as token ids, where labels are to teach polarity; None where seed words do.
    taught
        The polarity that scored them, if labels taught it.
    """

    score: NDArray[np.float64] | None
    pooled: NDArray[np.float32] | None
    plain: NDArray[np.float32]
    grams: Grams
    frequencies: GramFrequencies
    ids: TokenIds | None = None
    taught: Polarity | None = None

    def __len__(self) -> int:
        return len(self.plain)

    def __getitem__(self, rows: NDArray[np.intp]) -> InformedFeatures:
        return InformedFeatures(
            None if self.score is None else self.score[rows],
            None if self.pooled is None else self.pooled[rows],
            self.plain[rows],
            self.grams[rows],
            self.frequencies,
            None if self.ids is None else select(self.ids, np.arange(len(self))[rows]),
            self.taught,
        )


class PolarityEncoder(Estimator):
    """Texts to `InformedFeatures`.

    Parameters
    ----------
    vectors
        Word vectors.
    seeds
        ``"language"`` takes the seed words of the language's file; a pair ``(positive, negative)``
        of lists of words or phrases replaces them; None does without, until labels teach polarity
        (`taught`).
    prevalence
        Share of positive texts, if it is known.
    seed
        Of the choice of texts that teach polarity.

    Attributes
    ----------
    polarity_ : Polarity or None
    mean_ : ndarray of float32, shape (d,)
        Mean of the texts' plain averages.
    frequencies_ : GramFrequencies
        How common words and word pairs are.
    """

    _takes_texts = True

    def __init__(
        self,
        vectors: WordVectors,
        *,
        seeds: Seeds = "language",
        prevalence: float | None = None,
        seed: int = 0,
    ) -> None:
        self.vectors = vectors
        self.seeds = seeds
        self.prevalence = prevalence
        self.seed = seed

    def fit(
        self,
        texts: Sequence[str] | TokenIds,
        y: object = None,
        *,
        background: Polarity | None = None,
        sample: Sequence[str] | None = None,
    ) -> Self:
        """Learn polarity and means from unlabelled texts, or their token ids.

        Parameters
        ----------
        background
            What was learnt over the same vectors from other texts; see `polarity_from_seeds`.
        sample
            Some of the texts, to count how common words are, stop words included; the first
            5,000 of ``texts`` if not given and ``texts`` are not ids.
        """
        if sample is None:
            sample = [] if isinstance(texts, TokenIds) else list(texts[:SAMPLE_TEXTS])
        self.frequencies_ = GramFrequencies.of(grams_of_texts(sample, self.gram_tokenizer))
        ids = texts if isinstance(texts, TokenIds) else self.vectors.encode(texts)
        if not len(ids.ids):
            raise InputError("no unlabelled text holds a word that has a vector")
        matrix = self.vectors.matrix
        self.mean_ = mean_of_texts(ids, matrix, None)
        self.polarity_: Polarity | None = None
        seeds = self._known_seeds()
        if seeds is not None:
            self.polarity_ = polarity_from_seeds(
                matrix,
                ids,
                *seeds,
                background=background,
                prevalence=self.prevalence,
                seed=self.seed,
            )
        return self

    def _known_seeds(self) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
        """Ids of the seed words; None, with a warning, where the language's are all unknown."""
        if self.seeds is None:
            return None
        try:
            return seed_ids(self.vectors.vocabulary, *self._seed_words())
        except SettingError as error:
            if self.seeds != "language":
                raise
            warnings.warn(f"{error}; going on without a polarity prior", stacklevel=3)
            return None

    def transform(self, texts: Sequence[str]) -> InformedFeatures:
        """Encode texts."""
        self._require_fitted("mean_")
        ids, matrix = self.vectors.encode(texts), self.vectors.matrix
        score = pooled = None
        if self.polarity_ is not None:
            pooled = self.polarity_.encode(ids, matrix)
            score = self.polarity_.score(pooled)
        plain = sentence_vectors(ids, matrix, None, self.mean_)
        grams = grams_of_texts(texts, self.gram_tokenizer)
        features = InformedFeatures(score, pooled, plain, grams, self.frequencies_)
        return (
            features
            if self.seeds is not None
            else replace(features, ids=ids, taught=self.polarity_)
        )

    def taught(self, unlabelled: TokenIds, features: InformedFeatures, y: ArrayLike) -> Self:
        """Return the same encoder, its polarity learnt from labels 0 or 1 (`polarity_from_labels`).

        Parameters
        ----------
        unlabelled
            Texts of the task's own kind.
        features, y
            What this encoder, without seeds, made of the labelled texts; their labels.
        """
        if features.ids is None:
            raise SettingError("labels teach polarity in place of seed words; give seeds=None")
        other = self.untaught()
        other.polarity_ = polarity_from_labels(
            self.vectors.matrix,
            unlabelled,
            features.ids,
            y,
            prevalence=self.prevalence,
            seed=self.seed,
        )
        return other

    def untaught(self) -> Self:
        """Return the same encoder without polarity."""
        other = copy.copy(self)
        other.polarity_ = None
        return other

    def rescored(self, features: InformedFeatures) -> InformedFeatures:
        """Return features that were made before labels taught this polarity as made after."""
        if features.ids is None or features.taught is self.polarity_:
            return features
        score = pooled = None
        if self.polarity_ is not None:
            pooled = self.polarity_.encode(features.ids, self.vectors.matrix)
            score = self.polarity_.score(pooled)
        return replace(features, score=score, pooled=pooled, taught=self.polarity_)

    @property
    def gram_tokenizer(self) -> Tokenizer:
        """Splits texts as the vectors' tokenizer does, but keeps stop words and marks nothing."""
        own = self.vectors.tokenizer
        return Tokenizer(own.language, splitter=own.splitter, stop_words=False, mark_negation=False)

    def _seed_words(self) -> tuple[list[str], list[str]]:
        knowledge = self.vectors.tokenizer.knowledge
        if self.seeds is None or self.seeds == "language":
            return list(knowledge.positive_seeds), list(knowledge.negative_seeds)
        positive, negative = self.seeds
        return [self._token(seed) for seed in positive], [self._token(seed) for seed in negative]

    def _token(self, seed: str) -> str:
        """The token a word or phrase stands for: its rarest; of ``"not good"`` it is not_good."""
        marker = self.vectors.tokenizer.knowledge.marker
        tokens = [seed] if seed.startswith(marker) else self.vectors.tokenizer(seed)
        marked = [token for token in tokens if token.startswith(marker)]
        known = self.vectors.vocabulary.encode(marked or tokens)
        return self.vectors.words[max(known)] if known else seed

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Facts and tensors for a model file, the word vectors left out."""
        seeds = [list(s) for s in self.seeds] if isinstance(self.seeds, tuple) else self.seeds
        facts: dict[str, Any] = {
            "seeds": seeds,
            "prevalence": self.prevalence,
            "seed": self.seed,
            "polarity": None,
            "frequency_texts": self.frequencies_.n_texts,
        }
        tensors: dict[str, NDArray[Any]] = {
            "mean": self.mean_,
            "frequency.grams": self.frequencies_.numbers.view(np.int64),
            "frequency.counts": self.frequencies_.counts,
        }
        if self.polarity_ is not None:
            facts["polarity"], inner = self.polarity_.state()
            tensors |= inner
        return facts, tensors

    @classmethod
    def from_state(
        cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], vectors: WordVectors
    ) -> Self:
        """Build from what ``state`` gave and the word vectors."""
        seeds = facts["seeds"]
        encoder = cls(
            vectors,
            seeds=tuple(seeds) if isinstance(seeds, list) else seeds,
            prevalence=facts["prevalence"],
            seed=facts["seed"],
        )
        encoder.mean_ = tensors["mean"]
        encoder.frequencies_ = GramFrequencies(
            tensors["frequency.grams"].view(np.uint64),
            tensors["frequency.counts"],
            facts["frequency_texts"],
        )
        encoder.polarity_ = None
        if facts["polarity"] is not None:
            encoder.polarity_ = polarity = Polarity.from_state(facts["polarity"], tensors)
            of_words = polarity.pooling, polarity.word_scores, polarity.seed_signs
            if any(len(values) != len(vectors) for values in of_words):
                raise ModelFileError("the polarity of words does not fit the word vectors")
        return encoder


class InformedClassifier(Estimator):
    """Labels on `InformedFeatures`: a polarity score that labels refine and may overrule.

    Two classes get a `GuardedMixture`, more get `OneVsRest`. Without a label the classes are
    ``"negative"`` and ``"positive"``.

    Parameters
    ----------
    language
        Whose usual label names tell which of two classes is the positive one; of two numbers it is
        the greater. If neither class has such a name, the labels' own agreement with the score
        decides.
    ordered
        For more than two classes: all labels from the most negative to the most positive.
    class_weight
        None, ``"balanced"`` or weights by label (see `row_weights`). Weights move the
        probabilities: balanced ones answer as if all classes were equally frequent.
    hidden_units
        Put a hidden layer of so many units on top of the two-class mixture where texts held out
        approve of it, see `hidden_on_map`. They never did on film reviews, whether 2,000 or 18,900
        labels were given, nor on 3,700 labelled sentences; so the default is None, none.
    seed
        Of the hidden layer.

    Attributes
    ----------
    classes_ : ndarray of str
        The labels, sorted: scikit-learn's scorers rely on it.
    order_ : ndarray of str
        The same labels, the most negative first where that is known.
    mixture_ : GuardedMixture or OneVsRest
        Its classes are numbered as in ``order_``.
    hidden_ : HiddenOnMap or None
        None where none was asked for or approved.
    """

    _kind = "classifier"

    mixture_: GuardedMixture | OneVsRest
    hidden_: HiddenOnMap | None

    def __init__(
        self,
        language: str = "en",
        *,
        ordered: Sequence[str] | None = None,
        class_weight: ClassWeight = None,
        hidden_units: int | None = None,
        seed: int = 0,
    ) -> None:
        self.language = language
        self.ordered = ordered
        self.class_weight = class_weight
        self.hidden_units = hidden_units
        self.seed = seed

    def fit(self, X: InformedFeatures, y: Sequence[str] | NDArray[np.str_]) -> Self:
        """Learn from any number of labels, none included where there is a polarity score.

        Warns where the labels speak against the polarity score.

        Raises
        ------
        InputError
            One class only, a label that ``ordered`` lacks, or neither labels nor a score.
        """
        labels = np.asarray(y, dtype=np.str_)
        if not len(labels) and X.score is None:
            raise InputError(
                "there are no labels and no polarity score; give labels, or seed words that the "
                "word vectors know"
            )
        order = self.order_of(labels, X.score)
        weight = row_weights(labels, order.tolist(), self.class_weight)
        self.words_ = GramTfidf().fit(X.grams, X.frequencies)
        features = Features(X.score, X.pooled, X.plain, self.words_.transform(X.grams))
        self.hidden_ = None
        if len(order) == 2:
            self._fit_two(features, labels == order[1], weight, learnt=X.taught is not None)
        else:
            numbers = np.array([np.flatnonzero(order == label)[0] for label in labels])
            several = OneVsRest(ordered=self.ordered is not None)
            self.mixture_ = several.fit(features, numbers, len(order), weight)
        self.order_, self.classes_ = order, np.sort(order)
        warn_of_misfit(self.mixtures)
        return self

    def _fit_two(
        self,
        features: Features,
        truth: NDArray[np.bool_],
        weight: NDArray[np.float64],
        *,
        learnt: bool,
    ) -> None:
        """Two classes; a score that these very labels taught cannot be judged by them."""
        mixture = (
            GuardedMixture(slope_mean=TAUGHT_SLOPE, guard=False) if learnt else GuardedMixture()
        )
        self.mixture_ = mixture.fit(features, truth, weight)
        if self.hidden_units is not None:
            self.hidden_ = fit_hidden(
                mixture, features, truth, weight, hidden_units=self.hidden_units, seed=self.seed
            )

    def predict_proba(self, X: InformedFeatures) -> NDArray[np.float64]:
        """Probabilities ``(n, k)`` in the order of ``classes_``."""
        self._require_fitted("mixture_")
        few = len(X) * len(self.words_.numbers_) <= _FEW_WEIGHTS
        words = self.words_.transform_few(X.grams) if few else self.words_.transform(X.grams)
        features = Features(X.score, X.pooled, X.plain, words)
        p = self.mixture_.predict_proba(features)
        if self.hidden_ is not None:
            p = self.hidden_.refined(p, features)
        return p[:, np.argsort(self.order_)]

    def nonlinear(self, X: InformedFeatures) -> NDArray[np.float64]:
        """What a hidden layer adds to the log odds of ``order_[1]``, ``(n,)``; 0 without one."""
        if self.hidden_ is None:
            return np.zeros(len(X))
        return self.hidden_.contribution(Features(X.score, X.pooled, X.plain))

    @property
    def mixtures(self) -> tuple[GuardedMixture, ...]:
        """The mixture of two classes, or those of more classes, one after the other."""
        if isinstance(self.mixture_, GuardedMixture):
            return (self.mixture_,)
        return self.mixture_.mixtures_

    @property
    def members(self) -> tuple[Member, ...]:
        """The logistic models, of one mixture after the other."""
        return tuple(member for mixture in self.mixtures for member in mixture.members_)

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """What `predict_proba` makes of the log odds of `members`, ``(n, n_members)``."""
        return self.mixture_.average(log_odds)[:, np.argsort(self.order_)]

    def order_of(
        self, labels: NDArray[np.str_], score: NDArray[np.float64] | None = None
    ) -> NDArray[np.str_]:
        """All classes, the most negative first where that is known; raises as `fit`."""
        order = self._classes(labels)
        swap = len(order) == 2 and self._positive(order, labels, score) == order[0]
        return order[::-1] if swap else order

    def _classes(self, labels: NDArray[np.str_]) -> NDArray[np.str_]:
        """All classes, in the order given or by name."""
        present = np.unique(labels) if len(labels) else np.array(["negative", "positive"])
        if self.ordered is not None:
            if len(set(self.ordered)) < max(2, len(self.ordered)):
                raise SettingError(f"ordered={self.ordered} must be two or more different labels")
            missing = set(labels.tolist()) - set(self.ordered)
            if missing:
                raise InputError(
                    f"the labels {sorted(missing)} are not among ordered={self.ordered}"
                )
        if len(present) < 2:
            raise InputError(
                f"all {len(labels)} labels are {str(present[0])!r}; "
                "give examples of at least two classes"
            )
        return present if self.ordered is None else np.array(self.ordered)

    def _positive(
        self, order: NDArray[np.str_], labels: NDArray[np.str_], score: NDArray[np.float64] | None
    ) -> str:
        """Which of two classes is the positive one."""
        known = load_language(self.language)
        first, second = order
        if self.ordered is not None:
            return str(second)
        if all(NUMBER.fullmatch(label) for label in order):
            return str(max(order, key=float))  # "1" is good beside "0", and bad beside "5"
        for label, other in ((first, second), (second, first)):
            if label.lower() in known.positive_labels or other.lower() in known.negative_labels:
                return str(label)
        if score is None:
            return str(second)
        means = [score[labels == label].mean() for label in order]
        return str(order[int(np.argmax(means))])

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Facts and tensors for a model file."""
        self._require_fitted("mixture_")
        tensors: dict[str, NDArray[Any]] = {
            "grams": self.words_.numbers_.view(np.int64),
            "idf": self.words_.idf_,
        }
        mixtures = []
        for i, mixture in enumerate(self.mixtures):
            facts, inner = mixture.state()
            mixtures.append(facts)
            tensors |= {f"{i}/{name}": tensor for name, tensor in inner.items()}
        weights = self.class_weight
        facts = {
            "language": self.language,
            "ordered": None if self.ordered is None else list(self.ordered),
            "class_weight": dict(weights) if isinstance(weights, Mapping) else weights,
            "hidden_units": self.hidden_units,
            "seed": self.seed,
            "classes": self.order_.tolist(),
            "mixtures": mixtures,
            "hidden": None if self.hidden_ is None else self.hidden_.facts(),
        }
        if self.hidden_ is not None:
            tensors |= {f"hidden/{name}": tensor for name, tensor in self.hidden_.tensors().items()}
        return facts, tensors

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what ``state`` gave; ``KeyError`` where something is missing."""
        later = ("class_weight", "hidden_units", "seed")  # not in the earliest files
        settings = {name: facts[name] for name in later if name in facts}
        head = cls(facts["language"], ordered=facts["ordered"], **settings)
        head.order_ = np.array(facts["classes"])
        head.classes_ = np.sort(head.order_)
        head.words_ = GramTfidf()
        head.words_.numbers_ = tensors["grams"].view(np.uint64)
        head.words_.idf_ = tensors["idf"]
        if head.words_.numbers_.shape != head.words_.idf_.shape:
            raise ModelFileError("the numbers and the weights of the word pairs do not match")
        mixtures = tuple(
            GuardedMixture.from_state(
                inner,
                {k.removeprefix(f"{i}/"): t for k, t in tensors.items() if k.startswith(f"{i}/")},
            )
            for i, inner in enumerate(facts["mixtures"])
        )
        k = len(head.order_)
        if len(mixtures) != (1 if k == 2 else k if head.ordered is None else k - 1):
            raise ModelFileError(f"{len(mixtures)} mixtures do not tell {k} classes apart")
        head.hidden_ = None
        if facts.get("hidden") is not None:
            head.hidden_ = HiddenOnMap.from_state(facts["hidden"], tensors)
        if k == 2:
            head.mixture_ = mixtures[0]
        else:
            head.mixture_ = OneVsRest(ordered=head.ordered is not None)
            head.mixture_.mixtures_ = mixtures
        return head
