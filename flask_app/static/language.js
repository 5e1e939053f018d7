// The language of the page: the first of the browser's that there is a catalogue of, or English.
//
// A catalogue, such as language-de.js, has the words of the page by name, and functions for those that depend on something.
// All have the same names; a test holds them to it. Elements with data-words="name" get these words in place of their
// English ones, data-label, data-title and data-alt the attributes of these names; data-number and data-percent have a
// number to write as this language does.

import english from "./language-en.js";

const TRANSLATED = ["de", "es", "fr", "zh"];

const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => ["en", ...TRANSLATED].includes(tag));

export let language = "en";
export let words = english;

if (TRANSLATED.includes(wanted)) {
  try {
    words = (await import(`./language-${wanted}.js`)).default;
    language = wanted;
  } catch {
    // it could not be loaded: the page stays English
  }
}

const [NUMBERS, PERCENTAGES] = ["decimal", "percent"].map((style) =>
  [0, 1].map((digits) => {
    const fractions = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(language, { style, ...fractions });
  }),
);

if (language !== "en") translate();

// A number in the language of the page, with 0 or 1 decimals.
export function decimal(value, decimals) {
  return NUMBERS[decimals].format(value);
}

// A part of one as a percentage, with 0 or 1 decimals.
export function percentage(part, decimals) {
  return PERCENTAGES[decimals].format(part);
}

function translate() {
  document.documentElement.lang = language;
  document.title = `digitrec: ${words[document.body.dataset.page]}`;
  const write = (name, format) => {
    for (const element of document.querySelectorAll(`[data-${name}]`)) element.textContent = format(element.dataset[name]);
  };
  write("words", (name) => words[name]);
  write("number", (value) => decimal(Number(value), 0));
  write("percent", (value) => percentage(Number(value), 1));
  for (const [name, attribute] of [["label", "aria-label"], ["title", "title"], ["alt", "alt"]]) {
    for (const element of document.querySelectorAll(`[data-${name}]`)) {
      element.setAttribute(attribute, words[element.dataset[name]]);
    }
  }
}
