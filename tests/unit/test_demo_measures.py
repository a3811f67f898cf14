"""The demo's measures of model-free pictures: right on true ones, wrong on others."""

from __future__ import annotations

import numpy as np
import pytest

from training.dolls.pictures import drawn_triple
from training.scoring.jobs import model_free_figures

TRIPLES = [drawn_triple(7_000_000 + i) for i in range(40)]
TRUE = [triple.target.rgb for triple in TRIPLES]


def test_true_pictures_are_right():
    figures = model_free_figures(TRUE, TRIPLES)
    assert min(figures.values()) >= 0.95, figures


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param([*TRUE[1:], TRUE[0]], id="others' pictures"),
        pytest.param([np.full_like(one, 128) for one in TRUE], id="gray"),
    ],
)
def test_other_pictures_are_not(pictures):
    figures = model_free_figures(pictures, TRIPLES)
    assert max(figures.values()) <= 0.45, figures
