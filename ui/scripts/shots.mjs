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
];
