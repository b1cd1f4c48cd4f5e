"""`SentimentClassifier.estimate_prevalence`, its command, and a known prevalence with labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.classification.class_weight import prevalence_weights
from sentiment_transfer.cli.wording import in_options
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.model.coverage import UnknownWordsWarning
from sentiment_transfer.polarity import PolarityClassifier

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, World


def pretrained(world: World, **settings: object) -> SentimentClassifier:
    model = SentimentClassifier(vectors=world.vectors, **settings)  # type: ignore[arg-type]
    return model.pretrain(world.unlabelled)


def mixed(world: World, share: float, n: int = 60) -> list[str]:
    """Texts of the world, which alternate, of which this share is positive."""
    positive, negative = world.texts[::2], world.texts[1::2]
    k = round(share * n)
    return [*positive[:k], *negative[: n - k]]


@pytest.mark.parametrize("n_labels", [0, 2, 8, 40])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_interval_covers_the_share_and_follows_it(
    world: World, n_labels: int, share: float
) -> None:
    model = pretrained(world)
    if n_labels:
        model.fit(*world.few(n_labels))
    found = model.estimate_prevalence(mixed(world, share))
    assert 0 < found.low <= share <= found.high < 1
    assert found.low < found.share < found.high
    assert (found.n, found.n_blank, found.n_unknown, found.label) == (60, 0, 0, "positive")


def test_labels_narrow_the_interval(world: World) -> None:
    texts = mixed(world, 0.3, 100)
    widths = []
    for n_labels in (0, 100):
        model = pretrained(world)
        if n_labels:
            model.fit(*world.few(n_labels))
        found = model.estimate_prevalence(texts)
        widths.append(found.high - found.low)
    assert widths[1] < 0.9 * widths[0]


def test_blank_texts_are_left_out_and_texts_without_a_known_word_are_counted(world: World) -> None:
    model, texts = pretrained(world), mixed(world, 0.3)
    plain = model.estimate_prevalence(texts)
    found = model.estimate_prevalence([*texts, "", " \n", "zzz qqq"])
    assert (found.n, found.n_blank, found.n_unknown) == (61, 2, 1)
    assert (found.share, found.low, found.high) == (plain.share, plain.low, plain.high)


def test_one_text_says_little_and_says_it(world: World) -> None:
    found = pretrained(world).estimate_prevalence(["good great film"])
    assert found.high - found.low > 0.7
    assert str(found).startswith(f"{100 * found.share:.0f} % of 1 text are positive (95 %: ")


def test_a_thousand_texts_are_written_with_a_comma(world: World) -> None:
    found = pretrained(world).estimate_prevalence(mixed(world, 0.5) * 20)
    low, high = (f"{100 * end:.0f}" for end in (found.low, found.high))
    expected = f"{100 * found.share:.0f} % of 1,200 texts are positive (95 %: {low} to {high} %)"
    assert str(found) == expected


def test_the_size_of_a_batch_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    model, texts = pretrained(world), mixed(world, 0.4)
    whole = model.estimate_prevalence(texts)
    monkeypatch.setattr("sentiment_transfer.model.prevalence.BATCH_TEXTS", 7)
    in_parts = model.estimate_prevalence(iter(texts))
    assert in_parts.share == pytest.approx(whole.share)
    assert in_parts.n == whole.n


@pytest.mark.parametrize(
    ("texts", "message"),
    [([], "there is no text"), (["", "  "], "all 2 texts are blank"), (["zzz"], "known word")],
)
def test_nothing_to_estimate_from_is_an_error(world: World, texts: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        pretrained(world).estimate_prevalence(texts)


def test_classes_that_are_not_polar_are_an_error(world: World) -> None:
    three = ["bad", "middling", "good"] * 4
    model = pretrained(world).fit(world.texts[:12], three)
    with pytest.raises(SettingError, match="bad, good, middling"):
        model.estimate_prevalence(["good"])
    model = pretrained(world).fit(world.texts[:8], ["hotel", "film"] * 4)
    with pytest.raises(SettingError, match="labels is positive, 'film' or 'hotel'; fit it"):
        model.estimate_prevalence(["good"])
    model = pretrained(world, ordered=["film", "hotel"]).fit(world.texts[:8], ["hotel", "film"] * 4)
    assert model.estimate_prevalence(mixed(world, 0.9)).label == "hotel"


def test_two_labels_of_unknown_meaning_are_shown_how_to_rename_them(world: World) -> None:
    model = pretrained(world).fit(world.texts[:8], ["yes", "no"] * 4)
    with pytest.raises(SettingError) as refused:
        model.estimate_prevalence(["good"])
    example = "rename the labels, as in no=negative,yes=positive if 'yes' is the positive one"
    assert example in str(refused.value)
    assert "as in --map-labels no=negative,yes=positive" in in_options(str(refused.value))


def test_a_model_without_polarity_and_labels_is_not_fitted(world: World) -> None:
    with pytest.raises(NotFittedError, match="call fit"):
        pretrained(world, seeds=None).estimate_prevalence(["good"])


def test_another_head_estimates_from_its_answers_alone(world: World) -> None:
    model = pretrained(world, head=LogisticRegression()).fit(*world.few(40))
    found = model.estimate_prevalence(mixed(world, 0.3, 100))
    assert found.low < 0.3 < found.high


def test_texts_in_another_language_are_warned_of() -> None:
    french = ["Je ne reviendrai jamais chez eux.", "Nous avons très bien mangé ce soir."]
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    with pytest.warns(UnknownWordsWarning, match="look French"):
        model.estimate_prevalence(french * 60)


def test_seed_words_that_labels_contradict_are_no_evidence(world: World) -> None:
    texts, labels = world.few(40)
    turned = [{"positive": "negative", "negative": "positive"}[label] for label in labels]
    with pytest.warns(UserWarning, match="contradict"):
        model = pretrained(world).fit(texts, turned)
    found = model.estimate_prevalence(mixed(world, 0.9))  # of which 0.1 are "positive" here
    assert found.share < 0.3


def test_a_loaded_model_estimates_what_the_saved_one_did(world: World, tmp_path: Path) -> None:
    model = pretrained(world).fit(*world.few(40))
    model.save(tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert isinstance(loaded, SentimentClassifier)
    texts = mixed(world, 0.2)
    assert loaded.estimate_prevalence(texts) == model.estimate_prevalence(texts)


# ---- a known prevalence, and labels with another share


def test_labels_are_weighted_to_the_prevalence() -> None:
    positive = np.array([True] * 6 + [False] * 2)
    weights = prevalence_weights(positive, 0.5)
    # shares with one label more for each class: 7 / 10 and 3 / 10
    assert weights[-1] / weights[0] == pytest.approx((0.5 / 0.3) / (0.5 / 0.7))
    assert weights.sum() == pytest.approx(8)
    given = prevalence_weights(positive, 0.5, np.full(8, 0.5))
    assert given[-1] / given[0] == pytest.approx((0.5 / (2 / 6)) / (0.5 / (4 / 6)))
    assert given.sum() == pytest.approx(4)


def test_labels_of_the_same_share_keep_their_weights() -> None:
    assert prevalence_weights(np.arange(10) % 2 == 0, 0.5) == pytest.approx(np.ones(10))


def test_with_a_prevalence_lopsided_labels_do_not_move_the_answers(world: World) -> None:
    positive, negative = world.texts[::2], world.texts[1::2]
    lopsided = [*positive[:30], *negative[:3]], ["positive"] * 30 + ["negative"] * 3
    asked = world.texts[80:]
    plain = pretrained(world).fit(*lopsided).predict_proba(asked)[:, 1].mean()
    known = pretrained(world).fit(*lopsided, prevalence=0.5).predict_proba(asked)[:, 1].mean()
    assert abs(known - 0.5) < abs(plain - 0.5)


def test_a_prevalence_means_the_same_wherever_it_is_given(world: World, tmp_path: Path) -> None:
    labelled = world.few(9)
    models = [
        pretrained(world, prevalence=0.2).fit(*labelled),
        pretrained(world).adapt(world.unlabelled, prevalence=0.2).fit(*labelled),
        pretrained(world, prevalence=0.2).fit(*labelled, prevalence=0.2),
    ]
    answers = [model.predict_proba(world.texts) for model in models]
    np.testing.assert_allclose(answers[2], answers[0])
    np.testing.assert_allclose(answers[1], answers[0], atol=0.05)  # refined twice on these texts
    assert all(model.prior_.tolist() == pytest.approx([0.8, 0.2]) for model in models)
    models[0].save(tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert isinstance(loaded, SentimentClassifier)
    np.testing.assert_allclose(loaded.fit(*labelled).predict_proba(world.texts), answers[0])


def test_fit_keeps_the_cut_and_the_prevalence_of_before(world: World) -> None:
    model = pretrained(world)
    cut = model.encoder_.polarity_.cut
    model.fit(*world.few(8), prevalence=0.2)
    assert model.encoder_.polarity_.cut == cut
    assert model.fit(*world.few(8)).prior_.tolist() == pytest.approx([0.8, 0.2])


def test_labelled_texts_alone_are_not_cut_at_the_prevalence_of_others(world: World) -> None:
    labelled = world.few(40)  # of which half are positive
    plain = SentimentClassifier(vectors=world.vectors).fit(*labelled)
    known = SentimentClassifier(vectors=world.vectors, prevalence=0.1).fit(*labelled)
    assert known.encoder_.polarity_.cut == plain.encoder_.polarity_.cut
    assert known.prior_.tolist() == pytest.approx([0.9, 0.1])


def test_a_class_weight_takes_the_place_of_the_prevalence(world: World) -> None:
    texts, labels = world.few(8)
    head = PolarityClassifier(class_weight={"positive": 3.0})
    plain = pretrained(world, head=head).fit(texts, labels)
    known = pretrained(world, head=head).fit(texts, labels, prevalence=0.1)
    asked = world.texts[8:]
    np.testing.assert_array_equal(known.predict_proba(asked), plain.predict_proba(asked))


def test_three_classes_do_not_use_a_prevalence(world: World) -> None:
    texts, labels = world.texts[:12], ["negative", "neutral", "positive"] * 4
    plain = pretrained(world, ordered=False).fit(texts, labels)
    known = pretrained(world, ordered=False).fit(texts, labels, prevalence=0.9)
    np.testing.assert_array_equal(known.predict_proba(texts), plain.predict_proba(texts))


@pytest.mark.parametrize("value", [0, 1, -0.5, 70, "0.5", float("nan")])
def test_fit_names_a_wrong_prevalence(world: World, value: float) -> None:
    with pytest.raises(SettingError, match=r"prevalence=.* is not allowed; it must be a number"):
        pretrained(world).fit(*world.few(8), prevalence=value)


def test_fit_refuses_a_prevalence_that_another_head_does_not_use(world: World) -> None:
    model = pretrained(world, head=LogisticRegression())
    with pytest.raises(SettingError, match=r"prevalence=0\.5 .* LogisticRegression"):
        model.fit(*world.few(8), prevalence=0.5)


# ---- the command line


@pytest.fixture
def files(world: World, tmp_path: Path) -> tuple[Path, Path]:
    """A model, and a file of texts."""
    model, texts = tmp_path / "model.safetensors", tmp_path / "texts.txt"
    pretrained(world).fit(*world.few(20)).save(model)
    texts.write_text("\n".join(mixed(world, 0.3)) + "\n", encoding="utf-8")
    return model, texts


def test_the_command_prints_the_share_in_one_line(run: Run, files: tuple[Path, Path]) -> None:
    model, texts = files
    code, out, err = run("prevalence", model, texts)
    expected = load(model).estimate_prevalence(texts.read_text().splitlines())  # type: ignore[union-attr]
    assert (code, out, err) == (0, f"{expected}\n", "")


def test_the_command_writes_json(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    model, texts = files
    with texts.open("a", encoding="utf-8") as file:
        file.write("zzz qqq\n")
    code, out, err = run("prevalence", model, texts, "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert list(found) == ["share", "low", "high", "n", "n_blank", "n_unknown", "label"]
    assert found["low"] < 0.3 < found["high"]
    assert (found["n"], found["n_unknown"], found["label"]) == (61, 1, "positive")
    assert "without a known word: 1" in err
    path = tmp_path / "share.json"
    assert run("prevalence", model, texts, "-o", path)[0] == 0
    assert json.loads(path.read_text(encoding="utf-8")) == found


def test_the_command_counts_blank_texts(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    table.write_text('text\ngood film\n""\nbad plot\n', encoding="utf-8")
    code, out, err = run("prevalence", files[0], table)
    assert code == 0
    assert "of 2 texts" in out
    assert "blank texts, which are left out: 1" in err


def test_the_command_refuses_other_classes_and_files_without_texts(
    run: Run, world: World, files: tuple[Path, Path], tmp_path: Path
) -> None:
    stars = tmp_path / "stars.safetensors"
    pretrained(world).fit(world.texts[:12], ["1", "2", "3"] * 4).save(stars)
    code, out, err = run("prevalence", stars, files[1])
    assert (code, out) == (2, "")
    assert "1, 2, 3" in err
    empty = tmp_path / "empty.txt"
    empty.write_text("\n \n", encoding="utf-8")
    code, out, err = run("prevalence", files[0], empty)
    assert (code, out) == (3, "")


def test_adapt_prints_the_share_and_asks_for_it_if_it_is_unsure(
    run: Run, files: tuple[Path, Path], tmp_path: Path
) -> None:
    model, texts = files
    adapted = tmp_path / "adapted.safetensors"
    few = tmp_path / "few.txt"
    few.write_text("\n".join(texts.read_text().splitlines()[:6]) + "\n", encoding="utf-8")
    code, _, err = run("adapt", model, few, "-o", adapted)
    assert code == 0
    assert "of 6 texts are positive (95 %: " in err
    assert "--prevalence SHARE" in err
    code, _, err = run("adapt", model, few, "-o", adapted, "--prevalence", 0.5)
    assert code == 0
    assert "--prevalence" not in err
    assert "are positive" not in err


def test_fit_weights_labels_by_the_prevalence_of_the_option(
    run: Run, files: tuple[Path, Path], world: World, tmp_path: Path
) -> None:
    model, _ = files
    few, fitted = tmp_path / "few.csv", tmp_path / "fitted.safetensors"
    rows = zip(*world.few(9), strict=True)
    few.write_text("text,label\n" + "".join(f"{t},{y}\n" for t, y in rows), encoding="utf-8")
    options = ("--prevalence", 0.2, "-q")
    assert run("fit", few, "--vectors", model, *options, "-o", fitted)[0] == 0
    expected = load(model).fit(*world.few(9), prevalence=0.2)  # type: ignore[union-attr]
    np.testing.assert_allclose(
        load(fitted).predict_proba(world.texts),  # type: ignore[union-attr]
        expected.predict_proba(world.texts),
    )
