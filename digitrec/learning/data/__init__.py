"""Training data: labelled images, from MNIST and CSV files to what a run trains on. Needs no Keras."""
