"""A drawing of each digit as SVG paths, for visitors who want to see an answer before they draw."""

Points = list[tuple[float, float]]

STROKES: dict[int, list[Points]] = {
    0: [[(0.55, 0.12), (0.35, 0.22), (0.26, 0.5), (0.34, 0.79), (0.52, 0.87), (0.7, 0.74), (0.75, 0.46), (0.66, 0.2),
         (0.5, 0.12)]],
    1: [[(0.38, 0.28), (0.53, 0.13), (0.5, 0.5), (0.48, 0.88)]],
    2: [[(0.28, 0.3), (0.42, 0.15), (0.62, 0.18), (0.68, 0.36), (0.5, 0.62), (0.27, 0.84)],
        [(0.27, 0.84), (0.5, 0.82), (0.76, 0.85)]],
    3: [[(0.3, 0.2), (0.5, 0.12), (0.66, 0.22), (0.62, 0.39), (0.45, 0.47)],
        [(0.45, 0.47), (0.66, 0.55), (0.7, 0.73), (0.53, 0.87), (0.29, 0.8)]],
    4: [[(0.42, 0.13), (0.33, 0.37), (0.24, 0.57)], [(0.24, 0.57), (0.5, 0.57), (0.78, 0.54)],
        [(0.64, 0.3), (0.61, 0.6), (0.58, 0.9)]],
    5: [[(0.36, 0.15), (0.34, 0.32), (0.31, 0.47)],
        [(0.31, 0.47), (0.52, 0.4), (0.7, 0.53), (0.67, 0.76), (0.48, 0.88), (0.27, 0.81)],
        [(0.36, 0.15), (0.53, 0.15), (0.72, 0.13)]],
    6: [[(0.63, 0.12), (0.43, 0.3), (0.31, 0.57), (0.34, 0.8), (0.52, 0.89), (0.68, 0.76), (0.64, 0.57), (0.48, 0.52),
         (0.33, 0.66)]],
    7: [[(0.25, 0.17), (0.5, 0.16), (0.76, 0.15)], [(0.76, 0.15), (0.6, 0.43), (0.48, 0.68), (0.41, 0.9)]],
    8: [[(0.66, 0.22), (0.5, 0.12), (0.34, 0.23), (0.4, 0.4), (0.6, 0.54), (0.69, 0.73), (0.51, 0.88), (0.32, 0.75),
         (0.41, 0.55), (0.62, 0.37), (0.66, 0.22)]],
    9: [[(0.68, 0.26), (0.52, 0.13), (0.34, 0.24), (0.35, 0.43), (0.51, 0.49), (0.66, 0.36), (0.68, 0.26)],
        [(0.68, 0.26), (0.67, 0.55), (0.59, 0.89)]],
}  # fmt: skip
"""Strokes by digit, as points (x, y) of a unit square, y down; a smooth line runs through each stroke's points."""


def svg_path(points: Points) -> str:
    """A smooth line through points, as the `d` of an SVG path.

    Each piece of the Catmull-Rom spline through the points is written as the cubic Bezier curve it equals.
    """
    through = [points[0], *points, points[-1]]
    pieces = [f"M{points[0][0]:.3f} {points[0][1]:.3f}"]
    for before, start, end, after in zip(through, through[1:], through[2:], through[3:], strict=False):
        controls = [
            *(s + (e - b) / 6 for b, s, e in zip(before, start, end, strict=True)),
            *(e - (a - s) / 6 for s, e, a in zip(start, end, after, strict=True)),
        ]
        pieces.append("C" + " ".join(f"{value:.3f}" for value in (*controls, *end)))
    return "".join(pieces)


PATHS = {digit: [svg_path(stroke) for stroke in strokes] for digit, strokes in STROKES.items()}
"""The strokes of each digit as SVG paths in a unit square."""
