"""Contributions from tables against LightGBM, the shap package and WOODELF on the same trees and rows."""
