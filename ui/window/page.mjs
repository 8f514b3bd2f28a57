// Finds elements of the page by role and accessible name, and reads them. What acts on them are keys: `keys.mjs`.
import { setTimeout as pause } from "node:timers/promises";

// Runs in the page. Roles and names as far as the page uses them: a label, words, or the text of the element.
export const inPage = `
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
  const fits = (element, [role, pattern, flags]) =>
    roleOf(element) === role && new RegExp(pattern, flags).test(nameOf(element));
  const isAt = (element, path) => {
    const steps = [...path];
    if (element === null || !fits(element, steps.pop())) return false;
    for (let up = element.parentElement; up !== null && steps.length > 0; up = up.parentElement)
      if (fits(up, steps.at(-1))) steps.pop();
    return steps.length === 0;
  };
`;

const saysRow = `
  const row = document.getElementById(element.getAttribute("aria-activedescendant") ?? "");
  return row !== null && new RegExp(args[0]).test(contentOf(row));
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

  /** What `body` gives, run with `element`; `null` where there is none. */
  #read(body, args) {
    const script = `${inPage}
      const element = within(arguments[0]);
      return element === null ? null : ((element, args) => { ${body} })(element, arguments[1]);`;
    return this.#session.run(script, [this.#path, args]);
  }

  /** Waits until `body`, run with \`element\`, is neither null nor false. */
  async #until(what, body, args = [], limit = 30_000) {
    const end = Date.now() + limit;
    for (;;) {
      const found = await this.#read(body, args);
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

  /** Waits until it is no longer there. */
  async gone(limit = 30_000) {
    const end = Date.now() + limit;
    while (await this.#session.run(`${inPage} return within(arguments[0]) !== null;`, [this.#path])) {
      if (Date.now() > end) throw new Error(`is still there: ${this} after ${limit / 1000} s`);
      await pause(100);
    }
  }

  /** Waits until it, or something in it, has the focus. */
  focused(limit) {
    return this.#until("has not the focus", "return element.contains(document.activeElement);", [], limit);
  }

  /** Waits until a button can act. */
  canAct(limit) {
    return this.#until(
      "cannot act",
      'return !element.disabled && element.getAttribute("aria-disabled") !== "true";',
      [],
      limit,
    );
  }

  /** Waits until the row that a list is at says something that fits. */
  isAt(words, limit) {
    return this.#until(`is not at ${words}`, saysRow, [words.source], limit);
  }

  /** Whether the row that a list is at says something that fits. */
  isNowAt(words) {
    return this.#read(saysRow, [words.source]);
  }

  /** Whether it is there now. */
  async isThere() {
    return (await this.#read("return true;", [])) === true;
  }

  /** Whether it, or something in it, has the focus now. */
  hasFocus() {
    return this.#read("return element.contains(document.activeElement);", []);
  }

  /** The way to it, for scripts that look for it themselves. */
  get path() {
    return this.#path;
  }
}
