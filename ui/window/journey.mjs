// The journeys of the window, by keyboard alone: from opening a repository to a release that is healthy in the sandbox,
// through every place, and out again.
import { Keyboard } from "./keys.mjs";

/** What is done in which repository; `repository` is `null` for the sample inside the program. */
export const journeys = [
  {
    repository: null,
    from: "staging",
    to: "production",
    applications: ["payments-api", "storefront"],
    fails: null,
    leftOut: null,
    synced: "Sync 2 applications",
  },
  {
    repository: "codefresh-many-appsets",
    from: "staging",
    to: "prod-us",
    applications: ["invoices", "orders"],
    fails: null,
    leftOut: null,
    synced: "Sync 2 applications",
  },
  {
    repository: "fineract-gitops",
    from: "dev",
    to: "uat",
    applications: ["fineract-ingress", "fineract-keycloak"],
    fails: { instance: "monitoring@dev", file: /apps\/monitoring\/base\/kustomization\.yaml:13/ },
    leftOut: { application: "fineract-keycloak", resource: /^Deployment keycloak of / },
    synced: "Sync 1 application",
  },
];

/** Makes one journey. `folder` is where the repository lies; it ends at the first screen again. */
export async function journey(session, what, folder, picture) {
  const keys = new Keyboard(session);
  const shot = (name) => picture(`${what.repository ?? "sample"}-${name}`);
  await open(keys, folder);
  await shot("1-environments");
  await environments(keys, what);
  await shot("2-detail");
  await review(keys, what);
  await shot("3-review");
  await promote(keys, what);
  await shot("4-committed");
  await waves(keys, what);
  await shot("5-synced");
  await activity(keys, what);
  await shot("6-activity");
  await settings(keys, what);
}

async function open(keys, folder) {
  await keys.get("textbox", "Folder").focused(60_000);
  if (folder === null) await keys.act(keys.get("button", "Open sample"));
  else {
    await keys.type(folder);
    await keys.press("Enter");
  }
  await keys.get("tree", "Environments").focused(60_000);
}

async function environments(keys, { applications, to, fails }) {
  const tree = keys.get("tree", "Environments");
  const [first] = applications;
  await keys.press("Home", "*", "ArrowDown", "End", "Home");
  if (fails !== null) {
    await keys.press("/");
    await keys.type(fails.instance.split("@")[0]);
    await keys.press("ArrowDown", "Home");
    await keys.downTo(tree, new RegExp(`^${fails.instance}`));
    await keys.press("Enter");
    const detail = keys.get("complementary", `Detail of ${fails.instance}`);
    await detail.get("region", "Why it fails").says(fails.file);
    await keys.paneTo(detail);
    await keys.press("Escape");
    await detail.gone();
    await tree.focused();
  }
  await keys.press("/", "Control+a");
  await keys.type(first);
  await keys.press("ArrowDown", "Home");
  await tree.focused();
  await keys.downTo(tree, new RegExp(`^${first}@${to}: .*Rendered`));
  await keys.press("Enter");
  const detail = keys.get("complementary", `Detail of ${first}@${to}`);
  await detail.get("region", /^What differs from /).wait();
  await keys.paneTo(detail);
  await keys.tabTo(detail.get("tab", /^Overview/));
  await keys.press("ArrowRight", "Enter");
  await detail.get("tab", /^Resources/).has("aria-selected", "true");
  await keys.tabTo(detail.get("separator"), "Shift+Tab");
  await keys.press("ArrowLeft", "ArrowRight");
}

async function review(keys, { applications, from, to, leftOut }) {
  const list = keys.get("listbox", "Resources that differ");
  const text = keys.get("region", /compared with .*change/);
  await keys.press("Control+4");
  await keys.pick(keys.get("button", /^First side: /), from);
  await keys.get("button", `First side: ${from}`).wait();
  await keys.pick(keys.get("button", /^Second side: /), to);
  await keys.get("button", `Second side: ${to}`).wait();
  await list.wait();
  await keys.press("/");
  await keys.type(applications[0]);
  await keys.press("Tab");
  await list.focused();
  await list.isAt(new RegExp(` of ${applications[0]}@`));
  await keys.press("End", "Enter");
  await text.focused();
  await keys.press("n", "Shift+N", "n", "z", "z", "w");
  await keys.get("button", "Wrap long lines").has("aria-pressed", "true");
  await keys.press("w", "u");
  await keys.get("button", "Unified").wait();
  await keys.press("u", "[", "]");
  await text.focused();
  await keys.press("Control+f");
  const find = keys.get("searchbox", "Find in this resource");
  await find.focused();
  await keys.type("name");
  await keys.get("status", /^\d+ lines?$/).wait();
  await keys.press("Enter");
  await keys.get("status", /^1 of \d+ lines?$/).wait();
  await keys.press("Escape");
  await find.gone();
  if (leftOut !== null) {
    await keys.press("/", "Control+a");
    await keys.type(leftOut.application);
    await keys.press("Tab", "Home");
    await keys.downTo(list, leftOut.resource);
    await keys.press("Shift+X");
    await list.isAt(/left out/);
  }
  await keys.paneTo(list);
  await keys.press("Control+Enter");
}

async function promote(keys, { applications, to }) {
  const grid = keys.get("grid", "Promotion matrix");
  const pane = keys.get("complementary", `Promote to ${to}`);
  await grid.focused();
  await keys.press("Control+Home");
  for (const application of applications) {
    await keys.downTo(grid, new RegExp(`^${application}$`));
    await keys.press("Space");
  }
  await keys.get("group", "Selection").says(new RegExp(`${applications.length} selected`));
  await keys.press("p");
  for (const application of applications) await pane.get("region", application).wait(60_000);
  await keys.tabTo(pane.get("tab", /^Changes/));
  await keys.press("ArrowRight", "Enter");
  await pane.get("region", new RegExp(` of ${applications[0]}@${to}`)).wait(60_000);
  await keys.act(pane.get("button", "Continue to commit"));
  await pane.get("radio", "New branch").wait();
  await keys.act(pane.get("button", /^Commit to /));
  const who = keys.get("dialog", "Who makes commits");
  const written = pane.get("note", /^Committed to /);
  if (await keys.first(who, written)) {
    await who.get("textbox", "Name").focused();
    await keys.type("Ada Byron");
    await keys.press("Tab");
    await keys.type("ada@example.com");
    await keys.press("Enter");
    await who.gone();
  }
  await written.wait(60_000);
  await keys.act(pane.get("button", "Continue to sync"));
  await keys.act(pane.get("button", "See the waves"));
}

async function waves(keys, { applications, synced }) {
  const graph = keys.get("group", "Waves");
  await keys.get("heading", "Sync plan").wait();
  await graph.wait();
  await keys.paneTo(graph);
  await keys.press("]", "[", "ArrowDown", "ArrowUp", "b");
  const detail = keys.get("complementary", /^Detail of /);
  await detail.wait();
  await keys.paneTo(detail);
  await keys.press("Escape");
  await detail.gone();
  await keys.act(keys.get("button", "Sync…"));
  const dialog = keys.get("dialog", synced);
  await dialog.get("radio", "Sandbox").focused();
  await keys.act(dialog.get("button", new RegExp(`^${synced}, \\d+ resources$`)));
  await keys.get("heading", /^Sync to /).wait();
  const outcome = keys.get("note", /Succeeded: /);
  await outcome.says(/All \d+ resources healthy/, 120_000);
  await graph.says(new RegExp(applications[0]));
  await keys.paneTo(graph);
  await keys.press("f", "f", "l");
}

async function activity(keys) {
  await keys.get("heading", "Activity").wait();
  await keys.press("Control+5");
  await keys.get("region", "Timeline").focused();
  const tabs = keys.get("region", "Logs, events and health");
  await keys.paneTo(tabs);
  await keys.tabTo(tabs.get("tab", /^Health/));
  await keys.press("ArrowLeft", "Enter");
  await tabs.get("tab", /^Events/).has("aria-selected", "true");
  await keys.press("ArrowLeft", "Enter");
  await tabs.get("tab", /^Logs/).has("aria-selected", "true");
}

async function settings(keys, { repository }) {
  await keys.press("Control+6");
  await keys.tabTo(keys.get("link", "Appearance"));
  await keys.press("Enter");
  const dark = keys.get("radio", "Dark");
  await keys.tabTo(keys.get("radio", repository === null ? /^System/ : "Light"));
  if (repository === null) await keys.press("ArrowDown", "ArrowDown");
  await keys.get("heading", "Appearance").wait();
  await keys.press("ArrowUp");
  await dark.focused();
  await keys.press("ArrowDown");
  await keys.get("radio", "Light").focused();
  // The places of everywhere: back and forward, the palette, the help.
  await keys.press("Alt+ArrowLeft");
  await keys.get("link", "Repositories").has("aria-current", "page");
  await keys.press("Alt+ArrowRight", "Control+k");
  await keys.get("combobox", "Search").focused();
  await keys.type("go to envi");
  await keys.get("option", /^Go to Environments/).has("aria-selected", "true");
  await keys.press("Enter");
  const tree = keys.get("tree", "Environments");
  await tree.focused();
  await keys.press("?");
  const help = keys.get("dialog", "Keyboard shortcuts");
  await help.focused();
  await keys.press("Escape");
  await help.gone();
  await tree.focused();
  await keys.press("Control+2", "Control+3", "Control+6");
  await keys.tabTo(keys.get("link", "Repositories"));
  await keys.act(keys.get("button", "Close"));
  await keys.get("textbox", "Folder").focused();
}

/** Closes the window with its key; the session ends with it. */
export async function quit(session) {
  const keys = new Keyboard(session);
  await keys.leave("Control+q");
}
