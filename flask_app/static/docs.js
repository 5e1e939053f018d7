// Swagger UI on the page, in the colours of the system.

const main = document.getElementById("docs");
const dark = matchMedia("(prefers-color-scheme: dark)");

function colour() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

colour();
dark.addEventListener("change", colour);

SwaggerUIBundle({
  domNode: main,
  url: main.dataset.url,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  // By default the description is sent to a stranger's validator.
  validatorUrl: null,
});
