"""The measurements of the advice on labels and vectors: their tables and draws."""

from __future__ import annotations

import numpy as np

from scripts.advice import choice, forecast, labelling, measuring
from scripts.advice.sets import CHOOSING, REPORTING, Prepared
from sentiment_transfer import SentimentClassifier, load

THINGS = ["plot", "cast", "music", "pace", "script", "end", "hero", "sound", "light", "idea"]
GOOD = [f"I loved the {thing}, it was wonderful." for thing in THINGS]
BAD = [f"The {thing} was awful, a waste of time." for thing in THINGS]


def small_set() -> Prepared:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    texts = GOOD + BAD
    labels = np.array(["positive"] * 10 + ["negative"] * 10)
    encoded = model.encode(texts)
    return Prepared(model, texts, encoded, labels, encoded, labels)


def test_no_set_both_chooses_and_reports() -> None:
    assert not {*CHOOSING} & {*REPORTING}
    assert not {*choice.TARGETS["choosing"]} & {*choice.TARGETS["reporting"]}


def test_the_table_of_intervals_has_means_of_models_and_of_sets() -> None:
    trials = [measuring.Trial(n, 95.0, 0.7, 0.1) for n in measuring.N_LABELS]
    others = [measuring.Trial(n, 97.0, 0.9, 0.1) for n in measuring.N_LABELS]
    lines = measuring.table({"one": trials, "two": others})
    assert lines[2].startswith("| one | 95.0 | 0.70 |")
    assert lines[-1].startswith("| mean | 96.0 | 0.80 |")


def test_labels_are_added_to_those_there_are_and_never_twice() -> None:
    state = labelling.State(small_set(), 0, seeds=True)
    state.add(labelling.at_random(state, 8))
    state.add(labelling.suggested(state, 6))
    assert len(set(state.rows.tolist())) == len(state.rows) == 14
    assert len(state.rest) == 6
    assert state.accuracy == 100


def test_suggestions_start_at_random_only_with_seed_words() -> None:
    found = small_set()
    with_seeds = labelling.State(found, 0, seeds=True)
    same = labelling.State(found, 0, seeds=True)
    assert labelling.suggested(with_seeds, 10).tolist() == labelling.at_random(same, 10).tolist()
    without = labelling.State(found, 0, seeds=False)
    chosen = labelling.suggested(without, 2)  # the middle of the two clusters
    assert len({row // 10 for row in chosen.tolist()}) == 2


def test_gains_over_random_are_in_brackets() -> None:
    means = {"random": [np.full(5, 80.0)], "suggested": [np.full(5, 81.5)]}
    assert "| suggested | 81.5 (+1.5) |" in "\n".join(labelling.table(means))


def test_forecasts_of_sets_weigh_the_same_whatever_their_number() -> None:
    four = forecast.Trial(4, 1.0, 1.0, held=True, gain=1.0, true_gain=1.0)
    one = [forecast.Trial(2, 1.0, 2.0, held=True, gain=0.5, true_gain=1.0)] * 3
    other = [forecast.Trial(2, 3.0, 4.0, held=False, gain=0.5, true_gain=0.0)]
    lines = forecast.table({"one": [*one, four], "other": [*other, four]})
    assert lines[-2] == "| mean | 2× | 2.0 | 3.0 | 50 | +0.5 | +0.5 | 0.5 (0.5) |"


def test_a_small_pool_is_not_labelled_to_the_end() -> None:
    assert forecast.stop(small_set(), 2) == []


def test_losses_of_the_choice_are_means_by_half_and_labels() -> None:
    losses = [
        choice.Loss("choosing", "mr", 300, 0, "films", {"chosen": 0.5, "own": 2.0}),
        choice.Loss("choosing", "mr", 900, 0, "films", {"chosen": 1.5, "own": 4.0}),
        choice.Loss("reporting", "imdb", 300, 100, "own", {"chosen": 0.0, "own": 0.0}),
    ]
    lines = choice.table(losses)
    assert lines[2] == "| choosing | none | 2 | 1.00 | 3.00 |"
    assert lines[3] == "| reporting | 100 | 1 | 0.00 | 0.00 |"
    assert choice.each_case(losses)[2] == "| mr | 300 | 0 | films | 0.5 |"
