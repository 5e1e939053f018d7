// What the page shows besides the drawing: the answer, the notices, an uploaded picture.

const $ = (id) => document.getElementById(id);

// Percent. Above 99 rounded down, so that only certainty itself is called 100%.
function percent(p, decimals = 0) {
  const scale = 10 ** decimals;
  const value = (p > 0.99 ? Math.floor : Math.round)(p * 100 * scale) / scale;
  return `${value.toFixed(decimals)}%`;
}

let showing = null; // digit on display

export function showAnswer(answer) {
  const { digit, confidence, probabilities, model_input: seen, time_ms: time } = answer;
  enter("answer");
  $("digit").textContent = digit;
  if (digit !== showing) restart($("digit"), "arrive");
  showing = digit;
  $("sureness").textContent = sureness(answer);
  $("aside").textContent = `in ${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
  showBars(probabilities, digit);
  $("seen").src = seen;
  $("seen").alt = `The 28 by 28 pixels the model saw; it says ${digit}, ${percent(confidence)} sure`;
  $("seen").hidden = false;
}

export function showEmpty() {
  enter("empty");
  reset();
  $("sureness").textContent = "Your digit will appear here";
}

// A notice in place of the answer, or, if `gentle`, beside an answer that still holds. `retry`
// shows the button that asks again.
export function showNotice(message, { retry = false, gentle = false } = {}) {
  if (!gentle || showing === null) {
    enter(gentle ? "hint" : "problem");
    reset();
  }
  // A screen reader hears changes only, so the same words must go before they can come again.
  const again = $("notice").textContent === message;
  if (again) restart($("notice"), "again");
  if (again) $("notice").textContent = "";
  requestAnimationFrame(() => ($("notice").textContent = message));
  $("retry").hidden = !retry;
}

// Dim the answer while it is not the answer to what is drawn.
export function showWaiting(waiting) {
  $("answer").setAttribute("aria-busy", waiting);
}

// Say the answer to a screen reader, even if it is the one said before.
export function announce(answer) {
  $("announcer").textContent = "";
  requestAnimationFrame(() => {
    $("announcer").textContent = `${answer.digit}. ${sureness(answer)}.`;
  });
}

// Show a picture file on the sheet, or none. A file the browser cannot show is named instead.
export function showPicture(file) {
  const picture = $("picture");
  if (picture.src) URL.revokeObjectURL(picture.src);
  picture.removeAttribute("src");
  picture.hidden = $("picture-name").hidden = true;
  if (!file) return;
  picture.onload = () => (picture.hidden = false);
  picture.onerror = () => {
    $("picture-name").textContent = file.name;
    $("picture-name").hidden = false;
  };
  picture.src = URL.createObjectURL(file);
}

export function showTools({ empty, undoable }) {
  $("invitation").hidden = !empty;
  $("clear").setAttribute("aria-disabled", empty);
  $("undo").setAttribute("aria-disabled", !undoable);
}

function sureness({ digit, confidence, probabilities }) {
  if (confidence >= 0.8) return `${percent(confidence)} sure`;
  const others = probabilities.map((p, i) => (i === digit ? -1 : p));
  return `${percent(confidence)} sure, or else ${others.indexOf(Math.max(...others))}`;
}

function showBars(probabilities, digit) {
  [...$("bars").children].forEach((bar, i) => {
    const p = probabilities?.[i];
    bar.classList.toggle("top", i === digit);
    bar.style.setProperty("--p", p ?? 0);
    bar.querySelector(".value").textContent = p === undefined ? "" : percent(p);
    bar.querySelector(".spoken").textContent =
      p === undefined ? `${i}: no answer yet` : `${i}: ${percent(p, 1)}`;
  });
}

function enter(state) {
  $("answer").dataset.state = state;
  if (state === "answer" || state === "empty") $("notice").textContent = "";
  $("retry").hidden = true;
}

function reset() {
  showing = null;
  $("digit").textContent = "?";
  $("sureness").textContent = $("aside").textContent = "";
  showBars(null, null);
  $("seen").hidden = true;
  $("seen").removeAttribute("src");
}

function restart(element, animation) {
  element.classList.remove(animation);
  void element.offsetWidth; // lets the browser notice, so that the animation runs anew
  element.classList.add(animation);
}
