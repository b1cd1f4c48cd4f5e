"""``sentiment-transfer pretrain``."""

from pathlib import Path
from typing import Annotated

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import progress_shown, say
from sentiment_transfer.cli.models import vectors_of
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.pretraining import SkipGram
from sentiment_transfer.pretraining.checkpoints import has_state

__all__ = ["pretrain"]


def pretrain(
    texts: Annotated[list[str], options.texts("Unlabelled texts")],
    output: options.ModelOutput,
    text: options.TextColumn = None,
    language: Annotated[str, options.value("CODE", f"Language: {options.LANGUAGES}.")] = "en",
    vector_size: Annotated[int, options.number("Dimensions of the vectors.")] = 100,
    window: Annotated[int, options.number("Maximum distance of a context word.")] = 5,
    epochs: Annotated[
        int | None, options.number("Passes over the texts; by default chosen from their size.")
    ] = None,
    min_count: Annotated[
        int | None,
        options.number(
            "Minimum occurrences of a word; by default chosen from the size of the texts."
        ),
    ] = None,
    workers: Annotated[int, options.number("Number of threads.")] = 1,
    initial: Annotated[
        Path | None,
        options.value("FILE", "Start from these word vectors and keep all their words."),
    ] = None,
    held_out: Annotated[
        str | None, options.value("TEXTS", "Texts whose loss is computed after each epoch.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        options.value(
            "DIR",
            "Folder in which to save the state of training. An interrupted run that is "
            "started with the same arguments continues from it, with the same final vectors.",
        ),
    ] = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Learn word vectors from unlabelled texts.

    Writes a model that predicts without labels, and that fit --vectors starts from; of texts
    without seed words, the word vectors alone.
    """
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    skipgram = SkipGram(
        vector_size,
        window,
        epochs="auto" if epochs is None else epochs,
        min_count="auto" if min_count is None else min_count,
        workers=workers,
        seed=seed,
        initial=None if initial is None else vectors_of(initial),
        tokenizer=language,
    )
    model = SentimentClassifier(language, skipgram=skipgram, seed=seed)
    with Reader(text, skip_bad=skip_bad, files=files) as read, progress_shown(quiet) as callback:
        watched = None if held_out is None else list(read.texts([held_out]))
        try:
            model.pretrain(
                read.counted(texts), held_out=watched, checkpoint=checkpoint, callback=callback
            )
        except KeyboardInterrupt:
            say(_how_to_continue(checkpoint))
            raise
    vectors = model.vectors_
    model.remember_columns(**read.columns)
    if model.knows_polarity:
        model.save(output)
    else:
        vectors.save(output)
    if not quiet:
        read.say_counts()
        texts_read, n_words = model.unlabelled_, (vectors.counts > 0).sum()
        n_texts, n_known = len(texts_read.ids), texts_read.n_known
        say(
            f"{output}: {n_words:,} words, {vectors.vector_size} dimensions, from "
            f"{n_texts:,} texts ({n_texts - n_known:,} without a known word)"
        )


def _how_to_continue(checkpoint: Path | None) -> str:
    """Say how to continue an interrupted run."""
    if checkpoint is None:
        return "nothing is kept; with --checkpoint DIR an interrupted run can be continued"
    if has_state(checkpoint):
        return f"the state is saved in {checkpoint}; run the same command to continue"
    return f"no state was saved in {checkpoint} yet; the same command starts again"
