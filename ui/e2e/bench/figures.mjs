// The figures of one engine, each with the budget of the design that it is held against.

function at(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function short(value) {
  return value >= 1000
    ? Math.round(value).toLocaleString("en")
    : value >= 100
      ? String(Math.round(value))
      : String(Number(value.toFixed(1)));
}

export class Figures {
  #engine;
  all = [];

  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * Adds values. A budget names what is held against it: `{ p50, p95, max }`, in the unit of the values.
   */
  add(name, values, budget = {}, { unit = "ms", note = "" } = {}) {
    const sorted = [...values].sort((left, right) => left - right);
    const found = { p50: at(sorted, 0.5), p95: at(sorted, 0.95), max: sorted.at(-1) ?? 0 };
    const judged = Object.entries(budget).map(([which, limit]) => ({ which, limit, within: found[which] <= limit }));
    const figure = { engine: this.#engine, name, unit, ...found, count: sorted.length, budget, note };
    this.all.push({ ...figure, within: judged.length === 0 ? null : judged.every((each) => each.within) });
    const value =
      sorted.length === 1
        ? `${short(found.max)} ${unit}`
        : `p50 ${short(found.p50)}  p95 ${short(found.p95)}  max ${short(found.max)} ${unit}`;
    const verdict = judged
      .map(({ which, limit, within }) => {
        const name = sorted.length === 1 ? "" : `${which} `;
        return `${name}≤ ${short(limit)}: ${within ? "within" : "OVER"}`;
      })
      .join(", ");
    const more = [verdict, note].filter(Boolean).join("; ");
    console.log(`  ${name.padEnd(46)}  ${value.padEnd(40)}  ${more}`.trimEnd());
  }
}
