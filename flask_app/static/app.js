// Puts the page together: the sheet, what is asked about it, and the tools beside it.

import { Answers } from "./answers.js";
import { Corrections } from "./corrections.js";
import { Cropper } from "./cropper.js";
import { addExamples } from "./examples.js";
import { Explainer } from "./explainer.js";
import { Feedback } from "./feedback.js";
import { words } from "./language.js";
import { Pad } from "./pad.js";
import { SHEET_HEIGHT } from "./picture.js";
import { Recognizer } from "./recognizer.js";
import { Sheet } from "./sheet.js";
import { addShortcuts } from "./shortcuts.js";
import { recall, remember } from "./storage.js";
import { addUploads } from "./uploads.js";
import * as view from "./view.js";
import { Why } from "./why.js";

const $ = (id) => document.getElementById(id);
const options = $("desk").dataset;
const feedback = new Feedback(new Corrections(options));
const sheet = new Sheet(showSheet);
const pad = new Pad($("canvas"), {
  holds: (point) => answers.digitAt(point) >= 0,
  tap: (point) => answers.choose(answers.digitAt(point)),
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
const why = new Why(new Explainer(options));
const answers = new Answers({ recognizer: new Recognizer(options), sheet, pad, feedback, why });
const cropper = new Cropper((frame) => showPhoto(sheet.now.photo.cropped(frame)));
let shown = null; // the photograph on the sheet

function showSheet() {
  const { strokes, photo } = sheet.now;
  if (photo !== shown) {
    view.showPhoto(photo);
    answers.hideReading();
    why.hide(); // it belongs to what was there before
  }
  shown = photo;
  cropper.close();
  answers.hush();
  feedback.hide(); // until there is an answer to this
  pad.show(strokes);
  const { blank, undoable, redoable } = sheet;
  view.showTools({ empty: blank, undoable, redoable, photo: photo?.editable ?? false });
  if (blank) answers.stop();
}

function showPhoto(photo, note = null) {
  sheet.become({ photo, note });
  answers.ask({ aloud: true });
}

function submit() {
  if (sheet.blank) return view.showNotice(words.noInk, { gentle: true });
  $("answer").scrollIntoView({ block: "nearest" });
  answers.ask({ aloud: true });
}

// What changes the whole sheet waits until the pen is up.
function unlessDrawing(action) {
  return () => pad.drawing || action();
}

function askAgain() {
  if (!sheet.blank) answers.ask();
}

const clear = unlessDrawing(() => sheet.clear());
const undo = unlessDrawing(() => {
  sheet.undo();
  askAgain();
});
const redo = unlessDrawing(() => {
  sheet.redo();
  askAgain();
});
const widen = unlessDrawing(() => {
  sheet.widen(!sheet.wide);
  view.showWide(sheet.wide);
  cropper.close();
  askAgain();
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

const turn = () => showPhoto(sheet.now.photo.turned());
const crop = () => cropper.start(sheet.picture(), sheet.ratio);
const buttons = { submit, clear, undo, redo, wide: widen, retry: submit, turn, "crop-start": crop };
for (const [name, action] of Object.entries(buttons)) $(name).addEventListener("click", action);
$("eraser").addEventListener("click", () => setErasing(!pad.erasing));
$("brush").addEventListener("input", () => setBrush());
addShortcuts({ submit, clear, undo, redo, setBrush }, { feedback, cropper });
addExamples($("examples"), (strokes) => {
  const middle = (sheet.ratio - 1) / 2;
  sheet.become({
    strokes: strokes.map(({ width, points }) => ({ width, points: points.map(([x, y]) => [x + middle, y]) })),
  });
  $("submit").focus(); // the examples are hidden now
  answers.ask({ aloud: true });
});
addUploads({
  maxBytes: Number(options.maxUploadBytes),
  busy: () => (pad.drawing ? null : sheet.changes),
  show: showPhoto,
});

$("brush").value = recall("brush", $("brush").value);
setBrush();
view.showWide(sheet.wide);
showSheet();
sheet.restore();
askAgain();
