/* Dragging over the picture fills the next empty line of the form: the lines are what is sent, with or without this file. */
"use strict";

(() => {
  const form = document.querySelector("form[data-redact]");
  const picture = form?.querySelector("[data-ruled]");
  if (!picture) return;
  const drawing = picture.querySelector("svg");
  const SVG = "http://www.w3.org/2000/svg";
  const SMALLEST = 0.4;
  let begun = null;
  let shape = null;

  const place = (event) => {
    const frame = picture.getBoundingClientRect();
    const percent = (value, size) => Math.min(100, Math.max(0, (100 * value) / size));
    return [percent(event.clientX - frame.left, frame.width), percent(event.clientY - frame.top, frame.height)];
  };
  const between = ([x, y], [otherX, otherY]) => ({
    left: Math.min(x, otherX),
    top: Math.min(y, otherY),
    width: Math.abs(x - otherX),
    height: Math.abs(y - otherY),
  });
  const draw = (area) => {
    shape.setAttribute("x", `${area.left}%`);
    shape.setAttribute("y", `${area.top}%`);
    shape.setAttribute("width", `${area.width}%`);
    shape.setAttribute("height", `${area.height}%`);
  };

  const rows = () => [...form.querySelectorAll("[data-area]")];
  const fields = (row) => [...row.querySelectorAll("input")];
  const another = () => {
    const total = form.querySelector("[name=areas-TOTAL_FORMS]");
    const last = rows().at(-1);
    const copy = last.cloneNode(true);
    const number = Number(total.value);
    for (const part of copy.querySelectorAll("*")) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.replace(/areas-\d+-/, `areas-${number}-`));
      }
    }
    for (const field of fields(copy)) field.value = "";
    const legend = copy.querySelector("legend");
    legend.textContent = legend.textContent.replace(/\d+/, number + 1);
    total.value = number + 1;
    last.after(copy);
    return copy;
  };
  const keep = (area) => {
    const row = rows().find((each) => fields(each).every((field) => field.value === "")) ?? another();
    const [page, ...sides] = fields(row);
    page.value = form.dataset.page;
    /* Outwards to a tenth, so that no edge is left. */
    const end = { width: area.left + area.width, height: area.top + area.height };
    const left = Math.floor(area.left * 10) / 10;
    const top = Math.floor(area.top * 10) / 10;
    const values = [left, top, Math.ceil((end.width - left) * 10) / 10, Math.ceil((end.height - top) * 10) / 10];
    sides.forEach((field, index) => { field.value = Math.min(100, values[index]).toFixed(1); });
    page.dispatchEvent(new Event("input", { bubbles: true }));
  };

  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    begun = place(event);
    shape = document.createElementNS(SVG, "rect");
    shape.classList.add("ruled__area");
    drawing.append(shape);
  });
  picture.addEventListener("pointermove", (event) => {
    if (begun) draw(between(begun, place(event)));
  });
  picture.addEventListener("pointerup", (event) => {
    if (!begun) return;
    const area = between(begun, place(event));
    if (area.width < SMALLEST || area.height < SMALLEST) shape.remove();
    else {
      draw(area);
      keep(area);
    }
    begun = null;
  });
  picture.addEventListener("pointercancel", () => {
    shape?.remove();
    begun = null;
  });
})();
