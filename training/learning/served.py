"""What `mlflow models serve` runs for a registered model: the bundle's own arithmetic, features in, probability out.

MLflow keeps this file as code beside the bundle, so that no pickle is ever written or read. Loading runs the self-test.
The wheel of PledgeScore is installed where it serves, from where it was built: it is in no requirement of the model.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from features.arrays import Floats
from features.policy import shipped
from models.score.bundle import Bundle, load
from models.score.scale import probability
from models.shap.contributions import margins


class Served(PythonModel):
    """A bundle as MLflow asks it: a data frame of the features by name, in any order."""

    bundle: Bundle

    def load_context(self, context: PythonModelContext) -> None:
        """Load the bundle; raises `BundleRefused` where the self-test fails."""
        self.bundle = load(Path(context.artifacts["bundle"]), shipped())

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 (MLflow calls it so)
        model_input: pd.DataFrame,
        params: dict[str, object] | None = None,  # noqa: ARG002
    ) -> Floats:
        """The probability of each row, float64."""
        numbers = model_input[list(self.bundle.features)].to_numpy(dtype=np.float64)
        return probability(self.bundle.calibration.log_odds(margins(self.bundle.booster, numbers)))


set_model(Served())
