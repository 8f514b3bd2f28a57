// Real repositories that the journeys are made on. They lie beside the checkout and are no part of it.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bundles = fileURLToPath(new URL("../../../shared/corpora/repos/", import.meta.url));

/** Whether a repository is there; where it is not, the test that needs it is counted as skipped, with its name. */
export function isThere(name, what) {
  const found = existsSync(join(bundles, `${name}.bundle`));
  if (!found) console.log(`skipped: ${what} on ${name}: ../shared is missing`);
  return found;
}

/** Unpacks a repository into a folder, as a clone that a person makes. */
export function unpack(name, into) {
  const folder = join(into, name);
  execFileSync("git", ["clone", "--quiet", join(bundles, `${name}.bundle`), folder], { stdio: "inherit" });
  return folder;
}
