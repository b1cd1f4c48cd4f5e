"""What the HTTP API answers: as the Python API does, and never with an error of its own."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")

from asgi_client import get, post, request
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_transfer import SentimentClassifier
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.serving import Address, Api, Guard, ModelSource, ServedModels, guarded_app
from sentiment_transfer.serving.batching import BATCH_CHARACTERS, SMALL_CHARACTERS, Batcher
from sentiment_transfer.serving.messages import MAX_CHARACTERS, MAX_EXPLAINED, MAX_TEXTS
from sentiment_transfer.serving.models import ServedModel

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World

    from sentiment_transfer.serving.messages import Prediction

TOKEN = "a token of some length"  # noqa: S105
ODD = ["", "   ", "qwertz", "\0", "é\u202e", "good " * 400, "no, not good at all!", "😀"]


@pytest.fixture(scope="module")
def classifier(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).fit(*world.few(20))


@pytest.fixture(scope="module")
def stars(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors, ordered=False).fit(
        world.texts[:60], [1, 2, 3] * 20
    )


@pytest.fixture(scope="module")
def folder(
    classifier: SentimentClassifier,
    stars: SentimentClassifier,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("served")
    classifier.save(folder / "first.safetensors")
    stars.save(folder / "stars.safetensors")
    return folder


@pytest.fixture(scope="module")
def api(folder: Path) -> Api:
    names = ("first.safetensors", "stars.safetensors")
    models = ServedModels([ModelSource.parse(str(folder / name)) for name in names])
    models.compile()
    return Api(models)


@pytest.fixture(scope="module")
def app(api: Api) -> Guard:
    return guarded_app(api, token=TOKEN)


@pytest.mark.parametrize("name", ["first", "stars"])
@pytest.mark.parametrize("copies", [1, 200])
def test_predictions_are_those_of_the_python_api(
    app: Guard, world: World, folder: Path, name: str, copies: int
) -> None:
    from sentiment_transfer import load

    model = load(folder / f"{name}.safetensors")
    assert isinstance(model, SentimentClassifier)
    texts = ([*ODD, *world.texts[:20]] * copies)[:MAX_TEXTS]
    answer = post(app, "/v1/predict", {"texts": texts, "model": name})
    assert answer.status_code == 200
    found = answer.json()["predictions"]
    expected = model.answer(texts)
    labels = model.classes_[expected.probabilities.argmax(axis=1)].tolist()
    assert [each["label"] for each in found] == labels
    probabilities, coverage = expected.probabilities.max(axis=1), expected.coverage
    np.testing.assert_allclose([e["probability"] for e in found], probabilities, atol=1e-6)
    np.testing.assert_allclose([e["coverage"] for e in found], coverage)


def test_no_texts_have_no_predictions_and_the_first_model_is_the_default(app: Guard) -> None:
    assert post(app, "/v1/predict", {"texts": []}).json() == {"predictions": []}
    found = post(app, "/v1/predict", {"texts": ["good"]}).json()["predictions"]
    assert found[0]["label"] == "positive"
    assert found[0]["coverage"] == 1


def test_an_explanation_is_that_of_the_python_api(
    app: Guard, classifier: SentimentClassifier
) -> None:
    text = "A good film, not dull."
    for label in (None, "negative"):
        found = post(app, "/v1/explain", {"text": text, "label": label}).json()
        expected = classifier.explain(text, label)
        assert found["label"] == expected.label
        assert found["log_odds"] == pytest.approx(expected.log_odds, abs=1e-5)
        shares = sum(piece["log_odds"] for piece in found["pieces"])
        assert found["bias"] + found["sentence"] + shares == pytest.approx(found["log_odds"])
        pieces = [piece["piece"] for piece in found["pieces"]] + [""]
        both = zip(found["gaps"], pieces, strict=True)
        assert "".join(gap + piece for gap, piece in both) == text


@pytest.mark.parametrize("label", ["Rosebud", 1.5, 1e300, True])
def test_a_label_that_the_model_has_not_is_refused(app: Guard, label: object) -> None:
    answer = post(app, "/v1/explain", {"text": "x", "label": label})
    assert answer.status_code == 404
    assert answer.json()["error"].endswith("there are negative, positive")


def test_an_integer_label_may_be_written_as_a_float(app: Guard) -> None:
    asked = [{"text": "good", "label": label, "model": "stars"} for label in (3, 3.0)]
    first, second = (post(app, "/v1/explain", each) for each in asked)
    assert first.status_code == 200
    assert first.content == second.content


def test_the_models_are_described(app: Guard) -> None:
    first, stars = get(app, "/v1/model").json()["models"]
    assert (first["name"], first["labels"]) == ("first", ["negative", "positive"])
    assert stars["labels"] == [1, 2, 3]
    assert "/" not in first["name"] + first["trained_on"]


@pytest.mark.parametrize("name", ["no", "../first", "first.safetensors", "http://x/y", ""])
def test_clients_give_names_never_paths(app: Guard, name: str) -> None:
    answer = post(app, "/v1/predict", {"texts": ["x"], "model": name})
    assert answer.status_code == 404
    assert answer.json()["error"] == "there is no model of this name; there are first, stars"


@pytest.mark.parametrize(
    ("body", "status", "part"),
    [
        ({"texts": ["x"] * (MAX_TEXTS + 1)}, 422, "<= 1000"),
        ({"texts": ["x" * (MAX_CHARACTERS + 1)]}, 422, "<= 50000"),
        ({"texts": "x"}, 422, "expected `array`"),
        ({"texts": [1]}, 422, "$.texts[0]"),
        ({}, 422, "missing required field `texts`"),
        ({"texts": [], "modle": "first"}, 422, "unknown field"),
        ({"texts": [], "model": "x" * 101}, 422, "<= 100"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_rule(
    app: Guard, body: object, status: int, part: str
) -> None:
    answer = post(app, "/v1/predict", body)
    assert (answer.status_code, part in answer.json()["error"]) == (status, True), answer.text


def test_a_text_to_explain_is_capped(app: Guard) -> None:
    assert post(app, "/v1/explain", {"text": "a " * (MAX_EXPLAINED // 2)}).status_code == 200
    assert post(app, "/v1/explain", {"text": "x" * (MAX_EXPLAINED + 1)}).status_code == 422


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
NEARLY = st.fixed_dictionaries(
    {}, optional={"texts": st.lists(st.text()) | JSON, "text": st.text() | JSON,
                  "model": st.sampled_from(["first", "stars"]) | JSON, "label": JSON},
)  # fmt: skip


@settings(max_examples=150)
@given(body=(JSON | NEARLY).map(lambda value: json.dumps(value).encode()) | st.binary())
def test_no_body_is_an_error_of_the_server(app: Guard, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    for path in ("/v1/predict", "/v1/explain"):
        answer = request(app, "POST", path, content=body, headers=headers)
        assert answer.status_code in (200, 400, 404, 422), answer.text
        json.loads(answer.content)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"texts":' * 50_000, b'{"texts": ["\\ud800"]}'])
def test_json_that_is_nested_or_no_text_is_refused(app: Guard, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = request(app, "POST", "/v1/predict", content=body, headers=headers)
    assert answer.status_code in (400, 422)


def test_an_error_of_the_server_is_not_described_to_clients(
    app: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("Rosebud")

    monkeypatch.setattr(ServedModel, "predict", fail)
    for text in ("short", "long " * SMALL_CHARACTERS):
        answer = post(app, "/v1/predict", {"texts": [text[:MAX_CHARACTERS]]})
        assert answer.status_code == 500
        assert answer.json() == {"error": "an error of the server; its log has the reason"}
    assert app.in_flight == 0


def test_requests_of_one_moment_are_answered_together_and_each_gets_its_own(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    predict = ServedModel.predict

    def counted(model: ServedModel, texts: list[str]) -> Any:  # noqa: ANN401
        calls.append(len(texts))
        return predict(model, texts)

    monkeypatch.setattr(ServedModel, "predict", counted)
    first, stars = api.models.get("first"), api.models.get("stars")
    assert first is not None
    assert stars is not None
    asked = [(stars if n % 3 == 2 else first, world.texts[n : n + n % 4]) for n in range(40)]

    async def together() -> list[list[Prediction]]:
        return await asyncio.gather(*(api.batcher.predict(*each) for each in asked))

    answers = asyncio.run(together())
    assert len(calls) == 2  # one for each model
    assert sum(calls) == sum(len(texts) for _, texts in asked)
    for (model, texts), answer in zip(asked, answers, strict=True):
        labels, probabilities, _ = predict(model, texts)
        assert [each.label for each in answer] == labels
        np.testing.assert_allclose([each.probability for each in answer], probabilities)


def test_batches_are_bounded_and_cancelled_requests_left_out(api: Api) -> None:
    model = api.models.get("first")
    assert model is not None
    batcher, texts = Batcher(), ["good " * (SMALL_CHARACTERS // 5)]

    async def many() -> list[Any]:
        tasks = [
            asyncio.ensure_future(batcher.predict(model, texts))
            for _ in range(3 * BATCH_CHARACTERS // SMALL_CHARACTERS)
        ]
        await asyncio.sleep(0)
        tasks[1].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(many())
    assert isinstance(answers.pop(1), asyncio.CancelledError)
    assert {answer[0].label for answer in answers} == {"positive"}


def test_metrics_count_requests_texts_and_refusals(folder: Path) -> None:
    api = Api(ServedModels([ModelSource.parse(str(folder / "first.safetensors"))]))
    app = guarded_app(api)
    post(app, "/v1/predict", {"texts": ["good", "zzz"]})
    post(app, "/v1/predict", {"texts": 1})
    get(app, "/nothing/of/the/sort")
    get(app, "/v1/predict")
    answer = get(app, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    counts = dict(re.findall(r"^(sentiment_\S+) (\S+)$", answer.text, re.MULTILINE))
    path = 'sentiment_requests_total{path="/v1/predict",status='
    assert [counts[f'{path}"{status}"}}'] for status in (200, 422, 405)] == ["1.0"] * 3
    assert counts['sentiment_requests_total{path="other",status="404"}'] == "1.0"
    assert counts["sentiment_texts_total"] == "2.0"
    assert counts["sentiment_texts_without_known_word_total"] == "1.0"
    assert counts["sentiment_requests_in_flight"] == "1.0"  # this one


def test_readiness_ends_before_the_server_does(api: Api, app: Guard) -> None:
    assert get(app, "/readyz").json() == {"status": "ready"}
    api.is_ready = False
    try:
        assert get(app, "/readyz").status_code == 503
        assert get(app, "/healthz").json() == {"status": "ok"}
    finally:
        api.is_ready = True


def test_the_document_describes_every_operation_with_its_types(app: Guard, api: Api) -> None:
    document = get(app, "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {o.path for o in api.operations}
    schemas = document["components"]["schemas"]
    predict = document["paths"]["/v1/predict"]["post"]
    body = predict["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    texts = schemas[body.rpartition("/")[2]]["properties"]["texts"]
    assert (texts["maxItems"], texts["items"]["maxLength"]) == (MAX_TEXTS, MAX_CHARACTERS)
    assert list(schemas["Prediction"]["properties"]) == ["label", "probability", "coverage"]
    assert document["paths"]["/v1/reload"]["post"]["security"] == [{"token": []}]
    references = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document))
    assert set(references) == set(schemas)


def test_a_reload_reads_the_files_again_and_keeps_the_models_if_one_is_broken(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "one.safetensors"
    path.write_bytes((folder / "first.safetensors").read_bytes())
    app = guarded_app(Api(ServedModels([ModelSource.parse(str(path))])), token=TOKEN)
    bearer = {"authorization": f"Bearer {TOKEN}"}
    path.write_bytes((folder / "stars.safetensors").read_bytes())
    assert post(app, "/v1/predict", {"texts": ["good"]}).json()["predictions"][0]["label"] != 1
    answer = request(app, "POST", "/v1/reload", headers=bearer)
    assert answer.json()["models"][0]["labels"] == [1, 2, 3]
    path.write_bytes(b"broken")
    answer = request(app, "POST", "/v1/reload", headers=bearer)
    assert answer.status_code == 500
    assert str(path) not in answer.text
    found = post(app, "/v1/predict", {"texts": ["good"]}).json()["predictions"]
    assert found[0]["label"] in (1, 2, 3)
    text = get(app, "/metrics").text
    assert 'sentiment_reloads_total{result="done"} 1.0' in text
    assert 'sentiment_reloads_total{result="failed"} 1.0' in text


@pytest.mark.parametrize(
    ("given", "name", "path"),
    [
        ("reviews-en", "reviews-en", "reviews-en"),
        ("folder/mine.safetensors", "mine", "folder/mine.safetensors"),
        ("mine.v2.safetensors", "mine.v2", "mine.v2.safetensors"),
        ("short=folder/mine", "short", "folder/mine"),
        ("影评=x", "影评", "x"),
    ],
)
def test_a_model_is_named_by_its_file_or_as_told(given: str, name: str, path: str) -> None:
    assert ModelSource.parse(given) == ModelSource(name, path)


@pytest.mark.parametrize("given", ["=x", "a b=x", "a/b=x", ".hidden", "-x", "x" * 101])
def test_other_names_are_refused(given: str) -> None:
    with pytest.raises(SettingError, match="NAME=PATH"):
        ModelSource.parse(given)


def test_names_must_differ_and_files_must_exist() -> None:
    with pytest.raises(SettingError, match="two models have the name reviews-en"):
        ServedModels([ModelSource.parse("reviews-en")] * 2)
    with pytest.raises(ModelFileError, match="does not exist"):
        ServedModels([ModelSource.parse("nothing")])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "192.168.0.2"])  # noqa: S104
def test_off_this_machine_a_token_is_needed(host: str) -> None:
    with pytest.raises(SettingError, match="not allowed without a token"):
        Address(host)
    address = Address(host, token=TOKEN, allowed=("api.example",))
    assert not address.is_local
    assert TOKEN not in repr(address)
    assert {"api.example", "localhost"} <= address.hosts
    assert not {"0.0.0.0", "::", "[::]"} & address.hosts  # noqa: S104


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_none_is_needed(host: str) -> None:
    assert Address(host).is_local


@pytest.mark.parametrize("token", ["short", "", "ß" * 20])
def test_a_weak_token_is_refused(token: str) -> None:
    with pytest.raises(SettingError, match="at least 16"):
        Address(token=token)


def test_a_port_in_use_is_said_with_the_remedy() -> None:
    with Address(port=0).bind() as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=rf"127\.0\.0\.1:{port} .*port=\.\.\., 0 for a free"):
            Address(port=port).bind()


def test_the_types_encode_as_the_issue_asks() -> None:
    from sentiment_transfer.serving.messages import Prediction, Predictions

    made = msgspec.json.encode(Predictions([Prediction("positive", 0.75, 1.0)]))
    assert made == b'{"predictions":[{"label":"positive","probability":0.75,"coverage":1.0}]}'


def test_threads_take_short_turns_while_a_server_runs() -> None:
    from sentiment_transfer.serving.server import _short_turns

    usual = sys.getswitchinterval()
    with _short_turns():
        assert sys.getswitchinterval() == pytest.approx(usual / 10)
    assert sys.getswitchinterval() == pytest.approx(usual)
