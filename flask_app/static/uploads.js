// Pictures of one's own: chosen by button, dropped on the page, or pasted.

import { kindOf } from "./files.js";
import { words } from "./language.js";
import * as messages from "./messages.js";
import { Photo } from "./photo.js";
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);

// `show(photo, note)` puts a photograph on the sheet. `busy()` is a number that changes with the sheet, or null while
// somebody draws.
export function addUploads({ maxBytes, show, busy }) {
  const hint = (message) => view.showNotice(message, { gentle: true });

  // Take the first of the files.
  async function upload(files) {
    const file = files[0];
    const before = busy();
    if (before === null) return;
    if (file.size === 0) return hint(messages.describeEmptyFile(file.name));
    const kind = await kindOf(file);
    // A file of an unknown kind may be a picture all the same, unless it says that it is not.
    if (kind === null && file.type && !file.type.startsWith("image/")) return hint(messages.describeNoPicture(file.name));
    const photo = await Photo.open(file, kind);
    if (before !== busy()) return; // the visitor went on
    if (!photo) return hint(messages.describeFile(file.name, kind));
    if (photo.bytes > maxBytes) return hint(messages.describeLargeFile(photo.bytes, maxBytes));
    show(photo, files.length > 1 ? messages.describeOthers(file.name, files.length) : null);
  }

  function onDrag(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault(); // otherwise the browser leaves the page to show the file
    $("sheet").classList.toggle("dropping", event.type === "dragover");
  }

  $("file").addEventListener("change", (event) => {
    if (event.target.files.length > 0) upload([...event.target.files]);
    event.target.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length > 0) upload([...event.clipboardData.files]);
    else hint(words.noPictureToPaste);
  });
  document.addEventListener("dragover", onDrag);
  document.addEventListener("dragleave", onDrag);
  document.addEventListener("drop", (event) => {
    onDrag(event);
    if (event.dataTransfer.files.length > 0) upload([...event.dataTransfer.files]);
  });
}
