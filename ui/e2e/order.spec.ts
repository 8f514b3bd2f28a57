import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Page } from "@playwright/test";
import { openPage } from "./serve.mjs";
import { expect, picture, type Slipway, test } from "./slipway";

// What lies elsewhere and what waits for others, with the real core: a Git server of files, and a sync to the sandbox.

test.use({ what: [] });

function git(folder: string, ...words: string[]): void {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "commit.gpgsign=false"];
  execFileSync("git", [...who, ...words], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function repository(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "-q", "-b", "main");
  write(folder, files);
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", "first");
  return folder;
}

async function open(page: Page, slipway: Slipway, folder: string): Promise<void> {
  await openPage(page, slipway.address);
  await page.getByRole("textbox", { name: "Folder", exact: true }).fill(folder);
  await page.keyboard.press("Enter");
  await page.getByRole("tree", { name: "Environments" }).waitFor({ timeout: 60_000 });
}

const configMap = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: shop}\ndata: {size: "1"}\n`;

test("content from elsewhere is fetched, updated and forgotten in the settings", async ({ page, slipway }) => {
  const base = repository(join(slipway.folder, "base"), {
    "deploy/kustomization.yaml": "resources: [map.yaml]\n",
    "deploy/map.yaml": configMap("of-base"),
  });
  const address = `file://${base}`;
  const folder = repository(join(slipway.folder, "config"), {
    "apps/web/staging/kustomization.yaml": `resources:\n- ${address}//deploy?ref=main\n`,
    "apps/web/production/kustomization.yaml": `resources:\n- ${address}//deploy?ref=main\n`,
  });
  await open(page, slipway, folder);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("open fetched content");
  await page.keyboard.press("Enter");
  const missing = page.getByRole("list", { name: "Missing" });
  await expect(missing).toContainText("2 instances cannot be rendered without it");
  await picture(page, "fetched-missing");
  await page.getByRole("button", { name: "Fetch 1 missing" }).click();
  const fetched = page.getByRole("list", { name: "Fetched" });
  await expect(fetched.getByRole("listitem")).toHaveCount(1);
  await expect(missing).toHaveCount(0);
  await expect(fetched).toContainText("used by 2 instances");
  await picture(page, "fetched");

  const version = await fetched.locator("code").first().textContent();
  write(base, { "deploy/map.yaml": configMap("changed") });
  git(base, "commit", "-q", "-a", "-m", "second");
  await page.getByRole("button", { name: /^Update file:/ }).click();
  await expect(fetched.locator("code").first()).not.toHaveText(version ?? "");

  await page.getByRole("button", { name: /^Forget file:/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Forget it" }).click();
  await expect(page.getByText("Nothing was fetched", { exact: true }).or(missing)).toBeVisible();
  await expect(missing).toContainText("2 instances cannot be rendered without it");
});

const application = (name: string, wave: number): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: ${name}\n  annotations: ` +
  `{argocd.argoproj.io/sync-wave: '${wave}'}\nspec:\n  source: {repoURL: https://git.example/acme/config.git, path: ${name}}\n` +
  "  destination: {namespace: shop}\n";

const deployment = (name: string, replicas: number): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  replicas: ${replicas}\n  selector: ` +
  `{matchLabels: {app: ${name}}}\n  template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: ${name}, ` +
  `image: '${name}:1'}]}}\n`;

test("lanes wait for lanes: what waits for a failure does not start, and the retry unblocks it", async ({
  page,
  slipway,
}) => {
  const names = ["database", "backend", "frontend"];
  const folder = repository(join(slipway.folder, "config"), {
    "root.yaml": application("apps", 0),
    "argocd/argocd-cm.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata:\n  " +
      "resource.customizations.health.argoproj.io_Application: |\n    return {}\n",
    ...Object.fromEntries(names.map((name, wave) => [`apps/${name}.yaml`, application(name, wave)])),
    // The API refuses the first one.
    ...Object.fromEntries(
      names.map((name, wave) => [`${name}/deployment.yaml`, deployment(name, wave === 0 ? -1 : 1)]),
    ),
  });
  await open(page, slipway, folder);
  const instances = encodeURIComponent(["frontend", "backend", "database"].map((name) => `${name}@default`).join(","));
  await page.evaluate((list) => {
    window.location.hash = `#/waves?instances=${list}`;
  }, instances);
  const lane = (name: string, text: string) => page.getByRole("group", { name: `${name}@default: ${text}` });
  await expect(lane("backend", "Planned, waiting for database")).toBeVisible();
  await expect(lane("frontend", "Planned, waiting for backend")).toBeVisible();
  await picture(page, "order-plan");
  await page.getByRole("button", { name: "Sync…" }).click();
  await page.getByRole("button", { name: /^Sync 3 applications/ }).click();
  await expect(lane("backend", "Not started, will not start: database failed")).toBeVisible({ timeout: 60_000 });
  await expect(lane("frontend", "Not started, will not start: backend will not start")).toBeVisible();
  await page.getByRole("button", { name: /^Deployment backend: Will not start/ }).click();
  await page.keyboard.press("b");
  const pane = page.getByRole("region", { name: "Order among applications" });
  await expect(pane).toContainText("will not start: database failed");
  await expect(pane).toContainText("argocd/argocd-cm.yaml");
  await picture(page, "order-failed");

  write(folder, { "database/deployment.yaml": deployment("database", 1) });
  await page.getByRole("button", { name: /^Refresh/ }).click();
  await page.getByRole("button", { name: "Retry 3 applications" }).click();
  await expect(page.getByRole("note").getByText(/^Succeeded: /)).toBeVisible({ timeout: 120_000 });
  await expect(lane("frontend", "Succeeded")).toBeVisible();
  await picture(page, "order-succeeded");
});
