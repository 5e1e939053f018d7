// Puts the page together: the sheet, what is asked about it, and the tools beside it.

import { Answers } from "./answers.js";
import { Corrections } from "./corrections.js";
import { addExamples } from "./examples.js";
import { Feedback } from "./feedback.js";
import * as messages from "./messages.js";
import { Pad } from "./pad.js";
import { pictureOfStrokes, SHEET_HEIGHT } from "./picture.js";
import { Recognizer } from "./recognizer.js";
import { Sheet } from "./sheet.js";
import { addShortcuts } from "./shortcuts.js";
import { recall, remember } from "./storage.js";
import { addUploads } from "./uploads.js";
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);
const options = $("desk").dataset;
const feedback = new Feedback(new Corrections(options));
const sheet = new Sheet(showSheet);
const pad = new Pad($("canvas"), {
  begin: (stroke) => {
    document.activeElement?.blur(); // so that Enter submits, and does not press the button that was clicked last
    sheet.begin(stroke);
    answers.askSoon();
  },
  grow: () => {
    sheet.grow();
    answers.hush();
    answers.askSoon();
  },
  end: () => {
    sheet.keep();
    answers.askSoon();
  },
});
const answers = new Answers({ recognizer: new Recognizer(options), sheet, pad, feedback, pictureOf });
let shown = null; // the photograph on the sheet

function pictureOf({ strokes, photo }) {
  return photo ? photo.picture(1) : pictureOfStrokes(strokes, 1);
}

function showSheet() {
  const { strokes, photo } = sheet.now;
  if (photo !== shown) view.showPhoto(photo);
  shown = photo;
  answers.hush();
  feedback.hide(); // until there is an answer to this
  pad.show(strokes);
  view.showTools({ empty: sheet.blank, undoable: sheet.undoable, redoable: sheet.redoable });
  if (sheet.blank) answers.stop();
}

function submit() {
  if (sheet.blank) return view.showNotice(messages.NO_INK, { gentle: true });
  $("answer").scrollIntoView({ block: "nearest" });
  answers.ask({ aloud: true });
}

// What changes the whole sheet waits until the pen is up.
function unlessDrawing(action) {
  return () => pad.drawing || action();
}

const clear = unlessDrawing(() => sheet.clear());
const undo = unlessDrawing(() => {
  sheet.undo();
  if (!sheet.blank) answers.ask();
});
const redo = unlessDrawing(() => {
  sheet.redo();
  if (!sheet.blank) answers.ask();
});

function setErasing(erasing) {
  pad.erasing = erasing;
  view.showErasing(erasing);
}

function setBrush(step = 0) {
  if (step > 0) $("brush").stepUp();
  if (step < 0) $("brush").stepDown();
  pad.brush = $("brush").valueAsNumber / SHEET_HEIGHT;
  remember("brush", $("brush").value);
}

for (const [name, action] of Object.entries({ submit, clear, undo, redo, retry: submit })) {
  $(name).addEventListener("click", action);
}
$("eraser").addEventListener("click", () => setErasing(!pad.erasing));
$("brush").addEventListener("input", () => setBrush());
addShortcuts({ submit, clear, undo, redo, setBrush }, feedback);
addExamples($("examples"), (strokes) => {
  sheet.become({ strokes });
  $("submit").focus(); // the examples are hidden now
  answers.ask({ aloud: true });
});
addUploads({
  maxBytes: Number(options.maxUploadBytes),
  busy: () => (pad.drawing ? null : sheet.changes),
  show: (photo, note) => {
    sheet.become({ photo, note });
    answers.ask({ aloud: true });
  },
});

$("brush").value = recall("brush", $("brush").value);
setBrush();
showSheet();
sheet.restore();
if (!sheet.blank) answers.ask();
