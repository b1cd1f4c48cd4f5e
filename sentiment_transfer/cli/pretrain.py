"""``sentiment-transfer pretrain``."""

from pathlib import Path
from typing import Annotated

import typer

from sentiment_transfer.cli.inputs import texts_of, vectors_of
from sentiment_transfer.cli.messages import Skips, progress_shown, say
from sentiment_transfer.cli.options import Quiet, Seed, SkipBad, TextColumn
from sentiment_transfer.cli.output import model_place
from sentiment_transfer.pretraining import SkipGram

__all__ = ["pretrain"]


def pretrain(
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXTS",
            help="Unlabelled texts: files, folders or URLs, or - for standard input, one text per "
            "line.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="File of word vectors to write."),
    ],
    text: TextColumn = "text",
    language: Annotated[str, typer.Option(metavar="CODE", help="Language, en or zh.")] = "en",
    vector_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="Dimensions of the vectors.")
    ] = 100,
    window: Annotated[
        int, typer.Option(min=1, metavar="N", help="Maximum distance of a context word.")
    ] = 5,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Passes over the texts; by default chosen from their size."
        ),
    ] = None,
    min_count: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Minimum occurrences of a word; by default chosen from the size of the texts.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Number of threads.")] = 1,
    initial: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Start from these word vectors and keep all their words."
        ),
    ] = None,
    held_out: Annotated[
        str | None,
        typer.Option(metavar="TEXTS", help="Texts whose loss is computed after each epoch."),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder in which to save the state of training. An interrupted run that is "
            "started with the same arguments continues from it, with the same final vectors.",
        ),
    ] = None,
    seed: Seed = 0,
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
) -> None:
    """Learn word vectors from unlabelled texts."""
    model_place(output)
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
    with Skips() as on_skip, progress_shown(quiet) as callback:
        stream = texts_of(texts, text=text, skip_bad=skip_bad, on_skip=on_skip)
        watched = None if held_out is None else list(texts_of([held_out], text=text))
        try:
            skipgram.fit(stream, held_out=watched, checkpoint=checkpoint, callback=callback)
        except KeyboardInterrupt:
            if checkpoint is not None:
                say(f"the state is saved in {checkpoint}; run the same command to continue")
            raise
    vectors = skipgram.vectors_
    vectors.save(output)
    if not quiet:
        say(f"{output}: {len(vectors):,} words, {vectors.vector_size} dimensions")
