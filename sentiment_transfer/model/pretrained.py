"""Stages one and two of a model: fitted on unlabelled texts, adapted, and fitted again."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from sentiment_transfer.base.estimator import same_value
from sentiment_transfer.base.notice import Notice, level_of_caller
from sentiment_transfer.base.progress_bars import shown_progress
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.encoding.sentence_encoder import SentenceEncoder
from sentiment_transfer.errors import NotFittedError, SettingError
from sentiment_transfer.languages import language_reference
from sentiment_transfer.model.choice import AUTO, MemberChoice, choose_member, first_of
from sentiment_transfer.model.coverage import (
    other_vectors,
    sample_of,
    warn_of_other_language,
    warn_of_unknown_words,
)
from sentiment_transfer.model.defaults import given_vectors, new_encoder, uses_default_stages
from sentiment_transfer.model.files import open_bank
from sentiment_transfer.model.inputs import (
    sampled_with_spaces,
    unfitted_copy,
    warn_of_little_text,
)
from sentiment_transfer.model.mixed_languages import languages_of, warn_of_mixed_languages
from sentiment_transfer.model.own_vectors import compare_own
from sentiment_transfer.model.training_summary import TrainingSummary
from sentiment_transfer.polarity.cut import check_prevalence
from sentiment_transfer.polarity.encoder import SAMPLE_TEXTS, PolarityEncoder
from sentiment_transfer.polarity.little_text import with_seed_words
from sentiment_transfer.pretraining import SkipGram
from sentiment_transfer.pretraining.coverage import COVERED_TEXTS, mean_coverage
from sentiment_transfer.pretraining.shared_texts import SharedTexts
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.writing_systems import require_spaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from sentiment_transfer.base.progress import OptionalCallback
    from sentiment_transfer.encoding import Encoder
    from sentiment_transfer.model.classifier import SentimentClassifier
    from sentiment_transfer.model.fitted import FittedStages
    from sentiment_transfer.pretraining import WordVectors

__all__ = ["PretrainedStages", "PretrainingKey"]


@dataclass(frozen=True)
class PretrainingKey:
    """The settings that pretraining depends on, as they were when it ran."""

    default_stages: bool
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, model: SentimentClassifier) -> Self:
        """Take the settings of a model; parts that may be changed in place are copied."""
        seeds: Any = model.seeds
        if seeds is not None and not isinstance(seeds, str):
            seeds = [list(side) for side in seeds]
        settings = {
            "language": language_reference(model.language),
            "vectors": model.vectors,
            "skipgram": _snapshot(model.skipgram),
            "encoder": _snapshot(model.encoder),
            "seeds": seeds,
            "prevalence": model.prevalence,
        }
        return cls(uses_default_stages(model), settings)

    def require_same(self, model: SentimentClassifier, *, vectors_only: bool = False) -> None:
        """Raise ``SettingError`` if a setting changed that pretraining depends on."""
        changed = self.changed(model, vectors_only=vectors_only)
        if changed:
            raise SettingError(
                f"{' and '.join(changed)} changed after pretraining, which depends on it; call "
                "pretrain(unlabelled_texts) again, or set it back"
            )

    def changed(self, model: SentimentClassifier, *, vectors_only: bool) -> list[str]:
        """Return the names of the settings that changed and that pretraining depends on."""
        now = PretrainingKey.of(model)
        names = ["language", "vectors", "skipgram"]
        if not vectors_only:
            both_default = self.default_stages and now.default_stages
            names += ["encoder", "seeds", "prevalence"] if both_default else ["encoder"]
        return [n for n in names if not same_value(now.settings[n], self.settings[n])]


def _snapshot(value: Any) -> Any:  # noqa: ANN401
    """Copy a setting so far that changes in place show: estimators by their parameters."""
    if hasattr(value, "get_params") and not isinstance(value, type):
        return type(value), _snapshot(value.get_params(deep=False))
    if isinstance(value, dict):
        return {name: _snapshot(inner) for name, inner in value.items()}
    return [_snapshot(inner) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True, eq=False)
class PretrainedStages:
    """Word vectors and a fitted encoder over them.

    Attributes
    ----------
    encoder
        Fitted, over the word vectors.
    key
        The settings they were fitted with.
    texts
        The texts that the encoder was fitted on; None for a model from a file.
    saw_labelled
        Whether those are labelled texts, as there were no unlabelled ones.
    before, prevalence
        What `Encoder.fit_unlabelled` was given beside the texts.
    parameter
        The parameter ``unlabelled`` that they were learnt from; None for a call of `pretrain`.
    summary
        What they were trained on.
    choice
        Why the vectors are those of this member of the bank, with ``vectors="auto"``.
    """

    encoder: Encoder
    key: PretrainingKey
    texts: PretrainingTexts | None = None
    saw_labelled: bool = False
    before: Encoder | None = None
    prevalence: float | None = None
    parameter: Iterable[str] | None = None
    summary: TrainingSummary = field(default_factory=TrainingSummary)
    choice: MemberChoice | None = None

    @property
    def vectors(self) -> WordVectors:
        """The word vectors."""
        return self.encoder.known_vectors

    def reusable_for(self, model: SentimentClassifier) -> bool:
        """Return whether `fit` keeps these stages: those of a call, or of the same parameters."""
        if self.choice is not None and (self.texts is None or self.parameter is not None):
            return False  # labels were evidence for it
        if self.parameter is None:
            return not self.saw_labelled
        same = self.parameter is model.unlabelled
        return same and self.key.changed(model, vectors_only=False) == []

    def forgotten_by_clone(self, model: SentimentClassifier) -> str | None:
        """Return a message if a clone of the model, fitted, would be without these stages."""
        named = isinstance(model.vectors, str)
        if model.unlabelled is not None or self.saw_labelled:
            return None
        if self.texts is None and _encoder_of_given_model(model) is not None:  # a parameter too
            return None
        own = self.choice is not None and self.choice.takes_own
        if named and not own and self.summary.n_adaptation_texts == 0:  # the shipped stages
            return None
        name = model.vectors if named else self.summary.started_from
        vectors = f"vectors={name!r}, " if name else ""
        return (
            "a clone, as in cross-validation and grid search, keeps parameters alone, and not what "
            "this model learnt by pretrain or adapt, or has from a file; give the texts as a "
            f"parameter: SentimentClassifier({vectors}unlabelled=texts)"
        )

    @classmethod
    def learn(
        cls,
        model: SentimentClassifier,
        texts: Iterable[str],
        labelled: tuple[list[str], NDArray[Any]] | None = None,
        **options: Any,  # noqa: ANN401  (of SkipGram.fit)
    ) -> Self:
        """Learn word vectors, unless they were given, and the encoder from unlabelled texts.

        ``labelled`` texts and their labels are evidence for the choice of a member of the bank.
        """
        vectors, choice = given_vectors(model), None
        if vectors is not None:
            _require_no_training(options)
            _require_own_texts(texts)
        if vectors == AUTO:
            first, texts = first_of(texts)
            choice = _chosen(model, first, labelled, own=True)
            vectors = None if choice.takes_own else choice.name
        if vectors is None:
            skipgram: SkipGram = unfitted_copy(model.skipgram or SkipGram(seed=model.seed))
            skipgram.set_params(tokenizer=model.language)
            skipgram.require_room(texts, options.get("checkpoint"))
            if isinstance(texts, SharedTexts):
                sample = _shared_sample(model, skipgram, texts, options.get("callback"))
                languages = _checked_languages(model, sample)
                skipgram.fit(texts, **options)
            else:
                sampled, languages = Reservoir(SAMPLE_TEXTS, model.seed), {}
                skipgram.fit(_checked(model, texts, sampled, languages), **options)
                sample = sampled.texts
            own, unlabelled = skipgram.vectors_, PretrainingTexts(skipgram.corpus_, sample)
            if languages:
                own = replace(own, metadata={**own.metadata, "languages": languages})
            if skipgram.initial is None:
                warn_of_little_text(len(unlabelled.ids), model.language)
            if uses_default_stages(model) and model.seeds == "language":
                own, unlabelled = with_seed_words(own, unlabelled)
            return replace(cls._fit(model, own, unlabelled, n_adaptation_texts=0), choice=choice)
        before: Encoder | None = _encoder_of_given_model(model)
        if isinstance(vectors, str):
            bank = open_bank(vectors, model.language)
            vectors, before = bank.vectors, bank.encoder
        unlabelled = _read(model, vectors, texts)
        _warn_of_unknown_words(unlabelled, vectors)
        warn_of_mixed_languages(unlabelled.sample, vectors.tokenizer)
        return replace(cls._fit(model, vectors, unlabelled, before), choice=choice)

    @classmethod
    def learn_from_labelled(
        cls, model: SentimentClassifier, texts: list[str], labels: NDArray[Any]
    ) -> Self:
        """Fit the encoder on labelled texts, or take that of a given or shipped model as it is."""
        vectors, choice = given_vectors(model), None
        own_seeds = model.seeds not in (None, "language")
        if isinstance(vectors, str) and uses_default_stages(model) and own_seeds:
            raise SettingError(
                f"vectors={vectors!r} include the polarity of words; to set seeds, pass "
                "unlabelled= or call pretrain(unlabelled_texts) before fit"
            )
        if vectors == AUTO:
            choice = _chosen(model, texts, (texts, labels))
            vectors = choice.name
        if vectors is None:
            raise NotFittedError(
                "there are no word vectors; pass unlabelled= or vectors=, or call "
                "pretrain(unlabelled_texts) before fit"
            )
        if isinstance(vectors, str):
            bank = open_bank(vectors, model.language)
            if uses_default_stages(model):
                return cls._of_bank(model, bank, choice)
            vectors = bank.vectors
        encoder = _encoder_of_given_model(model)
        if encoder is not None:
            return cls._of_given_model(model, encoder)
        unlabelled = _read(model, vectors, texts)
        fitted = cls._fit(model, vectors, unlabelled, saw_labelled=True, n_adaptation_texts=0)
        return replace(fitted, choice=choice)

    @classmethod
    def _of_bank(
        cls, model: SentimentClassifier, bank: FittedStages, choice: MemberChoice | None
    ) -> Self:
        """Take over a member of the bank, without its polarity if the task has no seed words."""
        encoder: Any = bank.encoder
        if model.seeds is None:
            encoder = encoder.without_seeds()
        summary = TrainingSummary.of_vectors(bank.vectors, 0)
        stages = cls(encoder, PretrainingKey.of(model), summary=summary, choice=choice)
        return stages if model.prevalence is None else stages.judging(model, model.prevalence)

    @classmethod
    def _of_given_model(cls, model: SentimentClassifier, encoder: PolarityEncoder) -> Self:
        """Take over what the model given as ``vectors`` learnt from unlabelled texts."""
        source: Any = model.vectors
        n_texts = source.training_summary_.n_adaptation_texts
        summary = TrainingSummary.of_vectors(encoder.vectors, n_texts)
        stages = cls(encoder, PretrainingKey.of(model), summary=summary)
        return stages if model.prevalence is None else stages.judging(model, model.prevalence)

    def adapted(
        self, model: SentimentClassifier, texts: Iterable[str], prevalence: float | None
    ) -> PretrainedStages:
        """Fit the encoder on other unlabelled texts, starting from this one."""
        self.key.require_same(model, vectors_only=True)
        unlabelled = _read(model, self.vectors, texts)
        _warn_of_unknown_words(unlabelled, self.vectors, self.summary.coverage)
        fitted = self._fit(model, self.vectors, unlabelled, self.encoder, prevalence)
        return replace(fitted, choice=self.choice)

    def judging(self, model: SentimentClassifier, prevalence: float) -> Self:
        """Return stages for texts of which this share is positive; the cut stays."""
        check_prevalence(prevalence)
        if not isinstance(self.encoder, PolarityEncoder) or not uses_default_stages(model):
            raise SettingError(
                f"prevalence={prevalence} weights the labels of the default head; "
                f"{model.head or model.encoder!r} does not use it: leave it out"
            )
        return replace(self, encoder=self.encoder.judging(prevalence))

    def reading_with(self, encoder: Any) -> Self:  # noqa: ANN401  (anything with encode)
        """Return stages whose features hold the texts for a sentence encoder, or None for none."""
        if not isinstance(self.encoder, PolarityEncoder):
            return self
        before = self.encoder.sentence_encoder_
        if before is None if encoder is None else before is not None and before.encoder is encoder:
            return self
        unread = None if encoder is None else SentenceEncoder(encoder)
        return replace(self, encoder=self.encoder.with_sentence_encoder(unread))

    def on_same_texts(self, model: SentimentClassifier, vectors: WordVectors) -> PretrainedStages:
        """Fit the encoder of other settings, perhaps over other vectors, on the same texts."""
        same, n_texts = vectors is self.vectors, self.summary.n_adaptation_texts
        if self.texts is not None:
            before = self.before if same else None
            prevalence = self.prevalence if uses_default_stages(model) else None
            fitted = self._fit(
                *(model, vectors, self.texts, before, prevalence),
                saw_labelled=self.saw_labelled,
                n_adaptation_texts=n_texts,
            )
            return replace(fitted, choice=self.choice)
        encoder = new_encoder(model, vectors).fit_centre(self.encoder.centre if same else None)
        summary = TrainingSummary.of_vectors(vectors, n_texts)
        return PretrainedStages(encoder, PretrainingKey.of(model), summary=summary)

    @classmethod
    def _fit(
        cls,
        model: SentimentClassifier,
        vectors: WordVectors,
        texts: PretrainingTexts,
        before: Encoder | None = None,
        prevalence: float | None = None,
        *,
        saw_labelled: bool = False,
        n_adaptation_texts: int | None = None,
    ) -> Self:
        """Fit the encoder; by default all of these texts are texts of adaptation."""
        encoder = new_encoder(model, vectors)
        if saw_labelled and isinstance(encoder, PolarityEncoder):
            encoder = _fitted_to_labelled(encoder, texts)
        else:
            encoder = encoder.fit_unlabelled(texts, before=before, prevalence=prevalence)
        key = PretrainingKey.of(model)
        n_texts = len(texts.ids) if n_adaptation_texts is None else n_adaptation_texts
        summary = TrainingSummary.of_vectors(vectors, n_texts)
        if summary.coverage is None and not saw_labelled:  # a few labelled texts show too little
            mean = mean_coverage(texts.sample, vectors.tokenizer, vectors.vocabulary)
            summary = replace(summary, coverage=mean)
        return cls(encoder, key, texts, saw_labelled, before, prevalence, summary=summary)


def _require_no_training(options: Mapping[str, object]) -> None:
    """Raise ``SettingError`` for an option of training, where vectors are given."""
    for name in ("held_out", "checkpoint"):
        if options.get(name) is not None:
            raise SettingError(
                f"{name} is for the training of word vectors, and vectors= are given; leave one "
                "of them out"
            )


def _chosen(
    model: SentimentClassifier,
    texts: list[str],
    labelled: tuple[list[str], NDArray[Any]] | None,
    *,
    own: bool = False,
) -> MemberChoice:
    """Choose a member of the bank, or own vectors, and say which and why."""
    choice = choose_member(model.language, texts, labelled, seed=model.seed)
    if own and model.seeds == "language" and uses_default_stages(model):
        member: Any = open_bank(choice.name, model.language).encoder
        choice = replace(choice, own=compare_own(member, texts, seed=model.seed))
    name = "own vectors" if choice.takes_own else choice.name
    warnings.warn(f"chose {name}: {choice.reason}", Notice, stacklevel=level_of_caller())
    return choice


def _checked(
    model: SentimentClassifier,
    texts: Iterable[str],
    sampled: Reservoir,
    languages: dict[str, float],
) -> Iterator[str]:
    """Yield texts to learn word vectors from, sampling them, and check them at their end.

    What `_checked_languages` returns is put into ``languages``.
    """
    yield from sampled_with_spaces(texts, sampled, Tokenizer(model.language))
    languages.update(_checked_languages(model, sampled.texts))


def _shared_sample(
    model: SentimentClassifier,
    skipgram: SkipGram,
    texts: SharedTexts,
    callback: OptionalCallback = "auto",
) -> list[str]:
    """Return a sample of texts that workers have indexed, whose words have spaces between."""
    with shown_progress(callback) as report:
        index = skipgram.index_shared(texts, report)
    sample, _ = texts.sample(
        index.corpus, (SAMPLE_TEXTS, model.seed), (COVERED_TEXTS, skipgram.seed)
    )
    require_spaces(sample_of(sample), Tokenizer(model.language))
    return sample


def _checked_languages(model: SentimentClassifier, sample: list[str]) -> dict[str, float]:
    """Return what `languages_of` does; warn of another language than the model's, or several."""
    tokenizer = Tokenizer(model.language).with_own_language()
    languages = languages_of(sample, tokenizer)
    if model.seeds != "language" or not warn_of_other_language(sample, tokenizer):
        warn_of_mixed_languages(sample, tokenizer, languages)
    return languages


def _require_own_texts(texts: object) -> None:
    if isinstance(texts, SharedTexts):
        raise SettingError(
            "vectors are given, so workers have nothing to train; pass the texts themselves"
        )


def _fitted_to_labelled(encoder: PolarityEncoder, texts: PretrainingTexts) -> PolarityEncoder:
    """Fit an encoder on labelled texts: a known prevalence is not theirs, and does not cut them."""
    known = encoder.prevalence
    encoder.set_params(prevalence=None).fit_unlabelled(texts).set_params(prevalence=known)
    return encoder if known is None else encoder.judging(known)


def _encoder_of_given_model(model: SentimentClassifier) -> PolarityEncoder | None:
    """Return the encoder of a model given as ``vectors``, if it has the polarity to be used here.

    None if other things are given, for stages that are not the default ones, if the languages
    differ, and if the seed words differ or are none: polarity learnt from labels is that of another
    task.
    """
    encoder = getattr(model.vectors, "encoder_", None)
    if not isinstance(encoder, PolarityEncoder) or not uses_default_stages(model):
        return None
    same = encoder.seeds is not None and encoder.seeds == model.seeds
    same = same and encoder.vectors.tokenizer.language == language_reference(model.language)
    return encoder if same and encoder.polarity_ is not None else None


def _read(
    model: SentimentClassifier, vectors: WordVectors, texts: Iterable[str]
) -> PretrainingTexts:
    """Encode texts and keep a sample of them."""
    sampled = Reservoir(SAMPLE_TEXTS, model.seed)
    stream = sampled_with_spaces(texts, sampled, vectors.tokenizer, other_vectors)
    ids = vectors.encode(stream)
    return PretrainingTexts(ids, sampled.texts)


def _warn_of_unknown_words(
    texts: PretrainingTexts, vectors: WordVectors, usual: float | None = None
) -> None:
    """Warn of unlabelled texts with few known words; by default ``usual`` is the vectors' own."""
    sample = sample_of(texts.sample)
    if usual is None:
        usual = TrainingSummary.of_vectors(vectors).coverage
    warn_of_unknown_words(sample, vectors.coverage(sample), vectors, usual)
