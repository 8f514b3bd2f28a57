import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import * as make from "./hostile";
import { openPage, serve } from "./serve.mjs";
import { expect, picture, type Slipway, test } from "./slipway";

// What nobody wishes for has a screen that says what is so and what to do, and the rest keeps working.

test.use({ what: [] });

/** Opens a folder as a window that was made for it does. */
async function open(page: Page, address: string, folder: string): Promise<void> {
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${new URL(address).origin}/?repository=${encodeURIComponent(folder)}`);
}

const row = (page: Page, instance: string): Locator =>
  page.getByRole("treeitem", { name: new RegExp(`^${instance}:`) });

/** A repository that is well is open, and its tree is there. */
async function expectWell(page: Page): Promise<void> {
  await expect(row(page, "shop@production")).toContainText("Rendered");
}

test("a folder that cannot be opened is told with what to do, and one that can is opened next", async ({
  page,
  slipway,
}) => {
  await openPage(page, slipway.address);
  const under = (name: string): string => join(slipway.folder, name);
  mkdirSync(under("empty"));
  make.write(under("files"), { "values.yaml": "replicas: 2\n" });
  make.git(slipway.folder, "init", "-q", "--bare", "-b", "main", under("bare-new"));
  const refusal = page.getByRole("alert");
  for (const [name, what, hints] of [
    ["empty", /empty is not in a Git repository/, [/open the folder of a clone/, /git init/]],
    ["files", /files is not in a Git repository/, [/open the folder of a clone/, /git init/]],
    ["nowhere", /there is no directory .*nowhere/, [/mounted/, /clone/]],
    ["bare-new", /the branch main has no commit yet/, [/push one to it/]],
  ] as const) {
    await test.step(name, async () => {
      await open(page, slipway.address, under(name));
      await expect(refusal).toContainText(what);
      for (const hint of hints) await expect(refusal.getByRole("listitem").filter({ hasText: hint })).toBeVisible();
      await picture(page, `bad-${name}`);
    });
  }

  await test.step("a repository without a commit", async () => {
    await open(page, slipway.address, make.init(under("unborn")));
    const main = page.getByRole("main");
    await expect(main.getByRole("heading", { name: "No applications found" })).toBeVisible();
    await expect(main).toContainText("The branch main has no commit yet");
    await expect(main).toContainText("There is no file in it.");
    await picture(page, "bad-unborn");
  });

  await test.step("a bare repository", async () => {
    make.healthy(under("source"));
    make.git(slipway.folder, "clone", "-q", "--bare", under("source"), under("bare"));
    await open(page, slipway.address, under("bare"));
    await expectWell(page);
    await expect(page.getByText("read-only", { exact: true })).toHaveAttribute("title", /bare/);
  });

  await test.step("a detached head", async () => {
    const folder = make.healthy(under("detached"));
    make.git(folder, "checkout", "-q", "--detach");
    await open(page, slipway.address, folder);
    await expectWell(page);
    await expect(page.getByRole("button", { name: /^Repository detached, branch detached at/ })).toBeVisible();
  });

  await test.step("a submodule that was not fetched", async () => {
    await open(page, slipway.address, make.withSubmodule(under("parent")));
    await expectWell(page);
  });
});

test("forty thousand files that are no manifests open, are counted, and leave the page fluid", async ({
  page,
  slipway,
}) => {
  await openPage(page, slipway.address);
  await open(page, slipway.address, make.crowded(join(slipway.folder, "crowded")));
  const main = page.getByRole("main");
  await expect(main).toContainText("None of its 40000 files is a Helm chart, kustomization", { timeout: 60_000 });
  await expect(main).toContainText(".slipway.yaml");
  await picture(page, "bad-crowded");
  // The core reads; the page answers.
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.keyboard.press("Control+6");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible({ timeout: 5_000 });
  expect(await page.locator("*").count(), "nothing is painted per file").toBeLessThan(2_500);
});

test("a repository that goes, comes back, or stops half way while it is open is told, and followed", async ({
  page,
  slipway,
}) => {
  await openPage(page, slipway.address);
  const folder = make.divided(join(slipway.folder, "watched"));
  const away = join(slipway.folder, "away");
  const gone = page.getByText(/is not there any more/);
  await open(page, slipway.address, folder);
  await expectWell(page);

  await test.step("it vanishes", async () => {
    renameSync(folder, away);
    await expect(gone).toContainText("watched is not there any more. What is shown is what was read last.");
    await expectWell(page);
    await picture(page, "bad-vanished");
  });

  await test.step("another copy takes its place, and is followed", async () => {
    cpSync(away, folder, { recursive: true });
    await expect(gone).toBeHidden();
    make.write(folder, { "apps/late/staging/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late}\n" });
    await expect(row(page, "late@staging")).toBeVisible();
    rmSync(join(folder, "apps/late"), { recursive: true });
    await expect(row(page, "late@staging")).toBeHidden();
  });

  for (const operation of ["rebase", "merge"]) {
    await test.step(`a ${operation} that stops`, async () => {
      make.stopsHalfWay(folder, operation, "other");
      const state = page.getByRole("button", { name: `${operation} in progress, 1 conflict` });
      await expect(state).toBeVisible();
      await expect(row(page, "shop@production")).toContainText("Failed");
      await row(page, "shop@production").click();
      const detail = page.getByRole("complementary", { name: "Detail of shop@production" });
      await expect(detail).toContainText("a merge conflict of Git begins here");
      await expect(detail).toContainText(new RegExp(`${make.contested}:\\d+:1`));
      await picture(page, `bad-${operation}`);
      await state.click();
      await expect(page.getByRole("dialog")).toContainText(make.contested);
      await page.keyboard.press("Escape");
      make.git(folder, operation, "--abort");
      await expect(state).toBeHidden();
      await expectWell(page);
      await page.keyboard.press("Escape");
    });
  }

  await test.step("a reset", async () => {
    make.git(folder, "reset", "-q", "--hard", "other");
    const commit = make.git(folder, "rev-parse", "--short=7", "HEAD").trim();
    await expect(row(page, "shop@production")).toContainText(commit);
  });
});

/** The detail of an instance, at a tab. */
async function detailOf(page: Page, instance: string, tab: string): Promise<Locator> {
  await page.getByRole("searchbox", { name: "Filter environments" }).fill(instance.split("@")[0] ?? "");
  await row(page, instance).click();
  const detail = page.getByRole("complementary", { name: `Detail of ${instance}` });
  await detail.getByRole("tab", { name: tab }).click();
  return detail;
}

test("files that nobody should have written are rows with a reason, and steer nothing", async ({ page, slipway }) => {
  await openPage(page, slipway.address);
  await open(page, slipway.address, make.hostile(join(slipway.folder, "hostile")));
  const filter = page.getByRole("searchbox", { name: "Filter environments" });
  await filter.waitFor({ timeout: 120_000 });
  await expect(page.getByText(/^Rendered \d/)).toHaveCount(0, { timeout: 60_000 });

  for (const [application, place, message] of [
    ["terminal", "map.yaml:6:8", "the control character U+001B is not allowed; write it as an escape"],
    ["zero", "map.yaml:6:9", "the control character U+0000 is not allowed; write it as an escape"],
    ["latin", "map.yaml:6:11", "the byte 0xe9 is no UTF-8"],
    ["nested", "map.yaml:6:1008", "nested deeper than 1000 levels"],
    ["pointer", "map.yaml", "is a Git LFS pointer"],
  ] as const) {
    await test.step(application, async () => {
      const problem = (await detailOf(page, `${application}@production`, "Problems")).getByRole("listitem").first();
      await expect(problem).toContainText(message);
      await expect(problem).toContainText(`apps/${application}/production/${place}`);
      await picture(page, `bad-${application}`);
    });
  }
  await test.step("a pointer says how its content comes", async () => {
    const detail = await detailOf(page, "pointer@production", "Problems");
    await expect(detail).toContainText("git lfs pull");
  });
  for (const [application, painted] of [
    ["escaped", /␛\]0;owned␇␛\[31mred|\\e\]0;owned|\\x1b|\\u001b/i],
    ["bidi", /user‹U\+202E›‹U\+2066›\/\/ admin‹U\+2069›/],
    ["long-line", /characters …/],
  ] as const) {
    await test.step(application, async () => {
      const detail = await detailOf(page, `${application}@production`, "YAML");
      const text = detail.getByRole("region", { name: /YAML|resource/i }).last();
      await expect(detail).toContainText(painted, { timeout: 60_000 });
      await expect(text).toBeVisible();
      await picture(page, `bad-${application}`);
    });
  }
  await test.step("names of several lines and with escapes", async () => {
    await filter.fill("lines");
    await expect(page.getByRole("treeitem", { name: /lines@staging/ })).toHaveCount(1);
    await filter.fill("steered");
    await expect(page.getByRole("treeitem").filter({ hasText: "steered␛[31m" }).first()).toBeVisible();
    await picture(page, "bad-names");
  });
  await test.step("two files whose names differ in case, and links that never end", async () => {
    const detail = await detailOf(page, "case@production", "Resources");
    await expect(detail).toContainText("lower");
    await expect(detail).toContainText("upper");
    await detailOf(page, "loop@production", "YAML");
  });
  await test.step("what is too large to be searched is told", async () => {
    await filter.fill("");
    await page.getByRole("button", { name: /^\d+ problems?$/ }).click();
    await expect(page.getByRole("dialog")).toContainText(
      /apps\/huge\/production\/map\.yaml has \d+ MB; files of more than 16 MB are not searched/,
    );
    await picture(page, "bad-huge");
    await page.keyboard.press("Escape");
  });
  await filter.fill("shop");
  await expectWell(page);
});

test("what is another person's, or may not be written, is told before anything fails", async ({ page, slipway }) => {
  // Only who may become somebody else can be refused a file: root may read and write all.
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
  const folder = mkdtempSync(join(tmpdir(), "slipway-other-"));
  const mine = make.healthy(join(folder, "mine"));
  const server = await serve(folder, [], nobody);
  const parts = ["", ...(readdirSync(mine, { recursive: true }) as string[])].map((name) => join(mine, name));
  const writable = (yes: boolean): void => {
    for (const part of yes ? parts : [...parts].reverse()) chmodSync(part, yes ? 0o755 : 0o555);
  };
  try {
    await page.goto(server.address);
    writable(false);
    await open(page, server.address, mine);
    await expectWell(page);
    await expect(page.getByText("read-only", { exact: true })).toHaveAttribute("title", /\.git` may not be written/);
    await page.goto(
      `${new URL(server.address).origin}/#/promotions?from=staging&to=production&applications=shop&step=commit`,
    );
    const commit = page.getByRole("button", { name: /^Commit to/ });
    await expect(commit).toHaveAttribute("aria-disabled", "true");
    await picture(page, "bad-read-only");
    // A patch is written elsewhere.
    await page.getByRole("radio", { name: "Patch file" }).check();
    await page.getByRole("textbox", { name: /File|Path/ }).fill(join(slipway.folder, "x.patch"));
    await expect(page.getByRole("button", { name: /patch/i }).last()).not.toHaveAttribute("aria-disabled", "true");

    if (nobody === undefined) console.log("skipped: a repository of another user: only root can make one");
    else {
      chmodSync(slipway.folder, 0o755);
      const foreign = make.healthy(join(slipway.folder, "theirs"));
      await open(page, server.address, foreign);
      const refusal = page.getByRole("alert");
      await expect(refusal).toContainText("belongs to another user, so its settings are not trusted");
      await expect(refusal).toContainText(`git config --global --add safe.directory ${foreign}`);
      await picture(page, "bad-foreign");
    }
  } finally {
    await server.end();
    writable(true);
    rmSync(folder, { recursive: true, force: true });
  }
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  return (server.address() as AddressInfo).port;
}

async function withClusters(slipway: Slipway, use: () => Promise<void>): Promise<void> {
  const status = JSON.stringify({ kind: "Status", status: "Failure", message: "Unauthorized", reason: "Unauthorized" });
  const silent = createSocketServer();
  const strict = createServer((_, answer) => answer.writeHead(401, { "content-type": "application/json" }).end(status));
  const login = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<html>"));
  const servers = {
    "silent-staging": `http://127.0.0.1:${await listening(silent)}`,
    "closed-production": "http://127.0.0.1:1",
    strict: `http://127.0.0.1:${await listening(strict)}`,
    login: `http://127.0.0.1:${await listening(login)}`,
    "without-tls": new URL(slipway.address).origin.replace("http:", "https:"),
  };
  const list = (line: (name: string, server: string) => string): string =>
    Object.entries(servers)
      .map(([name, server]) => `- ${line(name, server)}\n`)
      .join("");
  make.write(slipway.folder, {
    "home/.kube/config":
      `apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: t}}]\n` +
      `clusters:\n${list((name, server) => `{name: ${name}, cluster: {server: "${server}"}}`)}` +
      `contexts:\n${list((name) => `{name: ${name}, context: {cluster: ${name}, user: u}}`)}`,
  });
  try {
    await use();
  } finally {
    for (const server of [silent, strict, login]) server.close();
    strict.closeAllConnections();
    login.closeAllConnections();
  }
}

test("clusters that say nothing, no, or something else hold up nothing, and say what they are waited for", async ({
  page,
  slipway,
}) => {
  await withClusters(slipway, async () => {
    await openPage(page, slipway.address);
    const { origin } = new URL(slipway.address);
    await open(page, slipway.address, make.healthy(join(slipway.folder, "repository")));
    await expectWell(page);
    await page.goto(`${origin}/#/settings?section=clusters`);
    const state = page.getByRole("contentinfo", { name: "State" });

    await test.step("contexts are proposed; the silent one is waited for by its name", async () => {
      await page.getByRole("button", { name: "Use closed-production" }).click();
      await expect(state).toContainText("closed-production unreachable");
      await page.getByRole("button", { name: "Use silent-staging" }).click();
      await expect(state).toContainText("waiting for silent-staging");
      await page.keyboard.press("Control+1");
      await expectWell(page);
      await picture(page, "bad-cluster-waiting");
      await expect(state).toContainText("silent-staging no answer");
    });

    await test.step("each says why and what to do", async () => {
      await page.goto(`${origin}/#/settings?section=clusters`);
      for (const [context, said, hint] of [
        ["closed-production", /not reachable: nothing listens at/, /address is reachable from here/],
        ["strict", /sign-in needed: .* does not know who is asking/, /log in again/],
        ["login", /answers is a page, and not from a Kubernetes API/, /a login page may answer/],
        ["without-tls", /does not speak TLS/, /what listens there speaks plain HTTP/],
        ["silent-staging", /gave no answer within 5 s/, /drops packets/],
      ] as const) {
        await page.getByRole("button", { name: `Check ${context}` }).click();
        const entry = page.getByRole("listitem").filter({ hasText: context });
        await expect(entry.getByRole("status")).toContainText(said);
        await expect(entry).toContainText(hint);
      }
      await picture(page, "bad-clusters");
    });

    await test.step("a sync that waits is aborted at once", async () => {
      await page.goto(`${origin}/#/waves?instances=shop@staging`);
      await page.getByRole("button", { name: "Sync…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("radio", { name: "Clusters of the kubeconfig" }).check();
      await dialog.getByRole("button", { name: /^Sync / }).click();
      await page.getByRole("heading", { name: /^Sync to silent-staging/ }).waitFor();
      await picture(page, "bad-sync-waiting");
      // By keyboard: what ends something does not have the focus, and Escape leads back.
      const abort = page.getByRole("button", { name: "Abort…" });
      await abort.press("Enter");
      await expect(page.getByRole("button", { name: "Keep running" })).toBeFocused();
      await page.keyboard.press("Escape");
      await expect(abort).toBeFocused();
      await page.keyboard.press("Enter");
      await expect(page.getByRole("button", { name: "Keep running" })).toBeFocused();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("dialog")).toHaveCount(0);
      await expect(page.getByText(/Aborted|Terminated|Stopped|Failed|Error:/).first()).toBeVisible();
      await picture(page, "bad-sync-aborted");
    });
  });
});

test("without a keyring everything else works, and credentials say why they cannot be kept", async ({
  page,
  slipway,
}) => {
  await openPage(page, slipway.address);
  await open(page, slipway.address, make.healthy(join(slipway.folder, "repository")));
  await expectWell(page);
  await page.goto(`${new URL(slipway.address).origin}/#/settings?section=credentials`);
  const main = page.getByRole("main");
  await expect(main).toContainText("Credentials cannot be kept: no keyring can be reached");
  await expect(main).toContainText("The encrypted file can be turned on instead.");
  await expect(page.getByRole("button", { name: "Ask again" })).toBeVisible();
  await picture(page, "bad-keyring");
});
