// Takes the place of the web app's recognizer.js on the page without a server: asks a Web Worker, and shows how much of it
// has been loaded.

import { LocalRecognizer } from "./local.js";

const $ = (id) => document.getElementById(id);

export class Recognizer extends LocalRecognizer {
  constructor() {
    super({ onProgress: showProgress, onReady: showReady, onFailure: showFailure });
  }
}

function showProgress({ received, total }) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  $("loading").hidden = false;
  $("loading-bar").max = total;
  $("loading-bar").value = received;
  $("loading-words").textContent = `Loading the recognizer: ${megabytes(received)} of ${megabytes(total)} MB. You can draw already.`;
}

function showReady(threads) {
  $("loading").hidden = true;
  document.documentElement.dataset.recognizer = "ready";
  document.documentElement.dataset.threads = threads;
}

function showFailure() {
  $("loading").hidden = false;
  $("loading-words").textContent = "The recognizer could not be loaded. It is tried again with your next stroke.";
}
