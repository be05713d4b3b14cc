"""Exact SHAP values of LightGBM trees, by tables and a compiled kernel."""
