// Was the answer right? What the person says goes to the server; the drawing, only if they agree.

const PATIENCE = 15_000; // milliseconds
const CONSENT = "digitrec-keep-drawings";
const NO_DIGIT = "none";

const $ = (id) => document.getElementById(id);

export class Feedback {
  #url;
  #answer = null; // the answer in question
  #drawing = null; // what is on the sheet: the same object as long as it is the same drawing
  #picture = null; // that as a Blob, or the promise of one
  #sent = new Map(); // what was said of this drawing, and the key it was said under

  // `url` is undefined where the server takes no corrections; then nothing is ever asked.
  constructor(url) {
    this.#url = url;
    if (!url) return;
    $("right").addEventListener("click", () => this.say(this.#answer.digit));
    $("wrong").addEventListener("click", () => this.#choose());
    for (const button of $("choices").querySelectorAll("button")) {
      button.addEventListener("click", () => this.say(button.value === NO_DIGIT ? NO_DIGIT : Number(button.value)));
    }
    $("consent").checked = remembered();
    $("consent").addEventListener("change", () => remember($("consent").checked));
  }

  // Ask about this answer to a drawing, which was sent as this picture.
  ask(answer, drawing, picture) {
    if (!this.#url) return;
    const other = drawing !== this.#drawing;
    this.#answer = answer;
    this.#drawing = drawing;
    this.#picture = picture;
    if (!other) return; // a live answer and the one asked for, to the same strokes
    this.#sent = new Map();
    this.#show("question");
  }

  // Ask nothing: there is no answer.
  hide() {
    this.#answer = this.#drawing = this.#picture = null;
    if (this.#url) $("feedback").dataset.state = "idle";
  }

  // Whether there is an answer to put right.
  get open() {
    return this.#answer !== null;
  }

  // Tell the server that the drawing is a digit from 0 to 9, or "none".
  async say(label) {
    if (!this.#answer) return;
    const drawing = this.#drawing;
    // Said again, it goes out under the same key, so that it counts once.
    if (!this.#sent.has(label)) this.#sent.set(label, randomKey());
    this.#show("sending");
    const problem = await this.#send(this.#picture, label, this.#sent.get(label));
    if (drawing !== this.#drawing) return; // the next drawing is on the sheet already
    const name = label === NO_DIGIT ? "no digit" : `a ${label}`;
    this.#show(problem ? "failed" : "thanks", problem ?? `Thank you: it is ${name}.`);
  }

  async #send(picture, label, key) {
    const away = "This could not be sent. Try again in a moment.";
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ image: await dataUrl(await picture), label, key, keep_drawing: $("consent").checked }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      const body = await response.json();
      return response.ok ? null : body.error.message;
    } catch {
      return away;
    }
  }

  #choose() {
    this.#show("choice");
    $("choices").querySelector("button").focus();
  }

  #show(state, words = "") {
    $("feedback").dataset.state = state;
    $("feedback-words").textContent = words;
  }
}

function remembered() {
  try {
    return localStorage.getItem(CONSENT) === "yes";
  } catch {
    return false; // storage is switched off
  }
}

function remember(agreed) {
  try {
    localStorage.setItem(CONSENT, agreed ? "yes" : "no");
  } catch {
    // then it is asked anew next time
  }
}

// Not crypto.randomUUID: browsers keep that from pages that come without TLS, such as in a home's network.
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(blob.type ? reader.result : reader.result.replace("data:", "data:application/octet-stream"));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
