// Shows a notice of the browser for each run that has ended, once; a button asks for leave first.

const shown = new Set();

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const isSupported = "Notification" in window;
  const update = () => {
    button.hidden = !isSupported || Notification.permission !== "default" || data.waiting === 0;
  };
  button.onclick = () => Notification.requestPermission().then(update);
  update();
  for (const { id, title, text } of data.ended) {
    if (shown.has(id)) continue;
    shown.add(id);
    if (isSupported && Notification.permission === "granted") new Notification(title, { body: text, tag: id });
  }
}
