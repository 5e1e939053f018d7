"""How right a model is: figures, calibration, predictions and plots. Needs no Keras."""
