// The drawing pad. Gradio runs this once with `element`, `props` and `trigger`; see `gradio.HTML`.
//
// A drawing is a list of strokes, so that Undo takes one back. Each change gets a number; the answer that comes back
// carries the number of its drawing, and an answer to an earlier drawing is marked as such. The strokes are kept in the
// tab's storage, because Gradio loads the page again when it has lost the connection.

const canvas = element.querySelector("canvas");
const context = canvas.getContext("2d");
const buttons = Object.fromEntries([...element.querySelectorAll("[data-tool]")].map((b) => [b.dataset.tool, b]));
const desk = element.closest(".desk");

const kept = JSON.parse(sessionStorage.getItem(props.storage)) ?? { strokes: [], number: 0, retries: 0 };
let current = null;
let tool = "pen";

function applyStyle(stroke) {
  const erases = stroke.tool === "eraser";
  context.globalCompositeOperation = erases ? "destination-out" : "source-over";
  context.lineWidth = props.brush * (erases ? 2 : 1);
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = "#000";
}

// A smooth line through the points: each is the control point of a curve between the midpoints beside it.
function drawStroke(stroke) {
  applyStyle(stroke);
  if (stroke.path) {
    context.save();
    context.scale(canvas.width, canvas.height);
    context.lineWidth = props.brush / canvas.width;
    context.stroke(new Path2D(stroke.path));
    context.restore();
    return;
  }
  const points = stroke.points;
  context.beginPath();
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i += 1) {
    const [x, y] = points[i];
    context.quadraticCurveTo(x, y, (x + points[i + 1][0]) / 2, (y + points[i + 1][1]) / 2);
  }
  context.lineTo(...points[points.length - 1]); // of a single point it makes a dot
  context.stroke();
}

function redraw() {
  context.clearRect(0, 0, canvas.width, canvas.height);
  kept.strokes.flat().forEach(drawStroke);
}

function keep() {
  try {
    sessionStorage.setItem(props.storage, JSON.stringify(kept));
  } catch {
    // Without storage, or with it full, the drawing is lost with the connection.
  }
}

function markAnswer() {
  const answer = desk.querySelector(".answer");
  if (answer === null) return; // Gradio has not made it yet
  const shown = answer.querySelector(".verdict")?.dataset;
  const isEarlier = shown !== undefined && Number(shown.drawing) !== kept.number;
  if (!isEarlier && kept.retries > 0) {
    kept.retries = 0;
    keep();
  }
  answer.classList.toggle("earlier", isEarlier && shown.state !== "empty");
  for (const correction of answer.querySelectorAll(".correction")) correction.inert = isEarlier;
}

// The drawing is another one from here on, whether it has been sent or not.
function change() {
  kept.number += 1;
  buttons.undo.disabled = buttons.clear.disabled = kept.strokes.length === 0;
  markAnswer();
}

function send() {
  keep();
  props.value = { number: kept.number, picture: kept.strokes.length === 0 ? null : canvas.toDataURL("image/png") };
  trigger("input");
}

// What is undone in one step: a stroke, or an example of several.
function add(step) {
  kept.strokes.push(step);
  change();
  redraw();
  send();
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

canvas.addEventListener("pointerdown", (event) => {
  if (current !== null || event.button !== 0) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  current = { pointer: event.pointerId, tool, points: [place(event)] };
  kept.strokes.push([current]);
  change();
  redraw();
});

canvas.addEventListener("pointermove", (event) => {
  if (current?.pointer !== event.pointerId) return;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length > 0 ? events : [event]) current.points.push(place(each));
  redraw();
});

for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    if (current?.pointer !== event.pointerId) return;
    current = null;
    send();
  });
}

buttons.undo.addEventListener("click", () => {
  if (current !== null) return;
  kept.strokes.pop();
  change();
  redraw();
  send();
});

buttons.clear.addEventListener("click", () => {
  current = null;
  kept.strokes = [];
  change();
  redraw();
  send();
});

for (const name of ["pen", "eraser"]) {
  buttons[name].addEventListener("click", () => {
    tool = name;
    for (const each of ["pen", "eraser"]) buttons[each].setAttribute("aria-pressed", String(each === tool));
  });
}

desk.addEventListener("click", (event) => {
  const example = event.target.closest("[data-paths]");
  if (example === null || current !== null) return;
  kept.strokes = [];
  add(example.dataset.paths.split("|").map((path) => ({ tool: "pen", path })));
});

new MutationObserver(markAnswer).observe(desk, { attributeFilter: ["data-drawing"], childList: true, subtree: true });

if (kept.strokes.length > 0) {
  kept.retries += 1;
  change();
  redraw();
  if (kept.retries < 3) send(); // not for ever: each failure loads the page again
  else keep();
}
