"""Three ways of working at the desk: by mouse, by keys alone, and with scripts off.

A story is written against `Hand`. It names buttons, links and fields by the keys of the desk's labels, or by their
text where that is no label, so that it runs in either language.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from re import compile as pattern
from typing import Any, ClassVar

from features.phrase import Language
from features.policy import shipped
from features.tables import TABLES
from service.desk.labels import labels
from tests.service.desk.browsing import AtDesk, Watched

REFUSED = pattern(r"status of 4\d\d")
MOST_STOPS = 700

FOUND = r"""
([kind, label, beside, nth]) => {
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  const shown = (at) => at.getClientRects().length > 0 || at.closest("details:not([open])");
  const near = (at) => {
    if (!beside) return 0;
    for (let up = at; up; up = up.parentElement)
      if (plain(up.textContent).includes(beside)) return up.textContent.length;
    return Infinity;
  };
  const named = (at) => plain(at.getAttribute("aria-label") || at.textContent);
  const words = (at) => {
    const copy = at.cloneNode(true);
    const beside = at.tagName === "A" ? "b, .count, .late" : "small, .must, select, textarea, input";
    copy.querySelectorAll(beside).forEach((part) => part.remove());
    return plain(copy.textContent);
  };
  let found = [];
  if (kind === "press") {
    found = [...document.querySelectorAll("a[href], button, summary")].filter((at) => at.tabIndex >= 0 && shown(at));
    found = found.filter((at) => named(at) === label || (at.closest("nav") && words(at) === label));
  } else {
    for (const one of document.querySelectorAll("label"))
      if (words(one) === label && one.control) found.push(one.control);
    for (const one of document.querySelectorAll("input, select, textarea"))
      if (one.getAttribute("aria-label") === label) found.push(one);
    found = found.filter((at) => !at.disabled && shown(at));
  }
  const inside = found.filter((at) => at.closest("main"));
  if (inside.length) found = inside;
  if (!found.length) return null;
  return nth ? found[nth] || null : found.reduce((best, at) => near(at) < near(best) ? at : best);
}
"""
"""The control of a name; where there are several, the first, the nth, or the one that stands nearest to a text."""

FOLDED = """
(at) => {
  const around = (one) => one.parentElement.closest("details:not([open])");
  let fold = around(at);
  while (fold && around(fold)) fold = around(fold);
  const summary = fold && fold.querySelector("summary");
  return summary !== at ? summary : null;
}
"""
"""The summary of the outermost closed fold around a control."""

STOP = """
(target) => {
  const at = document.activeElement;
  if (!at || at === document.body) return {on: "", there: false, back: false, seen: true};
  const group = at.type === "radio" && target.type === "radio" && at.name === target.name && at.form === target.form;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  const mine = (x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (at.contains(hit) || hit.contains(at));
  };
  const points = [[(left + right) / 2, (top + bottom) / 2], [left + 2, top + 2], [right - 2, top + 2],
                  [left + 2, bottom - 2], [right - 2, bottom - 2]];
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const seen = marked && right - left >= 1 && bottom - top >= 1 && points.some(([x, y]) => mine(x, y));
  return {
    on: at.outerHTML.slice(0, 120), there: at === target || group, seen,
    back: Boolean(at.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING),
  };
}
"""
"""Where the focus stands: whether it is at the target, whether the target lies before it, and whether it is seen."""


class Hand(ABC):
    """Somebody in front of one window of a browser, who reads what it shows."""

    name: ClassVar[str]
    scripts: ClassVar[bool] = True

    def __init__(self, desk: AtDesk, language: Language) -> None:
        self.desk, self.bank, self.language = desk, desk.bank, language
        self.say = labels(language)
        locale = "zh-CN" if language == "zh" else "en-US"
        self.tab: Watched = desk.tab("", language, java_script_enabled=self.scripts, locale=locale)
        self.page: Any = self.tab.page
        self._refusals = 0
        desk.walks += 1
        self.seed = 1000 * desk.walks

    @property
    def tag(self) -> str:
        """What tells the things of this walk from those of others."""
        return f"{self.name}-{self.language}"

    def seat(self, name: str) -> None:
        """Somebody else sits down at the same window, signed in."""
        self.desk.sit(self.page.context, name, self.language)

    def go(self, path: str, *, refused: bool = False) -> None:
        """Open an address; `refused`: it is not for whoever asks."""
        told = self.page.goto(self.desk.origin + path)
        assert (400 <= told.status < 500) == refused, (told.status, self.text())
        self._refusals += refused

    def words(self, what: str) -> str:
        """The text of a label by its key; any other text as it is."""
        return self.say(what) if what in self.say.texts else what

    def named(self, family: str, code: str) -> str:
        """The name of a code."""
        return self.say.name(family, code)

    def of_policy(self, parameter: str, code: str) -> str:
        """The name of a code of policy."""
        told = dict(shipped()(parameter).on(self.bank.today))
        return str(told[code]).split(" · ")[0 if self.language == "zh" else -1]

    def column(self, table: str, name: str) -> str:
        """What the field of a column is called."""
        column = TABLES[table].columns[name]
        return column.zh if self.language == "zh" else column.meaning

    def person(self, name: str, role: str) -> str:
        """A person as pages show one."""
        return name + self.say("brackets", text=self.named("role", role))

    def press(self, what: str, *, beside: str = "", refused: bool = False) -> None:
        """Use a button or a link, and wait for the page that follows; `refused`: it says what was wrong."""
        with self.page.expect_navigation(wait_until="load") as told:
            self._activate(self._found("press", what, beside))
        status = told.value.status if told.value else 200
        assert (400 <= status < 500) == refused, (status, self.text())
        self._refusals += refused
        if refused:
            assert self.page.locator("[role=alert]").is_visible()

    def take(self, what: str, *, beside: str = "") -> tuple[str, bytes]:
        """Use a button or a link that gives a file: its name and what is in it."""
        with self.page.expect_download() as told:
            self._activate(self._found("press", what, beside))
        return told.value.suggested_filename, Path(told.value.path()).read_bytes()

    def fill(self, what: str, text: str, *, beside: str = "", nth: int = 0) -> None:
        """Write into a field in the place of what stands there; days as `2026-11-20`."""
        field = self._found("field", what, beside, nth)
        self._write(field, text)
        assert field.input_value().replace("\r", "") == text, (what, field.input_value())

    def choose(self, what: str, option: str, *, beside: str = "") -> None:
        """Choose from a list by what its line says."""
        field = self._found("field", what, beside)
        lines = field.evaluate("at => [...at.options].map(one => one.text.trim())")
        assert self.words(option) in lines, (what, option, lines)
        self._choose(field, lines.index(self.words(option)))
        assert field.evaluate("at => at.selectedOptions[0].text.trim()") == self.words(option)

    def tick(self, what: str, on: bool = True, *, beside: str = "") -> None:
        """Tick a box or choose one of several; or untick a box."""
        field = self._found("field", what, beside)
        if field.is_checked() != on:
            self._toggle(field)
        assert field.is_checked() == on

    def upload(self, what: str, name: str, content: bytes) -> None:
        """Choose a file for a field."""
        field = self._found("field", what)
        with self.page.expect_file_chooser() as told:
            self._activate(field)
        told.value.set_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})

    def text(self) -> str:
        """What the page shows, on one line."""
        return " ".join(self.page.inner_text("body").split())

    def reads(self, *texts: str) -> None:
        """Each of these stands on the page, by the key of a label or as it is."""
        shown = self.text()
        for one in texts:
            assert self.words(one) in shown, (self.words(one), shown)

    def misses(self, *texts: str) -> None:
        """None of these stands on the page."""
        shown = self.text()
        for one in texts:
            assert self.words(one) not in shown, self.words(one)

    def sees_error(self) -> None:
        """The window's title says that something was wrong."""
        assert self.page.title().startswith(self.words("error")), self.page.title()

    def at(self, path: str) -> bool:
        """Whether the window shows an address that begins so."""
        return bool(self.page.url.startswith(self.desk.origin + path))

    def waits(self) -> None:
        """Until what goes on by itself is over: the page follows it without being asked."""
        self.page.locator("[data-poll]").wait_for(state="detached")

    def leave(self) -> None:
        """Close the window; nothing was said but that it was refused where that was meant."""
        lines = [line for line in self.tab.said if not REFUSED.search(line)]
        assert lines == []
        assert len(self.tab.said) <= self._refusals, self.tab.said
        self.page.context.close()

    def _found(self, kind: str, what: str, beside: str = "", nth: int = 0) -> Any:
        handle = self.page.evaluate_handle(FOUND, [kind, self.words(what), self.words(beside), nth]).as_element()
        assert handle is not None, (kind, self.words(what), self.page.url, self.text())
        while (fold := handle.evaluate_handle(FOLDED).as_element()) is not None:
            self._activate(fold)
        return handle

    @abstractmethod
    def _activate(self, target: Any) -> None: ...

    @abstractmethod
    def _write(self, field: Any, text: str) -> None: ...

    @abstractmethod
    def _choose(self, field: Any, place: int) -> None: ...

    @abstractmethod
    def _toggle(self, field: Any) -> None: ...


class Mouse(Hand):
    """Points and clicks."""

    name = "mouse"

    def _activate(self, target: Any) -> None:
        target.click()

    def _write(self, field: Any, text: str) -> None:
        field.click()
        field.fill(text)

    def _choose(self, field: Any, place: int) -> None:
        field.select_option(index=place)

    def _toggle(self, field: Any) -> None:
        field.click()


class Plain(Mouse):
    """The same where the browser runs no script."""

    name = "plain"
    scripts = False

    def waits(self) -> None:
        """Ask again until it is over."""
        for _ in range(300):
            if not self.page.locator("[data-poll]").count():
                return
            self.press("batch.refresh")
        raise AssertionError(f"it is never over: {self.text()}")


class Keys(Hand):
    """Tab, arrows, Enter, Space and what is typed; at each stop the focus must be seen."""

    name = "keys"

    def __init__(self, desk: AtDesk, language: Language) -> None:
        super().__init__(desk, language)
        self.pressed = 0

    def key(self, key: str, times: int = 1) -> None:
        """Press a key."""
        for _ in range(times):
            self.page.keyboard.press(key)
        self.pressed += times

    @contextmanager
    def leads_on(self) -> Iterator[None]:
        """The keys of the block open another page."""
        with self.page.expect_navigation(wait_until="load"):
            yield

    def to(self, target: Any) -> None:
        """Go to a control. Raises `AssertionError` where it is not reached, or the focus is not seen on the way."""
        for _ in range(MOST_STOPS):
            stop = self.page.evaluate(STOP, target)
            assert stop["seen"], f"the focus is not seen on {stop['on']} of {self.page.url}"
            if stop["there"]:
                return
            self.key("Shift+Tab" if stop["back"] else "Tab")
        raise AssertionError(f"no key leads to {target.evaluate('at => at.outerHTML')[:120]} of {self.page.url}")

    def _activate(self, target: Any) -> None:
        self.to(target)
        self.key("Space" if target.evaluate("at => at.tagName") == "BUTTON" else "Enter")

    def _write(self, field: Any, text: str) -> None:
        self.to(field)
        if field.get_attribute("type") == "date":
            self._write_day(date.fromisoformat(text))
            return
        self.key("Control+A")
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def _write_day(self, day: date) -> None:
        """The parts of a day in the order in which the browser asks for them."""
        parts: Sequence[str] = (f"{day:%m}", f"{day:%d}", f"{day:%Y}")
        for part in parts:
            self.page.keyboard.type(part)
        self.pressed += 8

    def _choose(self, field: Any, place: int) -> None:
        self.to(field)
        now = field.evaluate("at => at.selectedIndex")
        self.key("ArrowDown" if place > now else "ArrowUp", abs(place - now))

    def _toggle(self, field: Any) -> None:
        self.to(field)
        if field.get_attribute("type") != "radio":
            self.key("Space")
            return
        for _ in range(12):
            if field.evaluate("at => at === document.activeElement"):
                break
            self.key("ArrowDown")
        if not field.is_checked():
            self.key("Space")


HANDS: tuple[type[Hand], ...] = (Mouse, Keys, Plain)
