"""Models on the Hugging Face Hub, with a stand-in on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.errors import MissingExtraError, ModelFileError, SettingError
from sentiment_transfer.model import hub as hub_module
from sentiment_transfer.model.hub import Address, fetch, is_hub
from tests.hub_server import TOKEN, Hub, running_hub

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.needs_extra("hub"),
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),  # of huggingface_hub
]

NAME = "someone/films"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """Serve a stand-in, and let huggingface_hub in this process use it."""
    from huggingface_hub import constants

    with running_hub() as served:
        monkeypatch.setattr(constants, "ENDPOINT", served.url)
        template = served.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield served


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    found = load("reviews-zh")
    assert isinstance(found, SentimentClassifier)
    return found.fit(["好", "不好"], ["good", "bad"])


def test_a_model_that_was_pushed_is_loaded_with_the_same_answers(
    hub: Hub, model: SentimentClassifier
) -> None:
    address = model.push_to_hub(NAME, dtype="int8")
    number, files = hub.commits[NAME][-1]
    assert address == f"hf://{NAME}@{number}"
    assert sorted(files) == ["README.md", "config.json", "model.safetensors"]
    texts = ["房间很好", "难吃"]
    for name in (address, f"hf://{NAME}"):
        found = load(name)
        assert isinstance(found, SentimentClassifier)
        assert found.predict(texts).tolist() == model.predict(texts).tolist()
    assert f'load("hf://{NAME}")' in files["README.md"].decode()
    assert any("sentiment-transfer" in agent for agent in hub.agents)


def test_a_second_load_fetches_no_file(hub: Hub, model: SentimentClassifier) -> None:
    address = model.push_to_hub(NAME, dtype="int8")
    load(address)
    n_asked = len(hub.asked)
    load(address)
    assert "GET" not in {method for method, _ in hub.asked[n_asked:]}


def test_a_model_is_loaded_by_its_name_without_a_network(
    hub: Hub, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    model.push_to_hub(NAME, dtype="int8")
    load(f"hf://{NAME}")
    n_asked = len(hub.asked)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert load(f"hf://{NAME}").classes_.tolist() == ["bad", "good"]
    assert len(hub.asked) == n_asked


def test_a_given_card_names_the_place_on_the_hub(hub: Hub, model: SentimentClassifier) -> None:
    model.push_to_hub(NAME, dtype="int8", card=model.card(name="Films"))
    card = hub.commits[NAME][-1][1]["README.md"].decode()
    assert "# Films" in card
    assert f'load("hf://{NAME}")' in card


def test_an_earlier_commit_is_loaded_by_its_number(hub: Hub, model: SentimentClassifier) -> None:
    first = model.push_to_hub(NAME, dtype="int8")
    other = SentimentClassifier("zh", vectors="reviews-zh").fit(["好", "不好"], ["yes", "no"])
    other.push_to_hub(NAME, dtype="int8")
    assert load(first).classes_.tolist() == ["bad", "good"]
    assert load(f"hf://{NAME}").classes_.tolist() == ["no", "yes"]


def test_the_config_has_the_facts_that_the_hub_counts_downloads_by(
    hub: Hub, model: SentimentClassifier
) -> None:
    model.push_to_hub(NAME, dtype="int8")
    files = hub.commits[NAME][-1][1]
    config = json.loads(files["config.json"])
    assert config["library_name"] == "sentiment-transfer"
    assert config["bytes"] == len(files["model.safetensors"])
    assert config["labels"] == ["bad", "good"]


def test_a_model_that_its_config_does_not_describe_is_refused(
    hub: Hub, model: SentimentClassifier
) -> None:
    model.push_to_hub(NAME, dtype="int8")
    files = hub.commits[NAME][-1][1]
    hub.commit(NAME, {"model.safetensors": files["model.safetensors"] + b"\0"})
    with pytest.raises(ModelFileError, match="sha256"):
        load(f"hf://{NAME}")


def test_a_model_whose_config_cannot_be_fetched_is_not_used_without_comparison(
    hub: Hub, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    model.push_to_hub(NAME, dtype="int8")
    hub.blocked.add("config.json")
    for is_offline in (False, True):
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", is_offline)
        with pytest.raises(ModelFileError, match="the Hub cannot be reached; try again"):
            load(f"hf://{NAME}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    hub.blocked.clear()
    assert load(f"hf://{NAME}").classes_.tolist() == ["bad", "good"]


def test_a_model_without_a_config_is_loaded_with_and_without_a_network(
    hub: Hub, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    model.save(tmp_path / "model.safetensors", "int8")
    hub.commit(NAME, {"model.safetensors": (tmp_path / "model.safetensors").read_bytes()})
    for is_offline in (False, True):
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", is_offline)
        assert load(f"hf://{NAME}").classes_.tolist() == ["bad", "good"]


def test_a_file_that_is_no_model_is_refused_and_not_run(hub: Hub) -> None:
    hub.commit(NAME, {"model.safetensors": b"\x80\x04cos\nsystem\n"})
    with pytest.raises(ModelFileError, match="pickle"):
        load(f"hf://{NAME}")


def test_a_file_that_is_too_large_is_not_fetched(hub: Hub) -> None:
    hub.commit(NAME, {"model.safetensors": bytes(1000)})
    with pytest.raises(ModelFileError, match=r"1,000 bytes; at most 999"):
        fetch(f"hf://{NAME}", max_bytes=999)
    assert "GET" not in {method for method, _ in hub.asked}


def test_a_config_that_is_no_json_is_refused(hub: Hub, model: SentimentClassifier) -> None:
    model.push_to_hub(NAME, dtype="int8")
    hub.commit(NAME, {"config.json": b"{"})
    with pytest.raises(ModelFileError, match=r"config\.json cannot be read"):
        load(f"hf://{NAME}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hf://someone/nothing", "does not exist or is private"),
        (f"hf://{NAME}@v9", "has no such revision"),
        ("hf://someone/empty", r"has no model\.safetensors"),
    ],
)
def test_what_is_missing_is_named_with_a_remedy(hub: Hub, name: str, said: str) -> None:
    hub.commit(NAME, {"model.safetensors": b""})
    hub.commit("someone/empty", {})
    with pytest.raises(ModelFileError, match=said) as caught:
        load(name)
    assert name in str(caught.value)


def test_a_private_model_needs_a_token(
    hub: Hub, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.push_to_hub(NAME, dtype="int8", private=True)
    assert NAME in hub.private
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ModelFileError, match="hf auth login"):
        load(f"hf://{NAME}")


def test_a_push_without_a_valid_token_is_refused(hub: Hub, model: SentimentClassifier) -> None:
    with pytest.raises(ModelFileError, match="hf auth login"):
        model.push_to_hub(NAME, dtype="int8", token=TOKEN[::-1])
    assert not hub.commits


def test_a_hub_that_does_not_answer_is_said(
    hub: Hub, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    template = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    with pytest.raises(ModelFileError, match="reached"):
        load(f"hf://{NAME}")


@pytest.mark.parametrize(
    "name",
    [
        "hf://",
        "hf://films",
        "hf://a/b/c",
        "hf://a/../b",
        "hf://a/b@",
        "hf://a/b@x y",
        "hf://-a/b",
        "hf://a/b@x/../..",
        "hf://a/b.git",
        "hf://a/fi..lms",
        "hf://a/b--c",
    ],
)
def test_malformed_names_are_refused_before_anything_is_asked(hub: Hub, name: str) -> None:
    assert is_hub(name)
    with pytest.raises(SettingError, match="hf://owner/name"):
        load(name)
    assert not hub.asked


def test_a_path_keeps_the_address() -> None:
    assert Address.of(Path("hf://a/b@v1")) == Address("a/b", "v1")
    assert str(Address("a/b")) == "hf://a/b"


def test_a_revision_cannot_be_pushed_to(hub: Hub, model: SentimentClassifier) -> None:
    with pytest.raises(SettingError, match="leave it out"):
        model.push_to_hub(f"{NAME}@v1")
    with pytest.raises(SettingError, match="owner/name"):
        model.push_to_hub(5)  # type: ignore[arg-type]


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.base.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"a model on the Hub needs .*\[hub\]"):
        load(f"hf://{NAME}")


def test_the_command_line_reads_the_hub(
    hub: Hub, model: SentimentClassifier, tmp_path: Path
) -> None:
    model.push_to_hub(NAME, dtype="int8")
    command = [sys.executable, "-m", "sentiment_transfer", "predict", f"hf://{NAME}"]
    environment = os.environ | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(  # noqa: S603
        [*command, "--string", "房间很好"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "good" in done.stdout


def test_loading_a_local_model_opens_no_connection(
    hub: Hub, model: SentimentClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(hub_module, "_file", no_network)
    model.save(f"{tmp_path}/films/", "int8")
    load(tmp_path / "films")
    assert not hub.asked
