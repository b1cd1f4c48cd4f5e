"""What the repository is made of: its top level, what its metadata promise, its workflows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from sentiment_transfer.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+){2}$")
TESTED = "uses: ./.github/workflows/ci.yml"
"""Of the same commit, so it is not pinned."""
NAMED = re.compile(r"uses: (\S+)@")

TOP_LEVEL = {
    *("pyproject.toml", "README.md", "LICENSE", "CITATION.cff", ".gitignore"),
    *("sentiment_transfer", "corpora", "scripts", "tests", "docs", ".ci", ".github"),
}


def tracked() -> list[str]:
    """Files that git tracks; of an unpacked archive of sources, which has no git, none."""
    done = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("this is no repository of git")
    return done.stdout.rstrip("\0").split("\0")


def test_the_top_level_holds_these_and_nothing_else() -> None:
    assert {name.partition("/")[0] for name in tracked()} <= TOP_LEVEL


def test_the_folder_of_the_platform_holds_its_files_and_the_workflows() -> None:
    names = {name for name in tracked() if name.startswith(".github/")}
    kinds = {*(path.relative_to(ROOT).as_posix() for path in WORKFLOWS)}
    assert names == {".github/CONTRIBUTING.md", ".github/SECURITY.md", *kinds}


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_page_of_the_platform_links_to_is_there(name: str) -> None:
    path = ROOT / ".github" / name
    targets = re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


# Metadata


def test_the_extra_of_everything_has_every_extra_but_the_peers() -> None:
    (line,) = EXTRAS["all"]
    name, _, listed = line.rstrip("]").partition("[")
    assert name == PROJECT["name"]
    assert set(listed.split(",")) == EXTRAS.keys() - {"all", "peers"}


def test_every_requirement_of_the_base_and_of_an_extra_has_a_lower_bound_only() -> None:
    lines = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    wrong = [line for line in lines if not re.match(r"[\w.-]+(>=[\d.]+$|>=[\d.]+;|\[)", line)]
    assert wrong == []


def test_the_setup_for_development_installs_no_extra_with_weights() -> None:
    setup = (ROOT / "scripts" / "dev.py").read_text("utf-8")
    (listed,) = re.findall(r'"\.\[(.*?)\]"', setup)
    assert set(listed.split(",")) >= {"torch", "studio", "cluster"}
    assert not {"all", "minilm", "peers"} & set(listed.split(","))


def test_the_citation_has_the_name_the_version_and_the_licence_of_the_project() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads CITATION.cff")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert cited["title"] == "sentiment_transfer"
    assert cited["version"] == PROJECT["version"]
    first, *others = PROJECT["license"].split(" AND ")
    assert cited["license"] == first  # of several, a reader of the file may take any one
    assert [other for other in others if other not in cited["message"]] == []
    assert [author["name"] for author in cited["authors"]] == [
        author["name"] for author in PROJECT["authors"]
    ]


def test_the_changelog_has_this_version_and_the_extras_that_it_brought() -> None:
    text = (ROOT / "docs" / "CHANGELOG.md").read_text("utf-8")
    titles = re.findall(r"^## (\S+)", text, flags=re.MULTILINE)
    assert titles[0] == "Unreleased"
    assert PROJECT["version"] in titles
    kinds = set(re.findall(r"^### (.*)", text, flags=re.MULTILINE))
    known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Known limits"}
    assert kinds <= known
    missing = [name for name in EXTRAS.keys() - {"peers"} if f"`{name}`" not in text]
    assert missing == []


def test_the_changelog_names_every_command() -> None:
    text = (ROOT / "docs" / "CHANGELOG.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z -]+)`", " ".join(text.split())))
    assert [
        command for command in commands(typer.main.get_command(app)) if command not in named
    ] == []


def commands(group: Any, before: str = "") -> list[str]:  # noqa: ANN401  (types of typer)
    """Names of the commands of a group, with those of the groups in it."""
    found = []
    for name, inner in group.commands.items():
        path = f"{before}{name}"
        found += commands(inner, f"{path} ") if hasattr(inner, "commands") else [path]
    return found


# Workflows


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_a_full_hash_with_its_version(path: Path) -> None:
    lines = [line.strip(" -") for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not PINNED.match(line) and not line.startswith(TESTED)] == []


def test_an_action_has_one_hash_everywhere() -> None:
    hashes: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for line in path.read_text("utf-8").splitlines():
            if named := NAMED.search(line):
                hashes.setdefault(named[1], set()).add(line.partition("@")[2])
    assert {name: one for name, one in hashes.items() if len(one) > 1} == {}


def test_tests_run_on_three_systems_with_every_python_that_the_package_names() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads the workflows")
    prefix = "Programming Language :: Python :: "
    named = [line.removeprefix(prefix) for line in PROJECT["classifiers"] if prefix in line]
    for name, job in (("ci", "tests"), ("release", "try")):
        text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text("utf-8")
        matrix = yaml.safe_load(text)["jobs"][job]["strategy"]["matrix"]
        assert matrix["python"] == named
        kinds = {system.partition("-")[0] for system in matrix["system"]}
        assert kinds == {"ubuntu", "macos", "windows"}


def test_the_publisher_is_trusted_by_its_identity_and_has_no_other_right() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads the workflows")
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert "secrets." not in text
    job = yaml.safe_load(text)["jobs"]["publish"]
    assert job["permissions"] == {"id-token": "write"}
    assert job["environment"]["name"] == "pypi"


def test_a_release_waits_for_the_tests_and_its_trials() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads the workflows")
    release, tests = (
        yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text("utf-8"))
        for name in ("release.yml", "ci.yml")
    )
    assert set(release["jobs"]["publish"]["needs"]) == {"tests", "build", "try"}
    job = release["jobs"]["tests"]
    assert f"uses: {job['uses']}" == TESTED
    assert "workflow_call" in tests[True]  # YAML reads the key `on` as true
    rights = [inner["permissions"] for inner in tests["jobs"].values()]
    assert [right for right in rights if not right.items() <= job["permissions"].items()] == []
    assert job["permissions"] == {"contents": "read"}


def zizmor(folder: Path) -> list[str]:
    """Names of what zizmor finds, without network."""
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which(
        "zizmor"
    )
    if program is None:
        pytest.skip("zizmor is not installed")
    line = [program, "--offline", "--no-progress", "--persona", "pedantic", "--format", "json"]
    done = subprocess.run([*line, folder], capture_output=True, text=True, check=False)  # noqa: S603
    return [finding["ident"] for finding in json.loads(done.stdout)]


def test_zizmor_finds_nothing_in_the_workflows() -> None:
    assert zizmor(ROOT / ".github") == []


def test_zizmor_finds_an_action_that_is_not_pinned_and_an_injection(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    text = re.sub(r"checkout@\w+ # v[\d.]+", "checkout@v4", text, count=1)
    text = text.replace("python scripts/dev.py test", "echo ${{ github.head_ref }}", 1)
    (folder / "ci.yml").write_text(text, encoding="utf-8")
    assert {"unpinned-uses", "template-injection"} <= set(zizmor(tmp_path))


def test_actionlint_finds_nothing_in_the_workflows() -> None:
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("actionlint is not on the path; the workflow `tests` installs it")
    done = subprocess.run(  # noqa: S603
        [program, *WORKFLOWS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
