"""The default stages two and three: what is known of polarity, and labels on top of it.

`PolarityEncoder` turns texts into everything that is known of them before a label, and
`InformedClassifier` lets labels refine it: none, two, eight or thousands, by the same call.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.mixture import Features, GuardedMixture, Member, OneVsRest
from sentiment_transfer.classification.polarity import (
    Polarity,
    mean_of_texts,
    polarity_from_seeds,
    seed_ids,
    sentence_vectors,
)
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

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal, Self, TypeAlias

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.vectors import WordVectors

    Seeds: TypeAlias = Literal["language"] | tuple[Sequence[str], Sequence[str]] | None

__all__ = ["SAMPLE_TEXTS", "InformedClassifier", "InformedFeatures", "PolarityEncoder"]

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

_FEW_WEIGHTS = 1 << 20
"""Up to so many, a full matrix of word weights is no worse than a sparse one."""

SAMPLE_TEXTS = 5_000
"""Unlabelled texts that tell how common words are."""


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
    """

    score: NDArray[np.float64] | None
    pooled: NDArray[np.float32] | None
    plain: NDArray[np.float32]
    grams: Grams
    frequencies: GramFrequencies

    def __len__(self) -> int:
        return len(self.plain)

    def __getitem__(self, rows: NDArray[np.intp]) -> InformedFeatures:
        return InformedFeatures(
            None if self.score is None else self.score[rows],
            None if self.pooled is None else self.pooled[rows],
            self.plain[rows],
            self.grams[rows],
            self.frequencies,
        )


class PolarityEncoder(Estimator):
    """Texts to `InformedFeatures`.

    Parameters
    ----------
    vectors
        Word vectors.
    seeds
        ``"language"`` takes the seed words of the language's file; a pair ``(positive, negative)``
        of lists of words or phrases replaces them; None does without.
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
        return InformedFeatures(score, pooled, plain, grams, self.frequencies_)

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
            if not len(polarity.pooling) == len(polarity.word_scores) == len(vectors):
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

    Attributes
    ----------
    classes_ : ndarray of str
        The labels, sorted: scikit-learn's scorers rely on it.
    order_ : ndarray of str
        The same labels, the most negative first where that is known.
    mixture_ : GuardedMixture or OneVsRest
        Its classes are numbered as in ``order_``.
    """

    _kind = "classifier"

    mixture_: GuardedMixture | OneVsRest

    def __init__(self, language: str = "en", *, ordered: Sequence[str] | None = None) -> None:
        self.language = language
        self.ordered = ordered

    def fit(self, X: InformedFeatures, y: Sequence[str] | NDArray[np.str_]) -> Self:
        """Learn from any number of labels, none included where there is a polarity score.

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
        order = self._classes(labels)
        self.words_ = GramTfidf().fit(X.grams, X.frequencies)
        features = Features(X.score, X.pooled, X.plain, self.words_.transform(X.grams))
        if len(order) == 2:
            if self._positive(order, labels, X.score) == order[0]:
                order = order[::-1]
            self.mixture_ = GuardedMixture().fit(features, labels == order[1])
        else:
            numbers = np.array([np.flatnonzero(order == label)[0] for label in labels])
            several = OneVsRest(ordered=self.ordered is not None)
            self.mixture_ = several.fit(features, numbers, len(order))
        self.order_, self.classes_ = order, np.sort(order)
        return self

    def predict_proba(self, X: InformedFeatures) -> NDArray[np.float64]:
        """Probabilities ``(n, k)`` in the order of ``classes_``."""
        self._require_fitted("mixture_")
        few = len(X) * len(self.words_.numbers_) <= _FEW_WEIGHTS
        words = self.words_.transform_few(X.grams) if few else self.words_.transform(X.grams)
        features = Features(X.score, X.pooled, X.plain, words)
        return self.mixture_.predict_proba(features)[:, np.argsort(self.order_)]

    @property
    def members(self) -> tuple[Member, ...]:
        """The logistic models, of one mixture after the other."""
        return tuple(member for mixture in self._mixtures() for member in mixture.members_)

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """What `predict_proba` makes of the log odds of `members`, ``(n, n_members)``."""
        return self.mixture_.average(log_odds)[:, np.argsort(self.order_)]

    def _classes(self, labels: NDArray[np.str_]) -> NDArray[np.str_]:
        """All classes, the most negative first where an order is known."""
        present = np.unique(labels) if len(labels) else np.array(["negative", "positive"])
        if self.ordered is not None:
            if len(set(self.ordered)) < max(2, len(self.ordered)):
                raise SettingError(f"ordered={self.ordered} must be two or more different labels")
            missing = set(labels.tolist()) - set(self.ordered)
            if missing:
                raise InputError(
                    f"the labels {sorted(missing)} are not among ordered={self.ordered}"
                )
            return np.array(self.ordered)
        if len(present) < 2:
            raise InputError(
                f"all {len(labels)} labels are {str(present[0])!r}; "
                "give examples of at least two classes"
            )
        return present

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
        for i, mixture in enumerate(self._mixtures()):
            facts, inner = mixture.state()
            mixtures.append(facts)
            tensors |= {f"{i}/{name}": tensor for name, tensor in inner.items()}
        facts = {
            "language": self.language,
            "ordered": None if self.ordered is None else list(self.ordered),
            "classes": self.order_.tolist(),
            "mixtures": mixtures,
        }
        return facts, tensors

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what ``state`` gave; ``KeyError`` where something is missing."""
        head = cls(facts["language"], ordered=facts["ordered"])
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
        if k == 2:
            head.mixture_ = mixtures[0]
        else:
            head.mixture_ = OneVsRest(ordered=head.ordered is not None)
            head.mixture_.mixtures_ = mixtures
        return head

    def _mixtures(self) -> tuple[GuardedMixture, ...]:
        if isinstance(self.mixture_, GuardedMixture):
            return (self.mixture_,)
        return self.mixture_.mixtures_
