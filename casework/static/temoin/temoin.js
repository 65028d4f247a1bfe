/* Everything here is an addition: each page works without it. Nothing is ever stored in the browser. */
"use strict";

(() => {
  const ESCAPES = 3;
  const WITHIN_MS = 1500;
  let leaving = false;

  /* Blank first, tell the server, then replace this page, so that Back does not bring it up again. The request
     is `keepalive`: it is finished even though the page is already gone. */
  const leave = (form) => {
    leaving = true;
    document.documentElement.classList.add("leaving");
    document.title = "";
    const destination = form.dataset.destination;
    const said = fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true, redirect: "manual" });
    const go = () => window.location.replace(destination || "/");
    /* Whoever stands behind the person does not wait for a slow server. */
    Promise.race([said, new Promise((resolve) => setTimeout(resolve, 400))]).then(go, go);
  };

  const exit = document.querySelector("[data-quick-exit]");
  let presses = [];

  if (exit) {
    exit.addEventListener("submit", (event) => {
      event.preventDefault();
      leave(exit);
    });
    /* Capturing, on the window: no field, menu or dialogue may swallow the key. */
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") {
        presses = [];
        return;
      }
      if (event.repeat) return;
      presses = [...presses.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
      if (presses.length >= ESCAPES) leave(exit);
    }, true);
  }

  /* htmx notes the address of the page in the session store; a seized browser need not have that list either. */
  const forget = () => {
    try {
      sessionStorage.clear();
      localStorage.clear();
    } catch {
      /* The browser keeps no store: nothing to forget. */
    }
  };
  forget();
  window.addEventListener("pagehide", forget);

  /* A page kept in memory by the browser would show a case again after signing out. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  /* A draft is never lost: ask before leaving a form that has been typed into, except on quick exit. */
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) form.dataset.changed = "yes";
  });
  document.addEventListener("submit", (event) => {
    delete event.target.dataset.changed;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && document.querySelector("form[data-changed]")) event.preventDefault();
  });

  /* The account menu closes like a menu; without this file it is a plain <details>. */
  const menu = document.querySelector("details.account");
  if (menu) {
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
  }

  /* The digits of a receipt, from its QR code: they come in the part of the address that is never sent, and do not stay there. */
  const receipt = document.querySelector("[data-from-fragment]");
  if (receipt && location.hash) {
    receipt.value = location.hash.replace(/\D/g, "");
    history.replaceState(null, "", location.pathname);
  }

  /* After a partial update that brings errors, put the reader where they are named. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const summary = event.target.querySelector?.(".error-summary");
    if (summary) summary.focus();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
  document.querySelectorAll("[data-needs-script]").forEach((element) => {
    element.hidden = false;
  });
})();
