// Two things a page cannot do by itself: warn before typed settings are lost, and insert a dynamic field at the cursor.
"use strict";

const guarded = [...document.querySelectorAll("form[data-guard]")];
const filled = (form) => new URLSearchParams(new FormData(form)).toString();
const shown = new Map(guarded.map((form) => [form, filled(form)]));
let leaving = false;

document.querySelector(".sync-card [aria-invalid=true]")?.focus(); // what is to be mended
// From here on the tabs say by aria-selected which one is open.
document.querySelectorAll("[data-bs-toggle=tab]").forEach((tab) => tab.removeAttribute("aria-current"));

const dirty = () => guarded.some((form) => "dirty" in form.dataset || filled(form) !== shown.get(form));

addEventListener("beforeunload", (event) => {
  if (!leaving && dirty()) event.preventDefault();
});
addEventListener("submit", (event) => {
  leaving ||= event.target.method === "post";
});

addEventListener("click", (event) => {
  leaving ||= Boolean(event.target.closest("[data-discard]"));
  const field = event.target.closest("[data-insert]");
  if (!field) return;
  const box = document.getElementById(field.dataset.into);
  box.setRangeText(field.dataset.insert, box.selectionStart, box.selectionEnd, "end");
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
