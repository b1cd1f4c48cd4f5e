"""What a file may hold: each rule refuses by part, rule and remedy, and nothing is built before."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, WordVectors, load
from sentiment_transfer.base.schema import INCREASING, Facts, Tensor, check
from sentiment_transfer.errors import InputError, ModelFileError
from sentiment_transfer.model.stored import ModelFacts
from sentiment_transfer.storage import MAX_TENSORS, load_file, save_file
from sentiment_transfer.text.indexing import SMALL_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Edit = Callable[[dict[str, Any], dict[str, NDArray[Any]]], object]

GOLDEN = Path(__file__).parent / "golden"
REMEDY = "the file is damaged or was altered; fetch it or save the model again"


class Toy(Facts):
    """Two tensors of one size, places in it, and a part of another size."""

    units: int

    def sizes(self) -> dict[str, int | str]:
        return {"units": self.units, "size": "d"}

    def tensors(self) -> dict[str, Tensor]:
        return {
            "rows": Tensor("f4", ("n", "d")),
            "centre": Tensor("f4 f8", ("size",), -1, 1),
            "gates": Tensor("f4", ("4*units", "d+1")),
            "places": Tensor("i4", ("m",), 0, np.inf, INCREASING, "n"),
        }


def toy() -> dict[str, NDArray[Any]]:
    return {
        "rows": np.zeros((5, 3), np.float32),
        "centre": np.zeros(3),
        "gates": np.zeros((8, 4), np.float32),
        "places": np.array([0, 2, 4], np.int32),
    }


def test_content_as_declared_passes_and_gives_its_facts() -> None:
    assert check(Toy, {"units": 2}, toy()).units == 2
    assert check(Toy, {"units": 2}, toy() | {"places": np.zeros(0, np.int32)}).units == 2


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("centre", np.zeros(1), r"centre has shape (1,), but (3,) is needed: d is 3 in rows"),
        ("centre", np.zeros(()), r"centre has shape (), but (3,) is needed: d is 3 in rows"),
        ("centre", np.zeros((3, 1)), r"centre has shape (3, 1), but (3,) is needed"),
        ("centre", np.zeros(3, np.int64), "centre is int64, but float32 or float64 is needed"),
        ("centre", np.array([0, 2.0, 0]), "centre holds 2.0, but values from -1 to 1 are needed"),
        ("centre", np.array([0, np.nan, 0]), "centre holds nan, but values from -1 to 1"),
        ("centre", np.array([0, -np.inf, 0]), "centre holds -inf, but values from -1 to 1"),
        (
            "gates",
            np.zeros((8, 3), np.float32),
            "gates has shape (8, 3), but (8, 4) is needed: units is 2 in the facts, d is 3 in rows",
        ),
        ("places", np.array([1, 1], np.int32), "the values of places must increase strictly"),
        ("places", np.array([2, 1], np.int32), "the values of places must increase strictly"),
        ("places", np.array([-1, 1], np.int32), "places holds -1, but values from 0 to inf"),
        ("places", np.array([1, 5], np.int32), "places holds 5, but values must be lower: n is 5"),
        ("other", np.zeros(1), "the tensor 'other' is no part of this kind of model"),
    ],
)
def test_a_tensor_against_its_declaration_is_refused_by_the_rule(
    name: str, array: NDArray[Any], message: str
) -> None:
    with pytest.raises(ModelFileError) as caught:
        check(Toy, {"units": 2}, toy() | {name: array}, "toy.safetensors")
    assert str(caught.value).startswith(f"toy.safetensors: {message}")
    assert str(caught.value).endswith(REMEDY)


def test_a_tensor_that_is_missing_is_refused_by_its_name() -> None:
    for name in toy():
        rest = {key: array for key, array in toy().items() if key != name}
        with pytest.raises(ModelFileError, match=f"the tensor {name} is missing"):
            check(Toy, {"units": 2}, rest)


@pytest.mark.parametrize("facts", [{}, {"units": "2"}, {"units": 2.5}, {"units": 2, "more": 1}])
def test_facts_against_their_declaration_are_refused_by_name(facts: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError, match=r"units|more"):
        check(Toy, facts, toy())


# ---- model files: each edit of a valid file, and the rule that refuses it


def put(name: str, change: Callable[[NDArray[Any]], Any]) -> Edit:
    """Change one tensor."""
    return lambda _, tensors: tensors.update({name: change(tensors[name])})


def fact(*path: str | int, value: Any) -> Edit:  # noqa: ANN401  (JSON)
    """Set one fact."""

    def edit(facts: Any, _: object) -> None:  # noqa: ANN401
        *holders, last = path
        for key in holders:
            facts = facts[key]
        facts[last] = value

    return edit


def first(value: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Set the first element."""

    def change(array: NDArray[Any]) -> NDArray[Any]:
        array = array.copy()
        array.flat[0] = value
        return array

    return change


MIXTURE = ("head", "mixtures", 0)
FORGED: list[tuple[str, Edit, str]] = [
    (
        "averaging",
        put("encoder/mean", lambda a: a[:1]),
        "encoder/mean has shape (1,), but (12,) is needed: d is 12 in vectors/vectors",
    ),
    ("default-8", put("encoder/centre", lambda a: a[:1]), "encoder/centre has shape (1,)"),
    ("default-8", put("encoder/pooling", lambda a: a[:-1]), "(61,) is needed: n_words is 61"),
    ("default-8", put("encoder/pooling", first(0)), "encoder/pooling holds 0.0, but values from"),
    ("default-8", put("encoder/scales", first(0)), "encoder/scales holds 0.0"),
    ("default-8", put("encoder/seed_signs", first(2)), "encoder/seed_signs holds 2, but"),
    ("default-8", put("head/grams", lambda a: a[::-1]), "head/grams must increase strictly"),
    ("default-8", put("head/idf", first(0)), "head/idf holds 0.0, but values from 0.99"),
    ("default-8", put("head/0/plain.plain", first(1e7)), "head/0/plain.plain holds 10000000.0"),
    ("default-8", put("vectors/vectors", first(2e15)), "vectors/vectors holds 2e+15"[:22]),
    ("default-8", put("vectors/counts", first(-1)), "vectors/counts holds -1, but values from 0"),
    ("default-8", put("vectors/words.utf8", first(0xFF)), "utf-8"),
    ("default-8", put("prior", first(0.75)), "the values of prior must sum to 1"),
    ("default-8", put("prior", lambda a: a - 1), "prior holds -0.5, but values from 0 to 1"),
    ("default-8", fact(*MIXTURE, "members", 0, "share", value=0.9), "members sum to 1.5"),
    ("default-8", fact(*MIXTURE, "members", 0, "share", value=-0.1), "share: expected `float`"),
    ("default-8", fact(*MIXTURE, "members", 0, "bias", value=1e9), "bias: expected `float` <="),
    ("default-8", fact(*MIXTURE, "members", 0, "name", value="x"), "'x' must be one of score"),
    ("default-8", fact(*MIXTURE, "members", 1, "parts", value=["words"]), "polarity reads"),
    ("default-8", fact(*MIXTURE, "members", value=[]), "members: expected `array` of length >= 1"),
    ("default-8", fact("head", "classes", value=["b", "b"]), "must be different"),
    ("default-8", fact("head", "classes", value=["b", 1]), "label 1 is 1; label 0 is text"),
    ("default-8", fact("labels", value=["a", "b"]), "labels must be the classes of the head"),
    ("default-8", fact("language", value="zh"), "of different languages"),
    ("default-8", fact("encoder", "polarity", value=None), "the head reads polarity_mean"),
    ("default-8", fact("encoder", "polarity", "spread", value=0.0), "polarity/spread: expected"),
    ("default-8", fact("encoder", "prevalence", value=1.5), "encoder/prevalence: expected"),
    ("default-8", fact("encoder", "seeds", value="x"), "encoder/seeds: invalid enum value 'x'"),
    ("default-8", fact("encoder_type", value="AveragingEncoder"), "encoder: object contains unkno"),
    ("default-8", fact("head", "ordered", value=["positive", "negative"]), "in their order"),
    ("default-stars", fact("head", "ordered", value=False), "4 mixtures do not fit 5 classes"),
    ("averaging", fact("head", "classes", value=["positive", "negative"]), "must be sorted"),
    ("averaging", fact("head", "parameters", "hidden_units", value=7), "hidden_units is 7 in the"),
    ("averaging", put("encoder/weights", first(-1)), "encoder/weights holds -1.0"),
    ("averaging", put("encoder/mean", lambda a: a.astype(float)), "encoder/mean is float64, but"),
    ("lstm-max", fact("encoder", "bidirectional", value=3), "encoder/bidirectional: expected `bo"),
    ("lstm-max", put("encoder/moved.words", lambda a: a + 1), "encoder/moved.words holds 61, but"),
    ("lstm-max", put("encoder/forward.bias", lambda a: a[:-1]), "(20,) is needed: units is 5"),
    ("tuned-averaging", put("encoder/moved.words", lambda a: a[::-1]), "must increase strictly"),
    ("svm-3", put("head/coef", lambda a: a[:2]), "head/coef has shape (2, 12), but (3, 12) is ne"),
    ("svm-3", put("head/intercept", lambda a: a[:1]), "head/intercept has shape (1,), but (3,)"),
    ("default-8-int8", put("vectors/vectors.steps", first(-1)), "vectors.steps holds -1.0"),
    ("default-8-int8", lambda _, t: t.pop("vectors/vectors.steps"), "steps belong to int8"),
]


@pytest.mark.parametrize(("name", "edit", "message"), FORGED, ids=[m for _, _, m in FORGED])
def test_a_forged_model_is_refused_by_part_and_rule(
    tmp_path: Path, name: str, edit: Edit, message: str
) -> None:
    stored = load_file(GOLDEN / f"{name}.safetensors")
    facts, tensors = copy.deepcopy(stored.manifest), dict(stored.tensors)
    edit(facts, tensors)
    save_file(tmp_path / "m", stored.kind, facts, tensors)
    with pytest.raises(ModelFileError) as caught:
        load(tmp_path / "m")
    assert str(caught.value).startswith(f"{tmp_path / 'm'}: ")
    assert message in str(caught.value)


def on_both_paths(model: object, texts: list[str]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Probabilities of a few texts, and of enough texts for the compiled path."""
    assert isinstance(model, SentimentClassifier)
    few = np.concatenate([model.predict_proba(texts[i : i + 10]) for i in range(0, len(texts), 10)])
    times = 1 + SMALL_CHARACTERS // sum(map(len, texts))
    return few, model.predict_proba(texts * times)[: len(texts)]


def test_a_pair_without_its_words_is_unknown_on_both_paths(tmp_path: Path) -> None:
    """Only an altered file holds a pair and not its words: most grams are left out of this one."""
    stored = load_file(GOLDEN / "default-many.safetensors")
    n = len(stored.tensors["head/grams"])
    kept = np.flatnonzero(np.random.default_rng(0).random(n) < 0.3)
    tensors = {
        name: array[kept] if name.startswith("head/") and array.shape == (n,) else array
        for name, array in stored.tensors.items()
    }
    save_file(tmp_path / "m", stored.kind, stored.manifest, tensors)
    words = load(GOLDEN / "words-float32.safetensors").words
    few, many = on_both_paths(load(tmp_path / "m"), [" ".join(words[i : i + 9]) for i in range(50)])
    np.testing.assert_allclose(many, few, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("default-*.safetensors")))
def test_every_kind_of_fact_and_tensor_is_declared(name: str) -> None:
    """A name that nobody declared is refused in each part, at each level."""
    stored = load_file(GOLDEN / f"{name}.safetensors")

    def holders(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401  (JSON)
        inner = value.values() if isinstance(value, dict) else value
        found = [value] if isinstance(value, dict) else []
        return found + [h for v in inner if isinstance(v, dict | list) for h in holders(v)]

    free = (stored.manifest["vectors"].pop("training"),)
    places = holders(stored.manifest)
    stored.manifest["vectors"]["training"] = free[0]
    for holder in places:
        holder["surplus"] = 0.5
        with pytest.raises(ModelFileError, match=r"surplus|hidden layer on its mixture"):
            check(ModelFacts, stored.manifest, stored.tensors)
        del holder["surplus"]


def test_a_model_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    model = load(GOLDEN / "averaging.safetensors")
    assert isinstance(model, SentimentClassifier)
    model.head_.weights_[0][0, 0] = 2e6
    with pytest.raises(InputError, match=r"cannot be saved.*head/hidden.weight holds 2000000\.0"):
        model.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_vectors_of_another_scale_answer_the_same_however_small_they_are(tmp_path: Path) -> None:
    """Sentence vectors have unit length; the factor is a power of two, so nothing is rounded."""
    stored = load_file(GOLDEN / "default-8.safetensors")
    words = load(GOLDEN / "words-float32.safetensors").words
    texts = [" ".join(words[i : i + 5]) for i in range(50)]
    expected, _ = on_both_paths(load(GOLDEN / "default-8.safetensors"), texts)
    scaled = {
        name: tensor * np.float32(2.0**-80)
        for name, tensor in stored.tensors.items()
        if name in ("vectors/vectors", "encoder/mean", "encoder/centre")
    }
    save_file(tmp_path / "m", stored.kind, stored.manifest, stored.tensors | scaled)
    for found in on_both_paths(load(tmp_path / "m"), texts):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_a_seed_word_whose_vector_is_the_centre_is_answered_the_same_on_both_paths(
    tmp_path: Path,
) -> None:
    stored = load_file(GOLDEN / "default-8.safetensors")
    tensors = {name: tensor.copy() for name, tensor in stored.tensors.items()}
    seed = int(np.flatnonzero(tensors["encoder/seed_signs"])[0])
    tensors["encoder/pooling"][seed] = 1
    tensors["encoder/centre"] = tensors["vectors/vectors"][seed].copy()
    save_file(tmp_path / "m", stored.kind, stored.manifest, tensors)
    model = load(tmp_path / "m")
    few, many = on_both_paths(model, [model.vectors_.words[seed], "film"])
    np.testing.assert_allclose(few, many, rtol=0, atol=1e-6)


# ---- time


def test_a_file_of_too_many_tensors_is_refused_and_not_written(tmp_path: Path) -> None:
    tensors = {str(i): np.zeros(0, np.int8) for i in range(MAX_TENSORS)}
    save_file(tmp_path / "most", "toy", {}, tensors)
    assert len(load_file(tmp_path / "most").tensors) == MAX_TENSORS
    with pytest.raises(Exception, match=r"10,001 tensors are too many; at most 10,000 fit"):
        save_file(tmp_path / "more", "toy", {}, tensors | {"one more": np.zeros(0)})


def test_a_mixture_of_as_many_members_as_a_header_holds_is_refused_at_once(tmp_path: Path) -> None:
    stored = load_file(GOLDEN / "default-8.safetensors")
    mixture = stored.manifest["head"]["mixtures"][0]
    mixture["members"] = mixture["members"][:1] * 30_000
    save_file(tmp_path / "m", stored.kind, stored.manifest, stored.tensors)
    began = time.process_time()
    with pytest.raises(ModelFileError, match="members: expected `array` of length <= 100"):
        load(tmp_path / "m")
    assert time.process_time() - began < 5


def test_word_vectors_need_a_word_and_a_dimension(tmp_path: Path) -> None:
    stored = load_file(GOLDEN / "words-float32.safetensors")
    tensors = stored.tensors | {"vectors": np.zeros((61, 0), np.float32)}
    save_file(tmp_path / "m", stored.kind, stored.manifest, tensors)
    with pytest.raises(ModelFileError, match=r"vectors has shape \(61, 0\), but none may be 0"):
        WordVectors.load(tmp_path / "m")
