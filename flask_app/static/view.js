// What the page shows besides the drawing: the answer, the notices, an uploaded picture.

import { words } from "./language.js";
import { duration, percent, sureness, surenessOfNumbers } from "./words.js";

const $ = (id) => document.getElementById(id);

let showing = null; // the large sign of the answer on display: a digit, a number, or "?" for a doubted one

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
  showSeen(seen, isDigit ? words.sawDigit(digit, percent(confidence)) : words.sawNone(digit));
}

// Show an answer that is a reading; the digits themselves are NumberView's.
export function showReading({ reading }, { again = false } = {}) {
  enter("number");
  $("digit").ariaHidden = null;
  if (again || reading.text !== showing) restart($("digit"), "arrive");
  showing = reading.text;
  showChosen(null);
  $("sureness").textContent = surenessOfNumbers(reading.numbers);
  $("aside").textContent = words.chooseDigit;
}

// Show the bars of a digit of a reading, or of none.
export function showChosen(digit) {
  showBars(digit && { ...digit, is_digit: true });
  showSeen(digit?.model_input, digit && words.sawDigit(digit.digit, percent(digit.confidence)));
  if (!digit) return;
  $("sureness").textContent = words.chosen(digit.digit, sureness(digit));
}

export function showEmpty() {
  enter("empty");
  reset();
  $("announcer").textContent = "";
  $("sureness").textContent = words.empty;
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
  say(answer.is_digit ? `${answer.digit}. ${sureness(answer)}.` : `${words.unseen} ${words.guess(answer.digit)}.`);
}

export function announceReading({ reading }) {
  say(`${reading.text.replaceAll("\n", ", ")}. ${surenessOfNumbers(reading.numbers)}.`);
}

// Say something to a screen reader.
export function say(words) {
  $("announcer").textContent = "";
  requestAnimationFrame(() => ($("announcer").textContent = words));
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
  const blob = await photo.blob();
  if (shown !== showPhoto.last) return; // another one came in the meantime
  image.src = URL.createObjectURL(blob);
  image.hidden = false;
}

export function showTools({ empty, undoable, redoable, photo }) {
  $("desk").classList.toggle("with-photo", photo);
  $("invitation").hidden = !empty;
  $("examples").hidden = !empty;
  $("clear").setAttribute("aria-disabled", empty);
  $("undo").setAttribute("aria-disabled", !undoable);
  $("redo").setAttribute("aria-disabled", !redoable);
}

export function showWide(wide) {
  $("wide").setAttribute("aria-pressed", wide);
  $("desk").classList.toggle("wide", wide);
}

export function showErasing(erasing) {
  $("eraser").setAttribute("aria-pressed", erasing);
  $("sheet").classList.toggle("erasing", erasing);
}

// Two lines, whatever the answer, so that nothing moves while answers change under the pen.
function showWords(answer) {
  if (answer.is_digit) {
    $("sureness").textContent = sureness(answer);
    $("aside").textContent = duration(answer.time_ms);
    return;
  }
  // The second line belongs to the sentence: in one paragraph, it is read as one.
  const second = document.createElement("span");
  second.className = "guess";
  second.textContent = words.guess(answer.digit);
  $("sureness").replaceChildren(`${words.unseen} `, second);
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
    let spoken = words.noAnswer;
    if (answer) spoken = top ? words.bestGuess : words.lessLikely;
    if (answer?.is_digit) spoken = percent(p, 1);
    bar.querySelector(".spoken").textContent = `${i}: ${spoken}`;
  });
}

// What the model saw, a data URL, in words too; or nothing.
function showSeen(seen, described) {
  $("seen").hidden = !seen;
  if (seen) $("seen").src = seen;
  else $("seen").removeAttribute("src");
  $("seen").alt = seen ? described : "";
}

function enter(state) {
  $("answer").dataset.state = state;
  if (["answer", "doubt", "number", "empty"].includes(state)) $("notice").textContent = "";
  if (document.activeElement === $("retry") && state !== "problem") $("submit").focus(); // it is about to be hidden
  $("retry").hidden = true;
}

function reset() {
  showing = null;
  $("digit").textContent = "?";
  $("digit").ariaHidden = "true";
  $("sureness").textContent = $("aside").textContent = "";
  showBars(null);
  showSeen(null);
}

function restart(element, animation) {
  element.classList.remove(animation);
  void element.offsetWidth; // the browser has to notice, so that the animation starts again
  element.classList.add(animation);
}
