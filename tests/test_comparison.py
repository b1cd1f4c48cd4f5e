from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import numpy as np
import pytest

from sentiment_transfer import (
    SentimentClassifier,
    SkipGram,
    compare,
    load,
    read_labelled,
    read_texts,
)
from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.errors import InputError, ModelFileError, NotFittedError, SettingError
from sentiment_transfer.experiments.baselines import majority_arm, tfidf_arm
from sentiment_transfer.experiments.draws import draw_labelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sentiment_transfer.base.progress import Progress
    from sentiment_transfer.experiments import Comparison

    from .conftest import World


class Spy:
    """Answers from a script of accuracies, and writes down what it is shown."""

    def __init__(self, *, needs_labels: bool = True, wrong: Sequence[int] = (0,)) -> None:
        self.needs_labels = needs_labels
        self.wrong = wrong
        self.fits: list[tuple[list[str], list[str], int]] = []

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        self.pool, self.test, self.classes = list(pool), list(test), list(classes)

    def predict(self, rows: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
        wrong = self.wrong[len(self.fits) % len(self.wrong)]
        self.fits.append(([self.pool[i] for i in rows], labels.tolist(), seed))
        answers = np.array([LABEL_OF[text] for text in self.test])
        answers[:wrong] = [("b" if label == "a" else "a") for label in answers[:wrong]]
        return answers


POOL = [f"pool {i}" for i in range(40)], ["a", "b", "b", "a"] * 10
TEST = [f"test {i}" for i in range(10)], ["b", "a"] * 5
LABEL_OF = dict(zip(*TEST, strict=True)) | dict(zip(*POOL, strict=True))


def figures(comparison: Comparison) -> list[list[object]]:
    return comparison.runs.drop(columns="seconds").to_numpy().tolist()


def test_every_arm_learns_from_the_same_draws_with_the_right_labels() -> None:
    first, second = Spy(), Spy()
    compare([], POOL, TEST, budgets=[4, 8], draws=3, arms={"x": first, "y": second})
    assert first.fits == second.fits
    assert [len(texts) for texts, _, _ in first.fits] == [4] * 3 + [8] * 3
    assert all(labels == [LABEL_OF[t] for t in texts] for texts, labels, _ in first.fits)
    assert len({tuple(texts) for texts, _, _ in first.fits}) == 6
    assert len({seed for _, _, seed in first.fits}) == 6
    assert first.fits[4][0] == [
        POOL[0][i] for i in draw_labelled(POOL[1], 8, "balanced", seed=0, draw=1)
    ]


def test_test_texts_never_enter_a_fit_and_only_drawn_texts_the_pool() -> None:
    spy = Spy()
    compare([], POOL, TEST, budgets=[4], draws=2, arms={"x": spy})
    fitted = {text for texts, _, _ in spy.fits for text in texts}
    assert fitted == set(spy.pool)
    assert not fitted & set(TEST[0])
    assert spy.test == TEST[0]
    assert spy.classes == ["a", "b"]


def test_a_draw_does_not_depend_on_the_other_budgets() -> None:
    alone, among = Spy(), Spy()
    compare([], POOL, TEST, budgets=[8], draws=2, arms={"x": alone})
    compare([], POOL, TEST, budgets=[20, 8, 8, 2], draws=4, arms={"x": among})
    assert [fit for fit in among.fits if len(fit[0]) == 8][:2] == alone.fits
    assert len(among.fits) == 3 * 4  # each budget once


def test_another_seed_gives_other_draws() -> None:
    first, second = Spy(), Spy()
    compare([], POOL, TEST, budgets=[4], draws=2, seed=0, arms={"x": first})
    compare([], POOL, TEST, budgets=[4], draws=2, seed=1, arms={"x": second})
    assert first.fits != second.fits


def test_gains_are_computed_draw_by_draw_from_the_first_arm() -> None:
    arms = {"x": Spy(wrong=[1, 3]), "y": Spy(wrong=[2, 5])}  # accuracies .9 .7 and .8 .5
    table = compare([], POOL, TEST, budgets=[4], draws=2, arms=arms).table.set_index("arm")
    # differences -0.1 and -0.2: mean -0.15, sd sqrt(2) * 0.05, t(0.975, 1) = 12.706
    assert table.loc["y", "gain"] == pytest.approx(-0.15)
    assert table.loc["y", "gain_high"] == pytest.approx(-0.15 + 12.706 * 0.05, abs=1e-4)
    assert table.loc["y", "worst"] == 0.5
    assert table.loc["x", "gain"] == 0


def test_at_budget_0_only_arms_without_labels_are_measured_and_once() -> None:
    free = Spy(needs_labels=False)
    result = compare([], POOL, TEST, budgets=[0, 4], draws=3, arms={"bound": Spy(), "free": free})
    assert free.fits[0] == ([], [], free.fits[0][2])
    table = result.table.set_index(["budget", "arm"])
    assert table.loc[0, "draws"].to_dict() == {"free": 1}
    assert table.loc[4, "draws"].to_dict() == {"bound": 3, "free": 3}
    assert np.isnan(table.loc[(0, "free"), "gain"])
    assert "0 labels\nfree" in str(result)


def test_budget_0_needs_an_arm_that_predicts_without_labels() -> None:
    result = compare([], POOL, TEST, budgets=[0], arms={"free": Spy(needs_labels=False)})
    assert result.table["mean"].tolist() == [1.0]
    with pytest.raises(SettingError, match="every arm needs labels, and a budget is 0"):
        compare([], POOL, TEST, budgets=[0, 4], arms={"majority": majority_arm()})


def test_labels_of_one_class_give_that_class_for_every_arm() -> None:
    spy = Spy()
    result = compare([], POOL, TEST, budgets=[1], draws=4, arms={"x": spy, "t": tfidf_arm()})
    assert spy.fits == []
    assert result.runs["accuracy"].tolist() == [0.5] * 8


def test_the_callback_gets_every_fit_with_rate_and_time_left() -> None:
    heard: list[Progress] = []
    compare([], POOL, TEST, budgets=[4], draws=3, arms={"x": tfidf_arm()}, callback=heard.append)
    assert [(p.stage, p.done, p.total, p.unit) for p in heard] == [
        ("compare", i, 3, "fits") for i in (1, 2, 3)
    ]
    assert heard[1].rate > 0
    assert heard[-1].eta == 0


def test_a_text_that_is_labelled_and_tested_is_refused_up_to_case_and_punctuation() -> None:
    test = (["Pool 3!", *TEST[0]], ["a", *TEST[1]])
    with pytest.raises(InputError, match=r"1 texts are both .* such as 'Pool 3!'"):
        compare([], POOL, test, budgets=[4], arms={"x": Spy()})


def test_a_test_label_that_no_labelled_text_has_is_refused() -> None:
    test = (TEST[0], ["a", "B"] * 5)
    with pytest.raises(InputError, match="has the test label 'B'; the labels are 'a', 'b'"):
        compare([], POOL, test, budgets=[4], arms={"x": Spy()})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"budgets": []}, "budgets is empty"),
        ({"budgets": [8, -1]}, "budget=-1 is not allowed"),
        ({"budgets": [2.5]}, "budget=2.5 is not allowed"),
        ({"budgets": [True]}, "budget=True is not allowed"),
        ({"budgets": [41]}, "budget of 41 labels cannot be drawn from 40"),
        ({"draws": 0}, "draws=0 is not allowed"),
        ({"seed": -1}, "seed=-1 is not allowed"),
        ({"sampling": "even"}, "sampling='even' is not allowed"),
        ({"arms": {}}, "arms is empty"),
        ({"arms": ["bert"]}, "the arm 'bert' is not known"),
        ({"arms": []}, "arms is empty"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_run(
    wrong: dict[str, object], message: str
) -> None:
    settings: dict[str, object] = {"budgets": [4], "arms": {"x": Spy()}}
    with pytest.raises((SettingError, InputError), match=message):
        compare(["never read"], POOL, TEST, **(settings | wrong))  # type: ignore[arg-type]


def test_a_model_without_vectors_is_refused() -> None:
    with pytest.raises(NotFittedError, match="no vectors yet; call pretrain"):
        compare(SentimentClassifier(), POOL, TEST, budgets=[4])


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pretraining is given."""
    texts: list[str] = []
    fit = SkipGram.fit

    def spying(self: SkipGram, source: Iterator[str], *args: object, **kwargs: object) -> SkipGram:
        texts.extend(source)
        return fit(self, texts, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(SkipGram, "fit", spying)
    return texts


@pytest.mark.parametrize("one_pass", [False, True])
def test_unlabelled_texts_that_repeat_a_test_text_are_left_out_with_a_warning(
    world: World, seen: list[str], one_pass: bool
) -> None:
    texts, labels = world.test
    test = texts[:20], labels[:20]
    repeat = texts[3].upper().replace(" ", ", ")
    unlabelled = [world.unlabelled[0], repeat, *world.unlabelled[1:60]]
    with pytest.warns(UserWarning, match="1 unlabelled texts repeat a test text and are left out"):
        result = compare(
            iter(unlabelled) if one_pass else unlabelled,
            world.few(40),
            test,
            budgets=[0],
            arms=["model"],
        )
    assert seen == world.unlabelled[:60]
    assert result.settings["n_unlabelled"] == 60


@pytest.mark.needs_extra("torch")
def test_a_model_from_a_file_is_compared_by_every_default_arm_that_it_can_run(
    world: World, tmp_path: Path
) -> None:
    SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).save(tmp_path / "mine")
    settings: dict[str, Any] = {"budgets": [4], "draws": 1}
    loaded = compare(load(tmp_path / "mine"), world.few(40), world.test, **settings)
    assert len(loaded.table) == 6
    assert list(loaded.left_out) == ["random vectors, hidden layer"]
    assert max(map(len, str(loaded).splitlines())) <= 100
    assert "\nleft out: random vectors, hidden layer (" in str(loaded)
    assert "model.pretrain(unlabelled_texts)" in str(loaded)
    loaded.save(tmp_path / "result.json")
    assert json.loads((tmp_path / "result.json").read_text())["left_out"] == loaded.left_out
    for path in (tmp_path / "mine", str(tmp_path / "mine")):
        named = compare(path, world.few(40), world.test, **settings)
        assert figures(named) == figures(loaded)
    with pytest.raises(NotFittedError, match=r"'random' needs unlabelled texts.* call model.pre"):
        compare(tmp_path / "mine", world.few(40), world.test, arms=["random"], **settings)


def test_the_name_of_a_shipped_model_is_that_model(world: World) -> None:
    settings: dict[str, Any] = {"budgets": [0, 4], "draws": 1, "arms": ["model", "hidden-layer"]}
    by_name = compare("reviews-en", world.few(40), world.test, **settings)
    opened = compare(load("reviews-en"), world.few(40), world.test, **settings)
    assert figures(by_name) == figures(opened)
    assert "n_unlabelled" not in by_name.settings


def test_the_path_of_a_file_of_texts_is_read_as_texts(world: World, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(world.unlabelled[:60]))
    result = compare(str(path), world.few(40), world.test, budgets=[4], draws=1, arms=["majority"])
    assert result.settings["n_unlabelled"] == 60


def test_a_str_that_is_neither_a_model_nor_texts_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'reviews-xx' is not .* package are reviews-en, film"):
        compare("reviews-xx", world.few(40), world.test, budgets=[4])
    with pytest.raises(InputError, match="put texts into a list"):
        compare("a great film " * 400, world.few(40), world.test, budgets=[4])
    (tmp_path / "texts.md").write_text("a great film")
    with pytest.raises(InputError, match=r"texts\.md: unknown format; known are \.csv"):
        compare(str(tmp_path / "texts.md"), world.few(40), world.test, budgets=[4])
    (tmp_path / "broken.safetensors").write_text("a great film")
    with pytest.raises(ModelFileError, match=r"broken\.safetensors: is not a model file"):
        compare(tmp_path / "broken.safetensors", world.few(40), world.test, budgets=[4])
    world.vectors.save(tmp_path / "vectors")
    with pytest.raises(SettingError, match="texts are word vectors; pass Sent"):
        compare(tmp_path / "vectors", world.few(40), world.test, budgets=[4])


def test_a_model_pretrained_on_a_test_text_gives_a_warning(world: World) -> None:
    texts, labels = world.test
    test = texts[:20], labels[:20]
    seen = [*world.unlabelled, texts[3].upper(), texts[4]]
    model = SentimentClassifier(vectors=world.vectors).pretrain(seen)
    message = "2 of 302 texts that the model was pretrained on .* repeat a test text"
    with pytest.warns(UserWarning, match=message):
        compare(model, world.few(40), test, budgets=[0], arms=["model"])


def test_extra_domains_add_a_shared_layer_and_a_pooled_network(
    world: World, tmp_path: Path
) -> None:
    texts, labels = world.test
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    settings: dict[str, object] = {"budgets": [4], "draws": 2, "arms": ["logistic"]}
    settings["resume"] = tmp_path / "runs.jsonl"
    half = texts[40:], labels[40:]
    other = {"films": (texts[:30], labels[:30])}
    same = {"films": (texts[:40], labels[:40])}
    result = compare(model, world.few(40), half, extra_domains=same, **settings)  # type: ignore[arg-type]
    assert list(dict.fromkeys(result.runs["arm"])) == [
        "pretrained, logistic regression",
        "hidden layer shared with other sets",
        "hidden layer, other sets pooled",
    ]
    assert (result.table["mean"] > 0.8).all()
    with pytest.raises(InputError, match="other extra domains"):
        compare(model, world.few(40), half, extra_domains=other, **settings)  # type: ignore[arg-type]


def test_extra_domains_may_be_added_to_a_resumed_comparison(world: World, tmp_path: Path) -> None:
    texts, labels = world.test
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    settings: dict[str, Any] = {
        "budgets": [4], "draws": 1, "arms": ["logistic"], "resume": tmp_path / "runs.jsonl",
    }  # fmt: skip
    half, same = (texts[40:], labels[40:]), {"films": (texts[:40], labels[:40])}
    compare(model, world.few(40), half, **settings)
    added = compare(model, world.few(40), half, extra_domains=same, **settings)
    assert len(added.runs) == 3
    assert len(compare(model, world.few(40), half, **settings).runs) == 1
    other = {"films": (texts[:30], labels[:30])}
    with pytest.raises(InputError, match="other extra domains"):
        compare(model, world.few(40), half, extra_domains=other, **settings)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            (["good", "bad"], ["good", "bad"]),
            "films: .*labels are 'bad', 'good', but must be 'neg",
        ),
        ((["so", "la"], ["positive", "negative"]), "films: a budget of 8 labels cannot be drawn"),
    ],
)
def test_an_unsuitable_extra_domain_is_refused_before_anything_is_run(
    world: World, rows: tuple[list[str], list[str]], message: str
) -> None:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    started: list[object] = []
    with pytest.raises(InputError, match=message):
        compare(
            model, world.few(40), world.test, budgets=[8], extra_domains={"films": rows},
            callback=started.append,
        )  # fmt: skip
    assert not started


def test_an_arm_named_twice_is_refused(world: World) -> None:
    with pytest.raises(SettingError, match="'majority' is named twice"):
        compare(world.unlabelled, POOL, TEST, budgets=[4], arms=["majority", "majority"])


def test_an_extra_domain_with_test_texts_or_with_own_arms_is_refused(world: World) -> None:
    texts, labels = world.test
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    beside = {"films": ([texts[3].upper(), *texts[50:]], labels[49:])}
    with pytest.raises(InputError, match="1 texts of films are also in the test set, such as"):
        compare(model, world.few(40), (texts[:20], labels[:20]), budgets=[4], extra_domains=beside)
    with pytest.raises(SettingError, match="extra_domains is not allowed with arms of your own"):
        compare([], POOL, TEST, budgets=[4], arms={"x": Spy()}, extra_domains={"a": POOL})


def test_a_budget_of_all_texts_is_one_draw(world: World) -> None:
    spy = Spy()
    result = compare([], POOL, TEST, budgets=[8, 40], draws=3, arms={"x": spy})
    assert result.table.set_index("budget")["draws"].to_dict() == {8: 3, 40: 1}
    assert sorted(spy.fits[-1][0]) == sorted(POOL[0])
    assert "40 labels\nx" in str(result)  # no number of draws, no spread


def test_a_resumed_comparison_has_the_same_result(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"

    def run(spy: Spy, **others: object) -> Comparison:
        arms = {"x": spy, "y": Spy(wrong=[4])}
        return compare([], POOL, TEST, draws=3, arms=arms, resume=path, **others)  # type: ignore[arg-type]

    whole = run(Spy(wrong=[1, 2, 3, 4, 5, 6]), budgets=[4, 8])
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) == 1 + 12
    path.write_text("".join(lines[:5]) + lines[5][:20])  # killed while it wrote the fifth run
    spy = Spy(wrong=[5, 6])
    again = run(spy, budgets=[4, 8])
    assert len(spy.fits) == 2
    assert figures(again) == figures(whole)
    assert path.read_text().splitlines()[:5] == [line.rstrip() for line in lines[:5]]

    more = Spy()
    assert len(run(more, budgets=[4, 8, 20]).runs) == 18
    assert len(more.fits) == 3  # the new budget alone


def test_a_callback_that_raises_loses_no_finished_run(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"

    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare([], POOL, TEST, budgets=[4], arms={"x": Spy()}, callback=stop, resume=path)
    spy = Spy()
    compare([], POOL, TEST, budgets=[4], draws=5, arms={"x": spy}, resume=path)
    assert len(spy.fits) == 3


def test_runs_of_another_comparison_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    compare([], POOL, TEST, budgets=[4], draws=1, arms={"x": Spy()}, resume=path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"runs\.jsonl: holds runs of .* \(other seed\)"):
        compare([], POOL, TEST, budgets=[4], arms={"x": Spy()}, seed=1, resume=path)
    fewer = POOL[0][:-4], POOL[1][:-4]
    with pytest.raises(InputError, match="other sampling, labelled texts"):
        compare([], fewer, TEST, budgets=[4], arms={"x": Spy()}, sampling="natural", resume=path)
    assert path.read_bytes() == before


def test_runs_of_another_model_are_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"

    def run(texts: list[str], random: bool = False, **parameters: object) -> list[list[object]]:
        vectors = world.vectors.randomised(0) if random else world.vectors
        model = SentimentClassifier(vectors=vectors, **parameters).pretrain(texts)  # type: ignore[arg-type]
        settings = {"budgets": [4], "draws": 1, "arms": ["model"], "resume": path}
        return figures(compare(model, world.few(20), world.test, **settings))  # type: ignore[arg-type]

    assert run(world.unlabelled) == run(world.unlabelled)
    for texts, changed in (
        (world.unlabelled, {"random": True}),
        (world.unlabelled, {"prevalence": 0.4}),
        (world.unlabelled[:200], {}),
    ):
        with pytest.raises(InputError, match="other model"):
            run(texts, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("content", ["", "text,label\ngreat,positive\n", "[1]\n", "{}\n", "\xff"])
def test_a_file_that_holds_no_runs_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "labelled.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=r"labelled\.csv: does not hold the runs of a comparison"):
        compare([], POOL, TEST, budgets=[4], arms={"x": Spy()}, resume=path)
    assert path.read_bytes() == content.encode("latin-1")


@pytest.fixture
def result() -> Comparison:
    arms = {"a | b": Spy(wrong=[1, 3]), "free": Spy(needs_labels=False, wrong=[2, 5])}
    return compare([], POOL, TEST, budgets=[0, 4], draws=2, seed=3, arms=arms)


def test_json_holds_runs_table_and_settings(result: Comparison, tmp_path: Path) -> None:
    result.save(tmp_path / "result.json")
    saved = json.loads((tmp_path / "result.json").read_text())
    seconds = saved["settings"].pop("seconds")
    assert seconds >= 0
    assert saved["settings"] == {
        "budgets": [0, 4],
        "draws": 2,
        "sampling": "balanced",
        "seed": 3,
        "n_labelled": 40,
        "n_test": 10,
    }
    assert saved["left_out"] == {}
    assert saved["reference"] == "a | b"
    assert [run["accuracy"] for run in saved["runs"]] == [0.9, 0.7, 0.8, 0.5, 0.8]
    assert saved["table"][0]["std"] is None
    assert saved["table"][1]["mean"] == pytest.approx(0.8)


def test_csv_holds_the_table(result: Comparison, tmp_path: Path) -> None:
    result.save(tmp_path / "result.csv")
    rows = list(csv.DictReader(StringIO((tmp_path / "result.csv").read_text())))
    assert [(row["budget"], row["arm"]) for row in rows] == [
        ("0", "free"),
        ("4", "a | b"),
        ("4", "free"),
    ]
    assert rows[0]["std"] == ""
    assert [float(row["mean"]) for row in rows] == pytest.approx([0.8, 0.8, 0.65])


def test_markdown_begins_with_the_settings(result: Comparison, tmp_path: Path) -> None:
    result.save(tmp_path / "result.md")
    first, empty, header, rule, *rows = (tmp_path / "result.md").read_text().splitlines()
    assert first.startswith("<!-- budgets 0, 4; draws 2; sampling balanced; seed 3; n_labelled")
    assert empty == ""
    assert header.count("|") == rule.count("|") == 8
    assert rows[0] == "| 0 labels | free | 80.0 |  |  | 80.0 |  |"
    assert rows[1].startswith(r"| 4 labels, 2 draws | a \| b | 80.0 | 14.1 | 70.0 |")


def test_a_result_with_an_unknown_suffix_is_refused(result: Comparison, tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match=r"result.xlsx' is not allowed; it must end in .csv, .md or .json"
    ):
        result.save(tmp_path / "result.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_the_terminal_table_has_a_block_for_each_budget_and_fits_100_columns() -> None:
    arms = {"n" * 90: Spy(), "second": Spy(wrong=[1, 2, 3])}
    lines = str(compare([], POOL, TEST, budgets=[4, 8], draws=3, arms=arms)).splitlines()
    assert max(map(len, lines)) <= 100
    assert " ".join(lines[0].split()) == "arm mean % sd worst macro F1 against the first [95 %]"
    assert [line for line in lines if line.endswith("labels, 3 draws")] == [
        "4 labels, 3 draws",
        "8 labels, 3 draws",
    ]
    assert lines[3].startswith("nnn")
    assert lines[3].split()[1:] == ["100.0", "0.0", "100.0", "100.0"]
    assert lines[3].split()[0].endswith("n…")
    # accuracies .9 .8 .7 against 1: -20 with half width 4.303 * 10 / sqrt(3) = 24.8
    assert lines[4].split()[1:] == ["80.0", "10.0", "70.0", "79.9", "-20.0", "[-44.8,", "+4.8]"]


def test_the_terminal_table_aligns_chinese_titles_and_shortens_long_ones() -> None:
    arms = {"词" * 30: Spy(), "朴素贝叶斯": Spy(), "plain": Spy()}
    lines = str(compare([], POOL, TEST, budgets=[4], draws=3, arms=arms)).splitlines()[3:6]
    ends = {
        sum(2 if east_asian_width(c) in "WF" else 1 for c in line[: line.index("100.0")])
        for line in lines
    }
    assert len(ends) == 1
    assert lines[0].split()[0] == "词" * 20 + "…"


def test_a_table_of_one_draw_has_no_spread() -> None:
    arms = {"x": Spy(), "y": Spy(wrong=[2])}
    lines = str(compare([], POOL, TEST, budgets=[4], draws=1, arms=arms)).splitlines()
    assert lines[2] == "4 labels"
    assert lines[4].split() == ["y", "80.0", "80.0", "-20.0"]


@pytest.mark.needs_extra("torch")
@pytest.mark.parametrize("budget", [2, 6])
def test_three_classes_are_compared_by_every_default_arm(world: World, budget: int) -> None:
    def starred(texts: list[str], labels: list[str]) -> tuple[list[str], list[str]]:
        return texts, ["middling" if i % 5 == 0 else label for i, label in enumerate(labels)]

    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    result = compare(
        model, starred(*world.few(40)), starred(*world.test), budgets=[budget], draws=2
    )
    assert len(result.table) == 7
    assert result.runs["accuracy"].between(0.05, 1).all()


@pytest.mark.needs_extra("torch")
def test_the_founding_corpus_from_end_to_end(corpora: Path) -> None:
    folder = corpora / "movies72"
    held_out = read_labelled(folder / "held_out.csv")
    parts = split_by_text(held_out.texts, held_out.labels, fractions=(0.25, 0.75), seed=0)
    pool, test = (
        ([held_out.texts[i] for i in rows], [held_out.labels[i] for i in rows]) for rows in parts
    )
    result = compare(read_texts(folder / "unlabelled.txt"), pool, test, budgets=[0, 2, 8], draws=2)
    table = result.table.set_index(["budget", "arm"])
    assert table.loc[0, "mean"].index.tolist() == ["pretrained model", "seed words, counted"]
    assert len(table.loc[8]) == 7
    assert table.loc[(8, "majority class"), "mean"] == pytest.approx(0.5, abs=0.01)
    assert table.loc[(0, "pretrained model"), "mean"] > 0.55
    assert result.settings["n_unlabelled"] == 62
    assert len(result.runs) == 2 + 7 * 2 * 2


def test_a_model_ordered_by_integers_is_compared_on_integer_labels(world: World) -> None:
    def stars(rows: tuple[list[str], list[str]]) -> tuple[list[str], list[int]]:
        return rows[0], [5 if label == "positive" else 1 for label in rows[1]]

    model = SentimentClassifier(vectors=world.vectors, ordered=[1, 5]).pretrain(world.unlabelled)
    pool, test = stars(world.few(40)), stars(world.test)
    made = compare(model, pool, test, budgets=[0, 8], draws=2, arms=["model"])
    assert made.runs["accuracy"].min() > 0.8
    assert model.ordered == [1, 5]
