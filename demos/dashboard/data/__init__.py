"""Data on the pages: CSV files inspected, MNIST read, augmentation shown."""
