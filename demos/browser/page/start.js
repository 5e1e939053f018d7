// Starts the recognizer's worker at once: its files load while those of the page do.

import { startWorker } from "./local.js";

export const started = startWorker();
