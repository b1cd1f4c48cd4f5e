"""Measure how well the label-free score agrees with accuracy, and how far its forecast is off.

    python -m scripts.advice.corpora            some 40 minutes; resumes from the cache
    python -m scripts.advice.corpora --choose   the constants of the curve, on the choosing half

Writes results/advice-corpora.md and its picture.
"""

from __future__ import annotations

import argparse
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.stats import spearmanr

from scripts.advice.corpora_curves import CHOOSING, choose, curve_of, forecasts, shorter
from scripts.advice.corpora_described import descriptions
from scripts.advice.corpora_forms import FORMS, accuracy, area, rank_correlation
from scripts.advice.corpora_runs import (
    COMPARED,
    CORPORA,
    DRAWS,
    FOREIGN,
    corpus_of,
    paired_texts,
    runs_of_candidates,
    runs_of_pairs,
    runs_of_parts,
)
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer.advice import CorpusForecast
from sentiment_transfer.advice.corpora.closeness import closeness
from sentiment_transfer.advice.corpora.description import CLOSE, FAR
from sentiment_transfer.advice.corpora.forecast import growth_of
from sentiment_transfer.advice.corpora.plot import plot_forecast
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.advice.corpora_runs import Run

GROWN = ("imdb", "amazon")
NOTE = f"""# Advice on corpora

Written by `scripts/advice/corpora.py`. **Score**: the area under the ROC curve of hidden seed words
in texts of a corpus that are neither pretrained on nor tested on, at most 3,000. **Accuracy**: in %
on at most 5,000 test texts without a label, by the same word vectors. Vectors are learnt with fewer
epochs than usual (10 million tokens in all). Sizes and forecasts are means ± standard deviation of
{DRAWS} draws of the texts; of each draw other texts are held out. The five corpora with a star are
the half that form, curve and thresholds were chosen on; the other half was looked at while methods
were compared, but nothing was chosen by it. The halves were redrawn once, before anything was kept.
Texts of the four domains are in `amazon` as well.

"""
FORMS_NOTE = """Each cell: score / accuracy. Polarity is learnt from the same texts of the corpus
over vectors that are its own, shipped, random, or learnt from another corpus
({foreign}).
**The shipped vectors have seen the texts of these corpora, without labels**, so they are better
here than on new texts. Spearman correlations of forms of the score with accuracy over candidates:
""".format(foreign=", or for itself ".join(FOREIGN["en"]) + "; in Chinese " + FOREIGN["zh"][0])
PAIRS_NOTE = """Vectors of 40,000 tokens of one corpus, and polarity from texts of the corpus that
is judged, as in `adapt`; what is lost is against its own vectors. The divergence counts beyond that
of two parts of the corpus.
"""
DESCRIBED_NOTE = """What `describe_corpus` finds in at most 20,000 texts as they come, with test
texts to look for, and in corpora with a planted fault.
"""


def growing(name: str) -> tuple[list[str], list[list[object]]]:
    """Return the Spearman correlations over sizes, as text, and a row for each size."""
    runs = [run for _, run in runs_of_parts(name)]
    per_draw = len(runs) // DRAWS
    sizes = [runs[i::per_draw] for i in range(per_draw)]
    rows: list[list[object]] = []
    for same in sizes:
        scores, right = [area(run) for run in same], [run.accuracy for run in same]
        rows.append([name, f"{np.mean([run.n_texts for run in same]):,.0f}", *_two(scores, right)])
    means = [[np.mean([get(run) for run in same]) for same in sizes] for get in (area, accuracy)]
    over = {
        "all parts": rank_correlation(runs, area),
        "means of sizes": float(spearmanr(*means).statistic),
    }
    return [f"{name}, {what}: {value:.2f}" for what, value in over.items()], rows


def _two(scores: Sequence[float], right: Sequence[float]) -> tuple[str, str]:
    return (
        f"{np.mean(scores):.3f} ± {np.std(scores):.3f}",
        f"{np.mean(right):.1f} ± {np.std(right):.1f}",
    )


def candidates() -> tuple[list[str], list[str]]:
    """Return tables: of each corpus the score and accuracy of candidates, and of each form."""
    found = {name: runs_of_candidates(name) for name in COMPARED}
    names = list(dict.fromkeys(name for runs in found.values() for name in runs))
    rows = [
        [
            name + " *" * (name in CHOOSING),
            *(_cell(runs.get(one)) for one in names),
            f"{rank_correlation(runs.values(), area):.2f}",
        ]
        for name, runs in found.items()
    ]
    table = markdown_table(["corpus", *names, "Spearman"], rows)
    forms = []
    for title, form in FORMS.items():
        within = {name: rank_correlation(runs.values(), form) for name, runs in found.items()}
        halves = [
            [w for n, w in within.items() if (n in CHOOSING) == half] for half in (True, False)
        ]
        everything = [run for runs in found.values() for run in runs.values()]
        reported = [r for n, runs in found.items() if n not in CHOOSING for r in runs.values()]
        overall = [
            rank_correlation(everything, form, of) for of in (accuracy, lambda r: r.balanced)
        ]
        of_half = rank_correlation(reported, form)
        figures = [*(float(np.mean(half)) for half in halves), of_half, *overall]
        forms.append([title, *(f"{figure:.2f}" for figure in figures)])
    header = [
        "form", "within, choosing half", "within, other half", "over the other half",
        "over all", "over all, mean recall",
    ]  # fmt: skip
    return table, markdown_table(header, forms)


def mean_recall(run: Run) -> float:
    """In %."""
    return run.balanced


def _cell(run: Run | None) -> str:
    return "" if run is None else f"{area(run):.3f} / {run.accuracy:.1f}"


class Pair(NamedTuple):
    """Vectors of one corpus for texts of another: what they lose against those of the latter."""

    source: str
    name: str
    excess: float
    coverage: float
    score_lost: float
    accuracy_lost: float


def pairs() -> list[str]:
    """Return tables of corpora that judge each other, by their divergence."""
    runs = {(source, name): run for source, name, run in runs_of_pairs()}
    found = []
    for (source, name), run in runs.items():
        close = closeness(paired_texts(source), corpus_of(name).judged, Tokenizer("en"))
        own, excess = runs[name, name], close.excess or 0.0
        losses = area(own) - area(run), own.accuracy - run.accuracy
        if source != name:
            found.append(Pair(source, name, excess, close.coverage, *losses))
    found.sort(key=lambda pair: pair.excess)
    ranked = [
        spearmanr([pair.excess for pair in found], [pair[i] for pair in found]).statistic
        for i in (-2, -1)
    ]
    lost = ["score lost", "accuracy lost"]
    lines = [
        [
            pair.source,
            pair.name,
            f"{pair.excess:.3f}",
            f"{100 * pair.coverage:.0f} %",
            f"{pair.score_lost:+.3f}",
            f"{pair.accuracy_lost:+.1f}",
        ]
        for pair in found
    ]
    header = ["pretrained on", "judged", "excess, bits", "words known", *lost]
    return [
        *markdown_table(header, lines, left=2),
        "",
        *markdown_table(["excess, bits", "pairs", *lost], _bins(found)),
        "",
        "Spearman of the excess with the score lost {:.2f}, with accuracy {:.2f}.".format(*ranked),
    ]


def _bins(found: Sequence[Pair]) -> list[list[object]]:
    rows: list[list[object]] = []
    for least, most in ((0.0, CLOSE), (CLOSE, FAR), (FAR, 1.0)):
        of = [pair for pair in found if least <= pair.excess < most]
        means = [float(np.mean([pair[i] for pair in of])) for i in (-2, -1)]
        rows.append([f"{least:g} to {most:g}", len(of), f"{means[0]:+.3f}", f"{means[1]:+.1f}"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--choose", action="store_true", help="print what the choice is based on")
    if parser.parse_args().choose:
        choose()
        return
    over_sizes, sizes = zip(*(growing(name) for name in GROWN), strict=True)
    compared, forms = candidates()
    full = [curve_of(name) for name in CORPORA]
    parts = [
        NOTE,
        "## Score and accuracy over sizes\n",
        *markdown_table(["corpus", "texts", "score", "accuracy"], chain.from_iterable(sizes)),
        "",
        f"Spearman: {'; '.join(chain.from_iterable(over_sizes))}.",
        "\n## Score and accuracy of candidates\n",
        *compared, "", FORMS_NOTE, *forms,
        "\n## Forecast from 30 % to 100 % of a corpus\n",
        *forecasts(full),
        "\n## The same from 10 % to 30 %\n",
        *forecasts(shorter(full)),
        "\n## Corpora for other texts\n", PAIRS_NOTE, *pairs(),
        "\n## What is found in corpora\n", DESCRIBED_NOTE, *descriptions(), "",
    ]  # fmt: skip
    (RESULTS / "advice-corpora.md").write_text("\n".join(parts), encoding="utf-8")
    imdb = full[0]
    forecast = CorpusForecast(imdb.parts, growth_of(imdb.parts, DRAWS), 999, 999, DRAWS)
    plot_forecast(forecast, RESULTS / "advice-corpora.svg")


if __name__ == "__main__":
    main()
