/* What is typed is sealed as it is typed. Until the server has it, it stands in the fields of this page and nowhere else: never in
   a store of the browser, which a seized telephone would give away. Without this file every button of the form saves. */
"use strict";

(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const QUIET_MS = 1200;
  const AGAIN_MS = 8000;
  const said = form.querySelector("[data-draft-said]");
  const words = said.querySelector("[data-draft-words]");
  const out = said.querySelector("[data-draft-out]");
  let typed = 0;
  let sealed = 0;
  let timer = 0;
  let running = null;
  let passing = false;

  const say = (what) => { words.textContent = what ? said.dataset[what] : ""; };
  const isSealed = () => sealed === typed;
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };

  const send = (keepalive) => fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "X-Draft": "1" },
    redirect: "manual",
    cache: "no-store",
    keepalive,
  });

  /* Signing in elsewhere gave this browser a new token: it is taken from the page as it would be shown now. */
  const renew = async () => {
    const page = await fetch(form.action, { cache: "no-store", redirect: "manual" });
    if (!page.ok) return false;
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("form[data-draft] [name=csrfmiddlewaretoken]");
    if (!fresh) return false;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = fresh.value; });
    return true;
  };

  const attempt = async (keepalive) => {
    const answer = await send(keepalive);
    if (answer.type === "opaqueredirect") return { status: 409 };
    if (answer.status !== 403) return answer;
    return (await renew()) ? send(keepalive) : { status: 401 };
  };

  const run = async (keepalive) => {
    const upTo = typed;
    say("saving");
    let status = 0;
    try {
      status = (await attempt(keepalive)).status;
    } catch {
      /* No connection: 0. */
    }
    out.hidden = status !== 401;
    if (status === 204) {
      sealed = upTo;
      if (isSealed()) delete form.dataset.changed;
      say("saved");
    } else if (status === 401) {
      say("");
    } else if (status === 404) {
      say("gone");
    } else if (status === 0) {
      say("lost");
      later(AGAIN_MS);
    } else {
      say("refused");
    }
    return status === 204;
  };

  /* One at a time, in order: an older state never overtakes a newer one. */
  const save = (keepalive = false) => {
    clearTimeout(timer);
    running = (running || Promise.resolve()).then(() => (isSealed() ? true : run(keepalive)));
    return running;
  };

  form.addEventListener("input", () => {
    typed += 1;
    if (out.hidden) later(QUIET_MS);
  });
  form.addEventListener("submit", (event) => {
    if (passing) return;
    event.preventDefault();
    const button = event.submitter;
    form.dataset.changed = "yes";
    /* Asked even when nothing was typed: a page that meets an ended session here keeps its words. */
    typed += 1;
    save().then((kept) => {
      if (!kept) {
        form.dataset.changed = "yes";
        return;
      }
      passing = true;
      form.requestSubmit(button || undefined);
      /* Should the way on be cut just now, the page stays as it is, and the button works again. */
      setTimeout(() => { passing = false; }, 3000);
    });
  });
  const again = () => { if (!isSealed()) save(); };
  said.querySelector("[data-draft-again]").addEventListener("click", again);
  window.addEventListener("online", again);
  window.addEventListener("focus", again);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !isSealed() && out.hidden) save(true);
    else again();
  });
})();
