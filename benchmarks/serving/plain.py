"""What one would write in an afternoon: FastAPI, LightGBM's score and shap's contributions from ready features.

MODEL=model.lgb uvicorn --factory benchmarks.serving.plain:made
"""

import os

import lightgbm as lgb
import numpy as np
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel


class Asked(BaseModel):
    """Rows of ready features; None is not known."""

    columns: list[str]
    data: list[list[float | None]]


def made() -> FastAPI:
    """The application, its model read once."""
    import shap

    booster = lgb.Booster(model_file=os.environ["MODEL"])
    explainer = shap.TreeExplainer(booster)
    app = FastAPI()

    @app.post("/explain")
    def explain(asked: Asked) -> dict[str, list[float] | list[list[float]]]:
        frame = pd.DataFrame(asked.data, columns=asked.columns, dtype="float64")
        scores = booster.predict(frame, num_threads=1)
        return {
            "scores": np.asarray(scores).tolist(),
            "contributions": np.asarray(explainer.shap_values(frame)).tolist(),
        }

    @app.get("/healthz")
    def healthz() -> dict[str, bool]:
        return {"alive": True}

    return app
