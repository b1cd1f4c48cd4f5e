"""What comes from others is named: word lists with their notices, corpora with their terms."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from scripts.corpora import TERMS
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.languages import available_languages
from sentiment_transfer.pretraining.bank import bank_names, bank_path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = files("sentiment_transfer.languages")
README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("code", available_languages())
def test_stop_words_name_their_source_and_seed_words_too(code: str) -> None:
    data = json.loads((LANGUAGES / f"{code}.json").read_text(encoding="utf-8"))
    assert data["sources"].keys() == {"stop_words", "seeds", "grammar"}
    source, notices = data["sources"]["stop_words"], (LANGUAGES / "NOTICES.txt").read_text("utf-8")
    (licence,) = re.findall(r"\((\w+) licence\)", source)
    notice = notices[notices.index(f'{code}.json, "stop_words"') :]
    notice = " ".join(notice[: notice.find("\n\n\n")].split())
    assert source.split("'s ")[0].lower() in notice.lower()
    assert re.search(r"Copyright \(c\) 20\d\d,? \w+", notice)
    assert {
        "BSD": "Redistribution and use in source and binary forms, with or without modification, "
        "are permitted provided that the following conditions are met: 1.",
        "MIT": "Permission is hereby granted, free of charge, to any person obtaining a copy",
    }[licence] in notice


def test_emoticons_name_their_source_and_its_licence() -> None:
    data = json.loads((LANGUAGES / "shared" / "signs.json").read_text(encoding="utf-8"))
    notices = (LANGUAGES / "NOTICES.txt").read_text("utf-8")
    assert "VADER's lexicon (MIT licence)" in data["sources"]["joy_signs, sorrow_signs"]
    notice = notices[notices.index('shared/signs.json, "joy_signs"') :]
    assert "Copyright (c) 2016 C.J. Hutto" in notice
    assert "Permission is hereby granted, free of charge, to any person obtaining a copy" in notice


def test_the_notices_are_files_of_the_licence_and_beside_the_lists_in_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [ROOT / name for name in project["license-files"]]
    assert all(path.is_file() for path in named)
    assert Path(str(LANGUAGES / "NOTICES.txt")) in named
    assert Path(str(files("sentiment_transfer.studio") / "NOTICES.txt")) in named
    assert project["license"] == "MIT AND BSD-3-Clause AND Apache-2.0"


@pytest.mark.parametrize("name", bank_names())
def test_the_readme_names_every_corpus_that_a_shipped_model_learnt_from_with_its_terms(
    name: str,
) -> None:
    free, other = README[README.index("The shipped models contain no text") :].split(") and from ")
    model = load(bank_path(name))
    assert isinstance(model, SentimentClassifier)
    for source in model.vectors_.metadata["sources"]:
        assert source["terms"] == TERMS[source["name"].partition("/")[0]]
        corpus, terms = source["terms"].split("; ")
        corpus = re.sub(r" (\(.*\)|v1\.0.*|meal delivery reviews)$", "", corpus)
        if terms == "free for research":
            assert "texts that are free for research (" in free
            assert corpus in free
        else:
            assert f"{corpus} ({terms})" in other
