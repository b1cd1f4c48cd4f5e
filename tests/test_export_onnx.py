"""A model as an ONNX file: another runtime gives the answers of Python, from strings alone.

Texts are fed as a program in another language would: their tokens and words, which are cases of
`export --conformance`, become ids and numbers by what the description beside the file says.
"""

from __future__ import annotations

import hashlib
import json
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import (
    AveragingEncoder,
    HiddenLayerClassifier,
    LSTMEncoder,
    SentimentClassifier,
    WordVectors,
    load,
)
from sentiment_transfer.classification import Training
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import MissingExtraError, SettingError
from sentiment_transfer.export import description_path, onnx_of
from sentiment_transfer.export.conformance import as_cases
from sentiment_transfer.export.conformance_texts import conformance_texts
from sentiment_transfer.export.onnx_encoders import smallest
from sentiment_transfer.export.onnx_graph import OPSET, Graph, Port
from sentiment_transfer.export.onnx_texts import find_grams
from sentiment_transfer.text.grams import gram_number, word_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from conftest import Run, World
    from numpy.typing import NDArray

    from sentiment_transfer.export import Onnx
    from sentiment_transfer.model import FittedStages

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

Case = dict[str, Any]
NONE: Case = {"tokens": [], "words": [], "weights": []}
UNKNOWN: Case = {"tokens": ["zzzq", "not_qq"], "words": ["zzzq", "not", "qq"], "weights": [1, 1]}


def feed(description: dict[str, Any], cases: Sequence[Case]) -> dict[str, NDArray[Any]]:
    """The inputs of a batch, from the tokens, weights and words of its texts."""
    place = {word: i for i, word in enumerate(description["vocabulary"])}
    ids = [place.get(token, -1) for case in cases for token in case["tokens"]]
    numbers = [number(word) for case in cases for word in case["words"]]
    weights = [weight for case in cases for weight in case["weights"]]
    made = {
        "ids": np.array(ids, np.int64),
        "offsets": np.array([0, *accumulate(len(case["tokens"]) for case in cases)], np.int64),
        "weights": np.array(weights, np.float32),
        "words": np.array(numbers, np.int64),
        "word_offsets": np.array([0, *accumulate(len(case["words"]) for case in cases)], np.int64),
    }
    return {port["name"]: made[port["name"]] for port in description["inputs"]}


def number(word: str) -> int:
    digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def answer(made: Onnx, cases: Sequence[Case], threads: int = 1, batch: int = 64) -> list[Any]:
    """Probabilities, places of labels and coverage of cases, computed in batches."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(made.content, options)
    batches = [cases[i : i + batch] for i in range(0, len(cases), batch)]
    parts = [session.run(None, feed(made.description, some)) for some in batches]
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def some_cases(stages: FittedStages, *texts: str) -> list[Case]:
    """Texts, and some of all kinds of `export --conformance`."""
    made = conformance_texts(stages.vectors.tokenizer.language_data, stages.vectors.words)
    return as_cases(stages, [*(("", text) for text in texts), *made[:: 5 if texts else 1]])


def assert_same(stages: FittedStages, *texts: str) -> None:
    cases = some_cases(stages, *texts)
    expected = np.array([case["probabilities"] for case in cases])
    probabilities, label, coverage = answer(onnx_of(stages), cases)
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=2e-6)
    np.testing.assert_allclose(coverage, [case["coverage"] for case in cases], rtol=0, atol=1e-12)
    sure = np.sort(expected, axis=1)[:, -1] - np.sort(expected, axis=1)[:, -2] > 1e-6
    assert sure.mean() > 0.5
    np.testing.assert_array_equal(label[sure], expected.argmax(axis=1)[sure])
    assert np.ptp(expected[:, 0]) > 0.05, "the texts have different answers"


@pytest.fixture(scope="module")
def shipped() -> SentimentClassifier:
    return load("reviews-en")


@pytest.fixture(scope="module")
def made(shipped: SentimentClassifier) -> Onnx:
    return onnx_of(shipped.stages_)


def test_a_model_without_labels_answers_as_in_python(shipped: SentimentClassifier) -> None:
    assert_same(shipped.stages_)


LABELS: dict[str, list[Any]] = {
    "two classes": ["positive", "negative"],
    "three in order": ["positive", "negative", "neutral"],
    "stars": [5, 1, 4, 2, 3],
    "three without order": ["b", "c", "a"],
}


@pytest.mark.filterwarnings("ignore")  # labels that seed words contradict, and few of them
@pytest.mark.parametrize(
    ("kind", "n"), [*((kind, 20) for kind in LABELS), ("two classes", 4), ("three in order", 120)]
)
def test_the_mixture_answers_as_in_python(world: World, kind: str, n: int) -> None:
    names = LABELS[kind]
    labels = [names[i % 2] if i % 4 < 2 else names[i // 4 % len(names)] for i in range(n)]
    model = SentimentClassifier(vectors=world.vectors, seed=0).pretrain(world.unlabelled)
    assert_same(model.fit(world.texts[:n], labels).stages_, *world.texts)


def test_what_labels_of_other_texts_taught_is_exported_with_own_labels(
    shipped: SentimentClassifier, world: World
) -> None:
    model = SentimentClassifier(vectors="goods-en", seed=0).fit(*world.few(40))
    assert {"words", "weights"} < {p["name"] for p in onnx_of(model.stages_).description["inputs"]}
    assert_same(model.stages_, *world.texts)


def other_stages(world: World, kind: str, n: int = 60) -> SentimentClassifier:
    """A model of averages or an LSTM."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    network = HiddenLayerClassifier(hidden_units=4, training=Training(epochs=3))
    three = [["positive", "negative", "so so"][i % 3] for i in range(n)]
    plain = AveragingEncoder(world.vectors, distinct=False, center=False, normalize=False)
    stages: dict[str, tuple[Any, Any]] = {
        "averages, hidden layer": (None, network),
        "averages, logistic regression": (None, LogisticRegression()),
        "averages, three classes": (None, LogisticRegression()),
        "averages, linear SVM": (None, LinearSVC()),
        "means of tokens": (plain, HiddenLayerClassifier(4, activation="tanh")),
        "tuned averages": (TunedAveragingEncoder(), network),
        "LSTM, maximum": (LSTMEncoder(units=4), network),
        "LSTM, mean of 5 tokens": (LSTMEncoder(units=3, pooling="mean", max_tokens=5), network),
        "LSTM, last, forward": (
            LSTMEncoder(units=3, pooling="last", bidirectional=False),
            network,
        ),
    }
    encoder, head = stages[kind]
    texts, labels = world.few(n)
    labels = three if kind in ("averages, three classes", "means of tokens") else labels
    model = SentimentClassifier(vectors=world.vectors, encoder=encoder, head=head, seed=0)
    return model.pretrain(world.unlabelled).fit(texts, labels)


KINDS = [
    *("averages, hidden layer", "averages, logistic regression", "averages, three classes"),
    *("averages, linear SVM", "means of tokens", "tuned averages"),
    *("LSTM, maximum", "LSTM, mean of 5 tokens", "LSTM, last, forward"),
]


@pytest.mark.needs_extra("torch")
@pytest.mark.parametrize("kind", KINDS)
def test_other_stages_answer_as_in_python(world: World, kind: str) -> None:
    stages = other_stages(world, kind).stages_
    assert [p["name"] for p in onnx_of(stages).description["inputs"]] == ["ids", "offsets"]
    assert_same(stages, *world.texts)


@pytest.mark.needs_extra("torch")
@pytest.mark.parametrize("kind", ["mixture", "averages, hidden layer", "LSTM, maximum"])
def test_empty_texts_unknown_words_and_no_texts(world: World, kind: str) -> None:
    model = load("goods-en") if kind == "mixture" else other_stages(world, kind)
    made, prior = onnx_of(model.stages_), model.prior_
    for cases in ([], [NONE], [UNKNOWN], [NONE, UNKNOWN, NONE]):
        probabilities, label, coverage = answer(made, cases or [NONE])
        np.testing.assert_allclose(probabilities, np.tile(prior, (len(cases) or 1, 1)))
        np.testing.assert_array_equal(label, prior.argmax())
        assert not coverage.any()
    session = onnxruntime.InferenceSession(made.content)
    none = session.run(None, feed(made.description, []))
    assert [each.shape for each in none] == [(0, 2), (0,), (0,)]


def test_an_id_that_is_no_place_in_the_vocabulary_is_an_unknown_token(made: Onnx) -> None:
    known = {"tokens": ["great"], "words": ["great"], "weights": [1]}
    cases = [{**known, "tokens": ["great", "zzzq"], "weights": [1, 1]}, known]
    given = feed(made.description, cases)
    assert given["ids"].tolist().count(-1) == 1
    session = onnxruntime.InferenceSession(made.content)
    expected = session.run(None, given)
    beyond = np.where(given["ids"] < 0, len(made.description["vocabulary"]), given["ids"])
    for one, other in zip(expected, session.run(None, {**given, "ids": beyond}), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_answer_depends_neither_on_the_batch_nor_on_the_number_of_threads(made: Onnx) -> None:
    cases = some_cases(load("reviews-en").stages_, "a", "b")
    first = answer(made, cases, threads=1, batch=500)
    for threads, batch in ((4, 500), (1, 7)):
        for one, other in zip(first, answer(made, cases, threads, batch), strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


def test_onnxs_own_interpreter_gives_the_same_answers(made: Onnx) -> None:
    from onnx.reference import ReferenceEvaluator

    cases = some_cases(load("reviews-en").stages_, "")[::3]
    probabilities, *_ = ReferenceEvaluator(onnx.load_from_string(made.content)).run(
        None, feed(made.description, cases)
    )
    expected = [case["probabilities"] for case in cases]
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=2e-6)


def test_a_text_whose_mean_is_the_centre_has_no_direction(world: World) -> None:
    from sklearn.linear_model import LogisticRegression

    text = "good film dull city train"
    encoder = AveragingEncoder(world.vectors).fit([text] * 8)
    assert not encoder.transform([text]).any()
    head = LogisticRegression().fit(np.eye(16)[:2] * 9, ["a", "b"])
    stages = load("goods-en").stages_
    stages = type(stages)(encoder, head, np.array([0.5, 0.5]))
    case = {"tokens": text.split(), "words": [], "weights": []}
    probabilities, *_ = answer(onnx_of(stages), [case])
    np.testing.assert_allclose(probabilities, head.predict_proba(np.zeros((1, 16))), atol=1e-12)


def test_pairs_are_numbered_without_an_overflow() -> None:
    words = [f"word{i}" for i in range(60)] + ["", "é", "😀"]
    pairs = list(pairwise(words))
    grams = [*map(word_number, words[::2]), *(gram_number(*pair) for pair in pairs[::3])]
    known = np.array(sorted(grams, key=lambda n: n - (n >> 63 << 64)), np.uint64)
    graph = Graph()
    given = [graph.input(Port(name, np.int64, ("n",), "")) for name in ("words", "offsets")]
    found = find_grams(graph, *given, known)
    graph.output(found.items, Port("items", np.int64, ("n", "m"), ""))
    graph.output(found.counts, Port("counts", np.int64, ("n", "m"), ""))
    session = onnxruntime.InferenceSession(graph.to_bytes("", {}))
    twice = [*words, *words]  # in one text, and once more in a text of its own
    numbers = np.array([number(word) for word in [*twice, *words]], np.int64)
    offsets = np.array([0, len(twice), len(twice), 3 * len(words)])
    items, counts = session.run(None, {"words": numbers, "offsets": offsets})
    expected = np.tile(np.arange(len(grams)), (3, 1)) * np.array([[1], [0], [1]])
    np.testing.assert_array_equal(items, expected)
    np.testing.assert_array_equal(counts, np.ones_like(expected) * np.array([[2], [0], [1]]))


def test_a_matrix_takes_few_bytes_and_loses_nothing() -> None:
    rng = np.random.default_rng(0)
    steps = (rng.integers(-126, 127, (10, 4)) * np.float32(0.5)).astype(np.float32)
    steps[:, 0] = 63.5  # 127 steps
    changed = steps.copy()
    changed[3] += rng.normal(size=4).astype(np.float32)
    halves = rng.normal(size=(10, 4)).astype(np.float16).astype(np.float32)
    floats = rng.normal(size=(10, 4)).astype(np.float32)
    kinds = {"int8": steps, "float16": halves, "float32": floats}
    assert {name: smallest(matrix).values.dtype.name for name, matrix in kinds.items()} == {
        name: name for name in kinds
    }
    stored = smallest(changed)
    assert stored.values.dtype == np.int8
    assert stored.others is not None
    np.testing.assert_array_equal(stored.others, changed[[3]])


@pytest.mark.needs_extra("torch")
def test_words_that_training_changed_are_exported_as_they_are(world: World) -> None:
    steps = (np.rint(world.vectors.matrix * 20) / 16).astype(np.float32)
    steps[:, 0] = np.where(steps[:, 0] < 0, -1, 1) * 127 / 16
    vectors = WordVectors(world.vectors.vocabulary, steps, world.vectors.tokenizer)
    model = SentimentClassifier(vectors=vectors, encoder=LSTMEncoder(units=3), seed=0)
    stages = model.pretrain(world.unlabelled).fit(*world.few(4)).stages_
    stored = smallest(stages.encoder.matrix_)
    assert stored.others is not None
    assert 0 < len(stored.others) < len(steps)
    assert_same(stages, *world.texts)


def test_the_file_says_what_it_is_and_is_small(made: Onnx) -> None:
    from sentiment_transfer.model import model_path

    assert len(made.content) < 1.3 * model_path("reviews-en").stat().st_size
    assert onnx_of(load("reviews-en").stages_).content == made.content
    model = onnx.load_from_string(made.content)
    assert [(each.domain, each.version) for each in model.opset_import] == [("", OPSET)]
    assert {node.domain for node in model.graph.node} == {""}
    given = {prop.key: prop.value for prop in model.metadata_props}
    assert json.loads(given["labels"]) == made.description["labels"] == ["negative", "positive"]
    words = json.dumps(made.description["vocabulary"]).encode()
    assert given["vocabulary_sha256"] == hashlib.sha256(words).hexdigest()
    ports = [*model.graph.input, *model.graph.output]
    described = made.description["inputs"] + made.description["outputs"]
    assert [port.name for port in ports] == [port["name"] for port in described]
    assert [port.doc_string for port in ports] == [port["meaning"] for port in described]
    example = made.description["example"]
    types = {port["name"]: port["type"] for port in made.description["inputs"]}
    given = {name: np.array(own, types[name]) for name, own in example["inputs"].items()}
    probabilities, _, coverage = onnxruntime.InferenceSession(made.content).run(None, given)
    np.testing.assert_allclose(probabilities, example["probabilities"], rtol=0, atol=1e-6)
    assert coverage.tolist() == example["coverage"]
    assert 0 < coverage[0] < 1
    examples = made.description["word_numbers"]["examples"]
    assert {word: number(word) for word in examples} == {w: int(n) for w, n in examples.items()}


@pytest.mark.needs_extra("zh")
def test_a_model_of_chinese_says_what_the_caller_has_to_do() -> None:
    stages = load("reviews-zh").stages_
    made = onnx_of(stages)
    assert "jieba" in made.description["caller"]
    assert made.description["tokenizer"]["segmenter"] == "jieba"
    cases = as_cases(stages, [("", ""), ("", "服务不好，但是味道很好"), ("", "不是很满意")])
    probabilities, *_ = answer(made, cases)
    assert all(case["coverage"] > 0 for case in cases[1:])
    np.testing.assert_allclose(probabilities, [case["probabilities"] for case in cases], atol=1e-6)


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (lambda stages: type(stages)(Foreign(), stages.head, stages.prior), "with a Foreign"),
        (lambda stages: with_part(stages, "sentence"), "reads a sentence encoder"),
    ],
    ids=["another encoder", "a sentence encoder"],
)
def test_what_cannot_be_exported_is_refused(
    broken: Callable[[FittedStages], FittedStages], named: str
) -> None:
    with pytest.raises(SettingError, match="cannot be exported to ONNX") as caught:
        onnx_of(broken(load("goods-en").stages_))
    assert named in str(caught.value)


def test_a_head_that_is_not_linear_is_refused(world: World) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    model = SentimentClassifier(vectors=world.vectors, head=KNeighborsClassifier())
    with pytest.raises(SettingError, match="KNeighborsClassifier is not linear"):
        onnx_of(model.pretrain(world.unlabelled).fit(*world.few(20)).stages_)


def test_more_numbers_than_a_file_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.export.onnx_graph.MAX_BYTES", 500_000)
    with pytest.raises(SettingError, match=r"an ONNX file holds at most 0.0005 GB; save it with"):
        onnx_of(load("goods-en").stages_)


class Foreign:
    """No encoder of this package."""


def with_part(stages: FittedStages, part: str) -> FittedStages:
    """Stages whose head reads another part of the features."""
    member = stages.head.members[0]
    member.weights[part] = np.zeros(3)
    return stages


def test_the_command_writes_the_file_and_its_description(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    code, out, err = run("export", "goods-en", "--onnx", path)
    assert (code, out) == (0, "")
    assert "model.onnx: 1.0 MB, opset 18" in err
    onnx.checker.check_model(onnx.load(path), full_check=True)
    description = json.loads(description_path(path).read_text("ascii"))
    assert description["model"]["name"] == "goods-en"
    assert len(description["vocabulary"]) == description["model"]["words"]
    assert {"inputs", "outputs", "steps", "tokenizer", "grammar"} < description.keys()


def test_a_folder_that_is_missing_is_named_before_any_work(run: Run, tmp_path: Path) -> None:
    code, _, err = run("export", "no model", "--onnx", tmp_path / "missing" / "model.onnx")
    assert code == 3
    assert "missing" in err


def test_the_extra_is_named_before_any_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.base.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"needs onnx; install it with.*\[onnx\]"):
        Graph()
    code, _, err = run("export", "no model", "--onnx", tmp_path / "model.onnx")
    assert code == 1
    assert "an ONNX file needs onnx; install it with: pip install 'sentiment-transfer[onnx]'" in err
