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
  const { digit, confidence, is_digit: seesDigit, probabilities, model_input: seen } = answer;
  enter(seesDigit ? "answer" : "doubt");
  $("digit").textContent = digit;
  if (digit !== showing) restart($("digit"), "arrive");
  showing = digit;
  [$("sureness").textContent, $("aside").textContent] = words(answer);
  showBars(probabilities, seesDigit ? digit : null);
  $("seen").src = seen;
  $("seen").alt = seesDigit
    ? `The 28 by 28 pixels the model saw; it says ${digit}, ${percent(confidence)} sure`
    : "The 28 by 28 pixels the model saw; it sees no digit in them";
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
    const [first, second] = words(answer);
    $("announcer").textContent = answer.is_digit
      ? `${answer.digit}. ${first}.`
      : `${first}, ${second}.`;
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

// The two lines beside the digit.
function words(answer) {
  const { digit, is_digit: seesDigit, time_ms: time } = answer;
  if (!seesDigit) return ["I can\u2019t see a digit", `my best guess is ${digit}`];
  return [sureness(answer), `in ${time < 10 ? time.toFixed(1) : Math.round(time)} ms`];
}

function sureness({ digit, confidence, probabilities }) {
  if (confidence >= 0.8) return `${percent(confidence)} sure`;
  const others = probabilities.map((p, i) => (i === digit ? -1 : p));
  return `${percent(confidence)} sure, or else ${others.indexOf(Math.max(...others))}`;
}

// Bars of an answer; where no digit is seen (null), without figures that would claim to be sure.
function showBars(probabilities, digit) {
  [...$("bars").children].forEach((bar, i) => {
    const p = probabilities?.[i];
    bar.classList.toggle("top", i === digit);
    bar.style.setProperty("--p", p ?? 0);
    const figures = p !== undefined && digit !== null;
    bar.querySelector(".value").textContent = figures ? percent(p) : "";
    bar.querySelector(".spoken").textContent = figures ? `${i}: ${percent(p, 1)}` : `${i}: no answer`;
  });
}

function enter(state) {
  $("answer").dataset.state = state;
  if (["answer", "doubt", "empty"].includes(state)) $("notice").textContent = "";
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
