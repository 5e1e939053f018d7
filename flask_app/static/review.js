// Reviews corrections without leaving the page: by single keys for the card in focus, or by its buttons. Without this
// script, the same buttons send the same forms.

const cards = [...document.querySelectorAll(".card")];
const notice = document.querySelector("#notice");
const NOT_A_DIGIT = "10";
const KEYS = { a: "accept", r: "reject", n: NOT_A_DIGIT };
const done = []; // decisions, the last at the end: the card, and the decision that was there before

const current = () => document.activeElement?.closest(".card");

function go(step) {
  const at = cards.indexOf(current());
  show(cards[Math.min(Math.max(at + step, 0), cards.length - 1)]);
}

function show(card) {
  card?.focus();
  card?.scrollIntoView({ block: "nearest" });
}

// Send a decision. Returns the answer, or null if it was not saved.
async function send(card, decision) {
  const form = card.querySelector("form");
  const fields = new FormData(form);
  fields.set("decision", decision);
  notice.textContent = "";
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      redirect: "error", // to the login page: the session has ended
    });
    if (response.status === 409) {
      complain("This correction was changed in the meantime. Reload the page to see how.");
      return null;
    }
    if (!response.ok) throw new Error(String(response.status));
    const saved = await response.json();
    form.elements.seen.value = saved.seen;
    card.dataset.state = saved.state;
    const label = String(saved.label) === NOT_A_DIGIT ? "not a digit" : saved.label;
    card.querySelector(".outcome").textContent = saved.state === "accepted" ? `accepted as ${label}` : saved.state;
    for (const [name, count] of Object.entries(saved.counts)) {
      document.querySelector(`[data-count="${name}"]`).textContent = count;
    }
    return saved;
  } catch {
    complain("This could not be saved. Reload the page; other decisions are safe.");
    return null;
  }
}

async function decide(card, decision) {
  const saved = await send(card, decision);
  if (!saved) return;
  done.push({ card, decision: saved.undo });
  if (card === current()) go(1);
}

// Undo the last decision, or the last one on this card.
async function undo(card) {
  const at = card ? done.findLastIndex((one) => one.card === card) : done.length - 1;
  const last = done[at] ?? (card && { card, decision: "undo" });
  if (!last || !(await send(last.card, last.decision))) return;
  if (at >= 0) done.splice(at, 1);
  show(last.card);
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
  if (event.submitter.value === "undo") undo(card);
  else decide(card, event.submitter.value);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") return go(key === "j" ? 1 : -1);
  if (key === "u") return undo();
  const decision = /^[0-9]$/.test(key) ? key : KEYS[key];
  const card = current();
  if (decision !== undefined && card) decide(card, decision);
});

cards[0]?.focus({ preventScroll: true });
