"""The best peer of each cell, from a summary made by hand."""

from __future__ import annotations

from io import StringIO

import pandas as pd

from scripts.accuracy.arms import KINDS
from scripts.accuracy.best_peers import OURS, PEERS, best_peer_lines

SUMMARY = """\
set,prevalence,budget,arm,n_test,draws,mean
mr,balanced,0,pretrained model,5331,1,78.71
mr,balanced,0,VADER,5000,1,63.2
mr,balanced,0,"seed words, counted",5331,1,79.5
mr,balanced,8,pretrained model,5331,20,78.66
mr,balanced,8,TF-IDF + logistic regression,5331,20,52.01
mr,balanced,8,mpnet + logistic regression,1000,5,61.54
mr,balanced,8,fastText from our vectors,5000,20,79.0
mr,balanced,100,pretrained model,5331,20,78.9
mr,balanced,100,mpnet + logistic regression,1000,5,79.04
mr,balanced,100,MiniLM + logistic regression,5000,20,67.0
mr,natural,32,pretrained model,5331,20,1.0
mr,natural,32,NB-SVM,5331,20,99.0
books,balanced,0,pretrained model,400,1,86.5
books,balanced,8,SetFit (MiniLM),400,1,70.0
books,balanced,32,pretrained model,400,20,85.0
books,balanced,32,NB-SVM,400,20,85.0
"""


def lines(summary: str = SUMMARY) -> list[str]:
    return best_peer_lines(pd.read_csv(StringIO(summary)), ["mr", "books"])


def row(name: str) -> list[str]:
    (found,) = [line for line in lines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_the_best_peer_is_named_whoever_it_is_and_the_better_of_both_is_bold() -> None:
    no_label, with_8, with_100 = row("mr")[1:3], row("mr")[3:5], row("mr")[7:9]
    assert no_label == ["**78.7**", r"VADER 63.2\*"]
    assert with_8 == ["**78.7**", r"mpnet 61.5\*"]
    assert with_100 == ["78.9", r"mpnet **79.0**\*"]


def test_settings_of_this_package_are_no_peers() -> None:
    assert "seed words" not in "".join(lines())
    assert "from our vectors" not in "".join(lines())


def test_natural_draws_are_not_mixed_in() -> None:
    assert row("mr")[5:7] == ["", ""]


def test_a_cell_may_lack_the_model_or_every_peer() -> None:
    assert row("books")[1:3] == ["**86.5**", ""]
    assert row("books")[3:5] == ["", "SetFit 70.0"]


def test_a_peer_that_is_as_good_is_not_better() -> None:
    assert row("books")[5:7] == ["**85.0**", "NB-SVM 85.0"]


def test_cells_in_which_a_peer_is_better_are_listed_with_both_figures() -> None:
    assert lines()[5:8] == [
        "A peer is better than this package in 1 of 4 cells:",
        "",
        "- mr, 100 labels: mpnet 79.04 (1,000 test texts, 5 draws), this package 78.90 (5,331, 20)",
    ]


def test_sets_that_lack_the_strongest_peers_are_named() -> None:
    assert lines()[8:] == [
        "",
        "e5-small (4-bit) is not measured on mr, books.",
        "mpnet is not measured on books.",
    ]


def test_if_no_peer_is_better_that_is_said() -> None:
    without = "\n".join(line for line in SUMMARY.splitlines() if "79.04" not in line)
    assert lines(without)[5] == "No peer is better than this package in any of 4 cells."


def test_every_peer_is_an_arm_and_every_arm_of_another_package_is_a_peer() -> None:
    titles = {kind.title for kind in KINDS.values()}
    assert titles >= {OURS, *PEERS}
    others = {kind.title for kind in KINDS.values() if kind.package is not None}
    assert others - set(PEERS) == {"fastText from our vectors"}
