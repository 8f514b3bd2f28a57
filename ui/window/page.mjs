// Finds elements of the page by role and accessible name, and acts on them as a person would.
import { setTimeout as pause } from "node:timers/promises";

// Runs in the page. Roles and names as far as the page uses them: a label, words, or the text of the element.
const inPage = `
  const implicit = {
    a: "link", button: "button", select: "combobox", textarea: "textbox", main: "main", nav: "navigation",
    aside: "complementary", section: "region", h1: "heading", h2: "heading", h3: "heading", dialog: "dialog",
  };
  const inputs = { checkbox: "checkbox", radio: "radio", search: "searchbox", text: "textbox" };
  const roleOf = (element) => {
    const said = element.getAttribute("role");
    if (said !== null) return said;
    const tag = element.localName;
    return tag === "input" ? inputs[element.type] : implicit[tag];
  };
  const textOf = (element) => element.textContent.replace(/\\s+/g, " ").trim();
  const contentOf = (element) => {
    const copy = element.cloneNode(true);
    for (const hidden of copy.querySelectorAll("[aria-hidden=true]")) hidden.remove();
    return textOf(copy);
  };
  const nameOf = (element) => {
    const label = element.getAttribute("aria-label");
    if (label !== null) return label.trim();
    const by = element.getAttribute("aria-labelledby");
    if (by !== null) return by.split(/\\s+/).map((id) => document.getElementById(id)).filter(Boolean).map(textOf).join(" ");
    if (element.labels !== undefined && element.labels !== null && element.labels.length > 0)
      return [...element.labels].map(contentOf).join(" ");
    return contentOf(element);
  };
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const all = (root, role, pattern, flags) => {
    const name = new RegExp(pattern, flags);
    return [...root.querySelectorAll("*")].filter(
      (element) => roleOf(element) === role && name.test(nameOf(element)) && seen(element),
    );
  };
  const within = (path) => {
    let roots = [document];
    for (const [role, pattern, flags] of path) roots = roots.flatMap((root) => all(root, role, pattern, flags));
    return roots[0] ?? null;
  };
`;

/** One element: the way to it from the outside in, each step a role and a name. */
export class Locator {
  #session;
  #path;

  constructor(session, path) {
    this.#session = session;
    this.#path = path;
  }

  /** The element of this role inside this one. Text is the whole name; a pattern may be a part. */
  get(role, name = /^/) {
    const pattern =
      typeof name === "string" ? [`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`, ""] : [name.source, name.flags];
    return new Locator(this.#session, [...this.#path, [role, ...pattern]]);
  }

  toString() {
    return this.#path.map(([role, name]) => `${role} /${name}/`).join(" > ");
  }

  /** Waits until `body`, run with \`element\`, is neither null nor false. */
  async #until(what, body, args = [], limit = 30_000) {
    const script = `${inPage}
      const element = within(arguments[0]);
      if (element === null) return null;
      return ((element, args) => { ${body} })(element, arguments[1]);`;
    const end = Date.now() + limit;
    for (;;) {
      const found = await this.#session.run(script, [this.#path, args]);
      if (found !== null && found !== false) return found;
      if (Date.now() > end) throw new Error(`${what}: ${this} within ${limit / 1000} s`);
      await pause(100);
    }
  }

  /** Waits until it is there. */
  wait(limit) {
    return this.#until("was not there", "return true;", [], limit);
  }

  /** Waits until it is there and says something that fits. */
  says(pattern, limit) {
    return this.#until(
      `did not say ${pattern}`,
      "return new RegExp(args[0]).test(textOf(element)) ? textOf(element) : null;",
      [pattern.source],
      limit,
    );
  }

  /** Waits until an attribute has a value. */
  has(attribute, value, limit) {
    return this.#until(
      `had no ${attribute}=${value}`,
      "return element.getAttribute(args[0]) === args[1];",
      [attribute, value],
      limit,
    );
  }

  /** Presses it, once it can act and nothing lies over it. */
  click(limit) {
    return this.#until(
      "could not be pressed",
      `if (element.disabled || element.getAttribute("aria-disabled") === "true") return false;
       element.scrollIntoView({ block: "nearest", inline: "nearest" });
       const box = element.getBoundingClientRect();
       const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
       const label = element.labels?.[0];
       if (top === null || !(element.contains(top) || label?.contains(top))) return false;
       for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup"])
         element.dispatchEvent(new (type.startsWith("p") ? PointerEvent : MouseEvent)(type, { bubbles: true, cancelable: true, button: 0 }));
       element.click();
       return true;`,
      [],
      limit,
    );
  }

  /** Ticks a box or chooses an option, and waits until it is so. */
  async check(limit) {
    await this.#until(
      "could not be ticked",
      "if (element.checked) return true; if (element.disabled) return false; element.click(); return true;",
      [],
      limit,
    );
    await this.#until("is not ticked", "return element.checked === true;", [], limit);
  }

  /** Writes into a field as typing does. */
  fill(text, limit) {
    return this.#until(
      "cannot be written in",
      `element.focus();
       Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), "value").set.call(element, args[0]);
       element.dispatchEvent(new Event("input", { bubbles: true }));
       return true;`,
      [text],
      limit,
    );
  }
}
