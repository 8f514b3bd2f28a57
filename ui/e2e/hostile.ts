// Repositories as nobody wishes for, each made in a folder of the test with Git settings of its own.
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Runs git as somebody who has no settings but these. */
export function git(folder: string, ...words: string[]): string {
  return execFileSync("git", ["-c", "protocol.file.allow=always", ...words], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.com",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.com",
    },
  });
}

/** Writes files below a folder. */
export function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

export function commit(folder: string, message: string): void {
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", message);
}

export function init(folder: string): string {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "-q", "-b", "main");
  return folder;
}

export const deployment = (version: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: example.com/shop:${version}
`;

/** The file that is in conflict where a rebase or merge stops. */
export const contested = "apps/shop/base/deployment.yaml";

function overlay(tag: string): string {
  return `namespace: shop\nresources: [../../base]\nimages: [{name: example.com/shop, newTag: "${tag}"}]\n`;
}

/** A repository of one application in two environments, which differ in their version. */
export function healthy(folder: string): string {
  init(folder);
  write(folder, {
    [contested]: deployment("1.0.0"),
    "apps/shop/base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "apps/shop/overlays/staging/kustomization.yaml": overlay("2.0.0"),
    "apps/shop/overlays/production/kustomization.yaml": overlay("1.0.0"),
  });
  commit(folder, "first");
  return folder;
}

/** A second branch whose change contradicts one of `main`. */
export function divided(folder: string): string {
  healthy(folder);
  git(folder, "switch", "-q", "-c", "other");
  write(folder, { [contested]: deployment("3.0.0") });
  commit(folder, "three");
  git(folder, "switch", "-q", "main");
  write(folder, { [contested]: deployment("4.0.0") });
  commit(folder, "four");
  return folder;
}

/** Runs git where it is meant to stop half way. */
export function stopsHalfWay(folder: string, ...words: string[]): void {
  try {
    git(folder, ...words);
  } catch {
    return;
  }
  throw new Error(`git ${words.join(" ")} went through`);
}

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  key: ${value}\n`;

export const escape = "\u001b";

/** A file of an application, the same in both environments. */
function both(application: string, file: string, content: string | Uint8Array): Record<string, string | Uint8Array> {
  return Object.fromEntries(["staging", "production"].map((each) => [`apps/${application}/${each}/${file}`, content]));
}

/** Applications whose files nobody should have written, beside one that is well. Nothing of it is committed. */
export function hostile(folder: string): string {
  healthy(folder);
  const files: Record<string, string | Uint8Array> = {
    ...both("escaped", "map.yaml", configMap("escaped", `"\\x1b]0;owned\\x07\\x1b[31mred"`)),
    ...both("terminal", "map.yaml", configMap("terminal", `${escape}[31mred`)),
    ...both("bidi", "map.yaml", configMap("bidi", `"user\u202e\u2066// admin\u2069"`)),
    ...both("zero", "map.yaml", configMap("zero", "a\0b")),
    ...both(
      "latin",
      "map.yaml",
      Buffer.concat([Buffer.from(configMap("latin", "caf").trimEnd()), Buffer.from([0xe9, 0x0a])]),
    ),
    "apps/long-line/production/map.yaml": configMap("long-line", `"${"x".repeat(10_000_000)}"`),
    ...both("nested", "map.yaml", configMap("nested", "[".repeat(1_000_000))),
    ...both("pointer", "kustomization.yaml", "resources: [map.yaml]\n"),
    ...both(
      "pointer",
      "map.yaml",
      `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d".repeat(32)}\nsize 12345\n`,
    ),
    ...both("case", "config.yaml", configMap("lower", "x")),
    ...both("case", "Config.yaml", configMap("upper", "x")),
    ...both("two\nlines", "map.yaml", configMap("lines", "x")),
    ...both(`steered${escape}[31m`, "map.yaml", configMap("steered", "x")),
    ...both("loop", "map.yaml", configMap("loop", "x")),
  };
  write(folder, files);
  for (const [one, other] of [
    ["staging", "production"],
    ["production", "staging"],
  ])
    symlinkSync(`../${other}`, join(folder, `apps/loop/${one}/loop`));
  symlinkSync("itself", join(folder, "apps/loop/itself"));
  // Fifty megabytes that are a manifest.
  const huge = ["apiVersion: v1", "kind: ConfigMap", "metadata:", "  name: huge", "data:"];
  for (let line = 0; line < 500_000; line += 1) huge.push(`  k${String(line).padStart(7, "0")}: "${"v".repeat(86)}"`);
  write(folder, { "apps/huge/production/map.yaml": `${huge.join("\n")}\n` });
  return folder;
}

/** Forty thousand files, none of which is a manifest; four thousand are read to know that. Links of one: that is faster. */
export function crowded(folder: string): string {
  init(folder);
  const first = join(folder, "first.yaml");
  writeFileSync(first, "note: 1\n");
  for (let directory = 0; directory < 200; directory += 1) {
    const path = join(folder, `part-${directory}`);
    mkdirSync(path);
    for (let file = 0; file < 200; file += 1)
      linkSync(first, join(path, `${file}.${file % 10 === 0 ? "yaml" : "txt"}`));
  }
  rmSync(first);
  return folder;
}

/** A repository with another inside, cloned without it. */
export function withSubmodule(folder: string): string {
  const child = healthy(`${folder}-child`);
  const parent = healthy(`${folder}-parent`);
  git(parent, "submodule", "--quiet", "add", child, "apps/child");
  commit(parent, "a submodule");
  git(dirname(folder), "clone", "-q", parent, folder);
  rmSync(parent, { recursive: true });
  return folder;
}
