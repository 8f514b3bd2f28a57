// What is measured, as it runs in the page: the same code in every engine. `install` is sent as text, so it may use
// nothing from outside itself: every function is inside. The window names its own interface with underscores.
/* oxlint-disable unicorn/consistent-function-scoping, no-underscore-dangle */

/** Puts the measurements into the page, as `window.slipwayBench`. */
export function install() {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const patience = 120_000;

  /** Two frames: what was asked for is painted when the second one begins. */
  async function painted() {
    await frame();
    await frame();
  }

  function find(selector) {
    const element = document.querySelector(selector);
    if (element === null) throw new Error(`${selector} is not there`);
    return element;
  }

  async function there(selector, absent = false) {
    const start = performance.now();
    while ((document.querySelector(selector) === null) !== absent) {
      if (performance.now() - start > patience)
        throw new Error(`${selector} did not ${absent ? "go" : "come"}: ${document.body.innerText.slice(0, 400)}`);
      await frame();
    }
  }

  /** A call of the façade beside the page. */
  async function call(name, request) {
    if (window.__TAURI_INTERNALS__ !== undefined) return window.__TAURI_INTERNALS__.invoke("call", { name, request });
    const answer = await fetch(`ipc/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
    return answer.json();
  }

  /** Gives the page a batch of events on the way on which the façade sends them. */
  function send(batch) {
    if (window.__TAURI_INTERNALS__ !== undefined)
      return window.__TAURI_INTERNALS__.invoke("plugin:event|emit", { event: "slipway-events", payload: batch });
    window.slipwaySocket.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(batch) }));
    return Promise.resolve();
  }

  /** The times between frames for some seconds, whatever happens. */
  async function frames(milliseconds) {
    const times = [];
    const start = performance.now();
    let last = start;
    while (last - start < milliseconds) {
      await frame();
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times.slice(2);
  }

  /** The times between frames while a region scrolls by some pixels a frame, and how often its middle was empty when looked at. */
  async function scroll(selector, row, step, count = 120) {
    const region = find(selector);
    const box = region.getBoundingClientRect();
    const times = [];
    let empty = 0;
    const looked = 6;
    let last = performance.now();
    for (let at = 0; at < count; at += 1) {
      region.scrollTop += step;
      await frame();
      const now = performance.now();
      times.push(now - last);
      last = now;
      // Looking takes time by itself.
      if (at % looked === 0) {
        const middle = document.elementFromPoint(box.x + box.width / 3, box.y + box.height / 2);
        if (middle === null || middle.closest(row) === null) empty += 1;
      }
      if (region.scrollTop + region.clientHeight >= region.scrollHeight - 1) region.scrollTop = 0;
    }
    region.scrollTop = 0;
    await painted();
    return { times: times.slice(5), empty };
  }

  /** From an act to the second frame after an element is there, in milliseconds. */
  async function until(act, selector, absent = false) {
    const start = performance.now();
    if (act.hash !== undefined) window.location.hash = act.hash;
    if (act.click !== undefined) find(act.click).click();
    if (act.key !== undefined)
      find(act.at).dispatchEvent(new KeyboardEvent("keydown", { key: act.key, bubbles: true, ...act.with }));
    await there(selector, absent);
    await painted();
    return performance.now() - start;
  }

  /** From each key to the second frame. Field by field: the words are typed and deleted again. */
  async function type(selector, words) {
    const field = find(selector);
    field.focus();
    const times = [];
    const put = (text) => {
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    for (const word of words) {
      for (let length = 1; length <= word.length; length += 1) {
        const start = performance.now();
        put(word.slice(0, length));
        await painted();
        times.push(performance.now() - start);
      }
      put("");
      await rest(300);
    }
    return times;
  }

  /** From each press of a key to the second frame. */
  async function press(selector, keys) {
    const times = [];
    for (const key of keys) {
      const target = find(selector);
      const start = performance.now();
      target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      await painted();
      times.push(performance.now() - start);
    }
    return times;
  }

  /** A run of a plan, before anything happened in it. */
  function runOf(lanes, repository) {
    const started = Date.now();
    return {
      id: "bench",
      repository,
      target: "sandbox",
      revision: "0000000000000000000000000000000000000000",
      phase: "running",
      startedAt: started,
      finishedAt: null,
      lanes: lanes.map((lane) => ({ ...lane, phase: "running" })),
      total: lanes.reduce((sum, lane) => sum + lane.columns.reduce((all, column) => all + column.tasks.length, 0), 0),
      done: 0,
      failed: 0,
      message: null,
      health: [],
      // As many as the façade keeps.
      events: Array.from({ length: 500 }, (_, sequence) => ({
        sequence,
        at: started,
        kind: "progress",
        instance: lanes[sequence % lanes.length].instance,
        title: "a resource was applied",
        text: null,
      })),
    };
  }

  let storming = null;
  let version = 0;

  /** What the core tells of a run of which these tasks changed. */
  function changesOf(changed) {
    const columns = (lane) =>
      lane.columns
        .map((column) => ({ ...column, tasks: column.tasks.filter((task) => changed.has(task)) }))
        .filter((column) => column.tasks.length > 0);
    const lanes = storming.lanes.map((lane) => ({ ...lane, columns: columns(lane) }));
    return { ...storming, lanes: lanes.filter((lane) => lane.columns.length > 0) };
  }

  /** Shows a run of a plan to the page; the answer names it. */
  async function beginStorm(request) {
    const plan = await call("sync_plan", request);
    storming = runOf(plan.lanes, request.repository);
    version = 1;
    await send([{ event: "runChanged", run: storming, since: null, version }]);
    return storming.id;
  }

  /** The times between frames while batches of changes arrive, and how long the last of them took to be painted. */
  async function storm(milliseconds, perSecond, changes) {
    const tasks = storming.lanes.flatMap((lane) => lane.columns.flatMap((column) => column.tasks));
    const order = ["waiting", "inProgress", "synced"];
    let next = 0;
    let sent = 0;
    let bytes = 0;
    const change = async () => {
      const changed = new Set();
      for (let count = 0; count < changes; count += 1) {
        const task = tasks[next % tasks.length];
        const status = order[(order.indexOf(task.status) + 1) % order.length];
        task.status = status;
        task.startedAt = storming.startedAt + next;
        changed.add(task);
        next += 7;
      }
      sent += 1;
      storming.done = tasks.filter((task) => task.status === "synced").length;
      version += 1;
      const run = changesOf(changed);
      bytes = JSON.stringify(run).length;
      await send([{ event: "runChanged", run, since: version - 1, version }]);
    };
    const timer = setInterval(() => void change(), 1000 / perSecond);
    const times = await frames(milliseconds);
    clearInterval(timer);
    await rest(300);
    const seen = [];
    for (let count = 0; count < 10; count += 1) {
      const start = performance.now();
      await change();
      const said = `${storming.done} of ${storming.total} synced`;
      while (!document.querySelector("[role=toolbar][aria-label=Sync]").textContent.includes(said)) {
        if (performance.now() - start > patience) throw new Error(`the page never said ${said}`);
        await frame();
      }
      await painted();
      seen.push(performance.now() - start);
    }
    return { times, sent, seen, bytes };
  }

  const watch = { running: false, tasks: [] };

  /** Begins to notice work that keeps the page from answering. */
  function beginWatch() {
    watch.running = true;
    watch.tasks = [];
    let last = performance.now();
    const beat = () => {
      const now = performance.now();
      // A timer of 10 ms that is late by 50 waited for such work.
      if (now - last > 60) watch.tasks.push(now - last - 10);
      last = now;
      if (watch.running) setTimeout(beat, 10);
    };
    setTimeout(beat, 10);
  }

  function endWatch() {
    watch.running = false;
    return watch.tasks;
  }

  /** When the page painted first and what it shows now, in milliseconds since it was asked for. */
  function opened(selector) {
    if (document.querySelector(selector) === null) return null;
    const first = performance.getEntriesByName("first-contentful-paint")[0];
    return { first: first === undefined ? null : first.startTime, useful: performance.now() };
  }

  window.slipwayBench = {
    frames,
    scroll,
    until,
    type,
    press,
    call,
    beginStorm,
    storm,
    beginWatch,
    endWatch,
    opened,
    painted,
    count: (selector) => document.querySelectorAll(selector).length,
    says: (text) => document.body.innerText.includes(text),
    repository: () => JSON.parse(sessionStorage.getItem("slipway.repository")).id,
  };
}
