// Drawings to try the page with, for visitors who cannot draw or do not want to: strokes of points, as fractions of the
// sheet's side.

import { words } from "./language.js";

const WIDTH = 0.06;

const EXAMPLES = {
  two: [[[0.3, 0.32], [0.36, 0.2], [0.5, 0.14], [0.64, 0.2], [0.69, 0.33], [0.64, 0.47], [0.5, 0.62], [0.3, 0.84],
    [0.5, 0.84], [0.74, 0.83]]],
  four: [[[0.56, 0.13], [0.44, 0.36], [0.27, 0.6], [0.5, 0.6], [0.77, 0.58]], [[0.62, 0.38], [0.61, 0.62], [0.6, 0.88]]],
  nine: [[[0.67, 0.3], [0.58, 0.17], [0.44, 0.15], [0.34, 0.26], [0.35, 0.4], [0.47, 0.48], [0.6, 0.43], [0.67, 0.3],
    [0.67, 0.5], [0.64, 0.7], [0.6, 0.88]]],
  star: [[[0.5, 0.12], [0.62, 0.84], [0.16, 0.36], [0.85, 0.36], [0.37, 0.85], [0.5, 0.12]]],
};

// Add a button with a picture for each example; `choose` is called with its strokes.
export function addExamples(container, choose) {
  for (const [name, lines] of Object.entries(EXAMPLES)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tool";
    button.title = button.ariaLabel = words.examples[name];
    button.append(thumbnail(lines));
    button.addEventListener("click", () => choose(lines.map((points) => ({ width: WIDTH, points }))));
    container.append(button);
  }
}

function thumbnail(lines) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 1 1");
  svg.setAttribute("aria-hidden", "true");
  for (const points of lines) {
    const line = document.createElementNS(svg.namespaceURI, "polyline");
    line.setAttribute("points", points.join(" "));
    svg.append(line);
  }
  return svg;
}
