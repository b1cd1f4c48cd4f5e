"""``sentiment-transfer pretrain``."""

from pathlib import Path
from typing import Annotated

import typer

from sentiment_transfer.cli.messages import Skips, progress_shown, say
from sentiment_transfer.cli.options import Quiet, Seed, SkipBad, TextColumn
from sentiment_transfer.cli.reading import texts_of, vectors_of
from sentiment_transfer.cli.writing import model_place
from sentiment_transfer.pretraining import SkipGram

__all__ = ["pretrain"]


def pretrain(
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXTS",
            help="Unlabelled texts: files, folders, URLs, or - for standard input.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The file of word vectors to write."),
    ],
    text: TextColumn = "text",
    language: Annotated[str, typer.Option(metavar="CODE", help="Language: en or zh.")] = "en",
    vector_size: Annotated[int, typer.Option(min=1, help="Dimensions of a vector.")] = 100,
    window: Annotated[int, typer.Option(min=1, help="Farthest context word.")] = 5,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="Passes over the texts. Without it chosen by their size."),
    ] = None,
    min_count: Annotated[
        int | None,
        typer.Option(
            min=1, help="Least occurrences of a word that is kept. Without it chosen likewise."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
    initial: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Start from these word vectors; keep all their words."),
    ] = None,
    held_out: Annotated[
        str | None,
        typer.Option(metavar="TEXTS", help="Texts whose loss is told after each epoch."),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep the state of training there. A killed run that is started again with the "
            "same arguments goes on from it, and ends with the same bytes.",
        ),
    ] = None,
    seed: Seed = 0,
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
) -> None:
    """Learn word vectors from unlabelled texts (stage one)."""
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
                say(f"what {checkpoint} holds is kept; the same command goes on from there")
            raise
    vectors = skipgram.vectors_
    vectors.save(output)
    if not quiet:
        say(f"{output}: {len(vectors):,} words, {vectors.vector_size} dimensions")
