// Gradio's sketchpad begins with no tool in hand, and so it does again when it is cleared; it then shows a hint to
// choose one. Whoever draws a digit wants the brush: take it up whenever that hint comes, and let the sheet fill its
// frame, which a clear makes smaller. And name the examples, which are pictures without words.
() => {
  const fit = () => {
    try {
      window.editor.tools.get("zoom").set_zoom("fit");
    } catch {
      // At the start it may not be ready; then it fits by itself as soon as it is.
    }
  };
  const attend = () => {
    for (const hint of document.querySelectorAll(".sketchpad .empty")) {
      hint.closest(".sketchpad").querySelector(".toolbar-wrap button")?.click();
      setTimeout(fit, 100); // the sketchpad goes on clearing for some frames, and undoes an earlier fit
    }
    document.querySelectorAll(".examples .gallery-item").forEach((example, digit) => {
      example.setAttribute("aria-label", `Drawing of a ${digit}`);
    });
  };
  new MutationObserver(attend).observe(document.body, { childList: true, subtree: true });
  attend();
}
