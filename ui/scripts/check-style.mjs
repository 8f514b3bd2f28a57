// Holds three rules of the stylesheets: colours and lengths come from tokens, every token that is used
// exists, and every class that a component names exists in its module.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../src/", import.meta.url));
const files = readdirSync(root, { recursive: true }).map((name) => join(root, String(name)));
const tokenFile = join(root, "styles/tokens.css");
const tokens = new Set([...readFileSync(tokenFile, "utf8").matchAll(/(--[a-z0-9-]+)\s*:/g)].map((match) => match[1]));
// Properties whose lengths are layout: where a thing is and how large it is.
const layout =
  /^(width|height|min-width|min-height|max-width|max-height|flex|flex-basis|grid-template|grid-template-columns|grid-template-rows|grid-auto-rows|top|left|right|bottom|inset|transform|background-size|background|mask|contain-intrinsic-size|scroll-margin|clip|outline-offset|stroke-width|border-left-width|border-left|border|border-bottom|border-top|border-right|outline|box-shadow|padding-left|@media|@container)$/;
const problems = [];

for (const file of files.filter((name) => name.endsWith(".css") && name !== tokenFile)) {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  text.split("\n").forEach((line, index) => {
    const at = `${relative(root, file)}:${index + 1}`;
    if (/#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch)a?\(/i.test(line))
      problems.push(`${at}: a colour outside tokens: ${line.trim()}`);
    for (const match of line.matchAll(/var\((--[a-z0-9-]+)/g)) {
      if (!tokens.has(match[1]) && !text.includes(`${match[1]}:`) && !match[1].startsWith("--local-")) {
        problems.push(`${at}: unknown token ${match[1]}`);
      }
    }
    const declaration = /^\s*([a-z-]+)\s*:\s*(.+?);?\s*$/.exec(line);
    if (declaration && /\d+px/.test(declaration[2]) && !layout.test(declaration[1])) {
      problems.push(`${at}: a length outside tokens: ${line.trim()}`);
    }
  });
}

for (const file of files.filter((name) => /\.tsx?$/.test(name))) {
  const text = readFileSync(file, "utf8");
  for (const match of text.matchAll(/import (\w+) from "(\.[^"]+\.module\.css)"/g)) {
    const [, name, path] = match;
    const css = join(dirname(file), path);
    if (!existsSync(css)) {
      problems.push(`${relative(root, file)}: ${path} does not exist`);
      continue;
    }
    const classes = new Set(
      [...readFileSync(css, "utf8").matchAll(/\.([A-Za-z][\w-]*)/g)].map((found) =>
        found[1].replace(/-([a-z])/g, (_, letter) => letter.toUpperCase()),
      ),
    );
    for (const use of text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, "g"))) {
      if (!classes.has(use[1])) problems.push(`${relative(root, file)}: no class .${use[1]} in ${path}`);
    }
  }
  text.split("\n").forEach((line, index) => {
    if (/["'`]#[0-9a-f]{3,8}["'`]/i.test(line))
      problems.push(`${relative(root, file)}:${index + 1}: a colour outside tokens`);
  });
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`styles: ${tokens.size} tokens, no stray colour, length or class`);
