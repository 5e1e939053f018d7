"""MNIST's images, read once for all pages and sessions."""

import streamlit as st

from digitrec.errors import DatasetError
from digitrec.learning.data import mnist
from digitrec.learning.data.examples import Examples


@st.cache_resource(show_spinner="Reading MNIST…")
def _load() -> tuple[Examples, Examples]:
    return mnist.load_mnist()


def mnist_images() -> tuple[Examples, Examples] | None:
    """Get the training and test images; None, with a message on the page, if MNIST is not on this machine."""
    if not mnist.mnist_is_here():
        st.warning(
            "MNIST is not on this machine yet. Training or evaluating downloads it. Or set DIGITREC_DATA_DIR to a"
            " folder that holds Keras' mnist.npz."
        )
        return None
    try:
        return _load()
    except DatasetError as error:
        st.error(str(error))
        return None


def find_mnist_images() -> tuple[Examples, Examples] | None:
    """Get the training and test images; None, without a word, if they cannot be read."""
    try:
        return _load() if mnist.mnist_is_here() else None
    except DatasetError:
        return None
