"""Updates of a model: what changes, what is refused, and how it is undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import AveragingEncoder, SentimentClassifier, SkipGram, load
from sentiment_transfer.advice import (
    compare_models,
    previous_path,
    replace_model,
    roll_back,
    update_model,
)
from sentiment_transfer.advice.updating.stages import updated_vectors
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.polarity.carrying import blended, over_vectors

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


THINGS = ["plot", "cast", "music", "pace", "script", "camera", "ending", "dialogue"]
GOOD = ["great", "wonderful", "perfect", "excellent"]
BAD = ["awful", "boring", "terrible", "poor"]
CASES = ["A great plot and a moving ending.", "An awful script, dull to the end.", "", "qwertz"]
LABELS = ["positive", "negative", "negative", "positive"]
QUICK = SkipGram(10, epochs=10, min_count=1)
FRENCH = ["Je suis très content de ce produit, il est vraiment magnifique et pas cher."] * 40


def reviews(n: int, seed: int) -> list[str]:
    """Sentences in which "moving" goes with praise, and "dull" with blame."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(n):
        words, word = (GOOD, "moving") if i % 2 else (BAD, "dull")
        a, b, c = rng.choice(THINGS, 3, replace=False)
        first, second = rng.choice(words, 2)
        made.append(f"The {a} was {first} and {word}, the {b} {second}, so was the {c}.")
    return made


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    fitted = SentimentClassifier(skipgram=QUICK).pretrain(reviews(200, 0), callback=None)
    return fitted.fit(reviews(20, 9), ["negative", "positive"] * 10)


def test_an_update_learns_new_words_and_keeps_the_old_ones(model: SentimentClassifier) -> None:
    new = [text.replace("camera", "photography") for text in reviews(200, 1)]
    found = update_model(model, new, skipgram=QUICK, cases=(CASES, LABELS), callback=None)
    assert found.accepted
    assert found.strategy == "average"
    assert {"photography", "camera"} <= set(found.model.vectors_.words)
    assert "photography" not in model.vectors_
    assert found.model.predict(CASES[:2]).tolist() == LABELS[:2]
    assert found.model.classes_.tolist() == model.classes_.tolist()


def test_without_labels_the_head_stays_and_its_labels_are_remembered(
    model: SentimentClassifier,
) -> None:
    found = update_model(model, reviews(200, 1), skipgram=QUICK, callback=None)
    assert found.model.head_ is model.head_
    assert found.model.training_summary_.label_counts == {"negative": 10, "positive": 10}
    labels = ["negative", "positive"] * 4
    again = update_model(
        model, reviews(200, 1), skipgram=QUICK, labelled=(reviews(8, 3), labels), callback=None
    )
    assert again.model.training_summary_.n_labels == 8


@pytest.mark.parametrize("strategy", ["continue", "retrain"])
def test_other_strategies_are_done_as_asked(model: SentimentClassifier, strategy: str) -> None:
    given: Any = strategy
    new = [text.replace("camera", "photography") for text in reviews(200, 1)]
    found = update_model(model, new, skipgram=QUICK, strategy=given, callback=None)
    assert found.strategy == strategy
    assert ("camera" in found.model.vectors_) == (strategy == "continue")


def test_old_texts_are_learnt_from_too(model: SentimentClassifier) -> None:
    new = [text.replace("camera", "photography") for text in reviews(200, 1)]
    old = model.vectors_
    known = updated_vectors(old, new, reviews(200, 0), QUICK, "retrain")
    assert {"photography", "camera"} <= set(known.words)
    assert known.counts.sum() > 1.9 * updated_vectors(old, new, [], QUICK, "retrain").counts.sum()


def test_other_dimensions_need_labels_and_retraining(model: SentimentClassifier) -> None:
    wide, new = SkipGram(12, epochs=5, min_count=1), reviews(200, 1)
    with pytest.raises(SettingError, match="other dimensions, so its head cannot stay"):
        update_model(model, new, skipgram=wide, callback=None)
    labelled = reviews(20, 9), ["negative", "positive"] * 10
    with pytest.raises(SettingError, match="needs vector_size=10"):
        update_model(
            model, new, skipgram=wide, labelled=labelled, strategy="average", callback=None
        )
    found = update_model(model, new, skipgram=wide, labelled=labelled, callback=None)
    assert found.strategy == "retrain"
    assert found.model.vectors_.vector_size == 12


def test_foreign_texts_are_refused_before_any_training(model: SentimentClassifier) -> None:
    found = update_model(model, FRENCH, callback=None)
    assert not found.accepted
    assert found.model is model
    assert found.changes is None
    assert "look French" in str(found)
    assert str(found).startswith("the old model is kept")


def test_a_model_that_loses_right_answers_is_refused(model: SentimentClassifier) -> None:
    """The new labels are the wrong way round."""
    cases = reviews(40, 5)
    turned = reviews(20, 9), ["positive", "negative"] * 10
    with pytest.warns(UserWarning, match="contradict"):
        found = update_model(
            model,
            reviews(200, 1),
            skipgram=QUICK,
            labelled=turned,
            cases=(cases, ["negative", "positive"] * 20),
            callback=None,
        )
    assert not found.accepted
    assert found.model is model
    assert found.changes is not None
    assert found.changes.gain < -0.5
    assert "less accurate on the cases" in found.refused


def test_labels_that_turn_most_predictions_are_refused_without_labelled_cases(
    model: SentimentClassifier,
) -> None:
    turned = reviews(20, 9), ["positive", "negative"] * 10
    with pytest.warns(UserWarning, match="contradict"):
        found = update_model(model, reviews(200, 1), skipgram=QUICK, labelled=turned, callback=None)
    assert not found.accepted
    assert "the labels contradict the seed words" in found.refused
    assert "many predictions flip, and no right labels show" in found.refused


def test_equal_models_have_no_flips_and_neither_is_worse(model: SentimentClassifier) -> None:
    same = compare_models(model, model, CASES, LABELS)
    assert (same.flips, same.gain, same.p_worse, same.is_worse) == ((), 0, 1, False)
    unlabelled = compare_models(model, model, CASES)
    assert np.isnan(unlabelled.gain)
    assert not unlabelled.is_worse
    assert str(unlabelled) == "0 of 4 predictions flip"
    assert compare_models(model, model, []).n_texts == 0


def test_flips_are_listed_with_both_probabilities_and_the_truth(
    model: SentimentClassifier,
) -> None:
    turned = SentimentClassifier.from_stages(model.stages_)
    with pytest.warns(UserWarning, match="contradict"):
        turned.fit(reviews(40, 9), ["positive", "negative"] * 20)
    texts = reviews(10, 4)
    found = compare_models(model, turned, texts, ["negative", "positive"] * 5)
    assert len(found.flips) == 10
    first = found.flips[0]
    assert first.text == texts[first.row]
    assert first.before == first.label != first.after
    assert first.probability_before == pytest.approx(model.predict_proba(texts).max())
    assert found.accuracy_before == 1
    assert found.accuracy_after == 0
    assert found.p_worse == pytest.approx(0.5**10)
    assert found.is_worse


def test_models_of_other_classes_are_not_compared(model: SentimentClassifier) -> None:
    stars = SentimentClassifier(vectors=model).fit(reviews(8, 2), ["1", "5"] * 4)
    with pytest.raises(SettingError, match="models of the same classes"):
        compare_models(model, stars, CASES)


def test_a_model_without_polarity_words_needs_labels(model: SentimentClassifier) -> None:
    labelled = reviews(20, 9), ["negative", "positive"] * 10
    topic = SentimentClassifier(skipgram=QUICK, seeds=None).pretrain(reviews(200, 0), callback=None)
    topic.fit(*labelled)
    with pytest.raises(SettingError, match="give labelled="):
        update_model(topic, reviews(200, 1), callback=None)
    found = update_model(topic, reviews(200, 1), skipgram=QUICK, labelled=labelled, callback=None)
    assert found.model.predict(reviews(4, 7)).tolist() == ["negative", "positive"] * 2


def test_stars_are_updated_like_two_classes(model: SentimentClassifier) -> None:
    middling = [f"The {thing} was all right, neither here nor there." for thing in THINGS]
    stars = SentimentClassifier(vectors=model, ordered=["1", "3", "5"])
    stars.fit([*reviews(16, 9), *middling], ["1", "5"] * 8 + ["3"] * 8)
    found = update_model(stars, reviews(200, 1), skipgram=QUICK, callback=None)
    assert found.model.classes_.tolist() == ["1", "3", "5"]
    assert found.changes is not None
    assert found.changes.n_texts == 40


def test_copies_of_one_text_teach_nothing_but_do_not_fail(model: SentimentClassifier) -> None:
    found = update_model(model, [reviews(1, 1)[0]] * 8, skipgram=QUICK, callback=None)
    assert found.changes is not None
    assert found.changes.n_texts == 2


def test_labels_of_one_class_are_refused(model: SentimentClassifier) -> None:
    labelled = reviews(4, 9), ["positive"] * 4
    with pytest.raises(InputError, match="class"):
        update_model(model, reviews(200, 1), skipgram=QUICK, labelled=labelled, callback=None)


def test_unusable_input_is_refused(model: SentimentClassifier) -> None:
    with pytest.raises(InputError, match="there are no new texts"):
        update_model(model, [], callback=None)
    wrong: Any = "merge"
    with pytest.raises(SettingError, match="strategy='merge' is not allowed"):
        update_model(model, reviews(9, 1), strategy=wrong, callback=None)
    plain = SentimentClassifier(encoder=AveragingEncoder(model.vectors_))
    plain.fit(reviews(8, 2), ["a", "b"] * 4)
    with pytest.raises(SettingError, match="a model with a AveragingEncoder is not updated"):
        update_model(plain, reviews(200, 1), callback=None)


def test_polarity_over_the_same_vectors_scores_the_same(model: SentimentClassifier) -> None:
    encoder = model.encoder_
    carried = over_vectors(encoder, encoder.vectors)
    texts = reviews(10, 6)
    assert carried.transform(texts).score == pytest.approx(encoder.transform(texts).score)
    old, new = encoder.polarity_, carried.polarity_
    assert blended(old, new, 0.5).cut == pytest.approx(old.cut)
    assert blended(old, new, 0.5).directions.dtype == np.float32


# ---- files


def test_a_replaced_model_can_be_restored_to_the_byte(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    model.save(path)
    old = path.read_bytes()
    other = SentimentClassifier.from_stages(model.stages_).fit(reviews(8, 2), ["1", "5"] * 4)
    assert replace_model(path, other) == previous_path(path)
    assert load(path).classes_.tolist() == ["1", "5"]
    assert roll_back(path) == tmp_path / "model.previous.safetensors"
    assert path.read_bytes() == old


def test_without_an_earlier_version_nothing_is_restored(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with pytest.raises(ModelFileError, match=r"there is no model\.previous\.safetensors"):
        roll_back(path)
    with pytest.raises(ModelFileError, match="nothing to replace"):
        replace_model(path, SentimentClassifier())


# ---- the command


@pytest.fixture
def files(model: SentimentClassifier, tmp_path: Path) -> Path:
    model.save(tmp_path / "model.safetensors")
    (tmp_path / "new.txt").write_text("\n".join(reviews(200, 1)) + "\n", encoding="utf-8")
    (tmp_path / "french.txt").write_text("\n".join(FRENCH) + "\n", encoding="utf-8")
    rows = [f'"{t}",{y}' for t, y in zip(CASES[:2], LABELS, strict=False)]
    cases = "\n".join(["text,label", *rows]) + "\n"
    (tmp_path / "cases.csv").write_text(cases, encoding="utf-8")
    return tmp_path


def test_the_command_writes_the_new_model_and_says_what_changes(run: Run, files: Path) -> None:
    given = files / "model.safetensors", files / "new.txt", "--cases", files / "cases.csv"
    flips = files / "flips.json"
    code, _, err = run(
        *("advise", "update", *given, "-o", files / "new.safetensors", "--flips", flips)
    )
    assert code == 0
    assert "of 2 predictions flip; accuracy 100.0 % before" in err
    assert json.loads(flips.read_text("utf-8")) == []
    assert load(files / "new.safetensors").classes_.tolist() == ["negative", "positive"]


def test_cases_without_labels_count_flips_alone(run: Run, files: Path) -> None:
    given = files / "model.safetensors", files / "new.txt", "--epochs", 5
    for name, text in (("cases.txt", "A great plot.\nDull.\n"), ("one.csv", "text\nDull.\n")):
        (files / name).write_text(text, encoding="utf-8")
        code, _, err = run(
            *("advise", "update", *given, "--cases", files / name, "-o", files / "new.safetensors")
        )
        assert code == 0
        assert "flips alone are counted" in err
        assert "predictions flip" in err
        assert "accuracy 1" not in err


def test_the_command_updates_in_place_and_rolls_back(run: Run, files: Path) -> None:
    path = files / "model.safetensors"
    old = path.read_bytes()
    code, _, err = run("advise", "update", path, files / "new.txt", "--in-place", "--epochs", 5)
    assert code == 0
    assert "--rollback restores it" in err
    assert path.read_bytes() != old
    code, _, err = run("advise", "update", path, "--rollback")
    assert code == 0
    assert path.read_bytes() == old
    code, _, err = run("advise", "update", path, "--rollback")
    assert code == 4
    assert "has no earlier version" in err


def test_a_second_update_in_place_says_that_one_earlier_model_is_kept(
    run: Run, files: Path
) -> None:
    path = files / "again.safetensors"
    path.write_bytes((files / "model.safetensors").read_bytes())
    command = ("advise", "update", path, files / "new.txt", "--in-place", "--epochs", 2)
    assert "the version before the old one is replaced" not in run(*command)[2]
    assert "the version before the old one is replaced" in run(*command)[2]


def test_the_command_writes_nothing_if_the_update_is_refused(run: Run, files: Path) -> None:
    path, new = files / "model.safetensors", files / "new.safetensors"
    code, out, err = run("advise", "update", path, files / "french.txt", "-o", new)
    assert (code, out) == (1, "")
    assert "the old model is kept" in err
    assert not new.exists()


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["new.txt"], "with -o FILE, or give --in-place"),
        (["new.txt", "-o", "x.safetensors", "--in-place"], "with -o FILE, or give --in-place"),
        (["--in-place"], "there are no TEXTS"),
        (["--rollback"], "has no earlier version"),
    ],
)
def test_the_command_asks_for_what_it_needs(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], part: str
) -> None:
    monkeypatch.chdir(files)
    code, _, err = run("advise", "update", "model.safetensors", *options)
    assert code in (2, 4)
    assert part in err


def test_a_shipped_model_is_not_replaced(run: Run, files: Path) -> None:
    code, _, err = run("advise", "update", "reviews-en", files / "new.txt", "--in-place")
    assert code == 2
    assert "ships with the package" in err
