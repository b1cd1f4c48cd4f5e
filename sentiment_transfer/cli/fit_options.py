"""Options of ``sentiment-transfer fit`` alone."""

from pathlib import Path
from typing import Annotated

import typer

from sentiment_transfer.cli import options
from sentiment_transfer.cli.sentence_encoders import NAMES

Head = Annotated[
    str | None,
    options.choice(
        ["network", "logistic", "svm"],
        "HEAD",
        "Classifier on sentence vectors, instead of the default one: network, logistic or svm.",
    ),
]
Encoder = Annotated[
    str | None,
    options.choice(
        ["lstm", "fine-tuned"],
        "ENCODER",
        "Encoder that is trained together with a network: lstm (over the word vectors) or "
        "fine-tuned (averages of word vectors, which are tuned as well).",
    ),
]
Augment = Annotated[
    int,
    options.number(
        "Also train on N copies of each labelled text, with some words replaced by near ones "
        "of the same polarity. 4 copies help --head network with fewer than 100 labels; the "
        "default model does not need them.",
        least=0,
    ),
]
Curves = Annotated[
    Path | None,
    options.picture(
        "With --head network or --encoder: draw training and validation error per epoch, and "
        "print a diagnosis and a remedy"
    ),
]
Rates = Annotated[
    Path | None,
    options.picture(
        "With --head network: draw a learning-rate range test, and print the rate that it suggests"
    ),
]
LearningRate = Annotated[
    float | None, options.value("RATE", "Learning rate of --head network; see --rates.")
]
Ordered = Annotated[
    str | None,
    options.value(
        "LABELS",
        "All labels from the most negative to the most positive, separated by commas, if "
        "there are more than two, such as 1,2,3,4,5; or no. By default, usual names and stars "
        "are ordered, which a message says.",
    ),
]
Prevalence = Annotated[
    float | None,
    options.value(
        "SHARE",
        "Share of positive texts among the texts to judge, from 0 to 1, if it is known. The "
        "texts of --unlabelled should have the same share; the labels are weighted if theirs "
        "is another.",
    ),
]
NoSeeds = Annotated[
    bool,
    typer.Option(
        "--no-seeds",
        help="Do not use the seed words of the language, because the labels are not about "
        "sentiment.",
    ),
]
ClassWeight = Annotated[
    str | None,
    options.choice(
        ["balanced"],
        "HOW",
        "balanced gives rare labels as much weight as frequent ones, so that they are "
        "predicted more often.",
    ),
]
SentenceEncoder = Annotated[
    str | None,
    options.value(
        "NAME",
        f"Sentence encoder that the default model reads besides, from 8 labels on: {NAMES}. The "
        "first two are installed with the extras of their names, with their weights; FOLDER is "
        "that of a model on this machine. The model file names it, and needs it to predict.",
    ),
]
Folds = Annotated[
    int,
    options.number(
        "Estimate the accuracy by cross-validation with this many parts of LABELLED; 0 for "
        "no estimate.",
        least=0,
    ),
]
Labelled = Annotated[
    str | None,
    options.argument(
        "LABELLED",
        "Labelled texts: a file, folder or URL, or - for standard input. Without them, the model "
        "is computed from the unlabelled texts and the seed words of the language.",
    ),
]
