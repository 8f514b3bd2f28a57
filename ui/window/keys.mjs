// The keyboard of the window: keys go through the driver as a person presses them, nothing is clicked and no event is
// made by a script. After each key somebody who looks must see where the focus is.
import { setTimeout as pause } from "node:timers/promises";
import { hiddenFocus } from "../e2e/focus.mjs";
import { DriverError } from "./driver.mjs";
import { inPage, Locator } from "./page.mjs";

/** The characters that WebDriver has for keys that write none. */
const codes = {
  Backspace: "\uE003",
  Tab: "\uE004",
  Enter: "\uE007",
  Shift: "\uE008",
  Control: "\uE009",
  Alt: "\uE00A",
  Escape: "\uE00C",
  Space: " ",
  End: "\uE010",
  Home: "\uE011",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
  F6: "\uE036",
};

/** `Control+4` as presses and releases. */
function stepsOf(combination) {
  const keys = combination.split(/\+(?=.)/).map((key) => codes[key] ?? key);
  return [...keys.map((key) => ["keyDown", key]), ...keys.toReversed().map((key) => ["keyUp", key])];
}

export class Keyboard {
  #session;

  constructor(session) {
    this.#session = session;
  }

  /** What has a role and a name, anywhere on the page. */
  get(role, name) {
    return new Locator(this.#session, []).get(role, name);
  }

  /** Presses keys, each after what the one before it did is seen. */
  async press(...combinations) {
    for (const combination of combinations) {
      await this.#session.keys(stepsOf(combination));
      await this.#seen(combination, []);
    }
  }

  /** Types a text where the focus is. */
  async type(text) {
    await this.#session.keys(
      [...text].flatMap((character) => [
        ["keyDown", character],
        ["keyUp", character],
      ]),
    );
  }

  /** Presses Tab until an element has the focus. */
  async tabTo(wanted, key = "Tab") {
    let there = await this.#seen("before Tab", wanted.path);
    for (let presses = 0; !there; presses += 1) {
      if (presses === 120) throw new Error(`${key} does not reach ${wanted}`);
      await this.#session.keys(stepsOf(key));
      there = await this.#seen(`${key} on the way to ${wanted}`, wanted.path);
    }
  }

  /** Goes to a button by Tab, waits until it can act, and presses Enter. */
  async act(wanted, key = "Tab") {
    await this.tabTo(wanted, key);
    await wanted.canAct();
    await this.press("Enter");
  }

  /** Presses F6 until the focus is in an element: it goes through the panes. */
  async paneTo(wanted) {
    for (let presses = 0; presses < 12; presses += 1) {
      if (await wanted.hasFocus()) return;
      await this.press("F6");
    }
    throw new Error(`F6 does not reach ${wanted}`);
  }

  /** Presses an arrow until a list is at a row that says something. */
  async downTo(list, words, key = "ArrowDown") {
    for (let presses = 0; presses < 80; presses += 1) {
      if (await list.isNowAt(words)) return;
      await this.press(key);
    }
    throw new Error(`${key} does not reach ${words} in ${list}`);
  }

  /** Opens a picker, filters it and takes what is first. */
  async pick(button, name) {
    await this.tabTo(button);
    await this.press("Enter");
    await this.get("combobox").focused();
    await this.type(name);
    await this.get("dialog").get("option", new RegExp(name)).has("aria-selected", "true");
    await this.press("Enter");
  }

  /** Waits until one of two things is there; says whether it is the first. */
  async first(one, other) {
    const end = Date.now() + 60_000;
    for (;;) {
      if (await one.isThere()) return true;
      if (await other.isThere()) return false;
      if (Date.now() > end) throw new Error(`neither ${one} nor ${other} was there within 60 s`);
      await pause(100);
    }
  }

  /** Presses the key that closes the window, and waits until there is no page any more. */
  async leave(combination) {
    const end = Date.now() + 10_000;
    try {
      await this.#session.keys(stepsOf(combination));
      while (Date.now() < end) {
        await this.#session.run("return true;");
        await pause(100);
      }
    } catch (error) {
      if (error instanceof DriverError) return;
      throw error;
    }
    throw new Error(`${combination} does not close the window`);
  }

  /**
   * Waits until somebody who looks sees where the focus is; says whether it is where it should go. Behind the last
   * control the focus leaves the page for a press.
   */
  async #seen(after, path) {
    const script = `${inPage}
      const hidden = (${hiddenFocus})();
      return { hidden, there: arguments[0].length > 0 && isAt(document.activeElement, arguments[0]), out: document.activeElement === document.body };`;
    const end = Date.now() + 10_000;
    for (;;) {
      const { hidden, there, out } = await this.#session.run(script, [path]);
      if (hidden === "" || (out && path.length > 0)) return there;
      if (Date.now() > end) throw new Error(`after ${after}: ${hidden}`);
      await pause(50);
    }
  }
}
