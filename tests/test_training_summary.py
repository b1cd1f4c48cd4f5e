"""What a model keeps of its training, in memory and in its file, and how it is shown."""

from __future__ import annotations

import pickle
import re
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sentiment_transfer import (
    HiddenLayerClassifier,
    SentimentClassifier,
    SkipGram,
    WordVectors,
    load,
)
from sentiment_transfer.errors import ModelFileError
from sentiment_transfer.model.training_summary import MOST_DIGESTS, TrainingSummary, digests_of
from sentiment_transfer.storage import load_file, save_file

if TYPE_CHECKING:
    from tests.conftest import World

EARLIER = Path(__file__).parent / "golden" / "default-0.safetensors"
SMALL = SkipGram(16, epochs=3, min_count=1)
TEXTS = ["a great film", "a dull film", "what a great actor", "such a dull story"]
LABELS = ["positive", "negative"] * 2


def saved(model: SentimentClassifier, path: Path) -> SentimentClassifier:
    model.save(path)
    found = load(path)
    assert isinstance(found, SentimentClassifier)
    return found


def pretrained(world: World) -> SentimentClassifier:
    return SentimentClassifier(skipgram=SMALL).pretrain(world.unlabelled)


def test_pretraining_counts_its_texts_and_adapting_the_texts_after_them(world: World) -> None:
    model = pretrained(world)
    found = model.training_summary_
    assert (found.n_pretraining_texts, found.n_adaptation_texts) == (len(world.unlabelled), 0)
    found = model.adapt(world.unlabelled[:70]).training_summary_
    assert (found.n_pretraining_texts, found.n_adaptation_texts) == (len(world.unlabelled), 70)
    given = SentimentClassifier(vectors=model.vectors_).pretrain(world.unlabelled[:50])
    assert given.training_summary_.n_adaptation_texts == 50


def test_labelled_texts_that_the_encoder_is_fitted_on_are_no_unlabelled_ones(world: World) -> None:
    model = SentimentClassifier(vectors=pretrained(world).vectors_).fit(*world.few(8))
    assert model.training_summary_.n_adaptation_texts == 0
    assert model.training_summary_.n_labels == 8


def test_another_head_keeps_the_number_of_texts(world: World, tmp_path: Path) -> None:
    model = pretrained(world).adapt(world.unlabelled[:70])
    for one in (model, saved(model, tmp_path / "m")):
        other = one.with_head(HiddenLayerClassifier(4))
        assert other.training_summary_.n_adaptation_texts == 70
    assert model.with_random_vectors().training_summary_.n_pretraining_texts is None


def test_texts_of_each_class_are_counted_the_most_negative_first(world: World) -> None:
    model = pretrained(world)
    assert model.training_summary_.label_counts == {}
    model.fit(TEXTS[:3], ["positive", "negative", "positive"])
    assert model.training_summary_.label_counts == {"negative": 1, "positive": 2}
    model.set_params(ordered=["poor", "fair", "fine"]).fit(TEXTS[:2], ["fine", "poor"])
    counts = model.training_summary_.label_counts
    assert counts is not None
    assert list(counts.items()) == [("poor", 1), ("fair", 0), ("fine", 1)]


def test_a_text_of_weight_0_is_not_among_those_it_was_fitted_on(world: World) -> None:
    model = pretrained(world).fit(TEXTS, LABELS, sample_weight=[1, 2, 0, 0])
    assert model.training_summary_.label_counts == {"negative": 1, "positive": 1}
    assert model.training_summary_.seen(TEXTS).tolist() == [True, True, False, False]


def test_texts_are_recognised_by_hashes_of_their_letters_and_digits(world: World) -> None:
    found = pretrained(world).fit(TEXTS, LABELS).training_summary_
    others = ["A GREAT film!", "a grate film", "", "afilm great"]
    assert found.seen(others).tolist() == [True, False, False, False]
    expected = {
        int.from_bytes(blake2b(t.replace(" ", "").encode(), digest_size=16).digest()[:8], "little")
        for t in TEXTS
    }
    assert set(found.digests.tolist()) == expected
    assert found.seen([]).shape == (0,)


def test_a_blank_text_has_no_hash() -> None:
    assert len(digests_of(["", "  \n", "good"])) == 1


def test_of_many_texts_the_smallest_hashes_are_kept() -> None:
    texts = [f"text {i}" for i in range(MOST_DIGESTS + 500)]
    found = digests_of(texts)
    assert len(found) == MOST_DIGESTS
    assert (found[1:] > found[:-1]).all()
    seen = TrainingSummary(digests=found).seen(texts)
    assert seen.sum() == MOST_DIGESTS
    alone = np.concatenate([digests_of([text]) for text in texts])
    assert alone[~seen].min() > found[-1]


def test_a_file_keeps_it_all(world: World, tmp_path: Path) -> None:
    model = pretrained(world).fit(
        pd.Series(TEXTS, name="Review"), pd.Series(LABELS, name="Sentiment")
    )
    before = model.training_summary_
    after = saved(model, tmp_path / "m").training_summary_
    for name in vars(before):
        assert np.all(getattr(after, name) == getattr(before, name)), name
    assert (after.text_column, after.label_column) == ("Review", "Sentiment")
    assert [epoch["epoch"] for epoch in after.history] == [0, 1, 2]
    assert all(epoch["loss"] > 0 for epoch in after.history)


@pytest.mark.parametrize("labels", [[1, 5] * 2, [True, False] * 2, ["好评", "差评"] * 2])
def test_classes_of_any_kind_are_counted_in_a_file(
    world: World, tmp_path: Path, labels: list[Any]
) -> None:
    model = pretrained(world).fit(TEXTS, labels)
    counts = saved(model, tmp_path / "m").training_summary_.label_counts
    assert counts is not None
    assert counts == {labels[0]: 2, labels[1]: 2}
    assert {type(label) for label in counts} == {type(labels[0])}


def test_the_same_training_gives_the_same_bytes_and_so_does_saving_a_loaded_model(
    world: World, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        pretrained(world).fit(TEXTS, LABELS).save(tmp_path / name)
    saved(pretrained(world).fit(TEXTS, LABELS), tmp_path / "c").save(tmp_path / "d")
    assert len({(tmp_path / name).read_bytes() for name in "abcd"}) == 1


def test_the_history_has_the_loss_on_held_out_texts_and_the_words(
    world: World, tmp_path: Path
) -> None:
    model = SentimentClassifier(skipgram=SMALL)
    model.pretrain(world.unlabelled[:-50], held_out=world.unlabelled[-50:])
    history = saved(model, tmp_path / "m").training_summary_.history
    n_words = len(model.unlabelled_.ids.ids)
    assert [epoch["words"] for epoch in history] == [n_words] * 3
    assert all(epoch["held_out_loss"] > 0 for epoch in history)


def test_vectors_from_a_file_bring_their_history(world: World, tmp_path: Path) -> None:
    SkipGram(8, epochs=2, min_count=1).fit(world.unlabelled).vectors_.save(tmp_path / "v")
    model = SentimentClassifier(vectors=WordVectors.load(tmp_path / "v")).fit(*world.few(8))
    assert len(model.training_summary_.history) == 2
    assert model.training_summary_.n_pretraining_texts == len(world.unlabelled)


@pytest.mark.parametrize("history", [[{"epoch": "x"}], "none", [[1]], 3, None])
def test_a_history_of_another_form_is_left_out(world: World, history: object) -> None:
    plain = world.vectors
    odd = WordVectors(
        plain.vocabulary, plain.matrix, plain.tokenizer, {"history": history, "texts": "x"}
    )
    assert TrainingSummary.of_vectors(odd).history == ()
    assert TrainingSummary.of_vectors(odd).n_pretraining_texts is None


def test_the_name_of_a_shipped_model_is_kept() -> None:
    for model in (SentimentClassifier(vectors="reviews-en").fit(TEXTS, LABELS), load("reviews-en")):
        assert isinstance(model, SentimentClassifier)
        assert model.training_summary_.started_from == "reviews-en"


def test_files_of_earlier_releases_say_nothing_of_labels(tmp_path: Path) -> None:
    model = load(EARLIER)
    assert isinstance(model, SentimentClassifier)
    assert model.training_summary_.label_counts is None
    assert not model.training_summary_.seen(TEXTS).any()
    model.save(tmp_path / "m")
    assert "trained_on" not in load_file(tmp_path / "m").manifest


def test_fitting_a_loaded_model_again_forgets_the_earlier_texts(
    world: World, tmp_path: Path
) -> None:
    model = saved(pretrained(world).fit(TEXTS[:2], LABELS[:2]), tmp_path / "m")
    model.fit(TEXTS[2:], LABELS[2:])
    assert model.training_summary_.seen(TEXTS).tolist() == [False, False, True, True]


@pytest.mark.parametrize("name", ["x" * 201, "a\nb", "\ud800", ""])
def test_a_column_name_that_no_message_could_show_is_not_kept(
    world: World, tmp_path: Path, name: str
) -> None:
    model = pretrained(world).fit(pd.Series(TEXTS, name=name), LABELS)
    assert saved(model, tmp_path / "m").training_summary_.text_column is None


def test_columns_can_be_named_after_training(world: World, tmp_path: Path) -> None:
    model = pretrained(world).remember_columns(text="Review")
    model = saved(model, tmp_path / "m").fit(TEXTS, LABELS)
    assert model.training_summary_.text_column == "Review"
    assert model.remember_columns(label="S").training_summary_.text_column == "Review"


def altered(path: Path, **changes: object) -> Path:
    stored = load_file(path)
    manifest = stored.manifest | {"trained_on": stored.manifest["trained_on"] | changes}
    save_file(path, "classifier", manifest, stored.tensors)
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label_counts": [["negative", 2]]}, "count the texts of each of the labels"),
        ({"label_counts": [["negative", -1], ["positive", 2]]}, "label_counts"),
        ({"text_column": 5}, "text_column"),
        ({"adaptation_texts": -1}, "adaptation_texts"),
        ({"date": "today"}, "unknown field"),
    ],
)
def test_an_altered_summary_is_refused(
    world: World, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    pretrained(world).fit(TEXTS, LABELS).save(tmp_path / "m")
    with pytest.raises(ModelFileError, match=message):
        load(altered(tmp_path / "m", **changes))


# ---- how it is shown


def test_a_trained_model_is_printed_with_what_it_was_trained_on(world: World) -> None:
    model = SentimentClassifier(skipgram=SMALL)
    plain = repr(model)
    assert plain.startswith("SentimentClassifier(skipgram=SkipGram(")
    n = len(world.unlabelled)
    assert repr(model.pretrain(world.unlabelled)) == f"<{plain}: pretrained on {n} texts>"
    expected = "fitted on 4 labels (negative: 2, positive: 2)"
    assert repr(model.fit(TEXTS, LABELS)).endswith(f"texts, {expected}>")
    with pytest.warns(UserWarning, match="a clone"):
        assert repr(clone(model)) == plain
    assert expected in repr(make_pipeline(model))
    arrived = pickle.loads(pickle.dumps(model))  # noqa: S301  (what joblib does)
    assert repr(arrived) == repr(model)


def test_many_classes_are_counted_without_names(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors).fit(world.texts[:16], [*range(8)] * 2)
    assert repr(model).endswith("fitted on 16 labels of 8 classes>")


def test_a_label_cannot_break_the_line(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors).fit(TEXTS, ["a\n\x1b[1m", "b"] * 2)
    assert repr(model).isprintable()


def test_a_notebook_shows_settings_training_and_losses(world: World) -> None:
    model = SentimentClassifier(skipgram=SMALL)
    assert "not yet" in model._repr_html_()
    model.pretrain(world.unlabelled).fit(TEXTS, ["<b>&", "c"] * 2)
    shown = model._repr_html_()
    assert "&lt;b&gt;&amp;: 2" in shown
    assert "<b>" not in shown
    rows = re.findall(r"<tr><th>(.*?)</th><td>(.*?)</td></tr>", shown)
    names = ["skipgram", "pretrained on", "fitted on"]
    assert [name for name, _ in rows] == names
    losses = [epoch["loss"] for epoch in model.training_summary_.history]
    assert [f"{loss:.4f}" for loss in losses] == re.findall(r">(\d\.\d{4})<", shown)
    assert "color:#" not in shown  # of the page, light or dark
