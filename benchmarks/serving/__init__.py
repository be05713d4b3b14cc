"""Complete assessments a second against the bare score of the same trees by `mlflow models serve`."""
