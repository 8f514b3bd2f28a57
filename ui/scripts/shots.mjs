// The pictures that are taken: where, and what is pressed before.
async function startSync(page) {
  await page.getByRole("button", { name: "Sync…" }).click();
  await page.getByRole("button", { name: /^Sync 5/ }).click();
}

export const shots = [
  { name: "welcome", query: "welcome=1" },
  { name: "environments", path: "environments?at=payments-api%40production" },
  { name: "environments-failed", path: "environments?state=failed&at=reporting%40production" },
  { name: "environments-yaml", path: "environments?at=payments-api%40production&tab=yaml" },
  { name: "environments-scale", path: "environments", query: "scale=2000" },
  { name: "environments-empty", path: "environments?q=nothing-like-this" },
  {
    name: "palette",
    path: "environments",
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("work");
    },
  },
  {
    name: "shortcuts",
    path: "environments",
    act: async (page) => {
      await page.keyboard.press("?");
    },
  },
  { name: "promotions", path: "promotions?applications=payments-api%2Cpayments-ledger&step=review" },
  { name: "promotions-scale", path: "promotions", query: "scale=2000" },
  {
    name: "promotions-preview",
    path: "promotions?applications=payments-api%2Cpayments-ledger&step=review",
    act: async (page) => {
      await page.getByRole("tab", { name: /Rendered preview/ }).click();
    },
  },
  {
    name: "promotions-yaml",
    path: "promotions?applications=payments-api%2Cpayments-ledger&step=review",
    act: async (page) => {
      await page.getByRole("button", { name: "View YAML diff of payments-api" }).click();
    },
  },
  { name: "promotions-commit", path: "promotions?applications=payments-api%2Cpayments-ledger&step=commit" },
  {
    name: "promotions-sync",
    path: "promotions?applications=payments-api%2Cpayments-ledger&step=commit",
    act: async (page) => {
      await page.getByRole("button", { name: /^Commit to/ }).click();
      await page.getByRole("button", { name: "Continue to sync" }).click();
    },
  },
  {
    name: "promotions-verify",
    query: "pace=20",
    path: "promotions?applications=payments-api%2Cpayments-ledger&step=commit",
    act: async (page) => {
      await page.getByRole("button", { name: /^Commit to/ }).click();
      await page.getByRole("button", { name: "Continue to sync" }).click();
      await page.getByRole("button", { name: /^Sync 2/ }).click();
      await page.getByRole("button", { name: "Verify" }).click();
    },
  },
  {
    name: "review",
    path: "review",
    act: async (page) => {
      await page.getByRole("option", { name: /^Deployment payments-worker/ }).click();
    },
  },
  {
    name: "review-unified",
    path: "review?from=instance%3Apayments-api%40production&to=instance%3Apayments-api%40staging&view=unified",
  },
  {
    name: "review-pick",
    path: "review",
    act: async (page) => {
      await page.getByRole("button", { name: /^First side/ }).click();
      await page.keyboard.type("pay");
    },
  },
  {
    name: "waves",
    path: "waves?instances=payments-api%40production%2Cpayments-ledger%40production%2Ccheckout%40production%2Cweb%40production%2Cwarehouse-loader%40production",
  },
  {
    name: "waves-run",
    query: "failing=Job/payments-ledger-migrate&pace=600",
    path: "waves?instances=payments-api%40production%2Cpayments-ledger%40production%2Ccheckout%40production%2Cweb%40production%2Cwarehouse-loader%40production",
    act: startSync,
    wait: 2300,
  },
  {
    name: "waves-compact",
    query: "failing=Job/payments-ledger-migrate&pace=200",
    path: "waves?density=compact&instances=payments-api%40production%2Cpayments-ledger%40production%2Ccheckout%40production%2Cweb%40production%2Cwarehouse-loader%40production",
    act: async (page) => {
      await startSync(page);
      await page.getByRole("button", { name: /payments-ledger-migrate/ }).click();
    },
    wait: 1600,
  },
  {
    name: "waves-dialog",
    path: "waves?instances=payments-api%40production",
    act: async (page) => {
      await page.getByRole("button", { name: "Sync…" }).click();
      await page.getByRole("radio", { name: "Clusters of the kubeconfig" }).click();
    },
  },
  { name: "waves-choose", path: "waves" },
  {
    name: "activity",
    query: "failing=Job/payments-ledger-migrate&pace=300",
    path: "waves?instances=payments-api%40production%2Cpayments-ledger%40production%2Ccheckout%40production%2Cweb%40production%2Cwarehouse-loader%40production",
    act: async (page) => {
      await startSync(page);
      await page.waitForTimeout(1900);
      await page.getByRole("link", { name: "Activity" }).click();
    },
  },
  { name: "activity-empty", path: "activity" },
  { name: "settings", path: "settings" },
  { name: "settings-clusters", path: "settings?section=clusters" },
  { name: "settings-about", path: "settings?section=about" },
  { name: "gallery", path: "gallery" },
  { name: "gallery-stale", path: "gallery?entry=Environments%3A%20stale" },
  { name: "gallery-readonly", path: "gallery?entry=Promotions%3A%20read-only" },
  { name: "small", path: "environments?at=payments-api%40production", viewport: { width: 1024, height: 640 } },
  {
    name: "small-promotions",
    path: "promotions?applications=payments-api&step=review",
    viewport: { width: 1024, height: 640 },
  },
];
