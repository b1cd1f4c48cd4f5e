from __future__ import annotations

import numpy as np
import pytest

from scripts.accuracy.stars import figures


def test_the_figures_of_stars_are_those_by_hand() -> None:
    right, f1, error = figures(np.array(["1", "5", "5", "3"]), np.array(["2", "5", "1", "3"]))
    assert right == 50
    # F1 by the true stars: 1 has none right, 5 one of two (2 / 3), 3 all
    assert f1 == pytest.approx(100 * (0 + 2 / 3 + 1) / 3)
    assert error == (1 + 0 + 4 + 0) / 4
