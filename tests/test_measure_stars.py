from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
BY_HAND = """
import numpy as np
from measure_stars import figures
right, f1, error = figures(np.array(["1", "5", "5", "3"]), np.array(["2", "5", "1", "3"]))
assert right == 50, right
# F1 by the true stars: 1 has none right, 5 one of two (2 / 3), 3 all
assert abs(f1 - 100 * (0 + 2 / 3 + 1) / 3) < 1e-9, f1
assert error == (1 + 0 + 4 + 0) / 4, error
"""


def test_the_figures_of_stars_are_those_by_hand() -> None:
    finished = subprocess.run(  # noqa: S603  (this project's own script)
        [sys.executable, "-c", BY_HAND], cwd=SCRIPTS, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
