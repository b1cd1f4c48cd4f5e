from __future__ import annotations

import inspect
import pickle

import pytest

from sentiment_transfer import errors
from sentiment_transfer.errors import (
    InputError,
    MissingExtraError,
    ModelFileError,
    NoLabelsError,
    NotFittedError,
    SentimentTransferError,
    SettingError,
    UnknownWordError,
)


def test_every_error_has_the_one_root_and_is_listed() -> None:
    found = [
        name
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and kind.__module__ == errors.__name__
    ]
    assert [*sorted(found), "shortened", "shown"] == errors.__all__
    assert all(issubclass(getattr(errors, name), SentimentTransferError) for name in found)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (InputError, ValueError),
        (NoLabelsError, InputError),
        (SettingError, ValueError),
        (NotFittedError, ValueError),
        (NotFittedError, AttributeError),
        (UnknownWordError, KeyError),
        (MissingExtraError, ImportError),
    ],
)
def test_who_knows_only_pythons_errors_catches_them_too(
    kind: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(kind, builtin)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "label is empty"),
        ({"path": "reviews.csv"}, "reviews.csv: label is empty"),
        ({"path": "reviews.csv", "line": 17}, "reviews.csv:17: label is empty"),
        ({"line": 17}, "17: label is empty"),
    ],
)
def test_an_input_error_starts_with_the_place_as_a_compiler_prints_it(
    place: dict[str, object], text: str
) -> None:
    error = InputError("label is empty", **place)  # type: ignore[arg-type]
    assert str(error) == text
    assert error.message == "label is empty"
    assert (error.path, error.line) == (place.get("path"), place.get("line"))


def test_a_model_file_error_names_the_file_if_it_is_known() -> None:
    assert str(ModelFileError("is empty")) == "is empty"
    error = ModelFileError("is empty", path="m.safetensors")
    assert (str(error), error.message, error.path) == (
        "m.safetensors: is empty",
        "is empty",
        "m.safetensors",
    )


def test_an_unknown_word_is_printed_once_with_those_near_it() -> None:
    error = UnknownWordError("gret", ["great", "greet"])
    assert str(error) == "the word 'gret' has no vector; near it are 'great', 'greet'"
    assert (error.word, error.near) == ("gret", ["great", "greet"])
    assert str(UnknownWordError("qqq", [])) == "the word 'qqq' has no vector"


def test_a_missing_package_comes_with_the_command_that_installs_it() -> None:
    error = MissingExtraError("jieba", "zh", "splitting Chinese into words")
    assert "splitting Chinese into words needs jieba" in str(error)
    assert "pip install 'sentiment-transfer[zh]'" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        SentimentTransferError("x"),
        InputError("label is empty", path="reviews.csv", line=17),
        SettingError("window=0"),
        NotFittedError("call fit"),
        UnknownWordError("gret", ["great"]),
        ModelFileError("is empty", path="m.safetensors"),
        MissingExtraError("jieba", "zh", "splitting"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_raised_in_a_worker_process_arrives_whole(error: Exception) -> None:
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301  (what multiprocessing does)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)
