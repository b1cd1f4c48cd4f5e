"""A model's card, and a model as a folder with its card."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from sentiment_transfer import SentimentClassifier, load, read_labelled
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.experiments import evaluate

if TYPE_CHECKING:
    from typing import Any

    from conftest import Run

    from sentiment_transfer.experiments.evaluation import Evaluation

MOVIES = Path(__file__).parent.parent / "corpora" / "movies72"
FEW = ["I loved it", "A lovely film", "Awful and dull", "I hated it"]
LABELS = ["good", "good", "bad", "bad"]


def classifier(name: str = "reviews-en") -> SentimentClassifier:
    found = load(name)
    assert isinstance(found, SentimentClassifier)
    return found


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    return classifier().fit(FEW, LABELS)


@pytest.fixture(scope="module")
def found(model: SentimentClassifier) -> Evaluation:
    renamed = {"negative": "bad", "positive": "good"}
    rows = read_labelled(MOVIES / "held_out.csv")
    return evaluate(model, (rows.texts, [renamed[label] for label in rows.labels]))


def facts_of(card: object) -> dict[str, Any]:
    head = str(card).split("---\n")[1]
    facts: dict[str, Any] = yaml.safe_load(head)
    return facts


def test_the_head_is_yaml_that_the_hub_knows(model: SentimentClassifier) -> None:
    facts = facts_of(model.card(license="mit"))
    assert facts == {
        "language": "en",
        "license": "mit",
        "library_name": "sentiment-transfer",
        "pipeline_tag": "text-classification",
        "tags": ["sentiment-analysis", "word-embeddings", "few-shot-learning", "safetensors"],
    }


@pytest.mark.needs_extra("hub")
def test_the_package_of_the_hub_reads_the_figures(
    model: SentimentClassifier, found: Evaluation
) -> None:
    from huggingface_hub import ModelCard

    card = ModelCard(str(model.card(found, name="films", test_set="movies72")))
    results = {one.metric_type: one for one in card.data.eval_results or []}
    assert results["accuracy"].metric_value == pytest.approx(found.accuracy, abs=5e-5)
    assert results["accuracy"].dataset_name == "movies72"
    assert card.data.model_name == "films"


def test_without_a_measurement_a_card_states_no_accuracy(model: SentimentClassifier) -> None:
    text = str(model.card())
    assert "No accuracy was measured" in text
    assert "%" not in text
    assert "model-index" not in facts_of(text)


def test_the_accuracy_of_a_shipped_model_is_not_that_of_one_with_labels() -> None:
    shipped = classifier()
    assert "without these development texts" in str(shipped.card())
    assert "without these development texts" not in str(shipped.fit(FEW, LABELS).card())


def test_an_adapted_model_does_not_have_the_accuracy_of_the_shipped_one() -> None:
    adapted = classifier().adapt(FEW * 20)
    assert "without these development texts" not in str(adapted.card())
    assert "| unlabelled texts, adapted to | 80 |" in str(adapted.card())


def test_figures_are_those_of_the_evaluation(model: SentimentClassifier, found: Evaluation) -> None:
    text = str(model.card(found, test_set="texts of movies72"))
    low, high = found.report["accuracy_interval"]
    accuracy = f"{100 * found.accuracy:.1f} %, 95 % interval {100 * low:.1f} to {100 * high:.1f}"
    assert f"| accuracy | {accuracy} |" in text
    assert "Measured on 220 texts of movies72 that the model was not fitted on:" in text
    wrong = int(((found.labels == "good") & (found.predicted != "good")).sum())
    assert f"{wrong:,} of 110 texts of the label good got another one." in text


def test_the_labels_of_the_training_are_counted(model: SentimentClassifier) -> None:
    text = str(model.card())
    assert "| labelled bad | 2 |" in text
    assert "| unlabelled texts, word vectors | 117,874 |" in text


def test_texts_without_a_known_word_are_counted(model: SentimentClassifier) -> None:
    report = evaluate(model, (["qwertz", "fine work", "hated this"], ["bad", "good", "bad"]))
    assert "1 of the 3 texts has no known word; its label is a guess." in str(model.card(report))
    report = evaluate(model, (["qwertz", "asdf", "hated this"], ["bad", "good", "bad"]))
    assert "2 of the 3 texts have no known word; their label is" in str(model.card(report))


@pytest.mark.parametrize(
    ("n_labels", "rest"), [(3, ""), (4, "1 more label "), (6, "3 more labels ")]
)
def test_labels_that_are_missed_and_not_listed_are_counted(
    model: SentimentClassifier, found: Evaluation, n_labels: int, rest: str
) -> None:
    labels = [
        {"label": f"l{i}", "texts": 10, "precision": 0.5, "recall": i / 10, "f1": 0.5}
        for i in range(n_labels)
    ]
    right = {"label": "right", "texts": 10, "precision": 1.0, "recall": 1.0, "f1": 1.0}
    text = str(model.card({**found.report, "labels": [right, *labels]}))
    listed = [line for line in text.splitlines() if "texts of the label" in line]
    assert [line.split(" texts of")[0] for line in listed] == [
        "- 10 of 10",
        "- 9 of 10",
        "- 8 of 10",
    ]
    assert (f"- Some texts of {rest}got another one." in text) == bool(rest)
    assert ("more label" in text) == bool(rest)


def test_texts_that_the_model_was_fitted_on_are_said_and_give_no_figure_for_the_hub(
    model: SentimentClassifier,
) -> None:
    with pytest.warns(UserWarning, match="fitted on 4 of these"):
        seen = evaluate(model, (FEW, LABELS))
    card = model.card(seen)
    assert "**The model was fitted on 4 of them" in str(card)
    assert "model-index" not in card.metadata


def test_a_cross_validation_is_called_one(model: SentimentClassifier) -> None:
    card = model.card(evaluate(model, (FEW * 3, LABELS * 3), folds=2))
    assert "by cross-validation with 2 folds" in str(card)
    assert "model-index" not in card.metadata


def test_the_measurement_of_another_model_is_refused(
    model: SentimentClassifier, found: Evaluation
) -> None:
    swapped = load("reviews-en").fit(FEW, LABELS[::-1])
    with pytest.raises(SettingError, match=r"evaluation is of another model: \d+ of its"):
        swapped.card(found)
    assert "accuracy" in str(swapped.card(found.report)), "measures alone are not checked"


def test_what_is_no_evaluation_is_refused(model: SentimentClassifier) -> None:
    for given in ({"accuracy": 1.0}, 0.9, "report"):
        with pytest.raises(SettingError, match="it lacks"):
            model.card(given)


def test_confidence_below_the_accuracy_is_given_in_points(
    model: SentimentClassifier, found: Evaluation
) -> None:
    text = str(model.card(found))
    points = 100 * found.report["overconfidence"]
    assert f"{abs(points):.1f} points {'above' if points >= 0 else 'below'} the accuracy" in text


def test_labels_that_taught_another_model_are_not_on_the_card() -> None:
    shipped = classifier()
    assert "Labels that taught it words are from" in str(shipped.card())
    other = SentimentClassifier(vectors=shipped.vectors_.pruned(3_000)).fit(FEW, LABELS)
    assert "Labels that taught it words" not in str(other.card())
    assert "at least 20 different texts" not in str(other.card())


def test_names_cannot_break_the_page(model: SentimentClassifier) -> None:
    odd = "a|b `c` <script>*"
    found = classifier().fit(FEW, [odd, odd, "---", "---"])
    measured = evaluate(found, (["fine work", "hated this"], [odd, "---"]))
    text = str(found.card(measured, name='x: "y" # z', test_set="it's: {a}"))
    assert "<script>" not in text
    assert r"a\|b" in text
    [index] = facts_of(text)["model-index"]
    assert index["name"] == 'x: "y" # z'
    assert index["results"][0]["dataset"]["name"] == "it's: {a}"


@pytest.mark.parametrize("setting", ["name", "test_set", "license"])
@pytest.mark.parametrize("text", ["a\nb", " ", "\x85", 5, ["mit"]])
def test_names_that_cannot_be_shown_are_refused(
    model: SentimentClassifier, setting: str, text: object
) -> None:
    names: dict[str, Any] = {setting: text}
    with pytest.raises(SettingError, match=f"{setting}=.* is not allowed"):
        model.card(**names)


@pytest.mark.parametrize("setting", ["name", "test_set"])
def test_a_card_without_a_name_is_refused(model: SentimentClassifier, setting: str) -> None:
    names: dict[str, Any] = {setting: None}
    with pytest.raises(SettingError, match=f"{setting}=None is not allowed"):
        model.card(**names)


@pytest.mark.parametrize("card", ["x", "", {"name": "films"}])
def test_what_is_no_card_is_refused_before_a_folder_is_touched(
    model: SentimentClassifier, tmp_path: Path, card: object
) -> None:
    given: dict[str, Any] = {"card": card}
    model.save(tmp_path, "int8")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(SettingError, match=r"card=.* is not allowed; give what .*card\(\)"):
        model.save(tmp_path, "int8", **given)
    with pytest.raises(SettingError, match=r"card=.* is not allowed; give what .*card\(\)"):
        model.push_to_hub("someone/films", **given)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_gets_the_model_its_facts_and_its_card(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(f"{tmp_path}/films/", "int8")
    names = sorted(path.name for path in (tmp_path / "films").iterdir())
    assert names == ["README.md", "config.json", "model.safetensors"]
    assert load(tmp_path / "films").predict(FEW).tolist() == LABELS
    facts = json.loads((tmp_path / "films" / "config.json").read_text())
    assert facts["labels"] == ["bad", "good"]


def test_an_existing_folder_needs_no_slash(model: SentimentClassifier, tmp_path: Path) -> None:
    model.save(tmp_path, "int8")
    assert load(tmp_path).classes_.tolist() == ["bad", "good"]


def test_the_given_card_is_written(
    model: SentimentClassifier, found: Evaluation, tmp_path: Path
) -> None:
    card = model.card(found, name="films")
    model.save(tmp_path, "int8", card=card)
    written = (tmp_path / "README.md").read_text()
    assert written == str(card.loaded_from("path/to/this/folder"))
    assert "path/to/model.safetensors" not in written


@pytest.mark.parametrize("name", ["films\t", "\u3000", "影\u3000评", "a\u00a0b"])
def test_a_folder_of_any_name_gets_a_card(
    model: SentimentClassifier, tmp_path: Path, name: str
) -> None:
    model.save(f"{tmp_path / name}/", "int8")
    assert load(tmp_path / name).classes_.tolist() == ["bad", "good"]
    assert "path/to/this/folder" in (tmp_path / name / "README.md").read_text()


def test_a_path_without_a_suffix_and_with_a_card_is_a_folder(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "films", "int8", card=model.card(name="Films"))
    assert "# Films" in (tmp_path / "films" / "README.md").read_text()


@pytest.mark.parametrize(
    ("name", "content"),
    [("README.md", "# my project"), ("config.json", '{"mine": 1}'), ("config.json", "mine = 1")],
)
def test_files_of_something_else_are_kept(
    model: SentimentClassifier, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match="would be replaced"):
        model.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == content


@pytest.mark.parametrize("name", ["README.md", "config.json"])
def test_a_folder_in_the_place_of_a_file_is_kept(
    model: SentimentClassifier, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="would be replaced"):
        model.save(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == [name]


def test_facts_of_another_library_describe_no_model(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "model.safetensors", "int8")
    facts = {"library_name": "another", "sha256": "0" * 64}
    (tmp_path / "config.json").write_text(json.dumps(facts))
    assert load(tmp_path).classes_.tolist() == ["bad", "good"]


def test_a_save_that_fails_midway_leaves_a_model_that_loads(
    model: SentimentClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path, "int8")

    def full(path: Path, _: str) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("sentiment_transfer.model.folder._write_text", full)
    other = classifier().fit(FEW, ["yes", "yes", "no", "no"])
    with pytest.raises(OSError, match="No space left"):
        other.save(tmp_path, "int8")
    assert load(tmp_path).classes_.tolist() == ["no", "yes"]


def test_a_folder_can_be_read_while_it_is_replaced(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    other = classifier().fit(FEW, ["yes", "yes", "no", "no"])
    model.save(tmp_path, "int8")
    ended = threading.Event()

    def replace() -> None:
        for one in (other, model) * 4:
            one.save(tmp_path, "int8")
        ended.set()

    thread = threading.Thread(target=replace)
    thread.start()
    seen = []
    while not ended.is_set():
        seen.append(load(tmp_path).classes_.tolist())
    thread.join()
    assert seen
    assert all(classes in (["bad", "good"], ["no", "yes"]) for classes in seen)


def test_a_folder_does_not_take_the_place_of_a_shipped_model(
    model: SentimentClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model.save("reviews-zh/", "int8")
    assert load("reviews-zh").language == "zh"
    assert load("./reviews-zh").classes_.tolist() == ["bad", "good"]


def test_a_misspelt_file_is_answered_with_the_one_that_is_there(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "films.safetensors", "int8")
    with pytest.raises(ModelFileError, match=r"did you mean films\.safetensors\?"):
        load(tmp_path / "film.safetensor")


def test_an_empty_path_is_refused(
    model: SentimentClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model.save(tmp_path, "int8")
    with pytest.raises(ModelFileError, match="is empty"):
        load("")


def test_a_card_has_no_place_beside_a_single_file(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match="folder"):
        model.save(tmp_path / "m.safetensors", card=model.card())


def test_a_file_in_the_place_of_the_folder_is_kept(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    (tmp_path / "films").write_text("mine")
    with pytest.raises(InputError, match="is not a folder"):
        model.save(f"{tmp_path}/films/")
    assert (tmp_path / "films").read_text() == "mine"


def test_a_folder_of_two_saves_is_refused(model: SentimentClassifier, tmp_path: Path) -> None:
    model.save(tmp_path, "int8")
    classifier().save(tmp_path / "model.safetensors", "int8")
    with pytest.raises(ModelFileError, match="sha256"):
        load(tmp_path)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        load(tmp_path)


def test_the_same_model_gives_the_same_folder(model: SentimentClassifier, tmp_path: Path) -> None:
    for name in ("one", "two"):
        model.save(f"{tmp_path}/{name}/", "int8", card=model.card())
    for name in ("model.safetensors", "config.json", "README.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_command_writes_what_it_measured(run: Run, tmp_path: Path) -> None:
    path, held_out = tmp_path / "card.md", MOVIES / "held_out.csv"
    code, _, err = run("card", "reviews-en", "--test", held_out, "--license", "mit", "-o", path)
    assert (code, err) == (0, "")
    text, facts = path.read_text(), facts_of(path.read_text())
    report = evaluate("reviews-en", held_out).report
    assert facts["license"] == "mit"
    metrics = facts["model-index"][0]["results"][0]["metrics"]
    assert metrics[0]["value"] == round(report["accuracy"], 4)
    assert 'load("reviews-en")' in text
    assert str(MOVIES) not in text
    assert "texts of held_out.csv" in text


def test_the_command_without_a_test_says_what_is_missing(run: Run) -> None:
    code, out, err = run("card", "reviews-zh")
    assert code == 0
    assert out.startswith("---\n")
    assert "--test LABELLED" in err
