// Holds the direction of imports: app → features → components → lib; `ipc` is the only folder that
// knows Tauri; features do not import each other; only `components` knows Base UI.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../src/", import.meta.url));
const allowed = {
  app: ["app", "features", "components", "ipc", "lib", "styles"],
  features: ["components", "ipc", "lib"],
  components: ["components", "lib", "ipc"],
  ipc: ["ipc", "lib"],
  lib: ["lib", "ipc"],
  testing: ["testing", "ipc", "lib", "app", "features", "components", "styles"],
  styles: ["styles"],
};
const problems = [];
for (const name of readdirSync(root, { recursive: true }).map(String)) {
  if (!/\.tsx?$/.test(name)) continue;
  const parts = name.split(sep);
  const layer = parts.length === 1 ? "app" : parts[0];
  const isTest = /\.test\.tsx?$/.test(name);
  const isGallery = layer === "features" && parts[1] === "gallery";
  const text = readFileSync(join(root, name), "utf8");
  const statement = /(?:import|export)\s+(type\s+)?([^"';]*?)\s*from\s*"([^"]+)"|import\s*\(?\s*"([^"]+)"/g;
  for (const match of text.matchAll(statement)) {
    const target = match[3] ?? match[4] ?? "";
    const names = (match[2] ?? "").replace(/[{}]/g, "").split(",");
    const onlyTypes =
      match[1] !== undefined || names.every((entry) => entry.trim() === "" || entry.trim().startsWith("type "));
    const fail = (why) => problems.push(`${name}: imports ${target}: ${why}`);
    if (target.startsWith("@tauri-apps/") && layer !== "ipc") fail("only ipc/ knows Tauri");
    if (target.startsWith("@base-ui/") && layer !== "components") fail("screens import from components/");
    if (!target.startsWith(".")) continue;
    const path = relative(root, normalize(join(root, dirname(name), target))).split(sep);
    const other = path.length === 1 && allowed[path[0]] === undefined ? "app" : path[0];
    if (layer === "features" && other === "features") {
      if (path[1] !== parts[1] && !isGallery) fail("features do not import each other");
      continue;
    }
    if (isTest || isGallery || (other === "testing" && (isGallery || name === "main.tsx"))) continue;
    if (!allowed[layer]?.includes(other)) fail(`${layer}/ does not import ${other}/`);
    if ((layer === "lib" || layer === "components") && other === "ipc" && !onlyTypes)
      fail(`${layer}/ takes types from ipc/, nothing else`);
  }
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log("layers: imports go one way");
