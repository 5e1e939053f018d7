"""MNIST-sized images enlarged for the page, black on white in both themes."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

PAPER = 255


def enlarge(image: NDArray[np.uint8], scale: int = 4) -> NDArray[np.uint8]:
    """Enlarge an image by whole pixels, without smoothing.

    Args:
        image: Shape (h, w), uint8, 0 background to 255 full ink.
        scale: Pixels on the screen for each of the image.

    Returns:
        Shape (h * scale, w * scale), uint8, black ink on white.
    """
    return (PAPER - image).repeat(scale, 0).repeat(scale, 1)


def lay_out(images: NDArray[np.uint8], columns: int, scale: int = 2, gap: int = 4) -> NDArray[np.uint8]:
    """Arrange images in rows.

    Args:
        images: Shape (n, h, w), uint8, 0 background to 255 full ink; at least one.
        columns: Images in a row.
        scale: As for `enlarge`.
        gap: White space between two images, in pixels on the screen.

    Returns:
        One picture, uint8, black ink on white.
    """
    height, width = images.shape[1] * scale + gap, images.shape[2] * scale + gap
    rows = -(-len(images) // columns)
    paper = np.full((rows * height + gap, columns * width + gap), PAPER, np.uint8)
    for place, image in enumerate(images):
        top, left = gap + place // columns * height, gap + place % columns * width
        paper[top : top + height - gap, left : left + width - gap] = enlarge(image, scale)
    return paper


def show_gallery(
    images: Sequence[NDArray[np.uint8]],
    captions: Sequence[str],
    *,
    alts: Sequence[str],
    key: str = "",
    on_select: Callable[[int], None] | None = None,
) -> None:
    """Show images side by side, wrapping at the window's width.

    Args:
        images: Each (28, 28), uint8, 0 background to 255 full ink.
        captions: A line under each, Markdown.
        alts: Each image in words.
        key: Makes the keys of the buttons unique on the page.
        on_select: Called with the position of the image whose button was pressed; without it there are no buttons.
    """
    with st.container(horizontal=True, gap="xsmall"):  # three on a phone
        for position, (image, caption, alt) in enumerate(zip(images, captions, alts, strict=True)):
            with st.container(width=112, gap="xsmall"):
                st.image(enlarge(image), width=112, alt=alt, output_format="PNG")
                if on_select is None:
                    st.caption(caption)
                elif st.button(caption, key=f"{key}-{position}", type="tertiary", help=f"Look at {alt}"):
                    on_select(position)
