"""The three stages as one: from no label to a file that answers elsewhere."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC

from sentiment_transfer import (
    AveragingEncoder,
    HiddenLayerClassifier,
    LSTMEncoder,
    SentimentClassifier,
    SkipGram,
    load,
)
from sentiment_transfer.classification import Training
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import (
    InputError,
    ModelFileError,
    NotFittedError,
    SettingError,
)
from sentiment_transfer.model.coverage import UnknownWordsWarning
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.storage import load_file, save_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conftest import World
    from numpy.typing import NDArray

    from sentiment_transfer.base.progress import Progress
    from sentiment_transfer.text import TokenIds


def pretrained(world: World, **settings: Any) -> SentimentClassifier:  # noqa: ANN401
    return SentimentClassifier(vectors=world.vectors, **settings).pretrain(world.unlabelled)


# Learning and answering


@pytest.mark.parametrize("n", [0, 2, 8, 40])
def test_none_two_eight_and_more_labels_by_the_same_call(world: World, n: int) -> None:
    model = pretrained(world).fit(*world.few(n))
    assert model.score(*world.test) > 0.95
    assert model.classes_.tolist() == ["negative", "positive"]


def test_pretraining_alone_answers_already(world: World) -> None:
    before = pretrained(world)
    assert before.score(*world.test) > 0.95
    p = before.predict_proba(world.texts)
    np.testing.assert_array_equal(p, before.fit([], []).predict_proba(world.texts))


def test_from_texts_alone_the_model_learns_its_own_vectors(world: World) -> None:
    seen: list[Progress] = []
    skipgram = SkipGram(16, epochs=12, alpha=0.05, sample=0, seed=1)
    model = SentimentClassifier(skipgram=skipgram, prevalence=0.5)
    model.pretrain(iter(world.unlabelled), callback=seen.append).fit(*world.few(8))
    assert (model.vectors_.counts > 0).sum() == 43
    assert seen[-1].done == seen[-1].total
    assert not hasattr(skipgram, "vectors_")  # what was passed in is not changed
    assert model.score(*world.test) > 0.6  # 300 short texts teach little; chance is 0.5


def test_without_pretraining_the_labelled_texts_must_do(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors).fit(*world.few(40))
    assert model.score(*world.test) > 0.9


def test_the_most_probable_label_is_predicted(world: World) -> None:
    model = pretrained(world).fit(*world.few(8))
    p = model.predict_proba(world.texts)
    assert p.dtype == np.float64
    assert p.shape == (200, 2)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    expected = [model.classes_[0] if a >= b else model.classes_[1] for a, b in p]
    assert model.predict(world.texts).tolist() == expected


def test_the_texts_beside_a_text_do_not_change_its_answer(world: World) -> None:
    model = pretrained(world).fit(*world.few(8))
    together = model.predict_proba(world.texts)
    alone = np.concatenate([model.predict_proba([text]) for text in world.texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("names", [("positive", "negative"), ("好评", "差评")])
def test_many_texts_at_once_get_the_answers_they_get_alone(
    world: World, names: tuple[str, str]
) -> None:
    """Above 100,000 characters another path is taken; names are sorted either way round."""
    texts, labels = world.few(20)
    model = pretrained(world).fit(texts, [names[label == "negative"] for label in labels])
    few = [*world.texts, "zzz", ""]
    many = few * (150_000 // sum(map(len, few)) + 1)
    found = model.predict_proba(many).reshape(-1, len(few), 2)
    np.testing.assert_allclose(
        found, np.broadcast_to(model.predict_proba(few), found.shape), atol=1e-6
    )


@pytest.mark.parametrize("names", [("positive", "negative"), ("好评", "差评")])
def test_words_of_a_polarity_speak_for_its_label_whatever_it_is_called(
    world: World, names: tuple[str, str]
) -> None:
    texts, labels = world.few(20)
    model = pretrained(world).fit(texts, [names[label == "negative"] for label in labels])
    for label, sign in zip(names, (1, -1), strict=True):
        shares = dict(model.explain("great film, terrible story", label).pieces)
        assert sign * shares["great"] > 0 > sign * shares["terrible"]


@pytest.mark.parametrize("head", [None, LogisticRegression()])
def test_no_text_gets_no_answer(world: World, head: object) -> None:
    model = pretrained(world, head=head).fit(*world.few(8))
    assert model.predict([]).shape == (0,)
    assert model.predict_proba([]).shape == (0, 2)
    assert model.coverage([]).shape == (0,)


@pytest.mark.parametrize("head", [None, LogisticRegression()])
def test_a_text_with_no_known_word_gets_the_share_of_each_label_and_coverage_zero(
    world: World, head: object
) -> None:
    texts = [*world.texts[:6], world.texts[6]]
    labels = [*world.labels[:6], "positive"]  # 4 positive, 3 negative
    model = pretrained(world, head=head).fit(texts, labels)
    expected = [(3 + 1) / (7 + 2), (4 + 1) / (7 + 2)]
    np.testing.assert_allclose(model.prior_, expected)
    unknown = ["zzz yyy", "", "the of and", "!!!"]
    np.testing.assert_allclose(model.predict_proba(unknown), [expected] * 4)
    assert model.coverage(unknown).tolist() == [0, 0, 0, 0]
    assert set(model.predict(unknown)) == {"positive"}


def test_before_any_label_a_text_with_no_known_word_is_an_even_bet(world: World) -> None:
    assert pretrained(world).predict_proba(["zzz"]).tolist() == [[0.5, 0.5]]


def test_coverage_is_the_share_of_known_tokens(world: World) -> None:
    model = pretrained(world)
    assert model.coverage(["good zzz film yyy", "good"]).tolist() == [2 / 4, 1 / 1]


@pytest.mark.filterwarnings("ignore:.* texts have two labels")
def test_eight_copies_of_one_text_with_both_labels_leave_it_undecided(world: World) -> None:
    model = pretrained(world, seeds=None).fit(world.texts[:1] * 8, ["good", "bad"] * 4)
    np.testing.assert_allclose(model.predict_proba(world.texts[:1]), [[0.5, 0.5]], atol=1e-6)
    informed = pretrained(world).fit(world.texts[:1] * 8, ["good", "bad"] * 4)
    assert np.isfinite(informed.predict_proba(world.texts)).all()


def test_the_same_inputs_give_the_same_bytes(world: World, tmp_path: Path) -> None:
    for name in ("a", "b"):
        pretrained(world, seed=3).fit(*world.few(8)).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "head", [None, LogisticRegression(), HiddenLayerClassifier(4, training=Training(epochs=3))]
)
def test_predicting_teaches_nothing(world: World, tmp_path: Path, head: object) -> None:
    model = pretrained(world, head=head).fit(*world.few(8))
    model.save(tmp_path / "before")
    for ask in (model.predict, model.predict_proba, model.coverage, model.encode):
        ask(["something quite different", *world.test[0]])
    model.score(*world.test)
    model.save(tmp_path / "after")
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()


def test_texts_may_be_any_iterable(world: World) -> None:
    texts, labels = world.few(8)
    expected = pretrained(world).fit(texts, labels).predict_proba(texts)
    forms: list[Callable[[list[str]], Any]] = [tuple, iter, np.array]
    for form in forms:
        model = pretrained(world).fit(form(texts), np.array(labels))  # type: ignore[arg-type]
        np.testing.assert_array_equal(model.predict_proba(form(texts)), expected)


# Settings


def test_seeds_prevalence_and_order_reach_their_stages(world: World) -> None:
    model = pretrained(world, seeds=(["warm"], ["dull"]), prevalence=0.3, seed=5)
    assert isinstance(model.encoder_, PolarityEncoder)
    assert (model.encoder_.seeds, model.encoder_.prevalence, model.encoder_.seed) == (
        (["warm"], ["dull"]),
        0.3,
        5,
    )
    ordered = pretrained(world, ordered=["poor", "fair", "fine"])
    assert ordered.classes_.tolist() == ["fair", "fine", "poor"]
    best = ordered.predict(world.texts)
    positive = np.array(world.labels) == "positive"
    assert np.mean(best[positive] == "fine") > 0.5 > 10 * np.mean(best[positive] == "poor")
    assert np.mean(best[~positive] == "poor") > 0.5 > 10 * np.mean(best[~positive] == "fine")


def test_unknown_seeds_of_ones_own_are_refused(world: World) -> None:
    with pytest.raises(SettingError, match="know none of the positive seed words"):
        pretrained(world, seeds=(["zzz"], ["bad"]))


def test_without_seeds_there_is_no_answer_before_labels(world: World) -> None:
    model = pretrained(world, seeds=None)
    with pytest.raises(NotFittedError):
        model.predict(["good film"])
    with pytest.raises(InputError, match="no labels and no polarity score"):
        model.fit([], [])
    assert model.fit(*world.few(40)).score(*world.test) > 0.9


@pytest.mark.parametrize(
    ("settings", "encoder", "head"),
    [
        ({}, PolarityEncoder, PolarityClassifier),
        ({"head": LogisticRegression()}, AveragingEncoder, LogisticRegression),
        (
            {"head": HiddenLayerClassifier(4, training=Training(epochs=3))},
            AveragingEncoder,
            HiddenLayerClassifier,
        ),
    ],
)
def test_the_stages_follow_from_what_is_given(
    world: World, settings: dict[str, Any], encoder: type, head: type
) -> None:
    model = pretrained(world, **settings).fit(*world.few(8))
    assert type(model.encoder_) is encoder
    assert type(model.head_) is head
    assert model.head_ is not model.head
    assert model.encoder_ is not model.encoder


def test_an_encoder_of_ones_own_keeps_its_settings_and_gets_the_vectors(world: World) -> None:
    other = world.vectors.randomised(seed=0)
    mine = AveragingEncoder(other, center=False)
    model = pretrained(world, encoder=mine).fit(*world.few(8))
    assert model.encoder_.center is False
    assert model.encoder_.vectors is world.vectors
    assert mine.vectors is other
    assert isinstance(model.head_, HiddenLayerClassifier)


def test_three_classes(world: World, tmp_path: Path) -> None:
    labels = [label if i % 3 else "mixed" for i, label in enumerate(world.labels)]
    model = pretrained(world).fit(world.texts[:60], labels[:60])
    assert model.classes_.tolist() == ["mixed", "negative", "positive"]
    p = model.predict_proba(world.texts)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    model.save(tmp_path / "m")
    np.testing.assert_array_equal(load(tmp_path / "m").predict_proba(world.texts), p)  # type: ignore[union-attr]


# Refusals


@pytest.mark.parametrize(
    "head", [None, LogisticRegression(), HiddenLayerClassifier(4, training=Training(epochs=3))]
)
def test_one_class_alone_is_refused(world: World, head: object) -> None:
    with pytest.raises(InputError, match="at least two"):
        pretrained(world, head=head).fit(world.texts[:4], ["positive"] * 4)


def test_without_labels_only_the_default_stages_can_do(world: World) -> None:
    with pytest.raises(InputError, match=r"0 labels .*only the default encoder and head"):
        pretrained(world, head=LogisticRegression()).fit([], [])


def test_numbers_of_texts_and_labels_must_agree(world: World) -> None:
    with pytest.raises(InputError, match="there are 3 texts but 2 labels"):
        pretrained(world).fit(world.texts[:3], world.labels[:2])
    with pytest.raises(InputError, match="there are 3 texts but 2 labels"):
        pretrained(world).score(world.texts[:3], world.labels[:2])


def test_a_score_of_no_text_is_refused(world: World) -> None:
    model = pretrained(world).fit(*world.few(8))
    with pytest.raises(InputError, match="no text to score"):
        model.score([], [])


def test_a_text_that_is_no_str_is_named_by_its_place(world: World) -> None:
    model = pretrained(world)
    for ask in (model.predict, model.predict_proba, model.coverage, model.encode):
        with pytest.raises(InputError, match="text 1 is None, not a str"):
            ask(["good", None])  # type: ignore[list-item]


def test_a_single_str_is_refused_not_taken_apart(world: World) -> None:
    model = pretrained(world)
    for ask in (model.predict, model.predict_proba, model.coverage, model.encode, model.pretrain):
        with pytest.raises(InputError, match="str"):
            ask("good film")


# The same texts, other stages


def test_random_vectors_are_the_only_difference(world: World) -> None:
    model = pretrained(world, head=LogisticRegression())
    other = model.with_random_vectors()
    assert other.vectors_.words == world.vectors.words
    expected = AveragingEncoder(other.vectors_).fit(world.unlabelled).transform(world.texts)
    np.testing.assert_array_equal(other.encode(world.texts).features, expected)
    changed = {name for name, value in other.get_params(deep=False).items()
               if value is not model.get_params(deep=False)[name]}  # fmt: skip
    assert changed == {"vectors"}
    assert other.fit(*world.few(40)).score(*world.test) < model.fit(*world.few(40)).score(
        *world.test
    )


def test_another_head_stands_on_the_same_vectors_and_texts(world: World) -> None:
    model = pretrained(world, seed=4)
    other = model.with_head(LogisticRegression())
    assert other.vectors_ is model.vectors_
    assert other.seed == 4
    expected = AveragingEncoder(world.vectors).fit(world.unlabelled).transform(world.texts)
    np.testing.assert_array_equal(other.encode(world.texts).features, expected)
    assert model.score(*world.test) > 0.95  # the first is as it was


def test_another_head_does_without_the_order_that_only_the_default_one_reads(world: World) -> None:
    model = pretrained(world, ordered=["negative", "positive"])
    other = model.with_head(LogisticRegression()).fit(*world.few(40))
    assert other.score(*world.test) > 0.9
    assert list(model.with_head(None).ordered) == ["negative", "positive"]


def test_stage_three_alone_gives_the_same_as_all_of_it(world: World) -> None:
    texts, labels = world.few(40)
    model = pretrained(world)
    encoded = model.encode(texts)
    chosen = np.arange(3, 21)
    model.fit_encoded(encoded[chosen], [labels[i] for i in chosen])
    test = model.encode(world.test[0])
    by_stages = model.predict_proba_encoded(test), model.predict_encoded(test)
    whole = pretrained(world).fit(texts[3:21], labels[3:21])
    np.testing.assert_array_equal(by_stages[1], whole.predict(world.test[0]))
    np.testing.assert_allclose(by_stages[0], whole.predict_proba(world.test[0]), atol=1e-6)
    assert len(encoded[chosen]) == 18


# Files

KINDS: dict[str, Callable[[], Any]] = {
    "default": lambda: None,
    "hidden layer": lambda: HiddenLayerClassifier(4, training=Training(epochs=3)),
    "logistic regression": LogisticRegression,
    "linear SVM": LinearSVC,
    "LSTM": lambda: HiddenLayerClassifier(4, training=Training(epochs=3)),
    "tuned averages": lambda: HiddenLayerClassifier(4, training=Training(epochs=3)),
}
ENCODERS = {"LSTM": LSTMEncoder(units=3), "tuned averages": TunedAveragingEncoder()}
"""Of those that have no default one."""


@pytest.fixture(params=list(KINDS))
def model(request: pytest.FixtureRequest, world: World) -> SentimentClassifier:
    head, encoder = KINDS[request.param](), ENCODERS.get(request.param)
    return pretrained(world, head=head, encoder=encoder).fit(*world.few(20))


def saved(model: SentimentClassifier, path: Path) -> SentimentClassifier:
    model.save(path)
    loaded = load(path)
    assert isinstance(loaded, SentimentClassifier)
    return loaded


def test_a_loaded_model_answers_as_the_saved_one(
    world: World, model: SentimentClassifier, tmp_path: Path
) -> None:
    loaded = saved(model, tmp_path / "m.safetensors")
    texts = [*world.texts, "zzz", ""]
    np.testing.assert_allclose(
        loaded.predict_proba(texts), model.predict_proba(texts), rtol=0, atol=1e-6
    )
    np.testing.assert_array_equal(loaded.predict(texts), model.predict(texts))
    np.testing.assert_array_equal(loaded.coverage(texts), model.coverage(texts))
    assert loaded.classes_.tolist() == model.classes_.tolist()


def test_a_loaded_model_is_saved_to_the_same_bytes(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    saved(model, tmp_path / "a").save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("kind", ["default", "hidden layer"])
def test_a_loaded_model_can_be_fitted_again(world: World, tmp_path: Path, kind: str) -> None:
    first = pretrained(world, head=KINDS[kind]()).fit(*world.few(8))
    loaded = saved(first, tmp_path / "m").fit(*world.few(20))
    expected = first.fit(*world.few(20)).predict_proba(world.texts)
    np.testing.assert_allclose(loaded.predict_proba(world.texts), expected, atol=1e-6)


def test_a_loaded_model_keeps_the_order_of_its_classes_for_another_fit(
    world: World, tmp_path: Path
) -> None:
    loaded = saved(pretrained(world, ordered=["poor", "fair", "fine"]), tmp_path / "m")
    loaded.fit(world.texts[:2], ["fine", "poor"])
    assert loaded.classes_.tolist() == ["fair", "fine", "poor"]
    assert loaded.get_params()["ordered"] == ["poor", "fair", "fine"]


def test_numbers_of_scikit_learn_cannot_be_fitted_again_and_say_so(
    world: World, tmp_path: Path
) -> None:
    loaded = saved(pretrained(world, head=LogisticRegression()).fit(*world.few(8)), tmp_path / "m")
    with pytest.raises(SettingError, match=r"set_params\(head=\.\.\.\)"):
        loaded.fit(*world.few(20))
    loaded.set_params(head=LogisticRegression()).fit(*world.few(20))


def test_a_loaded_model_has_no_unlabelled_texts_and_says_so(world: World, tmp_path: Path) -> None:
    loaded = saved(pretrained(world), tmp_path / "m")
    with pytest.raises(NotFittedError, match="does not hold its unlabelled texts"):
        loaded.with_random_vectors()


def test_a_random_forest_is_used_but_not_saved(world: World, tmp_path: Path) -> None:
    model = pretrained(world, head=RandomForestClassifier(20, random_state=0))
    assert model.fit(*world.few(40)).score(*world.test) > 0.8
    with pytest.raises(SettingError, match="RandomForestClassifier is not linear and cannot be"):
        model.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_an_encoder_of_another_kind_is_used_but_not_saved(world: World, tmp_path: Path) -> None:
    class Doubled(AveragingEncoder):
        def transform(self, texts: Iterable[str] | TokenIds) -> NDArray[np.float32]:
            return 2 * super().transform(texts)

    model = pretrained(world, encoder=Doubled(world.vectors), head=LogisticRegression())
    assert model.fit(*world.few(40)).score(*world.test) > 0.9
    with pytest.raises(SettingError, match=r"Doubled cannot be saved.* AveragingEncoder"):
        model.save(tmp_path / "m")


def test_a_loaded_model_answers_where_the_heavy_packages_are_missing(
    world: World, model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "m")
    texts = world.texts[:5]
    code = f"""
import json, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {{"torch", "sklearn", "gensim", "pandas"}}:
            raise ImportError(name + " is not here")
sys.meta_path.insert(0, Missing())
from sentiment_transfer import load
print(json.dumps(load({str(tmp_path / "m")!r}).predict_proba({texts!r}).tolist()))
"""
    run = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    np.testing.assert_allclose(json.loads(run.stdout), model.predict_proba(texts), atol=1e-6)


def test_every_cut_and_many_flipped_bytes_are_noticed(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    model.save(path)
    content = path.read_bytes()
    step = len(content) // 60
    for at in range(1, len(content), step):
        for bad in (content[:at], content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]):
            path.write_bytes(bad)
            with pytest.raises(ModelFileError, match=r"m\.safetensors"):
                load(path)


def loads_or_is_refused(path: Path, world: World) -> bool:
    """Whether a file loads; then it answers, and otherwise the file is named. No other error."""
    try:
        model = load(path)
    except ModelFileError as error:
        return error.path != str(path)
    assert isinstance(model, SentimentClassifier)
    assert np.isfinite(model.predict_proba(world.texts)).all()
    return True


def test_a_forged_file_without_some_part_is_refused(
    world: World, model: SentimentClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    model.save(path)
    stored = load_file(path)
    for name in stored.tensors:
        rest = {key: tensor for key, tensor in stored.tensors.items() if key != name}
        save_file(path, stored.kind, stored.manifest, rest)
        assert not loads_or_is_refused(path, world), f"without tensor {name}"
    for name in stored.manifest:
        facts = {key: fact for key, fact in stored.manifest.items() if key != name}
        save_file(path, stored.kind, facts, stored.tensors)
        assert not loads_or_is_refused(path, world), f"without {name}"


def test_a_forged_file_with_a_part_of_another_shape_or_kind_is_refused_or_answers(
    world: World, model: SentimentClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    model.save(path)
    stored = load_file(path)
    refused = 0
    for name, tensor in stored.tensors.items():
        for other in (tensor[:-1], tensor[..., None], np.zeros(0, tensor.dtype)):
            save_file(path, stored.kind, stored.manifest, stored.tensors | {name: other})
            refused += not loads_or_is_refused(path, world)
    assert refused >= 2 * len(stored.tensors)  # some shapes broadcast, and do no harm
    for name in stored.manifest:
        for fact in (None, 3, "x", [], ["x"], {}, {"x": 1}):
            save_file(
                path, stored.kind, copy.deepcopy(stored.manifest) | {name: fact}, stored.tensors
            )
            loads_or_is_refused(path, world)


def test_an_arrow_column_is_read_as_the_texts_that_it_holds(world: World) -> None:
    column = pa.chunked_array([world.unlabelled[:100], world.unlabelled[100:]])
    from_list = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    from_column = SentimentClassifier(vectors=world.vectors).pretrain(column)
    expected = from_list.predict_proba(world.texts)
    assert np.array_equal(from_column.predict_proba(pa.array(world.texts)), expected)


def test_a_table_is_refused_by_the_names_of_its_columns(world: World) -> None:
    table = pa.table({"review": world.texts})
    with pytest.raises(InputError, match=r"table of the columns \['review'\]"):
        SentimentClassifier(vectors=world.vectors).pretrain(table)


def test_pretrained_without_seeds_it_asks_for_labels(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, seeds=None).pretrain(world.unlabelled)
    with pytest.raises(NotFittedError, match=r"knows no polarity without labels; call fit"):
        model.predict(world.texts)


def test_labels_that_cannot_be_are_refused_before_anything_is_given_up(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors)
    model.fit(["good", "bad"] * 4, ["nice", "poor"] * 4)
    before = model.predict_proba(world.texts)
    for labels in (["nice"], "np", ["nice", 1]):
        with pytest.raises(InputError):
            model.fit(["good", "bad"], labels)  # type: ignore[arg-type]
        assert model.classes_.tolist() == ["nice", "poor"]
        assert np.array_equal(model.predict_proba(world.texts), before)
    with pytest.raises(InputError, match="labels is a single str, 'np'"):
        model.fit(["good", "bad"], "np")


def test_a_loaded_model_is_fitted_anew_as_the_one_that_was_saved(
    world: World, tmp_path: Path
) -> None:
    model = SentimentClassifier(vectors=world.vectors).fit(*world.few(8))
    model.save(tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert isinstance(loaded, SentimentClassifier)
    for each in (model, loaded):
        each.fit(world.texts[40:60], world.labels[40:60])
    assert np.array_equal(loaded.predict_proba(world.texts), model.predict_proba(world.texts))


def test_a_prevalence_is_part_of_the_answer_without_a_known_word(
    world: World, tmp_path: Path
) -> None:
    model = pretrained(world, prevalence=0.9)
    assert model.predict_proba(["zzz"])[0].tolist() == pytest.approx([0.1, 0.9])
    model.fit(*world.few(8))  # of which 4 are positive
    expected = [0.1, 0.9]
    assert model.predict_proba(["zzz"])[0].tolist() == pytest.approx(expected)
    told = pretrained(world).adapt(world.unlabelled, prevalence=0.9)
    assert told.prevalence is None
    assert told.fit(*world.few(8)).prior_.tolist() == pytest.approx(expected)
    told.save(tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert isinstance(loaded, SentimentClassifier)
    assert loaded.prevalence is None
    assert loaded.fit(*world.few(8)).prior_.tolist() == pytest.approx(expected)


def test_class_weights_hold_for_a_text_without_a_known_word_too(world: World) -> None:
    texts, labels = ["good"] * 18 + ["bad"] * 2, ["positive"] * 18 + ["negative"] * 2
    model = pretrained(world, head=PolarityClassifier(class_weight="balanced")).fit(texts, labels)
    assert model.prior_.tolist() == pytest.approx([0.5, 0.5])


def test_a_prevalence_is_refused_where_no_polarity_is_cut(world: World) -> None:
    model = pretrained(world, head=LogisticRegression())
    with pytest.raises(SettingError, match=r"prevalence=0.7 .* AveragingEncoder"):
        model.adapt(world.unlabelled, prevalence=0.7)


@pytest.mark.parametrize("seeds", ["english", ("good", "bad"), (["good"],), (["good"], "bad")])
def test_seeds_that_are_no_pair_of_lists_are_refused(world: World, seeds: Any) -> None:  # noqa: ANN401
    with pytest.raises(SettingError, match="a pair of lists"):
        pretrained(world, seeds=seeds)


def test_seeds_of_ones_own_without_a_vector_are_named(world: World) -> None:
    with pytest.warns(UserWarning, match=r"left out: 'tastyy', 'stalee'"):
        pretrained(world, seeds=(["good", "tastyy"], ["stalee", "bad"]))


def test_other_seeds_do_not_start_from_the_polarity_of_the_shipped_ones() -> None:
    texts = ["The soup was awful.", "A great evening.", "We sat by the window."] * 3
    turned = SentimentClassifier(vectors="reviews-en", seeds=(["awful"], ["great"])).pretrain(texts)
    own = SentimentClassifier(vectors=turned.vectors_, seeds=(["awful"], ["great"])).pretrain(texts)
    assert np.array_equal(turned.encoder_.polarity_.word_scores, own.encoder_.polarity_.word_scores)
    assert turned.polarity("horrible") > 0 > turned.polarity("wonderful")


@pytest.mark.parametrize("ordered", [[1, "2"], [1.5, 2.5], "ab", {"a": 0, "b": 1}])
def test_an_order_of_what_is_no_label_is_refused(world: World, ordered: Any) -> None:  # noqa: ANN401
    with pytest.raises(SettingError, match="must be a list of two or more different labels"):
        pretrained(world, ordered=ordered)


def test_an_order_is_refused_beside_a_head_that_does_not_use_it(world: World) -> None:
    model = pretrained(world, ordered=["poor", "fair", "fine"], head=HiddenLayerClassifier(4))
    texts, labels = ["good", "so", "bad"], ["fine", "fair", "poor"]
    with pytest.raises(SettingError, match="default head; HiddenLayer"):
        model.fit(texts, labels)
    with pytest.raises(SettingError, match="default head; HiddenLayer"):
        model.fit_encoded(model.encode(texts), labels)


@pytest.mark.parametrize("head", ["svm", LogisticRegression])
def test_a_head_that_is_no_classifier_is_refused(world: World, head: Any) -> None:  # noqa: ANN401
    with pytest.raises(SettingError, match=r"is not allowed; it must be a classifier with fit"):
        pretrained(world, head=head).fit(*world.few(8))


@pytest.mark.parametrize("none", [None, float("nan")])
def test_a_label_that_is_missing_is_to_be_left_out(world: World, none: Any) -> None:  # noqa: ANN401
    with pytest.raises(InputError, match=r"label 1 is (None|nan); leave rows without a label out"):
        pretrained(world).fit(["good", "bad"], ["positive", none])


def test_texts_of_another_language_are_warned_of_wherever_they_are_given() -> None:
    english = ["a great film", "a dull plot"] * 4
    russian = ["очень хороший фильм", "это ужасный отель"] * 4
    labels = ["positive", "negative"] * 4
    message = r"knows 0 % of the words of 8 texts \(usually 96 %\); they look Russian \(ru\)"
    bank = load("reviews-en")
    assert isinstance(bank, SentimentClassifier)
    for act in (bank.fit, lambda texts, _: bank.predict(texts), bank.score):
        with pytest.warns(UnknownWordsWarning, match=message) as raised:
            act(russian, labels)
        assert len(raised) == 1
        assert raised[0].filename == __file__
    with pytest.warns(UnknownWordsWarning, match=message), pytest.raises(InputError, match="none"):
        bank.adapt(russian)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bank.adapt(english).fit(english, labels).predict(english)


def test_texts_without_spaces_are_refused_wherever_they_would_be_learnt_from() -> None:
    chinese, labels = ["这部电影很好看", "这家酒店非常差"] * 4, ["positive", "negative"] * 4
    message = "Chinese .100 % of the letters.* language='en' needs; use .*, such as reviews-zh"
    bank = load("reviews-en")
    assert isinstance(bank, SentimentClassifier)
    for act in (
        lambda: bank.fit(chinese, labels),
        lambda: bank.adapt(chinese),
        lambda: SentimentClassifier(vectors="reviews-en").pretrain(chinese),
        lambda: SentimentClassifier(vectors="reviews-en").fit(chinese, labels),
    ):
        with pytest.raises(InputError, match=message):
            act()
    with pytest.raises(InputError, match="pass language='zh'"):
        SentimentClassifier().pretrain(chinese)
    with pytest.warns(UnknownWordsWarning, match=r"look Chinese \(zh\).* such as reviews-zh"):
        bank.predict(chinese)  # an answer is the prior


def test_texts_to_pretrain_on_in_another_language_are_warned_of_before_anything_is_learnt() -> None:
    french = [
        f"un {mot} film, je suis très content de la chambre {i}"
        for i, mot in enumerate(["excellent", "horrible"] * 20)
    ]
    progress: list[object] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnknownWordsWarning, match=r"French \(fr\), and are read as English"):
            SentimentClassifier().pretrain(french, callback=progress.append)
    assert not progress
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnknownWordsWarning)
        own = (["excellent"], ["horrible"])
        model = SentimentClassifier(seeds=own).pretrain(french, callback=None)
        model.predict(french)  # its usual coverage is that of these texts


# Unlabelled texts as a parameter


def test_unlabelled_texts_are_pretrained_on_when_it_is_fitted(world: World) -> None:
    given = SentimentClassifier(vectors=world.vectors, unlabelled=world.unlabelled)
    called = pretrained(world)
    for n in (8, 12):  # fitted twice
        answers = given.fit(*world.few(n)).predict_proba(world.test[0])
        expected = called.fit(*world.few(n)).predict_proba(world.test[0])
        np.testing.assert_array_equal(answers, expected)


def test_a_clone_is_pretrained_too(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, unlabelled=world.unlabelled)
    copied = clone(model.fit(*world.few(8))).fit(*world.few(8))
    np.testing.assert_array_equal(
        model.predict_proba(world.test[0]), copied.predict_proba(world.test[0])
    )


def test_a_grid_search_compares_seeds_and_prevalence_with_shipped_vectors() -> None:
    texts = ["a great film", "an awful film", "great acting", "awful acting"] * 30
    labels = ["positive", "negative"] * 60
    model = SentimentClassifier(vectors="reviews-en", unlabelled=texts)
    grid = {"seeds": ["language", (["great"], ["awful"])], "prevalence": [None, 0.5]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(texts, labels)
    assert search.cv_results_["mean_test_score"].min() == 1


def test_other_unlabelled_texts_replace_the_first_ones(world: World) -> None:
    some, others = world.unlabelled[:150], world.unlabelled[150:]
    model = SentimentClassifier(vectors=world.vectors, unlabelled=some).fit(*world.few(8))
    model.set_params(unlabelled=others).fit(*world.few(8))
    expected = SentimentClassifier(vectors=world.vectors, unlabelled=others).fit(*world.few(8))
    np.testing.assert_array_equal(
        model.predict_proba(world.test[0]), expected.predict_proba(world.test[0])
    )


def test_a_call_of_pretrain_replaces_the_unlabelled_texts(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, unlabelled=world.unlabelled[:150])
    model.pretrain(world.unlabelled).fit(*world.few(8))
    expected = pretrained(world).fit(*world.few(8))
    np.testing.assert_array_equal(
        model.predict_proba(world.test[0]), expected.predict_proba(world.test[0])
    )


def test_another_head_keeps_the_unlabelled_texts(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, unlabelled=world.unlabelled)
    model.fit(*world.few(8)).set_params(head=LogisticRegression()).fit(*world.few(8))
    expected = pretrained(world, head=LogisticRegression()).fit(*world.few(8))
    np.testing.assert_allclose(
        model.predict_proba(world.test[0]), expected.predict_proba(world.test[0]), atol=1e-6
    )


def test_unlabelled_texts_that_can_be_iterated_over_only_once_are_refused(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, unlabelled=iter(world.unlabelled))
    with pytest.raises(SettingError, match="can be iterated over repeatedly"):
        model.fit(*world.few(8))


def test_a_long_list_of_texts_is_not_shown_whole(world: World) -> None:
    model = SentimentClassifier(unlabelled=world.unlabelled)
    assert repr(model) == "SentimentClassifier(unlabelled=<list of 300>)"
