/** Elements and forms. What comes from people becomes text, never markup. */

/**
 * Makes an element. `on…` are listeners; true and false set and leave out an attribute; children that are false or
 * empty are skipped.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child));
  return element;
}

/** A labelled control with a hint and room for its error. */
export function field(label, control, hint) {
  const id = `field-${control.name}`;
  control.id = id;
  control.setAttribute("aria-describedby", hint ? `${id}-hint ${id}-error` : `${id}-error`);
  return h("div", { class: "field" },
    h("label", { for: id }, label),
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
    control,
    h("p", { class: "error", id: `${id}-error` }));
}

const options = (choices) => choices.map(([value, text]) => h("option", { value }, text));
export const select = (name, choices) => h("select", { name }, options(choices));
export const link = (text, onclick) => h("button", { type: "button", class: "link", onclick }, text);

/** For names that are no words. */
export const PLAIN = { autocapitalize: "none", spellcheck: "false" };
export const input = (name, attributes) => h("input", { name, type: "text", required: true, ...attributes });

/**
 * A form whose problems are shown at the field they belong to, and above the button where there is none.
 * `fieldOf` turns a name of the API into the name of a control.
 */
export function form(button, rows, onSubmit, fieldOf = (name) => name) {
  const alert = h("p", { class: "error", role: "alert" });
  const submit = h("button", { class: "primary" }, button);
  const element = h("form", {}, rows, alert, submit);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (element.ariaBusy === "true") return;
    element.ariaBusy = "true";
    submit.setAttribute("aria-disabled", "true");
    clear(element, alert);
    try {
      await onSubmit(Object.fromEntries(new FormData(element)));
    } catch (problem) {
      show(element, alert, problem, fieldOf);
    } finally {
      element.ariaBusy = "false";
      submit.removeAttribute("aria-disabled");
    }
  });
  return element;
}

function clear(element, alert) {
  alert.textContent = "";
  for (const control of element.elements) {
    control.removeAttribute("aria-invalid");
    const place = document.getElementById(`${control.id}-error`);
    if (place) place.textContent = "";
  }
}

function show(element, alert, problem, fieldOf) {
  const left = [];
  for (const { field: name, message } of problem.errors ?? []) {
    const control = element.elements.namedItem(fieldOf(name));
    const place = control && document.getElementById(`${control.id}-error`);
    if (!place) {
      left.push(`${name}: ${message}`);
      continue;
    }
    place.textContent = sentence(message);
    control.setAttribute("aria-invalid", "true");
  }
  if (left.length || !problem.errors?.length) alert.textContent = left.join(" ") || problem.message;
  element.querySelector("[aria-invalid]")?.focus();
  if (!("errors" in problem)) throw problem; // a fault of this page, not of what was entered
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?)]$/.test(text) ? "" : ".");
