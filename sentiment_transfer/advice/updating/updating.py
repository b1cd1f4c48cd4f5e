"""New reviews or a better recipe: update a model, and keep the old one if that is not worse.

Predictions of a model that is trained again flip on many texts, right ones too, because word
vectors that start elsewhere end elsewhere. An update that starts from the old vectors, is turned
into their space (`align`) and averaged with them keeps the noise that both share; the polarity of
words is averaged as well (Bojanowski et al. 2019: models, after alignment). The new one is refused
if it is clearly worse on any evidence there is: right labels of fixed cases, hidden seed words of
held-out texts, or left-out labels; and if a quarter of the predictions flip without right labels.
``scripts/advice/updating.py`` measures all that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sentiment_transfer.advice.updating.flips import PredictionChanges, compare_models
from sentiment_transfer.advice.updating.stages import Strategy, updated, updated_vectors
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.coverage import sample_of, unknown_words
from sentiment_transfer.model.evidence import left_out_labels, predicted_seed_words, usable_labels
from sentiment_transfer.model.inputs import as_texts
from sentiment_transfer.polarity import PolarityEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentiment_transfer.base.progress import OptionalCallback
    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.model import SentimentClassifier
    from sentiment_transfer.model.evidence import Figure
    from sentiment_transfer.pretraining import SkipGram

__all__ = ["ModelUpdate", "update_model"]

HELD_OUT, MOST_HELD_OUT = 5, 1_000
"""Every fifth new text, at most 1,000, is held out to compare the models, if no cases are given."""
SHARE = 0.3
"""Of the new polarity in the average with the old one."""
MOST_FLIPS = 0.25
"""Share of flips from which right labels of the cases are needed. Of sound updates, at most 13 %
flipped with new texts of the same kind or another one, by the average; new pretraining flipped
30 % once, and was 8 points worse there."""
CLEARLY = 2.0
"""Standard errors by which the new model must be behind to be refused."""


@dataclass(frozen=True, eq=False)
class ModelUpdate:
    """An updated model, what changes with it, and whether it replaces the old one.

    Attributes
    ----------
    model
        The new model, or the old one if the new one is refused.
    strategy
        What was done: ``"continue"``, ``"retrain"`` or ``"average"``.
    changes
        Predictions on the cases; None if there is no new model.
    refused
        Why the new model is refused, and nothing otherwise.
    evidence
        What the decision is based on, a sentence each.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = [f"name{i} is {word}" for i in range(99) for word in ("great", "fine", "awful")]
    >>> update = update_model(load("goods-en"), texts, callback=None)
    >>> update.accepted, update.refused
    (False, 'the new texts are of another kind: the model knows 50 % of the words of 200 texts
    (usually 92 %); check that they are English, or pretrain on texts of this kind')
    """

    model: SentimentClassifier = field(repr=False)
    strategy: Strategy
    changes: PredictionChanges | None
    refused: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether ``model`` is the new one."""
        return not self.refused

    @property
    def verdict(self) -> Verdict:
        """Whether to use the new model, on what evidence, and what to do."""
        evidence = "; ".join(self.evidence) or "none"
        if self.refused:
            return Verdict(
                f"the old model is kept: {self.refused}",
                evidence,
                "check the new texts and labels; with the old texts as well, retrain on all",
            )
        next_step = "read the predictions that flip before you use it"
        if self.changes is None or not self.changes.n_texts:
            return Verdict(
                "can't tell yet whether the new model is better",
                evidence,
                "give cases, best some 200 with labels, and update again",
            )
        if not self.changes.labelled:
            next_step += "; some 200 labelled cases would tell whether it is more accurate"
        return Verdict("the new model is not clearly worse: use it", evidence, next_step)

    def __str__(self) -> str:
        return str(self.verdict)


def update_model(
    model: SentimentClassifier,
    texts: Iterable[str],
    *,
    labelled: tuple[Iterable[str], Labels] | None = None,
    cases: tuple[Iterable[str], Labels | None] | None = None,
    old_texts: Iterable[str] = (),
    skipgram: SkipGram | None = None,
    strategy: Strategy | Literal["auto"] = "auto",
    callback: OptionalCallback = "auto",
    seed: int = 0,
) -> ModelUpdate:
    """Update a model with new unlabelled texts, unless that makes it worse.

    Parameters
    ----------
    model
        A fitted model with the default encoder, which is not changed. Of its texts none are needed:
        a file holds none.
    texts
        New unlabelled texts.
    labelled
        All labels to fit the new model to, the earlier ones too if they are at hand. Without them
        the new model keeps the head of the old one, whose vectors it is aligned to.
    cases
        Fixed texts to compare the models on, with the right labels or None; best the same at every
        update, and not among ``labelled``. By default every fifth of the new texts is held out, at
        most 1,000.
    old_texts
        The texts of the old model, if they are still there: the new model learns from all.
    skipgram
        Settings of training; by default the usual ones, with the dimensions of the old vectors.
    strategy
        ``"continue"`` trains on from the old vectors. ``"retrain"`` starts from random ones.
        ``"average"`` is the average of the old model and one that is trained on from it.
        ``"auto"`` is ``"average"``, and ``"retrain"`` if ``skipgram`` has other dimensions.
    callback
        As of `SkipGram.fit`.
    seed
        Of the choice of labels that are left out, of more than 1,000.

    Returns
    -------
    ModelUpdate
        The old model in it, if the new one is refused.

    Raises
    ------
    InputError
        There are no new texts, or too few to train on; or labels do not fit their texts.
    SettingError
        The model has another encoder; or without seed words, and no labels are given; or the
        strategy does not suit the dimensions.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> things, words = ("film", "plot", "cast", "story", "end"), ("great", "fine", "dull", "awful")
    >>> how = ("very", "really", "so", "quite", "truly", "rather")
    >>> texts = [f"the {t} was {h} {w}" for t in things for w in words for h in how]
    >>> update = update_model(load("films-en"), texts, callback=None)
    >>> update.strategy, update.accepted
    ('average', True)
    """
    _check(model, skipgram, labelled=labelled is not None)
    new, old = as_texts(texts), as_texts(old_texts)
    if not new:
        raise InputError("there are no new texts; give unlabelled texts to learn from")
    chosen = _strategy(strategy, model, skipgram)
    foreign = _foreign(model, new)
    if foreign is not None:
        return ModelUpdate(model, chosen, None, f"the new texts are of another kind: {foreign}")
    if cases is None:
        judged, new = _held_out(new)
        cases = judged, None
    listed = as_texts(cases[0])
    for given, of in ((cases[1], listed), (labelled[1] if labelled else None, None)):
        if given is not None:  # wrong ones are named before the training
            as_labels(given, None if of is None else len(of))
    vectors = updated_vectors(model.vectors_, new, old, skipgram, chosen, callback)
    share = SHARE if chosen == "average" else 1.0
    other = updated(model, vectors, [*old, *new], labelled, share)
    changes = compare_models(model, other, listed, cases[1])
    refused, evidence = _judged(model, other, listed, labelled, changes, seed)
    return ModelUpdate(model if refused else other, chosen, changes, refused, evidence)


def _check(model: SentimentClassifier, skipgram: SkipGram | None, *, labelled: bool) -> None:
    """Raise ``SettingError`` for a model that cannot be updated, or not without labels."""
    encoder = model.encoder_
    if not isinstance(encoder, PolarityEncoder):
        raise SettingError(
            f"a model with a {type(encoder).__name__} is not updated; train a new one on all texts"
        )
    if encoder.sentence_encoder_ is not None:
        raise SettingError(
            "a model that reads a sentence encoder is not updated; train a new one on all texts"
        )
    if encoder.seeds is None and not labelled:
        raise SettingError(
            "the model has no seed words, and its polarity is learnt from labels; give labelled="
        )
    size = model.vectors_.vector_size
    if not labelled and skipgram is not None and skipgram.vector_size != size:
        raise SettingError(
            f"the new vectors have {skipgram.vector_size} dimensions and the old ones {size}: "
            "other dimensions, so its head cannot stay; give labelled="
        )


def _strategy(
    strategy: Strategy | Literal["auto"], model: SentimentClassifier, skipgram: SkipGram | None
) -> Strategy:
    known = ("auto", "continue", "retrain", "average")
    if strategy not in known:
        raise SettingError(f"strategy={strategy!r} is not allowed; it is one of {', '.join(known)}")
    size = model.vectors_.vector_size
    same = skipgram is None or skipgram.vector_size == size
    if strategy == "auto":
        return "average" if same else "retrain"
    if strategy != "retrain" and not same:
        raise SettingError(
            f"strategy={strategy!r} needs vector_size={size}, that of the old vectors; use it, or "
            "strategy='retrain'"
        )
    return strategy


def _foreign(model: SentimentClassifier, texts: list[str]) -> str | None:
    """Return why texts are foreign to a model, None if they are not."""
    sample = sample_of(texts)
    usual = model.training_summary_.coverage
    return unknown_words(sample, model.coverage(sample), model.vectors_, usual)


def _held_out(texts: list[str]) -> tuple[list[str], list[str]]:
    """Return texts to compare models on, and texts to learn from."""
    step = max(HELD_OUT, -(-len(texts) // MOST_HELD_OUT))
    return texts[::step], [text for i, text in enumerate(texts) if i % step] or texts


def _judged(
    old: SentimentClassifier,
    new: SentimentClassifier,
    cases: list[str],
    labelled: tuple[Iterable[str], Labels] | None,
    changes: PredictionChanges,
    seed: int,
) -> tuple[str, tuple[str, ...]]:
    """Return why the new model is refused, or nothing, and the evidence."""
    reasons, evidence = [], [str(changes)]
    if changes.is_worse:
        reasons.append("the new one is less accurate on the cases")
    if not changes.labelled and len(changes.flips) > MOST_FLIPS * len(cases):
        reasons.append("many predictions flip, and no right labels show whether for the better")
    if _contradicted(new) and not _contradicted(old):
        reasons.append("the labels contradict the seed words, which those before did not")
    encoders = {"old": old.encoder_, "new": new.encoder_}
    found, n = _seed_words(encoders, cases)
    if found:
        figures = (f"{100 * found[name].value:.1f} %" for name in encoders)
        evidence.append(
            _compared(f"hidden seed words of {n:,} texts are predicted", figures, found)
        )
        if found["new"].lead < -CLEARLY:
            reasons.append("the new one predicts hidden seed words less well")
    found, n = _left_out(encoders, labelled, seed)
    if found:
        figures = (f"{found[name].value:.3f}" for name in encoders)
        evidence.append(_compared(f"the log loss of {n:,} left-out labels is", figures, found))
        if found["new"].lead < -CLEARLY:
            reasons.append("heads that are fitted to it predict left-out labels less well")
    return " and ".join(reasons), tuple(evidence)


def _compared(what: str, figures: Iterable[str], found: Mapping[str, Figure]) -> str:
    before, after = figures
    lead = f"{found['new'].lead:+.1f} standard errors"
    return f"{what} {before} before, {after} after ({lead})"


def _seed_words(
    encoders: Mapping[str, PolarityEncoder], cases: list[str]
) -> tuple[dict[str, Figure], int]:
    """Return how well either model predicts hidden seed words of how many texts, if it can."""
    if not all(one.knows_polarity and one.seeds is not None for one in encoders.values()):
        return {}, 0
    return predicted_seed_words(encoders, cases)


def _left_out(
    encoders: Mapping[str, PolarityEncoder],
    labelled: tuple[Iterable[str], Labels] | None,
    seed: int,
) -> tuple[dict[str, Figure], int]:
    """Return how well heads over either encoder predict how many left-out labels, if there are."""
    if labelled is None or not all(one.knows_polarity_by_seeds for one in encoders.values()):
        return {}, 0
    texts = as_texts(labelled[0])
    known, labels = usable_labels(texts, as_labels(labelled[1], len(texts)), seed)
    if not known:
        return {}, 0
    return left_out_labels(encoders, [], known, labels), len(known)


def _contradicted(model: SentimentClassifier) -> bool:
    """Return whether the labels of a model contradict the seed words."""
    return any(mixture.seeds_contradicted_ for mixture in getattr(model.head_, "mixtures", ()))
