"""Small images made large enough to look at, black on white as on paper, in both themes."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

PAPER = 255


def tile(image: NDArray[np.uint8], scale: int = 4) -> NDArray[np.uint8]:
    """Enlarge an image by whole pixels, without smoothing.

    Args:
        image: Shape (h, w), uint8, 0 background to 255 full ink.
        scale: Pixels on the screen for each of the image.

    Returns:
        Shape (h * scale, w * scale), uint8, black ink on white.
    """
    return (PAPER - image).repeat(scale, 0).repeat(scale, 1)


def sheet(images: NDArray[np.uint8], columns: int, scale: int = 2, gap: int = 4) -> NDArray[np.uint8]:
    """Lay images out in rows.

    Args:
        images: Shape (n, h, w), uint8, 0 background to 255 full ink; at least one.
        columns: Images in a row.
        scale: As for `tile`.
        gap: Paper between two images, in pixels on the screen.

    Returns:
        One picture, uint8, black ink on white.
    """
    height, width = images.shape[1] * scale + gap, images.shape[2] * scale + gap
    rows = -(-len(images) // columns)
    paper = np.full((rows * height + gap, columns * width + gap), PAPER, np.uint8)
    for place, image in enumerate(images):
        top, left = gap + place // columns * height, gap + place % columns * width
        paper[top : top + height - gap, left : left + width - gap] = tile(image, scale)
    return paper


def gallery(
    images: Sequence[NDArray[np.uint8]],
    captions: Sequence[str],
    *,
    alts: Sequence[str],
    key: str = "",
    on_look: Callable[[int], None] | None = None,
) -> None:
    """Show images side by side, in as many rows as the window is wide for.

    Args:
        images: Each (28, 28), uint8, 0 background to 255 full ink.
        captions: A line under each, Markdown.
        alts: Each image in words.
        key: Sets the buttons apart from those of other galleries.
        on_look: Called with the position of the image whose button was pressed; without it there are no buttons.
    """
    with st.container(horizontal=True, gap="xsmall"):  # three on a phone
        for position, (image, caption, alt) in enumerate(zip(images, captions, alts, strict=True)):
            with st.container(width=112, gap="xsmall"):
                st.image(tile(image), width=112, alt=alt, output_format="PNG")
                if on_look is None:
                    st.caption(caption)
                elif st.button(caption, key=f"{key}-{position}", type="tertiary", help=f"Look at {alt}"):
                    on_look(position)
