// Puts the page together: what is on the sheet, and when to ask what it shows.

import { Asker, debounce } from "./api.js";
import { Feedback } from "./feedback.js";
import { Pad } from "./pad.js";
import { PICTURE_SIDE, toPng } from "./strokes.js";
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);
const desk = $("desk");
const asker = new Asker(desk.dataset.predictUrl);
const feedback = new Feedback(desk.dataset.feedbackUrl);
const maxUpload = Number(desk.dataset.maxUploadBytes);

// What is on the sheet: strokes or a picture file. States are never changed, only replaced, but
// for the stroke being drawn; so undo is going back to the one before.
const BLANK = { strokes: [], picture: null };
const past = [];
let now = BLANK;
let speaking = 0;

const isBlank = () => now.picture === null && now.strokes.length === 0;
const liveAsk = debounce(() => ask(), 120, 350);

const pad = new Pad($("canvas"), {
  begin: (stroke) => {
    become({ strokes: [...now.strokes, stroke], picture: null }); // on a picture: starts afresh
    liveAsk();
  },
  grow: liveAsk,
  end: liveAsk,
});

function become(next, { remember = true } = {}) {
  if (remember) past.push(now);
  if (next.picture !== now.picture) view.showPicture(next.picture);
  now = next;
  clearTimeout(speaking);
  pad.show(now.strokes);
  view.showTools({ empty: isBlank(), undoable: past.length > 0 });
  if (isBlank()) {
    asker.cancel();
    liveAsk.cancel();
    view.showWaiting(false);
    view.showEmpty();
    feedback.hide();
  }
}

// Ask what is on the sheet. An answer asked for is spoken at once; one that came by itself, when
// the pen has rested for a while.
async function ask({ aloud = false } = {}) {
  liveAsk.cancel();
  if (isBlank()) return;
  const slow = setTimeout(() => view.showWaiting(true), 250);
  const drawing = now;
  const picture = now.picture ?? toPng(now.strokes);
  const result = await asker.ask(picture);
  clearTimeout(slow);
  if (result === null) return; // overtaken; what overtook it will answer
  view.showWaiting(false);
  clearTimeout(speaking);
  if (result.problem) {
    view.showNotice(result.problem.message, { retry: result.problem.retry });
    feedback.hide();
    return;
  }
  view.showAnswer(result.answer);
  feedback.ask(result.answer, drawing, picture);
  speaking = setTimeout(() => view.announce(result.answer), aloud ? 0 : 1000);
}

function submit() {
  if (isBlank()) {
    view.showNotice("There is no ink yet. Draw a digit first.", { gentle: true });
    return;
  }
  $("answer").scrollIntoView({ block: "nearest" });
  ask({ aloud: true });
}

function clear() {
  if (!isBlank() && !pad.drawing) become(BLANK);
}

function undo() {
  if (past.length === 0 || pad.drawing) return;
  become(past.pop(), { remember: false });
  ask();
}

function upload(file) {
  if (pad.drawing) return;
  // A file without a type may be a picture all the same; the server will tell.
  if (file.size === 0 || (file.type && !file.type.startsWith("image/"))) {
    const message = `\u201c${file.name}\u201d is no picture; choose a PNG, JPEG, WebP or GIF.`;
    view.showNotice(message, { gentle: true });
    return;
  }
  if (file.size > maxUpload) {
    const mb = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
    const message = `This picture has ${mb(file.size)} MB; at most ${mb(maxUpload)} MB are read.`;
    view.showNotice(message, { gentle: true });
    return;
  }
  become({ strokes: [], picture: file });
  ask({ aloud: true });
}

function setBrush(step = 0) {
  if (step > 0) $("brush").stepUp();
  if (step < 0) $("brush").stepDown();
  pad.brush = $("brush").valueAsNumber / PICTURE_SIDE;
}

function onKey(event) {
  const command = event.ctrlKey || event.metaKey;
  // Where focus is on something that Enter or Backspace already works, it keeps them.
  const busy = event.target.closest?.("button, a, input[type=file]");
  const action = {
    Enter: !command && !busy && submit,
    Escape: clear,
    Delete: clear,
    Backspace: !command && !busy && clear,
    z: command && !event.shiftKey && undo,
    "[": () => setBrush(-1), // whatever is held down: some keyboards need AltGr for a bracket
    "]": () => setBrush(1),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? correction(event, command);
  if (!action) return;
  event.preventDefault();
  action();
}

// A digit's key says what the drawing really is.
function correction(event, command) {
  if (command || event.altKey || !/^[0-9]$/.test(event.key) || !feedback.open) return null;
  return () => feedback.say(Number(event.key));
}

function onDrag(event) {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault(); // or the browser would leave the page to show the file
  $("sheet").classList.toggle("dropping", event.type === "dragover");
}

function onDrop(event) {
  onDrag(event);
  if (event.dataTransfer.files.length > 0) upload(event.dataTransfer.files[0]);
}

function onPaste(event) {
  const file = event.clipboardData.files[0];
  if (file) upload(file);
  else view.showNotice("There is no picture on the clipboard.", { gentle: true });
}

$("submit").addEventListener("click", submit);
$("clear").addEventListener("click", clear);
$("undo").addEventListener("click", undo);
$("retry").addEventListener("click", submit);
$("brush").addEventListener("input", () => setBrush());
$("file").addEventListener("change", (event) => {
  if (event.target.files.length > 0) upload(event.target.files[0]);
  event.target.value = ""; // so that the same file can be chosen again
});
document.addEventListener("keydown", onKey);
document.addEventListener("paste", onPaste);
document.addEventListener("dragover", onDrag);
document.addEventListener("dragleave", onDrag);
document.addEventListener("drop", onDrop);

if (/Mac|iP(hone|ad)/.test(navigator.platform)) {
  for (const key of document.querySelectorAll(".command")) key.textContent = "\u2318";
}
setBrush();
view.showTools({ empty: true, undoable: false });
