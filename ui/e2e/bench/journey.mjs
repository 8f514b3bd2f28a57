// What is measured, in order: a person goes through every place of a large repository. Budgets are those of the design
// (ui.md, 3 and 7.40); frames are "60 fps" where half of them come in 17 ms and 19 of 20 miss at most one.
import { setTimeout as pause } from "node:timers/promises";
import { applicationName, environments, large } from "./repository.mjs";

const mostElements = 2_500;
const smooth = { p50: 17.5, p95: 34 };
const keystroke = { p95: 50 };
const placeSwitch = { p95: 100 };

const row = {
  tree: "[role=tree] [role=treeitem]",
  matrix: "[role=grid] [role=row]",
  choices: "[role=listbox] [role=option]",
  changes: "[role=listbox][aria-label='Resources that differ'] [role=option]",
  diff: "[aria-label=Difference] [role=region] [data-index]",
  wave: "[data-task]",
};
const region = {
  tree: "[role=tree]",
  matrix: "[role=grid]",
  changes: "[role=listbox][aria-label='Resources that differ']",
  diff: "[aria-label=Difference] [role=region]",
  waves: "[aria-label=Waves]",
};

/** What the steps share. */
class Bench {
  constructor(page, figures, folder) {
    this.page = page;
    this.figures = figures;
    this.folder = folder;
  }

  run(what, ...words) {
    return this.page.run(what, ...words);
  }

  async elements(place) {
    const all = await this.run("count", "*");
    this.figures.add(`${place}: elements`, [all], { max: mostElements }, { unit: "" });
  }

  /** Scrolls. Rows that are missing from the middle while it goes on are told, since nothing is fast to paint. */
  async scroll(name, selector, inside, step, budget = smooth) {
    const { times, empty } = await this.run("scroll", selector, inside, step);
    this.figures.add(name, times, budget, { note: empty === 0 ? "" : `${empty} frames without rows` });
  }

  async picture(name) {
    await this.page.picture(`${this.folder}/${name}.png`);
  }

  /** Runs a step and tells what in it kept the page from answering. */
  async step(name, work) {
    await this.run("beginWatch");
    await work();
    const tasks = await this.run("endWatch");
    this.figures.add(
      `${name}: tasks over 50 ms`,
      [tasks.length],
      {},
      {
        unit: "",
        note: tasks.length === 0 ? "" : `the longest ${Math.round(Math.max(...tasks))} ms`,
      },
    );
  }
}

/** Waits until the page shows something; the answer says when it painted first and when that was there. */
async function opened(page, selector) {
  const end = Date.now() + 120_000;
  for (;;) {
    try {
      const times = await page.run("opened", selector);
      if (times !== null) return times;
    } catch (error) {
      // Between two pages there is none.
      if (Date.now() > end) throw error;
    }
    if (Date.now() > end) throw new Error(`${selector} did not come`);
    await pause(20);
  }
}

async function opening(bench) {
  const { page, figures } = bench;
  const cold = await opened(page, row.tree);
  if (cold.first !== null) figures.add("open: first paint", [cold.first], { max: 1_000 });
  figures.add("open: tree, with the repository being read", [cold.useful]);
  await bench.step("rendering everything", async () => {
    figures.add("frames while everything renders", await bench.run("frames", 3_000), smooth);
    const rendered = "[aria-label^='Rendered ']";
    await bench.run("until", {}, rendered, true);
    await bench.picture("environments");
  });
  await page.reload();
  await pause(300);
  const warm = await opened(page, row.tree);
  if (warm.first !== null) figures.add("reload: first paint", [warm.first], { max: 400 });
  figures.add("reload: tree", [warm.useful], { max: 600 });
}

async function tree(bench) {
  const { figures } = bench;
  await bench.elements("environments");
  const opening = [];
  for (let round = 0; round < 5; round += 1) {
    opening.push(await bench.run("until", { click: "[aria-label='Open all']" }, `${row.tree}:not([aria-expanded])`));
    if (round === 4) break;
    await bench.run("until", { click: "[aria-label='Close all']" }, `${row.tree}:not([aria-expanded])`, true);
  }
  figures.add("open all: 8,000 rows", opening, { p50: 100 });
  await bench.picture("environments-open");
  await bench.scroll("tree scroll, 15 rows a frame", region.tree, row.tree, 420);
  await bench.scroll("tree scroll, 3 rows a frame", region.tree, row.tree, 84);
  await bench.run("press", region.tree, ["Home"]);
  figures.add("arrow in the tree", await bench.run("press", region.tree, Array(20).fill("ArrowDown")), keystroke);
  figures.add(
    "filter keystroke",
    await bench.run("type", "[data-filter]", ["worker", "team-07", "gateway production", "1.9"]),
    keystroke,
  );
  const details = [];
  for (const index of [0, 3, 7, 11, 23]) {
    const at = `${applicationName(index)}@production`;
    const hash = `#/environments?at=${encodeURIComponent(at)}`;
    details.push(await bench.run("until", { hash }, `[aria-label='Detail of ${at}'] [role=tabpanel]`));
  }
  figures.add("open a detail", details, placeSwitch);
  await bench.elements("environments with a detail");
  await bench.picture("environments-detail");
  await bench.run("until", { hash: "#/environments" }, "[aria-label^='Detail of ']", true);
}

const places = [
  ["#/promotions", row.matrix],
  ["#/waves", row.choices],
  ["#/review", row.changes],
  ["#/activity", "main h1"],
  ["#/settings", "main h1"],
  ["#/environments", row.tree],
];

async function switching(bench) {
  for (const [hash, selector] of places) await bench.run("until", { hash }, selector);
  const again = [];
  for (let round = 0; round < 4; round += 1)
    for (const [hash, selector] of places) again.push(await bench.run("until", { hash }, selector));
  bench.figures.add("switch of place", again, placeSwitch);
}

async function matrix(bench) {
  const { figures } = bench;
  figures.add("open the matrix, first time", [await bench.run("until", { hash: "#/promotions" }, row.matrix)]);
  await bench.elements("promotions");
  await bench.picture("promotions");
  await bench.scroll("matrix scroll, 15 rows a frame", region.matrix, row.matrix, 480, { p50: 17.5, p95: 50 });
  await bench.scroll("matrix scroll, 3 rows a frame", region.matrix, row.matrix, 96);
  figures.add("arrow in the matrix", await bench.run("press", region.matrix, Array(20).fill("ArrowDown")), keystroke);
  figures.add("filter keystroke in the matrix", await bench.run("type", "[data-filter]", ["worker", "1.9"]), keystroke);
  figures.add(
    "select all 2,000 rows",
    [
      await bench.run(
        "until",
        { at: region.matrix, key: "a", with: { ctrlKey: true } },
        `${row.matrix}[aria-selected=true]`,
      ),
    ],
    { max: 100 },
  );
  figures.add(
    "arrow with all rows selected",
    await bench.run("press", region.matrix, Array(10).fill("ArrowDown")),
    keystroke,
  );
  figures.add(
    "clear the selection",
    [await bench.run("until", { at: region.matrix, key: "Escape" }, `${row.matrix}[aria-selected=true]`, true)],
    { max: 100 },
  );
}

async function review(bench) {
  const { figures } = bench;
  figures.add("compare two environments, first time", [await bench.run("until", { hash: "#/review" }, row.changes)]);
  await bench.run("until", {}, row.diff);
  await bench.elements("review");
  await bench.picture("review");
  await bench.scroll("list of changes, 15 rows a frame", region.changes, row.changes, 540);
  figures.add("next resource", await bench.run("press", region.changes, Array(10).fill("ArrowDown")), placeSwitch);
  figures.add(
    "filter keystroke in the changes",
    await bench.run("type", "[data-filter]", ["worker", "image"]),
    keystroke,
  );
}

function changeHash(resource) {
  const sides = [environments[1], environments[2]].map((environment) => `instance:${large.name}@${environment}`);
  const at = `${large.name}@${environments[2]} ConfigMap default/${resource}`;
  const search = new URLSearchParams({ from: sides[0], to: sides[1], q: resource });
  return { hash: `#/review?${search}`, at };
}

async function largeDiffs(bench) {
  const { figures } = bench;
  for (const [resource, what, limit] of [
    [large.lines, "20,000 lines", 100],
    [large.line, "a line of 10 MB", 100],
  ]) {
    const { hash } = changeHash(resource);
    figures.add(`compare ${what}, first time`, [await bench.run("until", { hash }, row.diff)]);
    await bench.elements(`diff of ${what}`);
    await bench.picture(`diff-${resource}`);
    const again = [];
    for (let round = 0; round < 3; round += 1) {
      await bench.run("until", { hash: "#/settings" }, "main h1");
      again.push(await bench.run("until", { hash }, row.diff));
    }
    figures.add(`open the diff of ${what}`, again, { p50: limit });
    await bench.scroll(`scroll the diff of ${what}`, region.diff, row.diff, 300);
    await bench.run("until", { click: "[aria-label=Find]" }, "[aria-label='Find in this resource']");
    figures.add(
      `find keystroke in ${what}`,
      await bench.run("type", "[aria-label='Find in this resource']", ["production", "value 190"]),
      keystroke,
    );
  }
}

async function waves(bench, inWaves) {
  const { figures } = bench;
  const chosen = Array.from({ length: inWaves }, (_, index) => `${applicationName(index)}@production`);
  const hash = `#/waves?instances=${encodeURIComponent(chosen.join(","))}`;
  figures.add(`plan ${inWaves * 5} resources, first time`, [await bench.run("until", { hash }, row.wave)]);
  const again = [];
  for (let round = 0; round < 3; round += 1) {
    await bench.run("until", { hash: "#/settings" }, "main h1");
    again.push(await bench.run("until", { hash }, row.wave));
  }
  figures.add(`open waves of ${inWaves * 5} resources`, again, { p50: 100 });
  await bench.elements("waves");
  await bench.picture("waves");
  await bench.scroll("waves scroll", region.waves, `${region.waves} [role=group]`, 300);
  for (const [name, index] of [
    ["compact", 2],
    ["summary", 3],
    ["resources", 1],
  ]) {
    const button = `[aria-label=Density] button:nth-child(${index})`;
    figures.add(`switch to ${name}`, [await bench.run("until", { click: button }, `${button}[aria-pressed=true]`)], {
      max: 100,
    });
    await bench.elements(`waves, ${name}`);
    if (name !== "resources")
      await bench.scroll(`waves scroll, ${name}`, region.waves, `${region.waves} [role=group]`, 300);
  }
  figures.add("arrow in the waves", await bench.run("press", row.wave, Array(10).fill("ArrowDown")), keystroke);

  const repository = await bench.run("repository");
  const id = await bench.run("beginStorm", { repository, instances: chosen, revision: null });
  await bench.run("until", { hash: `#/waves?run=${id}` }, row.wave);
  for (const changes of [5, 60]) {
    const { times, sent, seen, bytes } = await bench.run("storm", 5_000, 20, changes);
    const note = `${sent} batches of ${changes} changes in 5 s, ${Math.round(bytes / 1000)} kB each`;
    figures.add(`waves while 20 batches a second arrive`, times, smooth, { note });
    figures.add(`batch of ${changes} changes to paint`, seen, keystroke);
  }
  await bench.elements("running waves");
  await bench.picture("waves-running");

  const run = await bench.run("call", "sync_start", {
    repository,
    instances: chosen,
    revision: null,
    target: { kind: "sandbox" },
    prune: false,
    dryRun: false,
    confirmed: [],
  });
  await bench.run("until", { hash: `#/waves?run=${run.id}` }, row.wave);
  figures.add("waves while a sync to the sandbox runs", await bench.run("frames", 8_000), smooth);
  await bench.picture("waves-sync");
}

/** Goes through the places. `only` names the steps; every one by default. */
export async function journey(page, figures, { folder, inWaves, only }) {
  const bench = new Bench(page, figures, folder);
  await opening(bench);
  const steps = {
    tree: () => tree(bench),
    matrix: () => matrix(bench),
    review: () => review(bench),
    large: () => largeDiffs(bench),
    switch: () => switching(bench),
    waves: () => waves(bench, inWaves),
  };
  for (const [name, work] of Object.entries(steps)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await bench.step(name, work);
  }
  const { heap, process } = await page.memory();
  if (heap !== null) figures.add("heap of the page at the end", [heap], { max: 100 }, { unit: "MB" });
  figures.add("process of the page at the end", [process], { max: 400 }, { unit: "MB" });
}
