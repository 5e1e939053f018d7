// Installs the service worker, which only pages of HTTPS, and of this machine, may have.

const { worker } = document.querySelector("script[data-worker]").dataset;

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register(worker, { updateViaCache: "none" }).catch((error) => console.warn(error));
}
