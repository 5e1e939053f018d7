"""The page in each language that it has: complete, by the browser's wish, and as the page says it in English."""

import re
from pathlib import Path

import pytest

from digitrec.artifacts import PUBLISHED
from tests.browser.test_access import violations
from tests.browser.test_numbers import number

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect

WEB_APP = Path(__file__).parents[2] / "flask_app"
STATIC = WEB_APP / "static"
BROWSER = Path(__file__).parents[2] / "demos/browser"
SEVEN = [(0.27, 0.24), (0.5, 0.23), (0.74, 0.24), (0.64, 0.42), (0.53, 0.62), (0.45, 0.84)]

SHAPES = """async () => {
  const here = document.querySelector('link[href*="/language.js"]').href;
  const shape = (entry) => typeof entry === "object"
    ? Object.entries(entry).map(([name, value]) => [name, shape(value)])
    : typeof entry === "function" ? entry.length : "words";
  const shapes = {};
  for (const language of ["en", "de", "es", "fr", "zh"]) {
    shapes[language] = shape((await import(here.replace("language.js", `language-${language}.js`))).default);
  }
  return shapes;
}"""

# Elements whose words are not those of the catalogue, in the language of the page.
WRONG = """async () => {
  const { href, src } = document.querySelector('[href*="/language.js"], [src*="/language.js"]');
  const { words } = await import(href ?? src);
  const wrong = [];
  const check = (element, shown, wanted) => shown === wanted || wrong.push([element.outerHTML, shown, wanted]);
  for (const element of document.querySelectorAll("[data-words]")) {
    check(element, element.textContent.replace(/[ \\n]+/g, " ").trim(), words[element.dataset.words]);
  }
  for (const [name, attribute] of [["label", "aria-label"], ["title", "title"], ["alt", "alt"]]) {
    for (const element of document.querySelectorAll(`[data-${name}]`)) {
      check(element, element.getAttribute(attribute), words[element.dataset[name]]);
    }
  }
  return wrong;
}"""


def test_the_catalogue_has_what_the_pages_ask_for_and_no_more() -> None:
    names = set(re.findall(r"^  (\w+):", (STATIC / "language-en.js").read_text("utf-8"), re.M))
    scripts = [path for path in STATIC.glob("*.js") if not path.name.startswith("language")]
    files = [*scripts, *BROWSER.glob("page/*.js"), *BROWSER.glob("templates/*"), *WEB_APP.glob("templates/*")]
    text = "".join(path.read_text("utf-8") for path in files)
    asked = set(re.findall(r"(?<!/)\bwords\.(\w+)", text))
    asked |= set(re.findall(r'\bdata-(?:words|label|title|alt)="(\w+)"', text))
    assert asked <= names
    codes = "".join(path.read_text("utf-8") for path in WEB_APP.rglob("*.py"))
    known = set(re.findall(r"\w+", text + codes)) | set(PUBLISHED)
    assert names - known == set()


def test_every_language_has_all_the_words(desk) -> None:
    shapes = desk.page.evaluate(SHAPES)
    english = shapes.pop("en")
    assert len(english) > 80
    for language, shape in shapes.items():
        assert shape == english, language


def test_the_page_says_in_english_what_the_catalogue_says(desk) -> None:
    assert desk.page.evaluate(WRONG) == []
    desk.page.get_by_role("link", name="Accuracy and privacy").click()
    desk.page.get_by_role("heading", name="What happens to my drawing?").wait_for()
    assert desk.page.evaluate(WRONG) == []


@pytest.mark.parametrize(
    ("locale", "language", "invitation", "sure", "question", "choose", "about", "mark"),
    [
        ("de-AT", "de", "Zeichne eine Ziffer", "sicher", "Ist es eine 7?", "Wähle eine Ziffer", "Datenschutz", "."),
        ("es-MX", "es", "Dibuja una cifra", "de seguridad", "¿Es un 7?", "Elige una cifra", "privacidad", "."),
        ("fr-CA", "fr", "Dessinez un chiffre", "sûr à", "Est-ce un 7", "Choisissez", "confidentialité", "\u202f"),
        ("zh-CN", "zh", "画一个数字", "把握", "这是 7", "选择一个数字", "隐私", ","),
    ],
)
def test_the_browser_s_language_is_spoken(
    new_desk, locale: str, language: str, invitation: str, sure: str, question: str, choose: str, about: str, mark: str
) -> None:
    desk = new_desk(locale=locale)
    page = desk.page
    expect(page.locator("#invitation")).to_contain_text(invitation)
    assert page.evaluate("document.documentElement.lang") == language
    desk.draw(SEVEN)
    desk.settle()
    expect(page.locator("#sureness")).to_contain_text(sure)
    expect(page.locator("#question")).to_contain_text(question)
    page.keyboard.press("Delete")
    desk.draw(*number(4, 7))
    desk.settle()
    expect(page.locator("#aside")).to_contain_text(choose)
    assert page.evaluate(WRONG) == []
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name=about).click()
    page.wait_for_url("**/about")
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate(WRONG) == []
    expect(page.get_by_role("row", name="MNIST").get_by_role("cell").first).to_have_text(f"10{mark}000")


def test_a_language_that_is_not_there_becomes_english(new_desk) -> None:
    desk = new_desk(locale="pt-BR")
    expect(desk.page.locator("#invitation")).to_contain_text("Draw a digit")
    assert desk.page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize(
    ("locale", "language", "message"),
    [("en", "en", "There is nothing at this address."), ("de", "de", "Unter dieser Adresse gibt es nichts.")],
)
def test_errors_speak_it_too(new_desk, locale: str, language: str, message: str) -> None:
    desk = new_desk(locale=locale)
    page = desk.page
    expect(page.locator("html")).to_have_attribute("lang", language)  # else the words are given up while they load
    page.goto(f"{page.url}nowhere")
    expect(page.get_by_text(message)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate(WRONG) == []
    assert violations(page) == []
    desk.expect_problems("status 404", "console: Failed to load resource")


def test_a_browser_without_scripts_reads_why_in_all_languages_and_sees_no_dead_canvas(chromium, server) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(server)
    for language in ("en", "de", "es", "fr", "zh"):
        sentence = page.locator(f".apology [lang={language}]")
        expect(sentence).to_be_visible()
        expect(sentence).to_contain_text("JavaScript")
    expect(page.locator("#canvas")).to_be_hidden()
    context.close()
