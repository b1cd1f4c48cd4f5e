"""The command ``studio``: what it reads, says and adds before it serves."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")

from sentiment_transfer.cli import studio as command
from sentiment_transfer.studio import BaseModel, ProjectFile, run

if TYPE_CHECKING:
    from conftest import Run

CSV = "review,stars,label\nA great film.,5,good\nSo dull!,1,bad\n,3,bad\nFine,4,\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with reviews, and a server that ends at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "serve_app", lambda *_, started, **__: started("http://127.0.0.1:1"))
    (tmp_path / "reviews.csv").write_text(CSV, "utf-8")
    return tmp_path


def content(path: Path) -> tuple[list[str], list[str | None]]:
    project = ProjectFile(path)
    texts, labels = project.texts(), [answer.label for answer in project.answers()]
    project.close()
    return texts, labels


def test_a_file_becomes_a_project_and_what_was_read_is_said(run: Run, here: Path) -> None:
    code, out, err = run("studio", "reviews.csv", "--no-browser")
    assert (code, out) == (0, "")
    assert "labels are read from 'label'" in err
    assert "reviews.csv: texts added: 3, of which with a label: 2" in err
    assert "open http://127.0.0.1:1/#token=" in err
    assert content(here / "reviews.csv.studio.sqlite")[1] == ["good", "bad"]


def test_labels_can_be_left_out(run: Run, here: Path) -> None:
    assert run("studio", "reviews.csv", "--no-browser", "--label", "none")[0] == 0
    assert content(here / "reviews.csv.studio.sqlite")[1] == []


def test_a_rating_is_read_as_labels_only_if_it_is_named(run: Run, here: Path) -> None:
    Path("stars.csv").write_text(CSV.replace(",label", ",x"), "utf-8")
    _, _, err = run("studio", "stars.csv", "--no-browser")
    assert "'stars' is not read as labels" in err
    assert run("studio", "stars.csv", "--no-browser", "--label", "stars", "--project", "p")[0] == 0
    assert content(here / "p")[1] == ["5", "1", "4"]


def test_only_new_texts_of_a_changed_file_are_added(run: Run, here: Path) -> None:
    run("studio", "reviews.csv", "--no-browser")
    Path("reviews.csv").write_text(f"{CSV}Brand new,2,bad\n", "utf-8")
    _, _, err = run("studio", "reviews.csv", "--no-browser")
    assert "texts added: 1, of which with a label: 1; in the project already: 3" in err
    assert content(here / "reviews.csv.studio.sqlite")[0][-1] == "Brand new"


def test_the_language_of_a_project_stays(run: Run, here: Path) -> None:
    run("studio", "reviews.csv", "--no-browser")
    _, _, err = run("studio", "reviews.csv", "--no-browser", "--language", "zh")
    assert "is in 'en'; --language zh is for a new project" in err


def test_a_model_to_start_from_is_kept_in_the_project(run: Run, here: Path) -> None:
    assert run("studio", "films-en", "--no-browser", "--project", "p.sqlite")[0] == 0
    project = ProjectFile(here / "p.sqlite")
    assert BaseModel.of_project(project).name == "films-en"
    project.close()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("nothing.csv", 3, "nothing.csv"),
        ("nothing.safetensors", 4, "does not exist"),
        ("reviews.csv --project reviews.csv", 2, "name another file with --project"),
        ("reviews.csv --label title", 3, "no column 'title'"),
        ("old.studio.sqlite", 2, "give --project old.studio.sqlite"),
        ("reviews.csv --host 0.0.0.0", 2, "--token-file"),
    ],
)
def test_what_cannot_be_opened_is_said(
    run: Run, here: Path, arguments: str, code: int, said: str
) -> None:
    found, _, err = run("studio", *arguments.split(), "--no-browser")
    assert (found, said in err) == (code, True), err
    assert Path("reviews.csv").read_text("utf-8") == CSV


def test_the_token_is_no_argument_of_the_browser(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []

    def open_page(url: str) -> None:
        opened.append((url, Path(url.removeprefix("file://")).read_text("utf-8")))

    monkeypatch.setattr(webbrowser, "open", open_page)
    monkeypatch.setattr(command, "SECONDS_TO_OPEN", 0)
    command._open_browser("http://127.0.0.1:1/#token=secret")
    ((url, page),) = opened
    assert "secret" not in url
    assert 'content="0;url=http://127.0.0.1:1/#token=secret"' in page
    assert not Path(url.removeprefix("file://")).exists()
