"""A sentence encoder of another package: what the model does with it, and what it refuses."""

from __future__ import annotations

import copy
import json
import pickle
import re
import threading
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import ROOT
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.encoding.sentence_encoder import SentenceEncoder, name_of_encoder
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.model.fast_path import FastPath
from sentiment_transfer.polarity import PolarityClassifier
from sentiment_transfer.polarity.sentence_scaling import SentenceScaling
from sentiment_transfer.storage import load_file, save_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import World
    from numpy.typing import NDArray

pytestmark = pytest.mark.filterwarnings("ignore:the model knows", "ignore:the labels contradict")


class Endings:
    """Vectors of the last letters of words, which word vectors do not know; counts its texts."""

    name = "endings"

    def __init__(self, width: int = 8) -> None:
        self.width = width
        self.seen: list[str] = []

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        self.seen += texts
        rows = np.zeros((len(texts), self.width), np.float32)
        for i, text in enumerate(texts):
            for word in text.lower().split():
                rows[i, zlib.crc32(word[-2:].encode()) % self.width] += 1
        return rows


# two topics whose words have no vectors in the world, but endings that differ
TOPIC = ["flitzing glomping snarping film", "blorked drimmed plonked film"]
TEXTS = [f"{TOPIC[i % 2]} {'good' if i % 3 else 'bad'} music" for i in range(40)]
LABELS = ["ing", "ed"] * 20


@pytest.fixture
def encoder() -> Endings:
    return Endings()


def new_model(world: World, encoder: object, **settings: Any) -> SentimentClassifier:  # noqa: ANN401
    model = SentimentClassifier(vectors=world.vectors, sentence_encoder=encoder, **settings)
    return model.pretrain(world.unlabelled)


@pytest.fixture
def fitted(world: World, encoder: Endings) -> SentimentClassifier:
    return new_model(world, encoder).fit(TEXTS, LABELS)


# ---- what it does to answers


def test_without_labels_it_is_not_asked_and_changes_no_bit(world: World, encoder: Endings) -> None:
    alone, together = (new_model(world, each) for each in (None, encoder))
    for name in ("predict_proba", "decision_function"):
        expected, found = (getattr(m, name)(world.texts) for m in (alone, together))
        np.testing.assert_array_equal(found, expected)
    assert encoder.seen == []


@pytest.mark.parametrize("n", [2, 7])
def test_with_fewer_than_eight_labels_it_is_not_asked(
    world: World, encoder: Endings, n: int
) -> None:
    few, alone, together = world.few(n), new_model(world, None), new_model(world, encoder)
    np.testing.assert_array_equal(
        together.fit(*few).predict_proba(world.texts), alone.fit(*few).predict_proba(world.texts)
    )
    assert encoder.seen == []


@pytest.mark.parametrize("seeds", ["language", None])
def test_labels_that_only_the_encoder_can_tell_apart_are_learnt(
    world: World, encoder: Endings, seeds: str | None
) -> None:
    alone, together = (
        new_model(world, each, seeds=seeds).fit(TEXTS[:20], LABELS[:20]) for each in (None, encoder)
    )
    new = [text.replace("ing", "xing").replace("ed", "yed") for text in TEXTS]  # no known words
    assert alone.score(new, LABELS) <= 0.6
    assert together.score(new, LABELS) == 1


def test_an_encoder_of_noise_gets_almost_no_share(world: World) -> None:
    def noise(texts: list[str]) -> NDArray[np.float64]:
        seeds = [zlib.crc32(text.encode()) for text in texts]
        return np.array([np.random.default_rng(seed).normal(size=50) for seed in seeds])

    alone, together = (new_model(world, e).fit(*world.few(40)) for e in (None, noise))
    shares = {m.name: m.share for m in together.head_.members}
    assert shares["plain_sentence"] + shares["sentence"] < 0.01
    assert together.score(*world.test) >= alone.score(*world.test) - 0.02


def test_its_part_is_the_vectors_of_length_one_less_the_labelled_mean_over_their_spread() -> None:
    vectors = np.array([[3, 0], [0, 2], [-4, 0]], np.float32)  # of length 1: e1, e2, -e1
    scaling = SentenceScaling.of(vectors)
    np.testing.assert_allclose(scaling.mean, [0, 1 / 3], atol=1e-7)
    square = (1 + 1 / 9) + (2 / 3) ** 2 + (1 + 1 / 9)
    assert scaling.scale == pytest.approx((square / (3 - 1)) ** 0.5)
    expected = [[1 / scaling.scale, -1 / 3 / scaling.scale]]
    np.testing.assert_allclose(scaling.transform(vectors[:1]), expected, rtol=1e-6)


def test_texts_of_one_vector_are_not_scaled() -> None:
    same = np.full((5, 3), 0.1, np.float32)
    assert SentenceScaling.of(same).scale == 1
    np.testing.assert_allclose(SentenceScaling.of(same).transform(same), 0, atol=1e-6)


def test_the_answer_is_the_mixture_of_members_computed_by_hand(
    world: World, fitted: SentimentClassifier
) -> None:
    head, texts = fitted.head_, world.texts[:5]
    encoded = fitted.encode(texts).features
    raw = Endings().encode(texts)
    z = raw / np.linalg.norm(raw, axis=1, keepdims=True) - head.sentence_.mean
    z = z / head.sentence_.scale
    parts = {
        "score": encoded.score[:, None],
        "polarity_mean": encoded.polarity_mean,
        "plain_mean": encoded.plain_mean,
        "words": head.words_.transform(encoded.grams),
        "sentence": z,
    }
    p = np.zeros(5)
    for member in head.members:
        f = member.bias + sum(parts[part] @ w for part, w in member.weights.items())
        p += member.share / (1 + np.exp(-f))
    second = list(fitted.classes_).index(head.order_[1])
    np.testing.assert_allclose(fitted.predict_proba(texts)[:, second], p, atol=1e-6)
    assert {m.name: "sentence" in m.weights for m in head.members} == {
        "score": False,
        "polarity": False,
        "polarity_mean": False,
        "plain_mean": False,
        "polarity_sentence": True,
        "plain_sentence": True,
        "sentence": True,
    }


@pytest.mark.parametrize("ordered", [["1", "2", "3"], False])
def test_more_than_two_classes_use_it_too(
    world: World, encoder: Endings, ordered: list[str] | bool
) -> None:
    texts = [text + (" zonx zonx" if i % 3 == 0 else "") for i, text in enumerate(TEXTS)]
    labels = ["1" if "zonx" in text else "2" if "ing" in text else "3" for text in texts]
    model = new_model(world, encoder, ordered=ordered).fit(texts, labels)
    assert "sentence" in model.head_.parts
    assert model.score(texts, labels) > 0.9
    pieces = dict(model.explain("zonx zonx good film", "1").pieces)
    assert pieces["zonx"] > pieces["film"]  # by leaving words out, which the encoder sees


def test_long_texts_take_the_plain_path_and_get_the_same_answers(
    world: World, fitted: SentimentClassifier
) -> None:
    assert FastPath.of(fitted.encoder_, fitted.head_) is None
    many = world.texts * 20
    assert sum(map(len, many)) > 100_000
    expected = fitted.predict_proba(world.texts)
    np.testing.assert_allclose(fitted.predict_proba(many)[: len(expected)], expected, atol=1e-12)


def test_no_text_and_one_text(world: World, fitted: SentimentClassifier) -> None:
    assert fitted.predict_proba([]).shape == (0, 2)
    assert fitted.head_.predict_proba(fitted.encode([]).features).shape == (0, 2)
    assert fitted.predict_proba(TEXTS[:1]).shape == (1, 2)


def test_a_text_without_a_known_word_gets_the_prior(fitted: SentimentClassifier) -> None:
    text = "flitzing snarping"
    np.testing.assert_array_equal(fitted.predict_proba([text])[0], fitted.prior_)
    explanation = fitted.explain(text)
    assert (explanation.sentence, explanation.no_known_word) == (0, True)


# ---- forms of encoders


def as_embed(encoder: Endings) -> object:
    class Embedder:
        def embed(self, texts: list[str]) -> Iterator[NDArray[np.float32]]:
            yield from encoder.encode(texts)  # as fastembed does

    return Embedder()


FORMS: dict[str, Callable[[Endings], object]] = {
    "a function": lambda encoder: lambda texts: encoder.encode(texts),
    "a method": lambda encoder: encoder.encode,
    "an object with embed": as_embed,
    "lists": lambda encoder: lambda texts: encoder.encode(texts).tolist(),
    "integers": lambda encoder: lambda texts: encoder.encode(texts).astype(np.int64),
    "half precision": lambda encoder: lambda texts: encoder.encode(texts).astype(np.float16),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_encoder_gives_the_same_answers(
    world: World, fitted: SentimentClassifier, form: str
) -> None:
    other = new_model(world, FORMS[form](Endings())).fit(TEXTS, LABELS)
    np.testing.assert_array_equal(
        other.predict_proba(world.texts), fitted.predict_proba(world.texts)
    )


BROKEN: dict[str, tuple[Callable[[NDArray[np.float32]], Any], str]] = {
    "NaN": (lambda a: np.where(a > 0, np.nan, a), "returned NaN for 'flitzing"),
    "infinite": (lambda a: np.where(a > 0, np.inf, a), "returned values above 1e[+]15 for 'flitz"),
    "too large for float32": (lambda a: a.astype(float) * 1e300, "returned values above 1e[+]15"),
    "too few rows": (lambda a: a[:-1], r"returned an array of shape \(1, 8\) for 2 texts"),
    "one row": (lambda a: a[0], r"returned an array of shape \(8,\) for 2 texts"),
    "no column": (lambda a: a[:, :0], r"returned an array of shape \(2, 0\) for 2 texts"),
    "text": (lambda a: a.astype(str), "not numbers"),
    "bools": (lambda a: a > 0, "not numbers"),
    "rows of several lengths": (lambda _: [[1.0], [1.0, 2.0]], "not rows of equal length"),
    "nothing": (lambda _: None, "returned None, not an array of numpy"),
    "a dictionary": (lambda _: {"a": 1, "b": 2}, "not numbers"),
}


def test_a_tensor_that_numpy_cannot_read_is_refused_with_the_remedy_of_its_package() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(SettingError, match=r"numpy \(Can't call numpy\(\).*detach\(\)"):
        SentenceEncoder(lambda texts: torch.ones(len(texts), 3, requires_grad=True)).encode(TEXTS)


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_row_of_numbers_a_text_is_refused_by_name(
    world: World, encoder: Endings, kind: str
) -> None:
    broken, message = BROKEN[kind]

    def brittle(texts: list[str]) -> Any:  # noqa: ANN401
        return broken(encoder.encode(texts))

    name = re.escape(brittle.__qualname__)
    with pytest.raises(SettingError, match=f"the sentence encoder {name} returned.*"):
        SentenceEncoder(brittle).encode(TEXTS[:2])
    with pytest.raises(SettingError, match=message):
        SentenceEncoder(brittle).encode(TEXTS[:2])
    model = new_model(world, brittle)
    with pytest.raises(SettingError, match="must return one row of numbers for each text"):
        model.fit(TEXTS, LABELS)
    assert model.head_.n_labels_ == 0  # it is as it was


def test_a_width_that_changes_is_refused() -> None:
    unread = SentenceEncoder(lambda texts: np.ones((len(texts), len(texts))))
    assert unread.encode(["a", "b"]).shape == (2, 2)
    with pytest.raises(SettingError, match="returned 3 numbers a text, and 2 before"):
        unread.encode(["c", "d", "e"])


@pytest.mark.parametrize("value", ["all-MiniLM-L6-v2", Endings, 3, ["a"]])
def test_what_is_no_encoder_is_refused_by_name(world: World, value: object) -> None:
    model = SentimentClassifier(vectors=world.vectors, sentence_encoder=value)
    with pytest.raises(SettingError, match="is not allowed; it must be an object with encode"):
        model.pretrain(world.unlabelled)
    with pytest.raises(SettingError, match="is not allowed; it must be an object with encode"):
        model.fit(TEXTS, LABELS)
    with pytest.raises(SettingError, match="is not allowed; it must be an object with encode"):
        load("reviews-zh", sentence_encoder=value)


def test_it_is_for_the_default_head(world: World, encoder: Endings) -> None:
    model = new_model(world, encoder, head=LogisticRegression())
    with pytest.raises(SettingError, match="sentence_encoder is for the default encoder and head"):
        model.fit(TEXTS, LABELS)
    other = new_model(world, encoder).with_head(LogisticRegression())
    assert other.sentence_encoder is None
    assert other.fit(TEXTS, LABELS).score(TEXTS, LABELS) >= 0.5


def test_a_head_with_class_weights_reads_it(world: World, encoder: Endings) -> None:
    head = PolarityClassifier(class_weight="balanced")
    assert "sentence" in new_model(world, encoder, head=head).fit(TEXTS, LABELS).head_.parts


def test_the_repr_of_a_network_is_its_type(encoder: Endings) -> None:
    class Network(Endings):
        def __repr__(self) -> str:
            return "Network(\n  (0): Transformer\n)"

    model = SentimentClassifier(sentence_encoder=Network())
    assert repr(model) == "SentimentClassifier(sentence_encoder=<Network>)"


def test_an_encoder_is_called_by_its_name() -> None:
    assert name_of_encoder(Endings()) == "endings"
    assert name_of_encoder(np.mean) == "mean"
    assert name_of_encoder(LogisticRegression()).endswith("LogisticRegression")


# ---- each text is read once


def test_each_text_is_encoded_once(world: World, encoder: Endings) -> None:
    model = new_model(world, encoder).fit(TEXTS + TEXTS[:5], LABELS + LABELS[:5])
    model.fit(TEXTS[:20], LABELS[:20])
    model.predict(TEXTS)
    model.predict(TEXTS)
    assert sorted(encoder.seen) == sorted(set(TEXTS))
    other = new_model(world, encoder).fit(TEXTS, LABELS)  # another model, the same encoder
    assert other.encoder_.sentence_encoder_ is not model.encoder_.sentence_encoder_
    assert len(encoder.seen) == len(set(TEXTS))


def test_the_cache_drops_the_oldest_of_too_many_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.encoding.sentence_encoder.CACHE_BYTES", 2 * 8 * 4)
    encoder = Endings()
    unread = SentenceEncoder(encoder)
    expected = Endings().encode(["a", "b", "c"])
    np.testing.assert_array_equal(unread.encode(["a", "b", "c"]), expected)
    np.testing.assert_array_equal(unread.encode(["b", "c"]), expected[1:])
    np.testing.assert_array_equal(unread.encode(["c", "a"]), expected[[2, 0]])
    assert encoder.seen == ["a", "b", "c", "a"]


def test_threads_do_not_call_the_encoder_at_once(fitted: SentimentClassifier) -> None:
    busy, overlaps = threading.Lock(), []
    encode = fitted.sentence_encoder.encode

    def alone(texts: list[str]) -> NDArray[np.float32]:
        if not busy.acquire(blocking=False):
            overlaps.append(texts)
        found: NDArray[np.float32] = encode(texts)
        busy.release()
        return found

    fitted.sentence_encoder.encode = alone
    texts = [[f"{text} good {i}" for text in TEXTS] for i in range(8)]
    threads = [threading.Thread(target=fitted.predict_proba, args=(part,)) for part in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == []


# ---- scikit-learn's contract


def test_clones_share_the_encoder_and_its_vectors(world: World, encoder: Endings) -> None:
    model = SentimentClassifier(
        vectors=world.vectors, unlabelled=world.unlabelled, sentence_encoder=encoder
    )
    assert model.get_params()["sentence_encoder"] is encoder
    assert clone(model).sentence_encoder is encoder
    scores = cross_val_score(model, TEXTS, LABELS, cv=4)
    assert scores.mean() == 1
    assert len(encoder.seen) == len(set(TEXTS))


def test_an_encoder_that_is_set_later_is_used_from_the_next_fit_on(
    world: World, encoder: Endings
) -> None:
    model = new_model(world, None).fit(TEXTS, LABELS)
    before = model.predict_proba(TEXTS)
    model.set_params(sentence_encoder=encoder)
    np.testing.assert_array_equal(model.predict_proba(TEXTS), before)
    model.fit(TEXTS, LABELS)
    assert "sentence" in model.head_.parts
    encoded = model.encode(TEXTS)
    np.testing.assert_array_equal(model.predict_proba_encoded(encoded), model.predict_proba(TEXTS))
    model.set_params(sentence_encoder=None).fit(TEXTS, LABELS)
    np.testing.assert_array_equal(model.predict_proba(TEXTS), before)
    assert model.encoder_.sentence_encoder_ is None


def test_features_are_read_with_the_encoder_that_is_set_not_with_that_they_were_made_with(
    world: World, encoder: Endings
) -> None:
    model = new_model(world, encoder)
    encoded = model.encode(TEXTS)
    alone = model.set_params(sentence_encoder=None).fit_encoded(encoded, LABELS)
    expected = new_model(world, None).fit(TEXTS, LABELS).predict_proba(TEXTS)
    np.testing.assert_array_equal(alone.predict_proba(TEXTS), expected)
    np.testing.assert_array_equal(alone.predict_proba_encoded(encoded), expected)
    other = Endings(30)
    model.set_params(sentence_encoder=other).fit_encoded(encoded, LABELS)
    assert len(model.head_.sentence_.mean) == 30
    expected = new_model(world, Endings(30)).fit(TEXTS, LABELS).predict_proba(TEXTS)
    np.testing.assert_array_equal(model.predict_proba_encoded(encoded), expected)
    assert encoder.seen == []


def test_features_of_a_model_without_it_are_refused(
    world: World, fitted: SentimentClassifier
) -> None:
    encoded = new_model(world, None).encode(TEXTS)
    with pytest.raises(InputError, match="fitted with a sentence encoder"):
        fitted.predict_proba_encoded(encoded)


def test_fitted_models_are_copied_and_sent_to_other_processes(fitted: SentimentClassifier) -> None:
    expected = fitted.predict_proba(TEXTS)
    sent = pickle.loads(pickle.dumps(fitted.stages_))  # noqa: S301
    for other in (copy.deepcopy(fitted.stages_), sent):
        np.testing.assert_array_equal(other.answer(TEXTS).probabilities, expected)


def test_parameters_are_counted_without_the_encoder(
    world: World, fitted: SentimentClassifier
) -> None:
    alone, table = new_model(world, None).fit(TEXTS, LABELS).parameters(), fitted.parameters()
    for name in ("word vectors", "encoder"):
        assert table.as_dict()[name] == alone.as_dict()[name]
    d, n_words = world.vectors.vector_size, fitted.head_.words_.idf_.size
    members = (8 + 1 + d + 1 + n_words + 1) + (8 + d + n_words + 1) + (8 + 1)
    assert table.trained - alone.trained == members + 8 + 1  # its mean and scale


# ---- explanations


def test_its_share_is_not_divided_among_words_and_all_shares_sum_to_the_log_odds(
    fitted: SentimentClassifier,
) -> None:
    text = TEXTS[0]
    first, second = (fitted.explain(text, label) for label in ("ing", "ed"))
    assert first.sentence == -second.sentence
    assert first.sentence > 0.5
    for explanation in (first, second):
        shares = sum(share for _, share in explanation.pieces)
        p = explanation.probability
        assert explanation.log_odds == pytest.approx(np.log(p / (1 - p)))
        assert explanation.log_odds == pytest.approx(
            shares + explanation.sentence + explanation.bias
        )
    raw = Endings().encode([text])[0]
    z = (raw / np.linalg.norm(raw) - fitted.head_.sentence_.mean) / fitted.head_.sentence_.scale
    by_hand = sum(m.share * z @ m.weights.get("sentence", 0 * z) for m in fitted.head_.members)
    sign = 1 if fitted.head_.order_[1] == "ing" else -1
    assert first.sentence == pytest.approx(sign * by_hand, rel=1e-5)
    assert f"(sentence encoder) {first.sentence:+.2f}" in str(first)
    assert f"sentence encoder {first.sentence:+.2f}" in first.to_html()


def test_without_it_explanations_are_as_before(world: World) -> None:
    explanation = new_model(world, None).fit(*world.few(20)).explain(world.texts[0])
    assert explanation.sentence == 0
    assert "sentence encoder" not in str(explanation) + explanation.to_html()


# ---- files


def test_a_file_names_the_encoder_and_answers_the_same_with_it(
    world: World, fitted: SentimentClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    fitted.save(path)
    encoder = Endings()
    model = load(path, sentence_encoder=encoder)
    np.testing.assert_array_equal(
        model.predict_proba(world.texts), fitted.predict_proba(world.texts)
    )
    assert model.sentence_encoder is encoder
    needed = load_file(path).manifest["encoder"]["sentence_encoder"]
    assert (needed["name"], needed["width"]) == ("endings", 8)
    assert not set(needed["texts"]) & set(TEXTS)  # no text of the user
    again = tmp_path / "again.safetensors"
    model.save(again)
    assert again.read_bytes() == path.read_bytes()
    model.fit(TEXTS[:10], LABELS[:10])
    assert "sentence" in model.head_.parts


@pytest.mark.parametrize(
    ("other", "but"),
    [
        (None, "it was not given"),
        (Endings(9), "endings returns 9 numbers a text"),
        (lambda texts: Endings().encode(texts)[:, ::-1], "returns other vectors of the texts"),
    ],
)
def test_a_file_refuses_a_missing_or_another_encoder(
    fitted: SentimentClassifier, tmp_path: Path, other: object, but: str
) -> None:
    path = tmp_path / "model.safetensors"
    fitted.save(path)
    with pytest.raises(SettingError, match=but) as error:
        load(path, sentence_encoder=other)
    assert "needs the sentence encoder endings, which returns 8 numbers" in str(error.value)
    assert "load(path, sentence_encoder=...)" in str(error.value)


def test_a_file_takes_the_encoder_with_errors_of_half_precision(
    fitted: SentimentClassifier, tmp_path: Path
) -> None:
    def rounded(texts: list[str]) -> NDArray[np.float32]:
        return Endings().encode(texts) * np.float32(1 + 2**-11)

    path = tmp_path / "model.safetensors"
    fitted.save(path)
    assert load(path, sentence_encoder=rounded).sentence_encoder is rounded


def test_a_golden_file_of_a_model_with_an_encoder_answers_as_on_the_day_it_was_written() -> None:
    from scripts.write_golden import letters

    folder = ROOT / "tests" / "golden" / "sentence-encoder"
    written = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    model = load(folder / "model.safetensors", sentence_encoder=letters)
    texts = written["asked"]
    found = model.predict_proba(texts)
    np.testing.assert_allclose(found, written["predict_proba"], atol=1e-6)
    explanations = [model.explain(text) for text in texts[: len(written["bias"])]]
    for name in ("sentence", "bias"):
        shares = [getattr(explanation, name) for explanation in explanations]
        np.testing.assert_allclose(shares, written[name], atol=1e-6)


def test_a_model_that_does_not_read_it_is_saved_without(
    world: World, encoder: Endings, tmp_path: Path
) -> None:
    path, plain = tmp_path / "model.safetensors", tmp_path / "plain.safetensors"
    new_model(world, encoder).fit(*world.few(4)).save(path)
    new_model(world, None).fit(*world.few(4)).save(plain)
    assert path.read_bytes() == plain.read_bytes()
    assert encoder.seen == []
    model = load(path, sentence_encoder=encoder)  # for later labels
    assert "sentence" in model.fit(TEXTS, LABELS).head_.parts


def test_word_vectors_take_no_encoder(world: World, tmp_path: Path) -> None:
    path = tmp_path / "vectors.safetensors"
    world.vectors.save(path)
    with pytest.raises(SettingError, match="holds word vectors, which need no sentence_encoder"):
        load(path, sentence_encoder=Endings())


def changed(path: Path, change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Path:
    stored = load_file(path)
    manifest, tensors = json.loads(json.dumps(stored.manifest)), dict(stored.tensors)
    change(manifest, tensors)
    other = path.with_name("changed.safetensors")
    save_file(other, "classifier", manifest, tensors)
    return other


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda facts, tensors: (
                facts["encoder"].pop("sentence_encoder"),
                tensors.pop("encoder/sentence.vectors"),
            ),
            "the encoder must name the sentence encoder that the head reads",
        ),
        (
            lambda facts, _: facts["encoder"]["sentence_encoder"].update(width=9),
            "sentence.vectors has shape",
        ),
        (
            lambda _, tensors: tensors.update({"head/sentence.mean": np.zeros(9, np.float32)}),
            r"sentence.mean has shape \(9,\), but \(8,\) is needed",
        ),
        (
            lambda _, tensors: tensors.update({"head/sentence.scale": np.zeros(1)}),
            "sentence.scale holds 0",
        ),
        (
            lambda facts, _: facts["head"]["mixtures"][0]["members"][-2]["parts"].remove(
                "plain_mean"
            ),
            "sentence and plain_mean are needed",
        ),
    ],
)
def test_an_altered_file_is_refused(
    fitted: SentimentClassifier,
    tmp_path: Path,
    change: Callable[[dict[str, Any], dict[str, Any]], object],
    message: str,
) -> None:
    path = tmp_path / "model.safetensors"
    fitted.save(path)
    with pytest.raises(ModelFileError, match=message):
        load(changed(path, change), sentence_encoder=Endings())
