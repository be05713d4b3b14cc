"""Which of LightGBM's documented parameters a plan may set, and why it may not set the others.

https://lightgbm.readthedocs.io/en/stable/Parameters.html lists them. `tests/training/learning/test_plan.py` keeps this
list whole: a parameter that a later version adds must be sorted in here before the tests pass.
"""

from difflib import get_close_matches

from features.errors import refusal_phrase
from features.phrase import Phrase

FREE = frozenset(
    {
        # how a tree grows
        "max_depth", "num_leaves", "min_data_in_leaf", "min_sum_hessian_in_leaf", "min_gain_to_split", "max_delta_step",
        "lambda_l1", "lambda_l2", "path_smooth", "extra_trees", "feature_fraction", "feature_fraction_bynode",
        "cegb_tradeoff", "cegb_penalty_split", "monotone_penalty",
        # how many trees, and of which cases
        "num_iterations", "learning_rate", "early_stopping_round", "early_stopping_min_delta",
        "data_sample_strategy", "bagging_fraction", "bagging_freq", "top_rate", "other_rate",
        # categories
        "cat_l2", "cat_smooth", "max_cat_threshold", "max_cat_to_onehot", "min_data_per_group",
        # histograms
        "max_bin", "min_data_in_bin", "bin_construct_sample_cnt", "enable_bundle", "is_enable_sparse",
        "feature_pre_filter", "use_quantized_grad", "num_grad_quant_bins", "quant_train_renew_leaf",
        "stochastic_rounding", "histogram_pool_size",
        # how fast
        "num_threads",
    }
)  # fmt: skip
"""Parameters that a plan may set."""

_REASONS = {
    "seed": (
        "seed", "bagging_seed", "data_random_seed", "drop_seed", "extra_seed", "feature_fraction_seed",
        "objective_seed",
    ),
    "same_trees": (
        "deterministic", "force_row_wise", "force_col_wise",
    ),
    "log_loss": (
        "objective", "metric", "first_metric_only", "num_class", "sigmoid", "boost_from_average", "reg_sqrt", "alpha",
        "auc_mu_weights", "eval_at", "fair_c", "label_gain", "lambdarank_norm",
        "lambdarank_position_bias_regularization", "lambdarank_truncation_level", "multi_error_top_k",
        "poisson_max_delta_step", "tweedie_variance_power", "bagging_by_query", "group_column",
    ),
    "weights": (
        "is_unbalance", "scale_pos_weight", "pos_bagging_fraction", "neg_bagging_fraction", "weight_column",
    ),
    "reasons": (
        "boosting", "linear_tree", "linear_lambda", "drop_rate", "max_drop", "skip_drop", "uniform_drop",
        "xgboost_dart_mode",
    ),
    "directions": (
        "monotone_constraints", "monotone_constraints_method",
    ),
    "categories": (
        "categorical_feature", "use_missing", "zero_as_missing",
    ),
    "places": (
        "interaction_constraints", "feature_contri", "max_bin_by_feature", "cegb_penalty_feature_lazy",
        "cegb_penalty_feature_coupled", "forcedsplits_filename", "forcedbins_filename",
    ),
    "one_process": (
        "device_type", "gpu_device_id", "gpu_device_id_list", "gpu_platform_id", "gpu_use_dp", "num_gpu",
        "tree_learner", "top_k", "num_machines", "machines", "machine_list_filename", "local_listen_port", "time_out",
        "pre_partition",
    ),
    "own_files": (
        "config", "task", "data", "valid", "input_model", "output_model", "output_result", "save_binary",
        "snapshot_freq", "saved_feature_importance_type", "convert_model", "convert_model_language",
        "refit_decay_rate", "header", "label_column", "ignore_column", "two_round", "parser_config_file",
        "precise_float_parser", "verbosity", "metric_freq", "is_provide_training_metric", "predict_contrib",
        "predict_disable_shape_check", "predict_leaf_index", "predict_raw_score", "pred_early_stop",
        "pred_early_stop_freq", "pred_early_stop_margin", "num_iteration_predict", "start_iteration_predict",
    ),
}  # fmt: skip
FIXED = {name: reason for reason, names in _REASONS.items() for name in names}
"""Parameters that a plan may not set, each with the reason: the code of a template `lightgbm_fixed.…`."""

RENAMED = {
    "trees": "num_iterations",
    "patience": "early_stopping_round",
    "leaves": "num_leaves",
    "depth": "max_depth",
    "least_cases": "min_data_in_leaf",
    "features": "feature_fraction",
    "cases": "bagging_fraction",
    "l2": "lambda_l2",
    "threads": "num_threads",
}
"""Keys of plans of version 0.1, and what they are called now."""


def refusal(name: str) -> Phrase | None:
    """Why a plan may not set a parameter of that name; None where it may."""
    if name in FREE:
        return None
    if name in RENAMED:
        return refusal_phrase("plan_parameter_renamed", name=name, now=RENAMED[name])
    if name in FIXED:
        return refusal_phrase("plan_parameter_fixed", name=name, why=FIXED[name])
    near = get_close_matches(name, FREE, n=1)
    if near:
        return refusal_phrase("plan_parameter_unlike", name=name, near=near[0])
    return refusal_phrase("plan_parameter_unknown", name=name)
