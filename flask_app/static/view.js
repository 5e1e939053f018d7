// What the page shows besides the drawing: the answer, the notices, an uploaded picture.

const $ = (id) => document.getElementById(id);

// Percent. Above 99 rounded down, and never called 100%: no answer is certain.
function percent(p, decimals = 0) {
  const scale = 10 ** decimals;
  const value = p * 100 * scale;
  const whole = p > 0.99 ? Math.min(Math.floor(value + 1e-9), 100 * scale - 1) : Math.round(value);
  return `${(whole / scale).toFixed(decimals)}%`;
}

let showing = null; // the large sign of the answer on display: a digit, or "?" for a doubted one

// Show an answer; `again` moves it in once more, so that a visitor who asked for the same answer sees that it came.
export function showAnswer(answer, { again = false } = {}) {
  const { digit, confidence, is_digit: isDigit, model_input: seen } = answer;
  enter(isDigit ? "answer" : "doubt");
  const sign = isDigit ? String(digit) : "?";
  $("digit").textContent = sign;
  $("digit").ariaHidden = isDigit ? null : "true"; // a "?" says nothing that the words do not
  if (again || sign !== showing) restart($("digit"), "arrive");
  showing = sign;
  showWords(answer);
  showBars(answer);
  $("seen").src = seen;
  const says = isDigit
    ? `says ${digit}, ${percent(confidence)} sure`
    : `sees no digit, its best guess is ${digit}`;
  $("seen").alt = `The 28 by 28 pixels the model saw; it ${says}`;
  $("seen").hidden = false;
}

export function showEmpty() {
  enter("empty");
  reset();
  $("announcer").textContent = "";
  $("sureness").textContent = "Your digit will appear here";
}

// A notice in place of the answer, or, if `gentle`, beside an answer that still holds. `retry` shows the button that
// asks again. One that is `repeated` by the page itself is not announced again.
export function showNotice(message, { retry = false, gentle = false, repeated = false } = {}) {
  if (!gentle || showing === null) {
    enter(gentle ? "hint" : "problem");
    reset();
  }
  $("retry").hidden = !retry;
  if (repeated && $("notice").textContent === message) return;
  // A screen reader hears changes only, so the same words must go before they can come again.
  const again = $("notice").textContent === message;
  if (again) restart($("notice"), "again");
  if (again) $("notice").textContent = "";
  requestAnimationFrame(() => ($("notice").textContent = message));
}

// Dim the answer while it is not the answer to what is drawn.
export function showWaiting(waiting) {
  $("answer").setAttribute("aria-busy", waiting);
}

// Say the answer to a screen reader, even if it is the one said before.
export function announce(answer) {
  $("announcer").textContent = "";
  requestAnimationFrame(() => {
    $("announcer").textContent = answer.is_digit
      ? `${answer.digit}. ${sureness(answer)}.`
      : `${UNSEEN} ${guess(answer)}.`;
  });
}

// Show a photograph on the sheet, or none. One that the browser cannot show is named instead.
export async function showPhoto(photo) {
  const image = $("picture");
  const shown = (showPhoto.last = {});
  if (image.src) URL.revokeObjectURL(image.src);
  image.removeAttribute("src");
  image.hidden = true;
  $("picture-name").hidden = photo === null || photo.editable;
  $("picture-name").textContent = photo?.name ?? "";
  if (!photo?.editable) return;
  const blob = await photo.picture(1).blob();
  if (shown !== showPhoto.last) return; // another one came in the meantime
  image.src = URL.createObjectURL(blob);
  image.hidden = false;
}

export function showTools({ empty, undoable, redoable }) {
  $("invitation").hidden = !empty;
  $("examples").hidden = !empty;
  $("clear").setAttribute("aria-disabled", empty);
  $("undo").setAttribute("aria-disabled", !undoable);
  $("redo").setAttribute("aria-disabled", !redoable);
}

export function showErasing(erasing) {
  $("eraser").setAttribute("aria-pressed", erasing);
  $("sheet").classList.toggle("erasing", erasing);
}

function sureness({ digit, confidence, probabilities }) {
  if (confidence >= 0.8) return `${percent(confidence)} sure`;
  const others = probabilities.map((p, i) => (i === digit ? -1 : p));
  return `${percent(confidence)} sure, or else ${others.indexOf(Math.max(...others))}`;
}

const UNSEEN = "I can't see a digit,";

function guess({ digit }) {
  return `my best guess is ${digit}`;
}

// Two lines, whatever the answer, so that nothing moves while answers change under the pen.
function showWords(answer) {
  if (answer.is_digit) {
    const time = answer.time_ms;
    $("sureness").textContent = sureness(answer);
    $("aside").textContent = `in ${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
    return;
  }
  // The second line belongs to the sentence: in one paragraph, it is read as one.
  const second = document.createElement("span");
  second.className = "guess";
  second.textContent = guess(answer);
  $("sureness").replaceChildren(`${UNSEEN} `, second);
  $("aside").textContent = "";
}

// The bars of an answer, or of none. A doubted one has no percentages: they say which digit it is,
// if it is one, so that "97%" beside "I can't see a digit" would need explaining.
function showBars(answer) {
  [...$("bars").children].forEach((bar, i) => {
    const p = answer?.probabilities[i];
    const top = i === answer?.digit;
    bar.classList.toggle("top", top);
    bar.style.setProperty("--p", p ?? 0);
    bar.querySelector(".value").textContent = answer?.is_digit ? percent(p) : "";
    let spoken = "no answer yet";
    if (answer) spoken = top ? "best guess" : "less likely";
    if (answer?.is_digit) spoken = percent(p, 1);
    bar.querySelector(".spoken").textContent = `${i}: ${spoken}`;
  });
}

function enter(state) {
  $("answer").dataset.state = state;
  if (["answer", "doubt", "empty"].includes(state)) $("notice").textContent = "";
  if (document.activeElement === $("retry") && state !== "problem") $("submit").focus(); // it is about to be hidden
  $("retry").hidden = true;
}

function reset() {
  showing = null;
  $("digit").textContent = "?";
  $("digit").ariaHidden = "true";
  $("sureness").textContent = $("aside").textContent = "";
  showBars(null);
  $("seen").hidden = true;
  $("seen").removeAttribute("src");
}

function restart(element, animation) {
  element.classList.remove(animation);
  void element.offsetWidth; // the browser has to notice, so that the animation starts again
  element.classList.add(animation);
}
