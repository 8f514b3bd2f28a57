// The journey of the window: from the sample to a release that is healthy in the sandbox.
import { Locator } from "./page.mjs";

export async function journey(session, picture) {
  const page = new Locator(session, []);
  const places = page.get("navigation", "Places");

  const tree = page.get("tree", "Environments");
  await tree.wait(60_000);
  const filter = page.get("searchbox", "Filter environments");
  await filter.fill("payments-api");
  await tree.get("treeitem", /^payments-api@production: .*Rendered/).click();
  await page.get("complementary", /payments-api@production/).wait();
  await picture("01-environments-detail");
  await page
    .get("complementary", /payments-api@production/)
    .get("button", /^Close/)
    .click();
  await filter.fill("");
  await picture("02-environments");

  await places.get("link", "Review").click();
  await page.get("button", "First side: staging").wait();
  await page.get("button", "Second side: production").wait();
  await page.get("option", /^Deployment payments-api of payments-api/).click();
  await page.get("region", /compared with .*change/).wait();
  await picture("03-review");
  await page.get("button", "Promote to production…").click();

  const grid = page.get("grid", "Promotion matrix");
  await grid.get("checkbox", "Select payments-api").check();
  await grid.get("checkbox", "Select storefront").check();
  await page.get("group", "Selection").says(/2 selected/);
  await picture("04-promotions");
  await page.get("button", "Promote 2 to production…").click();

  const pane = page.get("complementary", "Promote to production");
  await pane.get("region", "payments-api").wait();
  await pane.get("region", "storefront").wait();
  await picture("05-promote-changes");
  await pane.get("tab", /^Rendered preview/).click();
  await pane.get("region", /Deployment.* of payments-api@production/).wait();
  await pane.get("region", / of storefront@production/).wait();
  await picture("06-promote-preview");
  await pane.get("button", "Continue to commit").click();
  await pane.get("radio", "New branch").check();
  await picture("07-promote-commit");
  await pane.get("button", /^Commit to /).click();
  await pane.get("note", /^Committed to /).wait(60_000);
  await picture("08-promote-committed");
  await pane.get("button", "Continue to sync").click();
  await pane.get("button", "See the waves").click();

  await page.get("heading", "Sync plan").wait();
  await page.get("toolbar", "Sync").says(/2 applications, \d+ resources/);
  await picture("09-waves-plan");
  await page.get("button", "Sync…").click();
  const dialog = page.get("dialog", "Sync 2 applications");
  await dialog.get("radio", "Sandbox").check();
  await picture("10-sync-dialog");
  await dialog.get("button", /^Sync 2 applications, \d+ resources$/).click();
  await page.get("heading", /^Sync to /).wait();
  await page.get("toolbar", "Sync").says(/\d+ of [1-9]\d* synced/);
  await picture("11-waves-running");
  await page.get("note", /Succeeded: /).says(/All \d+ resources healthy/, 150_000);
  await picture("12-waves-done");
  await page.get("button", "Open activity").click();
  await places.get("link", "Activity").has("aria-current", "page");
  await picture("13-activity");
}
