"""``sentiment-transfer pretrain``."""

from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from sentiment_transfer.cli import options
from sentiment_transfer.cli.clusters import (
    GivenCluster,
    connected,
    given_cluster,
    has_records,
    shared_texts,
)
from sentiment_transfer.cli.estimating import print_estimate
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import progress_shown, say
from sentiment_transfer.cli.models import vectors_of
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import SettingError, WorkerLostError
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.pretraining import SkipGram
from sentiment_transfer.pretraining.checkpoints import has_state

__all__ = ["pretrain"]

WITHOUT_CHECKPOINT = (
    "without --checkpoint DIR, a folder that all workers share, this machine trains"
)


def pretrain(
    texts: Annotated[list[str], options.texts("Unlabelled texts")],
    output: options.ModelOutput,
    text: options.TextColumn = None,
    language: options.TextLanguage = "en",
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
    workers: Annotated[
        int | None,
        options.number(
            "Number of threads, by default 1. With --cluster, number of parts that are trained at "
            "the same time, by default that of the cluster's threads. The vectors depend on it."
        ),
    ] = None,
    engine: Annotated[
        str,
        options.choice(
            ["numba", "torch"], "ENGINE", "numba, on CPUs, or torch, on a GPU if it finds one."
        ),
    ] = "numba",
    initial: Annotated[
        Path | None,
        options.value("FILE", "Start from these word vectors and keep all their words."),
    ] = None,
    held_out: Annotated[
        str | None, options.value("TEXTS", "Texts whose loss is computed after each epoch.")
    ] = None,
    checkpoint: Annotated[
        str | None,
        options.value(
            "DIR",
            "Folder in which to save the state of training. An interrupted run that is "
            "started with the same arguments continues from it, with the same final vectors. With "
            "--cluster, a folder or URL that all workers share.",
        ),
    ] = None,
    cluster: options.Cluster = None,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate",
            help="Print what this will take (time, memory, disk, and with --cluster and --workers "
            "rounds and network), by a sample of TEXTS, and end without writing FILE. Takes ten "
            "seconds; no cluster is used.",
        ),
    ] = False,
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
    given = given_cluster(cluster, None if checkpoint else WITHOUT_CHECKPOINT)
    on_cluster = estimate and given is not None
    if estimate and given is not None and workers is None:
        raise SettingError(
            f"--estimate with {given.name} needs the number of workers of the cluster; "
            "give --workers"
        )
    with (
        connected(None if estimate else given, texts, checkpoint) as executor,
        Reader(text, skip_bad=skip_bad, files=files) as read,
        progress_shown(quiet) as callback,
    ):
        skipgram = SkipGram(
            vector_size,
            window,
            epochs="auto" if epochs is None else epochs,
            min_count="auto" if min_count is None else min_count,
            workers=1 if on_cluster else workers or (executor.workers if executor else 1),
            seed=seed,
            engine=cast('Literal["numba", "torch"]', engine),
            initial=None if initial is None else vectors_of(initial),
            tokenizer=language,
        )
        model = SentimentClassifier(language, skipgram=skipgram, seed=seed)
        if estimate:
            shares = None if given is None else workers
            where: Any = {"checkpoint": checkpoint, "shares": shares}
            print_estimate(model, read, texts, output, **where)
            return
        watched = None if held_out is None else list(read.texts([held_out]))
        watching: Any = {"held_out": watched, "callback": callback}
        try:
            if executor is None or checkpoint is None:
                model.pretrain(read.counted(texts), checkpoint=checkpoint, **watching)
            else:
                with shared_texts(read, texts, executor, checkpoint) as shared:
                    model.pretrain(shared, **watching)
        except (KeyboardInterrupt, WorkerLostError):
            say(_how_to_continue(checkpoint, given))
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


def _how_to_continue(checkpoint: str | None, cluster: GivenCluster | None) -> str:
    """Say how to continue an interrupted run."""
    if checkpoint is None:
        return "nothing is kept; with --checkpoint DIR an interrupted run can be continued"
    is_saved = has_state(Path(checkpoint)) if cluster is None else has_records(checkpoint)
    if is_saved:
        return f"the state is saved in {checkpoint}; run the same command to continue"
    return f"no state was saved in {checkpoint} yet; the same command starts again"
