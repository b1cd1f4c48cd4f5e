"""Labels are text, integers or bools, come back as they were given, and are checked by row."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_transfer import HiddenLayerClassifier, SentimentClassifier, compare, load
from sentiment_transfer.classification import Training
from sentiment_transfer.classification.labels import as_labels, require_plausible
from sentiment_transfer.cli.app import main
from sentiment_transfer.cli.renaming import new_names
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.contradiction import SeedsContradictedWarning

if TYPE_CHECKING:
    from .conftest import Run, World

TEXTS = ["superb lamp", "awful lamp", "lovely thing", "broken thing", "great", "terrible"]


def fitted(labels: Any, texts: list[str] = TEXTS, **settings: Any) -> SentimentClassifier:  # noqa: ANN401
    return SentimentClassifier(vectors="reviews-en", **settings).fit(texts, labels)


SAME: dict[str, tuple[Any, list[object]]] = {
    "text": (["a", "b"], ["a", "b"]),
    "integers": ([1, 0], [1, 0]),
    "integers of NumPy": (np.array([1, 0], np.uint8), [1, 0]),
    "negative and large integers": ([-(2**63), 2**63 - 1], [-(2**63), 2**63 - 1]),
    "bools": ([True, False], [True, False]),
    "bools of NumPy": ([np.True_, False], [True, False]),
    "a column of pandas": (pd.Series([1, 0], index=[7, 3]), [1, 0]),
    "a column that may miss values": (pd.Series([1, 0], dtype="Int64"), [1, 0]),
    "a column of categories": (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
    "an Arrow array": (pa.chunked_array([["a"], ["b"]]), ["a", "b"]),
    "an Arrow array of integers": (pa.array([1, 0]), [1, 0]),
    "an iterator": (iter(["a", "b"]), ["a", "b"]),
    "text that looks like a number": (["01", "1"], ["01", "1"]),
    "nothing": ([], []),
}


@pytest.mark.parametrize(("labels", "values"), SAME.values(), ids=SAME)
def test_labels_keep_their_values_and_types(labels: Any, values: list[object]) -> None:  # noqa: ANN401
    kept = as_labels(labels, len(values)).tolist()
    assert kept == values
    assert list(map(type, kept)) == list(map(type, values))


REFUSED: dict[str, tuple[Any, str]] = {
    "None": (["a", None], "label 1 is None; leave rows without a label out"),
    "NaN": (["a", float("nan")], "label 1 is nan; leave rows without a label out"),
    "NaN first": ([np.nan, "a"], "label 0 is nan; leave rows without a label out"),
    "NA": (pd.Series(["a", None], dtype="string"), "label 1 is <NA>; leave rows without"),
    "NA among integers": (pd.Series([1, None], dtype="Int64"), "label 1 is <NA>; leave rows"),
    "NaT": (["a", pd.NaT], "label 1 is NaT; leave rows without"),
    "null": (pa.array(["a", None]), "label 1 is None; leave rows without"),
    "an integer among text": (["a", 1], "label 1 is 1; label 0 is text, and all must be of one"),
    "text among integers": ([1, "a"], "label 1 is 'a'; label 0 is an integer, and all must"),
    "a bool among integers": ([0, True], "label 1 is True; label 0 is an integer, and all must"),
    "an integer among bools": ([True, 0], "label 1 is 0; label 0 is a bool, and all must be"),
    "a float": (np.array([0.0, 1.0]), r"label 0 is 0.0; labels are classes.*int\(x\)"),
    "bytes": (["a", b"a"], "label 1 is b'a'; it must be text, an integer of 64 bits or a bool"),
    "a date": (np.array(["2026-01-01", "2026-01-02"], "M8[ns]"), "label 0 is .*; it must be text"),
    "a list": ([["a"], ["b"]], r"label 0 is \['a'\]; it must be text"),
    "a matrix": (np.eye(2, dtype=int), r"labels has the shape \(2, 2\); .* pass one column"),
    "a column vector": (np.array([["a"], ["b"]]), r"labels has the shape \(2, 1\)"),
    "a table": (pd.DataFrame({"label": ["a", "b"]}), r"labels has the shape \(2, 1\)"),
    "a number": (np.array(3), r"labels has the shape \(\)"),
    "a text": ("ab", "labels is a single str, 'ab'"),
    "a mapping": ({"a": 1, "b": 2}, "labels is a single dict"),
    "a set": ({"a", "b"}, "labels is a single set"),
    "None for all": (None, "the target y is None"),
    "an integer of 65 bits": ([0, 2**63], "label 1 is 9223372036854775808; it must be .* 64 bits"),
    "one of 400 digits": ([10**400, 0], "label 0 is 1000+...0+; it must be text"),
    "one of 5,000 digits": ([10**5000, 0], "label 0 is an integer of thousands of digits"),
    "a text of a million letters": (["a", "b" * 10**6], "label 1 has 1,000,000 characters, more"),
    "too few": (["a"], "there are 2 texts but 1 labels"),
}


@pytest.mark.parametrize(("labels", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_label_is_refused_by_its_row_in_a_short_message(
    labels: Any,  # noqa: ANN401
    message: str,
) -> None:
    with pytest.raises(InputError, match=message) as raised:
        as_labels(labels, 2)
    assert len(str(raised.value)) < 250
    with pytest.raises(InputError, match=message):
        fitted(labels, ["good", "bad"])


HEADS: dict[str, Any] = {
    "default": dict,
    "scikit-learn's": lambda: {"head": LogisticRegression()},
    "network": lambda: {"head": HiddenLayerClassifier(4, training=Training(epochs=30))},
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize(
    ("positive", "negative"), [("good", "bad"), (1, 0), (5, -1), (True, False), ("1", "0")]
)
def test_predictions_are_of_the_type_given_before_and_after_a_file(
    positive: Any,  # noqa: ANN401
    negative: Any,  # noqa: ANN401
    head: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    labels = [positive, negative] * 3
    model = fitted(labels, **head())
    model.save(tmp_path / "model.safetensors")
    stored = load(tmp_path / "model.safetensors")
    assert isinstance(stored, SentimentClassifier)
    for one in (model, stored):
        assert one.classes_.tolist() == sorted([positive, negative])
        predicted = one.predict(TEXTS).tolist()
        assert predicted == labels
        assert {type(label) for label in predicted} == {type(positive)}
        assert one.score(TEXTS, labels) == 1
        assert one.explain("superb").label in labels
        assert one.explain("superb", negative).label == negative
        assert one.predict_or_abstain(["superb lamp", "qzx"], below=0).tolist() == [
            positive,
            "unsure",
        ]
    assert np.allclose(model.predict_proba(TEXTS), stored.predict_proba(TEXTS), atol=1e-6)


def test_a_column_of_zeros_and_ones_is_fitted_as_it_is() -> None:
    table = pd.DataFrame({"text": TEXTS, "label": [1, 0] * 3})
    model = SentimentClassifier(vectors="reviews-en").fit(table.text, table.label)
    table["found"] = model.predict(table.text)
    assert (table.found == table.label).all()
    assert table.found.dtype == table.label.dtype


def test_integers_and_the_same_integers_as_text_have_the_same_probabilities() -> None:
    few = {"texts": ["a lamp", "a desk"]}
    for labels in ([0, 1], [1, 5], [-1, 1]):
        numbers, text = fitted(labels, **few), fitted([str(x) for x in labels], **few)
        assert numbers.predict(["superb"]).item() == max(labels)
        assert np.allclose(numbers.predict_proba(TEXTS), text.predict_proba(TEXTS))


def test_numbers_that_turn_out_to_be_the_wrong_way_round_are_learnt_that_way(
    recwarn: pytest.WarningsRecorder,
) -> None:
    """As in one class against the rest, where 1 may be the negative one."""
    texts = [f"{word} lamp {i}" for i in range(6) for word in ("superb", "lovely", "awful", "bad")]
    right = [1, 1, 0, 0] * 6
    turned = fitted([1 - x for x in right], texts)
    straight = fitted(right, texts)
    assert np.allclose(turned.predict_proba(TEXTS), straight.predict_proba(TEXTS)[:, ::-1])
    assert not [w for w in recwarn if "contradict" in str(w.message)]


def test_text_that_is_the_wrong_way_round_is_warned_of_and_unsure_answers_stay_text() -> None:
    texts = [f"{word} lamp {i}" for i in range(6) for word in ("superb", "awful")]
    with pytest.warns(SeedsContradictedWarning):
        model = fitted(["negative", "positive"] * 6, texts)
    assert model.head_.order_.tolist() == ["negative", "positive"]
    assert model.predict_or_abstain(["qzx"]).dtype.kind == "U"


def test_integers_may_be_ordered(tmp_path: Path) -> None:
    texts = ["superb", "fine", "awful"] * 3
    model = fitted([3, 2, 1] * 3, texts, ordered=[1, 2, 3])
    assert model.predict(["superb"]).tolist() == [3]
    model.save(tmp_path / "model.safetensors")
    stored = load(tmp_path / "model.safetensors")
    assert isinstance(stored, SentimentClassifier)
    assert stored.fit(texts, [3, 2, 1] * 3).classes_.tolist() == [1, 2, 3]


def test_an_order_of_another_kind_than_the_labels_is_refused() -> None:
    for labels, ordered in (([1, 0], ["0", "1"]), (["0", "1"], [0, 1]), ([True, False], [0, 1])):
        with pytest.raises(InputError, match=f"not among ordered=.*: {min(labels)!r}"):
            fitted(labels, ["good", "bad"], ordered=ordered)


def test_class_weights_are_named_by_labels_of_any_kind() -> None:
    for labels in (["a", "b"], [0, 1], [False, True]):
        for key in (labels[0], np.array(labels)[0]):
            head = HiddenLayerClassifier(4, class_weight={key: 9}, training=Training(epochs=3))
            assert fitted(labels * 3, head=head).prior_.argmax() == 0
    with pytest.raises(SettingError, match="class_weight names True; the classes are 0, 1"):
        fitted([0, 1] * 3, head=HiddenLayerClassifier(class_weight={True: 2}))


@pytest.mark.parametrize(
    "weight", [10**400, 10**5000, float("inf")], ids=["400 digits", "5,000", "inf"]
)
def test_a_class_weight_that_no_float_can_hold_is_refused_in_a_short_message(
    weight: float,
) -> None:
    head = HiddenLayerClassifier(class_weight={"a": weight})
    with pytest.raises(SettingError, match=r"class_weight\['a'\]=.* is not allowed") as raised:
        fitted(["a", "b"] * 3, head=head)
    assert len(str(raised.value)) < 250


def test_a_score_by_labels_of_another_kind_is_refused() -> None:
    model = fitted([1, 0] * 3)
    with pytest.raises(InputError, match="label 0 is text, '1', and the classes are an integer"):
        model.score(TEXTS, ["1", "0"] * 3)


def test_a_model_of_integers_is_used_on_the_command_line_by_labels_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted([10, 2] * 3).save(tmp_path / "model.safetensors")
    (tmp_path / "rows.csv").write_text("text,label\nsuperb,10\nawful,2\n", "utf-8")
    model, rows = str(tmp_path / "model.safetensors"), str(tmp_path / "rows.csv")
    commands = {
        "predict": [rows, "--format", "csv"],
        "evaluate": [rows, "--format", "json"],
        "explain": ["superb", "--label", "10", "--format", "json"],
        "inspect": ["--format", "json"],
    }
    for command, options in commands.items():
        with pytest.raises(SystemExit) as ended:
            main([command, model, *options])
        assert ended.value.code in (0, None), command
    printed = capsys.readouterr().out
    assert '"accuracy": 1.0' in printed
    assert '"label": "10"' in printed
    assert "\nsuperb,10,10," in printed


# the wrong column


def test_a_column_of_different_labels_is_recognised_before_it_is_learnt_from() -> None:
    texts = [f"text {i}" for i in range(240)]
    with pytest.raises(InputError, match="there are 80 different labels for 240 texts; is this"):
        fitted([f"class {i % 80}" for i in range(240)], texts)
    with pytest.raises(InputError, match="240 different labels for 240 texts"):
        fitted(list(range(240)), texts)


@pytest.mark.parametrize("place", ["labelled", "test"])
def test_a_comparison_recognises_it_too(place: str) -> None:
    sets = {
        name: ([f"{name} {i}" for i in range(240)], ["a", "b"] * 120)
        for name in ("labelled", "test")
    }
    sets[place] = (sets[place][0], [f"class {i % 80}" for i in range(240)])
    tables = [pd.DataFrame({"text": texts, "label": labels}) for texts, labels in sets.values()]
    with pytest.raises(InputError, match="there are 80 different labels for 240 texts"):
        compare("reviews-en", *tables, budgets=[80], draws=1)


def test_several_dozen_labels_with_few_texts_each_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="there are 30 different labels for 60 texts"):
        require_plausible(np.arange(60) % 30)


@pytest.mark.parametrize(("k", "n"), [(2, 2), (20, 25), (51, 255), (28, 140)])
def test_classes_of_an_ordinary_number_or_size_are_not_remarked_on(
    k: int, n: int, recwarn: pytest.WarningsRecorder
) -> None:
    require_plausible(np.arange(n) % k)
    assert not len(recwarn)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_one_label_of_a_million_letters_takes_no_gigabytes() -> None:
    code = """
from pathlib import Path
from sentiment_transfer import SentimentClassifier
from sentiment_transfer.errors import InputError
try:
    SentimentClassifier(vectors="reviews-en").fit(["a"] * 2000, ["x"] * 1999 + ["y" * 10**6])
except InputError as error:
    status = Path("/proc/self/status").read_text().split()
    print(int(status[status.index("VmHWM:") + 1]) // 1024, error)  # of this process alone
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    megabytes, _, message = done.stdout.partition(" ")
    assert int(megabytes) < 700
    assert message.startswith("label 1999 has 1,000,000 characters")


def test_a_label_that_ends_with_nul_is_refused_since_numpy_would_cut_it_off() -> None:
    with pytest.raises(InputError, match=r"label 1 is 'a\\x00'; take the NUL off"):
        as_labels(["a", "a\0"])


# Doubtful labels


def test_a_text_with_two_labels_is_pointed_out(world: World) -> None:
    texts, labels = world.few(10)
    model = SentimentClassifier(vectors=world.vectors)
    again = f" {texts[0].upper()}! "
    other = "negative" if labels[0] == "positive" else "positive"
    with pytest.warns(UserWarning, match=f"1 of 11 texts have two labels, such as '{again[:9]}"):
        model.fit([*texts, again], [*labels, other])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit([*texts, again], [*labels, labels[0]])


def test_a_label_of_one_text_is_pointed_out(world: World) -> None:
    texts, labels = world.few(10)
    with pytest.warns(UserWarning, match="only one text has the label 'mixed'; give more"):
        SentimentClassifier(vectors=world.vectors).fit(texts, [*labels[:9], "mixed"])


def test_as_many_labels_as_texts_are_pointed_out(world: World) -> None:
    texts, labels = world.texts[:6], list("abcdef")
    with pytest.warns(UserWarning, match="there are 6 different labels for 6 texts"):
        SentimentClassifier(vectors=world.vectors).fit(texts, labels)


# New names


def test_labels_are_renamed_by_a_list() -> None:
    assert new_names("1,2=negative, 4 , 5 = positive") == {
        **dict.fromkeys(("1", "2"), "negative"),
        **dict.fromkeys(("4", "5"), "positive"),
    }


@pytest.mark.parametrize(
    "listed", ["", "1", "1,2", "1=a,2", "1=", "=a", "1=a,1=b", "1,,2=a", "1=2=3"]
)
def test_a_list_of_new_names_that_is_not_complete_is_refused(listed: str) -> None:
    with pytest.raises(SettingError, match="it must name each label once, as in"):
        new_names(listed)


def test_stars_are_evaluated_as_two_classes(run: Run, world: World, tmp_path: Path) -> None:
    stars = {"negative": ["1", "2"], "positive": ["4", "5"]}
    rows = [
        f"{stars[label][i % 4 // 2]},{text}"
        for i, (text, label) in enumerate(zip(*world.few(40), strict=True))
    ]
    (tmp_path / "stars.csv").write_text("\n".join(["label,text", *rows]))
    call = ("evaluate", "reviews-en", tmp_path / "stars.csv", "--format", "json")
    assert run(*call)[0] == 3  # the model has no label 1
    code, out, err = run(*call, "--map-labels", "1,2=negative,3=neutral,4,5=positive")
    assert code == 0
    assert [row["label"] for row in json.loads(out)["labels"]] == ["negative", "positive"]
    assert "has no label 3, which --map-labels names" in err
