"""Names of labels after reading."""

from __future__ import annotations

import warnings

import pytest

from sentiment_transfer import SentimentClassifier, read_labelled
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.cli.wording import in_options
from sentiment_transfer.corpus.label_names import final_names
from sentiment_transfer.experiments import evaluate


def test_whole_numbers_that_gaps_made_floats_are_integers_again() -> None:
    with pytest.warns(Notice, match=r"'1\.0' is read as '1'"):
        assert final_names({"1.0", "2.0", "10.00"}) == {"1.0": "1", "2.0": "2", "10.00": "10"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert final_names({"1.0", "two"}) == {"1.0": "1.0", "two": "two"}
        assert final_names({"1.0", "1.5"}) == {"1.0": "1.0", "1.5": "1.5"}
        assert final_names({"1.0", "1.00"}) == {"1.0": "1.0", "1.00": "1.00"}
        assert final_names(set()) == {}


def test_new_names_are_given_by_either_spelling_of_a_number() -> None:
    new = {"0": "bad", "1.0": "good"}
    assert final_names({"0.0", "1.0"}, lambda _: new) == {"0.0": "bad", "1.0": "good"}


def test_labels_alike_are_warned_of_with_the_remedy_unless_it_was_given() -> None:
    labels = {"Positive", "positive", "POSITIVE", "nega tive", "negative"}
    with pytest.warns(UserWarning, match="rename them") as caught:
        assert final_names(labels) == {label: label for label in labels}
    renaming = str(caught[0].message).rpartition("rename them: ")[2].split(",")
    new = dict(pair.split("=") for pair in renaming)
    assert new.keys() | set(new.values()) == labels
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(final_names(labels, lambda _: new).values()) == {"positive", "nega tive"}


def test_other_spellings_of_labels_alike_are_named_with_the_option_that_maps_all() -> None:
    with pytest.warns(UserWarning, match="rename them") as caught:
        final_names({"No", "NO", "YES", "yes", "y", "maybe"})
    said = in_options(str(caught[0].message))
    assert "pass --map-labels NO=No,YES=yes (and in the same way" in said
    assert said.endswith("if they mean one of these: 'maybe', 'y')")
    with pytest.warns(UserWarning, match="rename them: ") as caught:
        final_names({"a", "A", "b"})  # two labels in the end: the other one is another
    assert "'b'" not in str(caught[0].message)


def test_a_pair_of_texts_and_labels_is_read_alike() -> None:
    with pytest.warns(Notice, match="written as floats"):
        rows = read_labelled((["good", "bad"], ["1.0", "0.0"]))
    assert rows.labels == ["1", "0"]


def test_cross_validation_takes_a_model_that_is_not_fitted() -> None:
    rows = (["superb film", "awful film", "great cast", "dull cast"], ["good", "bad"] * 2)
    model = SentimentClassifier(vectors="reviews-en")
    found = evaluate(model, rows, folds=2)
    assert found.report["accuracy"] == 1
    assert not hasattr(model, "encoder_")
