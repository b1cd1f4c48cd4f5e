"""Measure how far `pretrain_until` is behind the best number of epochs in hindsight.

    python -m scripts.advice.stopping             some 20 minutes; resumes from the cache
    python -m scripts.advice.stopping --report    the page from the runs there are

Samples of unlabelled texts are pretrained on for 1, 2, 4 … 64 epochs: without every fifth of them,
on which the snapshots are judged, and all of them, for the accuracy on test texts. Rules are chosen
on `CHOOSING`, and reported on the other sets.
"""

from __future__ import annotations

import argparse
import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.corpora import CHINESE, read_set, rows_of, sampled
from scripts.reports import add_report_options, markdown_table
from sentiment_transfer import SentimentClassifier, SkipGram
from sentiment_transfer.advice.stopping.snapshots import iter_snapshots, lead
from sentiment_transfer.advice.stopping.stopping import PATIENCE, has_settled
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.model.inputs import LittleTextWarning
from sentiment_transfer.pretraining.skipgram import auto_epochs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Run = dict[str, Any]

EPOCHS = (1, 2, 4, 8, 16, 32, 64)
CHOOSING = ("mr", "amazon", "uci_yelp")
REPORTING = ("imdb", "clothing", "zh_waimai", "zh_hotel")
CASES = (
    *(("mr", 300, 3), ("mr", 1_000, 2), ("mr", 4_000, 1)),
    *(("amazon", 300, 3), ("amazon", 1_000, 2), ("amazon", 3_000, 1), ("amazon", 10_000, 1)),
    *(("uci_yelp", 500, 3),),
    *(("imdb", 300, 3), ("imdb", 1_000, 2), ("imdb", 3_000, 1)),
    *(("clothing", 300, 3), ("clothing", 1_000, 2)),
    *(("zh_waimai", 1_000, 2), ("zh_waimai", 4_000, 1), ("zh_hotel", 1_000, 1)),
    ("imdb", 10_000, 1),
)
"""Sets, numbers of texts and of samples."""
TESTED = 3_000
BINARY = {"1": "negative", "2": "negative", "4": "positive", "5": "positive"}
"""Stars of clothing as two classes; three stars are left out."""
NOTE = f"""# When to stop pretraining

Written by `scripts/advice/stopping.py`. Word vectors are learnt from samples of unlabelled texts
for 1 to 64 epochs, a run of its own for each number, because the learning rate falls to the end of
a run. The accuracy is that of the model without labels, learnt from all texts of a sample, on
{TESTED:,} test texts at most, in %, means over samples. Held-out loss and hidden seed words are
those of every fifth text, from vectors learnt without these.

"2 after the least loss" goes on for two doublings of the epochs after the held-out loss is least.

**Behind hindsight**: points by which the number of epochs of a rule is behind the one with the best
mean over the samples of a set and size. {{rules}} rules were tried; the rule of the package was
chosen on {", ".join(CHOOSING)}, and the other sets report what it is worth; the rules were thought
of after a look at a first sample of all sets, so the halves are not wholly apart. With 300 texts,
accuracies of neighbouring numbers of epochs differ by chance by about a point. All of these corpora
are small: most are still gaining at the 64 epochs that are the most, so that 64 for all is as good;
the rule saves half of them from about 3,000 long texts on.

"""


def two_classes(rows: Labelled) -> Labelled:
    """Return the rows with a label of two classes."""
    known = [i for i, label in enumerate(rows.labels) if label in BINARY or label not in "12345"]
    kept = rows_of(rows, np.array(known))
    return Labelled(kept.texts, [BINARY.get(label, label) for label in kept.labels])


def measure(name: str, n: int, sample: int) -> Run:
    """Measure every number of epochs on a sample of a set."""
    found = read_set(name)
    texts, test = found.unlabelled or found.pool.texts, sampled(two_classes(found.test), TESTED)
    order = np.random.default_rng([n, sample]).permutation(len(texts))[:n]
    texts = [texts[i] for i in order]
    language = "zh" if name in CHINESE else "en"
    skipgram = SkipGram(tokenizer=language, seed=sample)
    held_out, rest = texts[: n // 5], texts[n // 5 :]
    snapshots = list(iter_snapshots(skipgram, rest, held_out, EPOCHS))
    models = [
        SentimentClassifier(language, skipgram=SkipGram(seed=sample, epochs=epochs))
        for epochs in (*EPOCHS, "auto")
    ]
    accuracies = [_accuracy(model.pretrain(texts, callback=None), test) for model in models]
    tokens = int(models[0].vectors_.counts.sum())
    return {
        "name": name,
        "n": n,
        "sample": sample,
        "tokens": tokens,
        "auto": auto_epochs(tokens),
        "full": accuracies,
        "loss": [one.loss for one in snapshots],
        "auc": [one.seed_words for one in snapshots],
        "neigh": [one.neighbours for one in snapshots],
        "lead": [[lead(one, other) for other in snapshots] for one in snapshots],
    }


def _accuracy(model: SentimentClassifier, test: Labelled) -> float:
    if not model.knows_polarity:
        return 50.0
    return 100 * float((model.predict(test.texts) == np.array(test.labels)).mean())


def rules() -> dict[str, Callable[[Run], int]]:
    """Return the rules that were tried: the place of the chosen number of epochs."""
    found: dict[str, Callable[[Run], int]] = {
        f"always {n}": lambda _, i=i: i for i, n in enumerate(EPOCHS) if n >= 4
    }
    found["least loss of all"] = lambda run: int(np.argmin(run["loss"]))
    for patience in range(1, 4):
        found[f"{patience} after the least loss"] = lambda run, p=patience: _after_least_loss(
            run, p
        )
        found[f"the same {patience}, unless seed words are clearly better before"] = (
            lambda run, p=patience: _chosen(run, _after_least_loss(run, p))
        )
    found["best seed words"] = lambda run: _best(run, len(EPOCHS))
    for patience in (1, 2):
        found[f"best seed words, patience {patience}"] = lambda run, p=patience: (
            _best_with_patience(run, p)
        )
    for errors in (0.5, 1.0, 2.0):
        found[f"fewest epochs within {errors:g} errors of the best seed words"] = (
            lambda run, e=errors: _within(run, e)[0]
        )
    for share in (0.3, 0.4, 0.5):
        found[f"first with {100 * share:.0f} % of the neighbours kept"] = lambda run, s=share: (
            _stable(run, s)
        )
    return found


RULE = f"{PATIENCE} after the least loss"
"""The rule of the package."""


def _after_least_loss(run: Run, patience: int) -> int:
    """Return the place at which `pretrain_until` stops."""
    for i in range(len(EPOCHS)):
        if has_settled(run["loss"][: i + 1], patience):
            return i
    return len(EPOCHS) - 1


def _chosen(run: Run, last: int) -> int:
    """Return the place of the best seed words up to the last one, if they are clearly better."""
    best = _best(run, last + 1)
    ahead, error = run["lead"][best][last]
    return best if ahead > 2 * error else last


def _best(run: Run, end: int) -> int:
    scores = np.array(run["auc"][:end])
    return end - 1 if np.isnan(scores).all() else int(np.nanargmax(scores))


def _best_with_patience(run: Run, patience: int) -> int:
    for end in range(1, len(EPOCHS)):
        if end - 1 - _best(run, end) >= patience:
            return _best(run, end)
    return _best(run, len(EPOCHS))


def _within(run: Run, errors: float) -> list[int]:
    best = _best(run, len(EPOCHS))
    behind = [run["lead"][best][i] for i in range(len(EPOCHS))]
    return [i for i, (ahead, error) in enumerate(behind) if i == best or ahead <= errors * error]


def _stable(run: Run, share: float) -> int:
    """Skip vectors that have learnt nothing, whose neighbours stay too."""
    least = int(np.argmin(run["loss"]))
    kept = [i for i, s in enumerate(run["neigh"]) if i > least and s >= share]
    return kept[0] if kept else len(EPOCHS) - 1


def regrets(runs: Sequence[Run], rule: Callable[[Run], int]) -> dict[tuple[str, int], float]:
    """Return how far a rule is behind hindsight, for each set and size."""
    cases: dict[tuple[str, int], list[Run]] = {}
    for run in runs:
        cases.setdefault((run["name"], run["n"]), []).append(run)
    found = {}
    for case, own in cases.items():
        curves = np.array([run["full"][: len(EPOCHS)] for run in own])
        picked = np.mean([run["full"][rule(run)] for run in own])
        found[case] = float(curves.mean(axis=0).max() - picked)
    return found


def report(runs: Sequence[Run], out: Path) -> None:
    """Write the page."""
    lines = [NOTE.format(rules=len(rules()))]
    halves = {"choosing": CHOOSING, "reporting": REPORTING}
    of_half = {
        title: [run for run in runs if run["name"] in names] for title, names in halves.items()
    }
    cells = []
    for name, rule in rules().items():
        found = [list(regrets(own, rule).values()) for own in of_half.values()]
        epochs = np.mean([EPOCHS[rule(run)] for run in runs])
        mark = f"**{name}**" if name == RULE else name
        cells.append(
            [
                *(mark, *(f"{np.mean(own):.2f}" for own in found)),
                *(f"{max(found[1]):.1f}", f"{epochs:.0f}"),
            ]
        )
    header = ["rule", "choosing half", "reporting half", "worst of these", "epochs, mean"]
    lines += ["## Rules: points behind hindsight", "", *markdown_table(header, cells), ""]
    lines += ["## Each set and size", "", *_curves(runs)]
    (out / "advice-stopping.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _curves(runs: Sequence[Run]) -> list[str]:
    """Return the table of accuracies by epochs, with what the rule picks."""
    behind = regrets(runs, rules()[RULE])
    cells = []
    for name, n in behind:
        own = [run for run in runs if (run["name"], run["n"]) == (name, n)]
        picked = sorted({EPOCHS[rules()[RULE](run)] for run in own})
        least = sorted({EPOCHS[int(np.argmin(run["loss"]))] for run in own})
        means = np.mean([run["full"] for run in own], axis=0)
        cells.append(
            [name, f"{n:,}", str(len(own)), *(f"{mean:.1f}" for mean in means[:-1])]
            + [f"{means[-1]:.1f} ({own[0]['auto']})"]
            + [", ".join(map(str, numbers)) for numbers in (least, picked)]
            + [f"{behind[name, n]:.1f}"]
        )
    header = ["set", "texts", "samples", *map(str, EPOCHS), "auto"]
    return markdown_table([*header, "least loss at", "picked", "behind"], cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_report_options(parser)
    options = parser.parse_args()
    path = options.cache / "advice-stopping.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    runs = [json.loads(line) for line in lines]
    done = {(run["name"], run["n"], run["sample"]) for run in runs}
    for name, n, samples in () if options.report else CASES:
        for sample in range(samples):
            if (name, n, sample) not in done:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", LittleTextWarning)
                    runs.append(measure(name, n, sample))
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(runs[-1]) + "\n")
                print(name, n, sample, np.round(runs[-1]["full"], 1), flush=True)
    order = [(name, n) for name, n, _ in CASES]
    runs.sort(key=lambda run: order.index((run["name"], run["n"])))
    report(runs, options.out)


if __name__ == "__main__":
    main()
