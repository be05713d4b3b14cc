/* What makes the pages quicker to use; every page works without it. */
"use strict";
(function () {
  const $ = (selector, of) => (of || document).querySelector(selector);
  const all = (selector, of) => Array.from((of || document).querySelectorAll(selector));
  const typing = (element) => /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName);

  /* A page that failed puts the reader at what is wrong. */
  const wrong = $("[data-focus]");
  if (wrong) wrong.focus();

  /* The section bar tells firm, advice and amount once the verdict is scrolled away. */
  const bar = $(".sections"), verdict = $(".verdict");
  if (bar && verdict && "IntersectionObserver" in window) {
    new IntersectionObserver((seen) => bar.classList.toggle("stuck", !seen[0].isIntersecting && seen[0].boundingClientRect.top < 0)).observe(verdict);
  }

  /* Copy a paragraph, or a table as tab-separated text. */
  all("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const of = document.getElementById(button.dataset.copy);
      const text = of.tagName === "TABLE"
        ? all("tr", of).map((row) => all("th,td", row).map((cell) => cell.innerText.trim().replace(/\s+/g, " ")).join("\t")).join("\n")
        : of.innerText;
      const told = () => { const was = button.textContent; button.textContent = button.dataset.done; setTimeout(() => { button.textContent = was; }, 1500); };
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(told, () => {});
    });
  });

  /* Filters answer as they change; amounts are told in full; a form is sent once. */
  all("form[data-auto]").forEach((form) => form.addEventListener("change", () => form.submit()));
  all("[data-yuan]").forEach((input) => {
    const told = document.getElementById(input.dataset.yuan);
    const write = () => {
      const text = input.value.replace(/[,，\s]/g, "");
      told.textContent = /^\d{1,9}(\.\d{1,2})?$/.test(text) ? told.dataset.text.replace("{}", Math.round(Number(text) * 10000).toLocaleString("en-US")) : "";
    };
    input.addEventListener("input", write);
    write();
  });
  all("form[method=post]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  }));

  /* A form with a draft is saved and looked at when nobody typed for a while; what is wrong is told at its field. */
  const form = $("form[data-draft]");
  if (form) {
    const note = $("[data-note]"), checks = $("[data-checks]");
    let waiting = 0, last = 0;
    const told = (name, text) => {
      const field = form.elements[name];
      if (!field || !field.parentNode) return;
      const wrong = document.createElement("p");
      wrong.className = "wrong"; wrong.id = "live-" + name; wrong.dataset.live = name; wrong.textContent = text;
      field.parentNode.appendChild(wrong);
      field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", wrong.id);
    };
    const show = (found) => {
      note.textContent = found.note;
      all("[data-live]", form).forEach((wrong) => {
        const field = form.elements[wrong.dataset.live];
        field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby");
        wrong.remove();
      });
      Object.keys(found.faults).forEach((name) => { if (!document.getElementById("e-" + name)) told(name, found.faults[name]); });
      if (!checks) return;
      checks.hidden = !found.doubts.length;
      checks.textContent = "";
      const head = document.createElement("b"), list = document.createElement("ul");
      head.textContent = found.title;
      found.doubts.forEach((one) => { const item = document.createElement("li"); item.textContent = one; list.appendChild(item); });
      checks.append(head, list);
    };
    const save = () => {
      const sending = new URLSearchParams();
      new FormData(form).forEach((value, name) => { if (typeof value === "string") sending.append(name, value); });
      const turn = ++last;
      fetch(form.action, { method: "POST", body: sending, headers: { "X-Part": "draft" } }).then((answer) => {
        if (answer.headers.get("Content-Type") !== "application/json") throw answer;
        return answer.json();
      }).then((found) => { if (turn === last) show(found); }, () => { note.textContent = form.dataset.draft; });
    };
    const typed = (event) => {
      const field = event.target, old = field.name && document.getElementById("e-" + field.name);
      if (old) { old.remove(); field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); }
      clearTimeout(waiting);
      waiting = setTimeout(save, 1500);
    };
    form.addEventListener("input", typed);
    form.addEventListener("change", typed);
    form.addEventListener("submit", () => clearTimeout(waiting));
  }

  /* A part that goes on by itself is read again; where it is over, the page is. */
  const poll = (part) => setTimeout(() => fetch(location.href, { headers: { "X-Part": part.id } })
    .then((told) => (told.ok ? told.text() : Promise.reject()))
    .then((text) => {
      const next = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
      if (!next || !next.dataset.poll) { location.reload(); return; }
      part.replaceWith(next);
      poll(next);
    }, () => poll(part)), Number(part.dataset.poll));
  all("[data-poll]").forEach(poll);

  /* Parts of a form that only one choice needs. */
  const choose = () => all("[data-when]").forEach((part) => {
    const [name, values] = part.dataset.when.split("=");
    const chosen = $(`input[name="${name}"]:checked`);
    const shown = Boolean(chosen) && values.split(" ").includes(chosen.value);
    part.hidden = !shown;
    all("input,select,textarea", part).forEach((field) => { field.disabled = !shown; });
  });
  if ($("[data-when]")) {
    document.addEventListener("change", choose);
    choose();
  }

  /* Keys: / finds, j k go through rows, Enter opens, g and a letter goes, a p act, ? helps. */
  let going = false, place = -1;
  const rows = all("table.list tbody tr");
  const mark = (to) => {
    if (!rows.length) return;
    place = Math.max(0, Math.min(rows.length - 1, to));
    rows.forEach((row, at) => row.classList.toggle("chosen", at === place));
    rows[place].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(document.activeElement)) { document.activeElement.blur(); return; }
    if (typing(event.target)) return;
    const key = event.key;
    if (going) {
      going = false;
      const to = $(`[data-go="${key}"]`);
      if (to) { event.preventDefault(); to.click(); }
      return;
    }
    if (key === "/") { const find = $("#find"); if (find) { event.preventDefault(); find.focus(); } }
    else if (key === "j") mark(place + 1);
    else if (key === "k") mark(place - 1);
    else if (key === "g") going = true;
    else if (key === "Enter" && place >= 0 && event.target === document.body) $("a", rows[place]).click();
    else if (key === "?") $("[data-help]").click();
    else { const act = $(`[data-key="${key}"]`); if (act) { event.preventDefault(); act.click(); } }
  });
})();
