/* How far an upload is, and a lost connection said in words with the files still chosen. Without this file the form is sent as
   any other. Nothing is stored in the browser. */
"use strict";

(() => {
  const form = document.querySelector("form[data-sending]");
  if (!form) return;
  const box = form.querySelector("[data-progress]");
  const words = box.querySelector("[data-words]");
  const bar = box.querySelector("progress");
  const button = form.querySelector("button");
  const MEGABYTE = 1024 * 1024;

  const say = (text) => {
    box.hidden = false;
    words.textContent = text;
  };
  const stop = (text) => {
    button.disabled = false;
    bar.hidden = true;
    say(text);
  };
  const moved = (event) => {
    const total = Math.max(1, Math.round(event.total / MEGABYTE));
    const percent = Math.floor((100 * event.loaded) / event.total);
    bar.hidden = false;
    bar.value = percent;
    say(event.loaded < event.total
      ? words.dataset.sendingWords.replace("{percent}", percent).replace("{total}", total)
      : words.dataset.keepingWords);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const files = [...form.querySelector("input[type=file]").files];
    if (files.reduce((sum, file) => sum + file.size, 0) > Number(form.dataset.limit)) {
      stop(words.dataset.largeWords);
      return;
    }
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", moved);
    request.addEventListener("error", () => stop(words.dataset.lostWords));
    request.addEventListener("load", () => {
      if (request.status < 400) {
        /* An address that was answered has lost its fragment. */
        window.location.assign(`${request.responseURL}#evidence`);
        return;
      }
      /* The answer is the whole page with the error beside its field; the files chosen cannot be carried over. */
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const main = answer.querySelector("main");
      if (!main) {
        stop(words.dataset.lostWords);
        return;
      }
      document.querySelector("main").replaceChildren(...main.childNodes);
      document.querySelector(".error-summary, h1")?.focus();
      window.location.hash = "content";
    });
    button.disabled = true;
    request.send(new FormData(form));
  });
})();
