"""A model's card, and a model as a folder with its card."""

from __future__ import annotations

import json
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
    facts = facts_of(model.card(license_id="mit"))
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

    card = ModelCard(str(model.card(found.report, name="films", test_set="movies72")))
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
    text = str(model.card(found.report, test_set="movies72, held out"))
    low, high = found.report["accuracy_interval"]
    accuracy = f"{100 * found.accuracy:.1f} %, 95 % interval {100 * low:.1f} to {100 * high:.1f}"
    assert f"| accuracy | {accuracy} |" in text
    assert "Measured on 220 labelled texts, movies72, held out:" in text
    wrong = int(((found.labels == "good") & (found.predicted != "good")).sum())
    assert f"{wrong:,} of 110 texts of the label good got another one." in text


def test_the_labels_of_the_training_are_counted(model: SentimentClassifier) -> None:
    text = str(model.card())
    assert "| labelled bad | 2 |" in text
    assert "| unlabelled texts, word vectors | 117,874 |" in text


def test_texts_without_a_known_word_are_counted(model: SentimentClassifier) -> None:
    report = evaluate(model, (["qwertz", "loved it", "hated it"], ["bad", "good", "bad"])).report
    assert "1 of the 3 texts have no known word" in str(model.card(report))


def test_names_cannot_break_the_page(model: SentimentClassifier) -> None:
    odd = "a|b `c` <script>*"
    found = classifier().fit(FEW, [odd, odd, "---", "---"])
    text = str(found.card(name='x: "y" # z'))
    assert "<script>" not in text
    assert r"a\|b" in text
    assert facts_of(found.card())["language"] == "en"


@pytest.mark.parametrize("setting", ["name", "test_set", "license_id"])
@pytest.mark.parametrize("text", ["a\nb", " ", "\x85"])
def test_names_that_cannot_be_shown_are_refused(
    model: SentimentClassifier, setting: str, text: str
) -> None:
    with pytest.raises(SettingError, match=setting):
        model.card(**{setting: text})


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
    card = model.card(found.report, name="films")
    model.save(tmp_path, "int8", card=card)
    assert (tmp_path / "README.md").read_text() == str(card)


def test_a_card_has_no_place_beside_a_single_file(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match="slash"):
        model.save(tmp_path / "m.safetensors", card=model.card())


def test_a_file_in_the_place_of_the_folder_is_kept(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    (tmp_path / "films").write_text("mine")
    with pytest.raises(InputError, match="is no folder"):
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


def test_the_command_without_a_test_says_what_is_missing(run: Run) -> None:
    code, out, err = run("card", "reviews-zh")
    assert code == 0
    assert out.startswith("---\n")
    assert "--test LABELLED" in err
