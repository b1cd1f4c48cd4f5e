"""Measure what the studio says while texts are labelled: accuracy, doubtful labels, forecasts.

    python -m scripts.studio.estimate          half an hour; writes results/studio-estimate.md
    python -m scripts.studio.estimate --report          the page again from the same runs

Each draw labels a project of its own order, with right labels and with a tenth of them flipped.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from scripts.reports import CACHE, RESULTS
from scripts.studio.estimate_page import page
from scripts.studio.labelling import CHOOSING, REPORTING, as_records

MOST = 400
MOST_FLIPPED = 200
FLIPPED = 0.1


def run(path: Path, draws: int) -> None:
    """Label all sets, one draw of each after the other, and write what is noted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for seed in range(draws):
            for name in (*CHOOSING, *REPORTING):
                records = as_records(name, seed, MOST, 0.0)
                records += as_records(name, seed, MOST_FLIPPED, FLIPPED)
                file.writelines(json.dumps(each) + "\n" for each in records)
                file.flush()
            print(f"{seed + 1} of {draws} draws", flush=True)


def read(path: Path) -> list[dict[str, Any]]:
    """Read what was noted; an incomplete last line is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--report", action="store_true", help="label nothing, only write the page")
    parser.add_argument("--runs", default=str(CACHE / "studio-estimate.jsonl"))
    arguments = parser.parse_args()
    path = Path(arguments.runs)
    if not arguments.report:
        run(path, arguments.draws)
    (RESULTS / "studio-estimate.md").write_text(page(read(path)), encoding="utf-8")


if __name__ == "__main__":
    main()
