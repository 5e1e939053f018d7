// Gradio's sketchpad begins with no tool in hand, and so it does again when it is cleared; it then shows a hint to
// choose one. Whoever draws a digit wants the brush: take it up whenever that hint comes. And name the examples, which
// are pictures without words.
() => {
  const attend = () => {
    for (const hint of document.querySelectorAll(".sketchpad .empty")) {
      hint.closest(".sketchpad").querySelector(".toolbar-wrap button")?.click();
    }
    document.querySelectorAll(".examples .gallery-item").forEach((example, digit) => {
      example.setAttribute("aria-label", `Drawing of a ${digit}`);
    });
  };
  new MutationObserver(attend).observe(document.body, { childList: true, subtree: true });
  attend();
}
