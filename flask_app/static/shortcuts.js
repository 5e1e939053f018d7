// The keyboard: what each key does. Those that are a single digit or bracket can be switched off, because speech input
// types them by accident.

import { recall, remember } from "./storage.js";

const $ = (id) => document.getElementById(id);

// `actions` has a function for each action. Of `open`, `feedback` takes digits while it asks what a drawing shows, and it
// and `cropper` are closed by Escape.
export function addShortcuts(actions, open) {
  $("single-keys").checked = recall("single-keys", true);
  $("single-keys").addEventListener("change", () => remember("single-keys", $("single-keys").checked));
  document.addEventListener("keydown", (event) => {
    const action = actionOf(event, actions, open);
    if (!action) return;
    event.preventDefault();
    action();
  });
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) {
    for (const key of document.querySelectorAll(".command")) key.textContent = "\u2318";
  }
}

function actionOf(event, { submit, clear, undo, redo, setBrush }, { feedback, cropper }) {
  const command = event.ctrlKey || event.metaKey;
  const single = $("single-keys").checked;
  // Where the focus is on something that uses Enter or Backspace itself, it keeps them.
  const busy = event.target.closest?.("button, a, input[type=file], input[type=checkbox]");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (/^[0-9]$/.test(key)) return single && !command && !event.altKey && feedback.open && (() => feedback.say(Number(key)));
  return {
    Enter: !command && !busy && submit,
    // It never clears a drawing.
    Escape: cropper.open ? () => cropper.close() : feedback.choosing && (() => feedback.closeChoices()),
    Delete: clear,
    Backspace: !command && !busy && clear,
    z: command && (event.shiftKey ? redo : undo),
    y: command && redo,
    "[": single && (() => setBrush(-1)), // with any modifier: some keyboards need AltGr for a bracket
    "]": single && (() => setBrush(1)),
  }[key];
}
