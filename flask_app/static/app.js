// Puts the page together: what is on the sheet, and when to ask what it shows.

import { debounce, PredictClient } from "./api.js";
import { addExamples } from "./examples.js";
import { Feedback } from "./feedback.js";
import { kindOf, toPicture } from "./files.js";
import * as messages from "./messages.js";
import { Pad } from "./pad.js";
import { Retry } from "./retry.js";
import { addShortcuts } from "./shortcuts.js";
import { recall, remember } from "./storage.js";
import { PICTURE_SIDE, toPng } from "./strokes.js";
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);
const desk = $("desk");
const client = new PredictClient(desk.dataset.predictUrl);
const feedback = new Feedback(desk.dataset.feedbackUrl);
const maxUpload = Number(desk.dataset.maxUploadBytes);

// What is on the sheet: strokes or a picture file, and a note on it. A state is replaced, never changed, except for the
// stroke that is being drawn, so undo goes back to the state before. `changes` counts that stroke's growth too.
const BLANK = { strokes: [], picture: null };
const past = [];
const future = []; // what was undone
let now = BLANK;
let changes = 0;
let announcing = 0;

const isBlank = () => now.picture === null && now.strokes.length === 0;
const liveAsk = debounce(() => retry.paused || ask(), 120, 350);
const retry = new Retry(() => ask({ repeated: true }));

const pad = new Pad($("canvas"), {
  begin: (stroke) => {
    document.activeElement?.blur(); // so that Enter submits, and does not press the button that was clicked last
    become({ strokes: [...now.strokes, stroke], picture: null }); // a picture is replaced
    liveAsk();
  },
  grow: () => {
    changes += 1;
    clearTimeout(announcing);
    liveAsk();
  },
  end: () => {
    keepDrawing();
    liveAsk();
  },
});

// Put another state on the sheet; `next` is new, unless it comes from the past or the future.
function become(next, { isNew = true } = {}) {
  if (isNew) {
    past.push(now);
    future.length = 0;
  }
  if (next.picture !== now.picture) view.showPicture(next.picture, next.name);
  now = next;
  changes += 1;
  clearTimeout(announcing);
  feedback.hide(); // until there is an answer to this
  pad.show(now.strokes);
  view.showTools({ empty: isBlank(), undoable: past.length > 0, redoable: future.length > 0 });
  keepDrawing();
  if (isBlank()) {
    client.cancel();
    retry.cancel();
    liveAsk.cancel();
    view.showWaiting(false);
    view.showEmpty();
  }
}

// Ask what is on the sheet. An answer that the visitor asked for is announced at once, a live one when the pen has
// rested. `repeated` is an attempt that the page makes by itself.
async function ask({ aloud = false, repeated = false } = {}) {
  liveAsk.cancel();
  retry.cancel();
  if (isBlank()) return;
  const slow = setTimeout(() => view.showWaiting(true), 250);
  const [drawing, asked] = [now, changes];
  const picture = now.picture ?? toPng(now.strokes);
  const result = await client.ask(picture);
  clearTimeout(slow);
  if (result === null) return; // replaced by a later request, which will be answered
  view.showWaiting(false);
  clearTimeout(announcing);
  if (result.problem) {
    if (result.problem.code === "blank_image" && !drawing.picture) {
      view.showEmpty(); // all is erased
      return hint(messages.NO_INK);
    }
    view.showNotice(messages.describeProblem(result.problem), { retry: result.problem.retry, repeated });
    feedback.hide();
    if (result.problem.retry) retry.schedule(result.problem.wait);
    return;
  }
  retry.succeed();
  view.showAnswer(result.answer, { again: aloud });
  if (drawing.note) view.showNotice(drawing.note, { gentle: true });
  if (asked !== changes || pad.drawing) return; // the drawing goes on, and so will the answers
  feedback.ask(result.answer, drawing, picture);
  announcing = setTimeout(() => view.announce(result.answer), aloud ? 0 : 1000);
}

function submit() {
  if (isBlank()) return hint(messages.NO_INK);
  $("answer").scrollIntoView({ block: "nearest" });
  ask({ aloud: true });
}

function clear() {
  if (!isBlank() && !pad.drawing) become(BLANK);
}

function undo() {
  if (past.length === 0 || pad.drawing) return;
  future.push(now);
  become(past.pop(), { isNew: false });
  ask();
}

function redo() {
  if (future.length === 0 || pad.drawing) return;
  past.push(now);
  become(future.pop(), { isNew: false });
  ask();
}

function setErasing(erasing) {
  pad.erasing = erasing;
  view.showErasing(erasing);
}

// A drawing survives a reload of the page, but not the end of the visit.
function keepDrawing() {
  remember("strokes", now.strokes, { untilClosed: true });
}

function restoreDrawing() {
  const strokes = recall("strokes", [], { untilClosed: true });
  if (strokes.length > 0) {
    become({ strokes, picture: null });
    ask();
  }
}

function hint(message) {
  view.showNotice(message, { gentle: true });
}

// Take the first of the files: as it is if the server opens its kind, else as a PNG if the browser does.
async function upload(files) {
  const file = files[0];
  if (pad.drawing) return;
  if (file.size === 0) return hint(messages.describeEmptyFile(file.name));
  if (file.size > maxUpload) return hint(messages.describeLargeFile(file.size, maxUpload));
  const before = changes;
  const kind = await kindOf(file);
  // A file of an unknown kind may be a picture all the same, unless it says that it is not.
  if (kind === null && file.type && !file.type.startsWith("image/")) return hint(messages.describeNoPicture(file.name));
  const picture = kind ? await toPicture(file, kind) : file;
  if (before !== changes || pad.drawing) return; // the visitor went on
  if (!picture) return hint(messages.describeFile(file.name, kind));
  const note = files.length > 1 ? messages.describeOthers(file.name, files.length) : null;
  become({ strokes: [], picture, name: file.name, note });
  ask({ aloud: true });
}

function setBrush(step = 0) {
  if (step > 0) $("brush").stepUp();
  if (step < 0) $("brush").stepDown();
  pad.brush = $("brush").valueAsNumber / PICTURE_SIDE;
  remember("brush", $("brush").value);
}

function onDrag(event) {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault(); // otherwise the browser leaves the page to show the file
  $("sheet").classList.toggle("dropping", event.type === "dragover");
}

function onDrop(event) {
  onDrag(event);
  if (event.dataTransfer.files.length > 0) upload([...event.dataTransfer.files]);
}

function onPaste(event) {
  if (event.clipboardData.files.length > 0) upload([...event.clipboardData.files]);
  else hint(messages.NO_PICTURE_TO_PASTE);
}

$("submit").addEventListener("click", submit);
$("clear").addEventListener("click", clear);
$("undo").addEventListener("click", undo);
$("redo").addEventListener("click", redo);
$("eraser").addEventListener("click", () => setErasing(!pad.erasing));
addExamples($("examples"), (strokes) => {
  become({ strokes, picture: null });
  $("submit").focus(); // the examples are hidden now
  ask({ aloud: true });
});
addShortcuts({ submit, clear, undo, redo, setBrush }, feedback);
$("retry").addEventListener("click", submit);
$("brush").addEventListener("input", () => setBrush());
$("file").addEventListener("change", (event) => {
  if (event.target.files.length > 0) upload([...event.target.files]);
  event.target.value = ""; // so that the same file can be chosen again
});
document.addEventListener("paste", onPaste);
document.addEventListener("dragover", onDrag);
document.addEventListener("dragleave", onDrag);
document.addEventListener("drop", onDrop);

$("brush").value = recall("brush", $("brush").value);
setBrush();
view.showTools({ empty: true, undoable: false, redoable: false });
restoreDrawing();
