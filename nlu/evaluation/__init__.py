"""How good a model is: figures, calibration, thresholds, cross-validation, the page, the comparison."""
