// What the keyboard does, when the dialog opens and closes, and for how long the toast is shown.
// Everything here only presses what is on the page already: without it, all of it works with a mouse and links.
"use strict";

const dialog = document.getElementById("dialog");
const toast = document.getElementById("toast");
const TOAST_FOR = 10_000; // ms

const press = (element) => element?.click();
const names = () => [...document.querySelectorAll(".task .name")].filter((name) => name.checkVisibility());
const row = () => document.activeElement.closest?.(".task");

function step(by) {
  const all = names();
  const here = all.indexOf(row()?.querySelector(".name"));
  all[here < 0 ? 0 : Math.min(Math.max(here + by, 0), all.length - 1)]?.focus();
}

const keys = {
  "/": () => document.getElementById("search")?.select(),
  n: () => press(document.querySelector("[data-new]")),
  c: () => press(document.getElementById("log-call")),
  j: () => step(1),
  k: () => step(-1),
  x: () => press(row()?.querySelector(".tick, .pick")),
  e: () => press(row()?.querySelector(".name")),
  z: () => press(document.getElementById("undo")), // also after the toast has gone from sight
  "?": () => document.getElementById("help")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog[open]");
  const off = document.getElementById("help")?.dataset.keys === "off"; // WCAG 2.2, 2.1.4
  if (typing || off || event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  // While the dialog is on its way, what is typed is meant for it.
  if (!document.querySelector(".htmx-request[hx-target='#dialog']")) keys[event.key]();
});

document.addEventListener("click", (event) => {
  const show = event.target.closest("[data-show]");
  if (show) document.getElementById(show.dataset.show).showModal();
  if (dialog && event.target.closest("#dialog [data-close]")) {
    event.preventDefault();
    dialog.close();
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  if ([dialog, "#dialog"].includes(event.detail.ctx.target)) { // the text: where an answer was sent by HX-Retarget
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[aria-invalid=true], [autofocus]")?.focus();
  }
  keepPlace();
  say();
});

document.addEventListener("tandem:done", () => {
  dialog.close();
  keepPlace();
});

// A task that leaves the list takes the focus with it: give it to the task that took its place.
let place = -1;

document.addEventListener("focusin", (event) => {
  const here = names().indexOf(event.target.closest(".task")?.querySelector(".name"));
  if (here >= 0 || !event.target.closest("dialog")) place = here;
});

function keepPlace() {
  const lost = document.activeElement === document.body || !document.activeElement.checkVisibility();
  if (place < 0 || dialog.open || !lost) return;
  (names()[place] ?? names().at(-1) ?? document.querySelector("[data-new]")).focus();
}

// Out of sight after ten seconds, unless somebody is about to press its button; `z` still reaches it.
let told;
let timer;

function say() {
  if (!toast?.firstElementChild || toast.firstElementChild === told) return;
  told = toast.firstElementChild;
  clearTimeout(timer);
  timer = setTimeout(() => told.matches(":hover, :focus-within") || told.setAttribute("hidden", ""), TOAST_FOR);
}
say();
