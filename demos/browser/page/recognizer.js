// Takes the place of the web app's recognizer.js on the page without a server: asks a Web Worker, and shows how much of it
// has been loaded.

import { decimal, words } from "./language.js";
import { LocalRecognizer } from "./local.js";
import { started } from "./start.js";

const $ = (id) => document.getElementById(id);

export class Recognizer extends LocalRecognizer {
  constructor() {
    super({ started, onProgress: showProgress, onReady: showReady, onFailure: showFailure });
  }
}

function showProgress({ received, total }) {
  const megabytes = (bytes) => decimal(bytes / 1e6, 1);
  $("loading").hidden = false;
  $("loading-bar").max = total;
  $("loading-bar").value = received;
  $("loading-words").textContent = words.loadingSize(megabytes(received), megabytes(total));
}

function showReady(threads) {
  $("loading").hidden = true;
  document.documentElement.dataset.recognizer = "ready";
  document.documentElement.dataset.threads = threads;
}

function showFailure() {
  $("loading").hidden = false;
  $("loading-words").textContent = words.loadingFailed;
}
