// Holds the budget of ui.md: the JavaScript that the first page loads, compressed.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budget = 250 * 1024;
const root = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", root), "utf8");
const initial = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]);
// What a script imports at its top is loaded with it, whether or not the page names it.
for (const file of initial) {
  const text = readFileSync(new URL(file, root), "utf8");
  for (const match of text.matchAll(/(?:\bimport|\bfrom)\s*["']\.\/([^"']+\.js)["']/g)) {
    const other = `assets/${match[1]}`;
    if (!initial.includes(other)) initial.push(other);
  }
}
if (initial.length === 0) {
  console.error("dist/index.html names no script: run `npm run build` first");
  process.exit(1);
}
let total = 0;
for (const file of initial) {
  const size = gzipSync(readFileSync(new URL(file, root)), { level: 9 }).length;
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(7)} KiB gz  ${file}`);
}
const development = readdirSync(new URL("assets/", root))
  .filter((name) => name.endsWith(".js"))
  .filter((name) => readFileSync(new URL(`assets/${name}`, root), "utf8").includes("slipway-fake-transport"));
if (development.length > 0) {
  console.error(`the fake transport is in the bundle: ${development.join(", ")}`);
  process.exit(1);
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} KiB gz of ${budget / 1024} KiB`);
if (total > budget) {
  console.error("the initial JavaScript is over its budget");
  process.exit(1);
}
