// What a page needs beyond htmx: Airflow's theme, dialogs, and links that lead out of the frame Airflow shows it in.
"use strict";

(() => {
  const root = document.documentElement;

  // Same origin, so the frame around may be looked at; anywhere else the browser says no, and the system's theme holds.
  function outer() {
    try {
      return window.parent !== window && window.parent.document ? window.parent.document : null;
    } catch {
      return null;
    }
  }

  function follow(airflow) {
    const classes = airflow.documentElement.classList;
    const theme = classes.contains("dark") ? "dark" : classes.contains("light") ? "light" : "";
    if (theme) root.dataset.theme = theme;
  }

  const airflow = outer();
  if (airflow) {
    root.dataset.framed = "yes";
    follow(airflow);
    new MutationObserver(() => follow(airflow)).observe(airflow.documentElement, { attributeFilter: ["class"] });
  }

  // The frame may neither open a window nor leave itself: the page around it does it instead.
  function leave(link) {
    const there = airflow.createElement("a");
    there.href = link.href;
    if (link.dataset.leads === "crm") {
      there.target = "_blank";
      there.rel = "noopener noreferrer";
    }
    airflow.body.append(there);
    there.click();
    there.remove();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog")?.close();
    const link = event.target.closest("a[data-leads]");
    if (link && airflow) {
      event.preventDefault();
      leave(link);
    }
  });

  // Whatever came of a form is said outside of its dialog.
  document.addEventListener("htmx:afterRequest", (event) => event.target.closest("dialog")?.close());
})();
