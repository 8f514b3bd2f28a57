// The pictures that are taken: where, and what is pressed before.
export const shots = [
  { name: "welcome", query: "welcome=1" },
  { name: "environments", path: "environments?at=payments-api%40production" },
  { name: "environments-failed", path: "environments?state=failed&at=reporting%40production" },
  { name: "environments-yaml", path: "environments?at=payments-api%40production&tab=yaml" },
  { name: "environments-scale", path: "environments", query: "scale=2000" },
  { name: "environments-empty", path: "environments?q=nothing-like-this" },
  { name: "palette", path: "environments", act: async (page) => { await page.keyboard.press("Control+k"); await page.keyboard.type("work"); } },
  { name: "shortcuts", path: "environments", act: async (page) => { await page.keyboard.press("?"); } },
  { name: "promotions", path: "promotions?applications=payments-api%2Cpayments-ledger&step=review" },
  { name: "promotions-scale", path: "promotions", query: "scale=2000" },
  { name: "promotions-preview", path: "promotions?applications=payments-api%2Cpayments-ledger&step=review", act: async (page) => { await page.getByRole("tab", { name: /Rendered preview/ }).click(); } },
  { name: "promotions-yaml", path: "promotions?applications=payments-api%2Cpayments-ledger&step=review", act: async (page) => { await page.getByRole("button", { name: "View YAML diff of payments-api" }).click(); } },
  { name: "promotions-commit", path: "promotions?applications=payments-api%2Cpayments-ledger&step=commit" },
  { name: "promotions-sync", path: "promotions?applications=payments-api%2Cpayments-ledger&step=commit", act: async (page) => { await page.getByRole("button", { name: /^Commit to/ }).click(); await page.getByRole("button", { name: "Continue to sync" }).click(); } },
  { name: "promotions-verify", query: "pace=20", path: "promotions?applications=payments-api%2Cpayments-ledger&step=commit", act: async (page) => { await page.getByRole("button", { name: /^Commit to/ }).click(); await page.getByRole("button", { name: "Continue to sync" }).click(); await page.getByRole("button", { name: /^Sync 2/ }).click(); await page.getByRole("button", { name: "Verify" }).click(); await page.waitForTimeout(900); await page.getByRole("button", { name: "Verify" }).click(); } },
];
