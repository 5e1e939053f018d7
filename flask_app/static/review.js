// Decide without leaving the page: by single keys on the card that is in focus, or by its buttons.
// Without this script, the same buttons send the same forms.

const cards = [...document.querySelectorAll(".card")];
const notice = document.querySelector("#notice");
const NO_DIGIT = "10";
const KEYS = { a: "accept", r: "reject", u: "undo", n: NO_DIGIT };

const current = () => document.activeElement?.closest(".card");

function go(step) {
  const at = cards.indexOf(current());
  const next = cards[Math.min(Math.max(at + step, 0), cards.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

async function decide(card, decision) {
  const form = card.querySelector("form");
  const fields = new FormData(form);
  fields.set("decision", decision);
  notice.textContent = "";
  let told;
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      redirect: "error", // to the door: the session has ended
    });
    if (response.status === 409) return complain("Somebody has decided on this one meanwhile. Load the page again.");
    if (!response.ok) throw new Error(String(response.status));
    told = await response.json();
  } catch {
    return complain("That could not be saved. Load the page again; nothing else is lost.");
  }
  form.elements.seen.value = told.seen;
  card.dataset.state = told.state;
  const label = String(told.label) === NO_DIGIT ? "no digit" : told.label;
  card.querySelector(".outcome").textContent = told.state === "accepted" ? `accepted as ${label}` : told.state;
  if (decision !== "undo") go(1);
}

function complain(words) {
  notice.textContent = words;
  notice.scrollIntoView({ block: "nearest" });
}

document.addEventListener("submit", (event) => {
  const card = event.target.closest(".card");
  if (!card || !event.submitter) return;
  event.preventDefault();
  card.focus();
  decide(card, event.submitter.value);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") return go(key === "j" ? 1 : -1);
  const decision = /^[0-9]$/.test(key) ? key : KEYS[key];
  const card = current();
  if (decision !== undefined && card) decide(card, decision);
});

cards[0]?.focus({ preventScroll: true });
