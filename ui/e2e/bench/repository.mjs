// Writes a repository of many applications in three environments: plain manifests, so that what is measured is the
// page and not an engine. One application has objects that are too large to be drawn whole.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const environments = ["development", "staging", "production"];
const words = ["api", "worker", "web", "gateway", "scheduler", "indexer", "cache", "router", "mailer", "ledger"];

export function applicationName(index) {
  const team = String(Math.floor(index / 50) + 1).padStart(2, "0");
  return `team-${team}-${words[index % words.length]}-${Math.floor((index % 50) / words.length) + 1}`;
}

function wave(value) {
  return `  annotations:\n    argocd.argoproj.io/sync-wave: "${value}"\n`;
}

/** Five resources in three waves. */
function manifests(name, environment, index) {
  const step = environments.indexOf(environment);
  const version = `${1 + (index % 6)}.${9 + (index % 5) - (index % 3 === 0 ? step : 0)}.0`;
  return `apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
  namespace: default
${wave(-1)}---
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: default
${wave(-1)}data:
  LOG_LEVEL: ${index % 7 === 0 && step === 1 ? "debug" : "info"}
  REGION: ${step === 2 ? "eu-west-1" : "eu-central-1"}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: default
spec:
  replicas: ${1 + step * 2}
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
    spec:
      serviceAccountName: ${name}
      containers:
        - name: ${name}
          image: registry.example/${name}:${version}
          envFrom:
            - configMapRef:
                name: ${name}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: default
spec:
  selector:
    app.kubernetes.io/name: ${name}
  ports:
    - port: 80
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: ${name}
  namespace: default
${wave(1)}spec:
  minAvailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
`;
}

/** The application with large objects: a text of many lines, and a text of one line of megabytes. */
export const large = { name: "large-manifests", lines: "many-lines", line: "one-line" };

function head(name) {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n`;
}

/** Every tenth of 20,000 lines differs between environments, and one word in the middle of 10 MB. */
function largeManifests(environment) {
  const step = environments.indexOf(environment);
  const lines = Array.from(
    { length: 20_000 },
    (_, index) => `    key-${index}: value ${index % 10 === 0 ? index + step : index} of the table of routes\n`,
  );
  const half = "0123456789abcdef".repeat(320 * 1024);
  return `${head(large.lines)}  routes: |\n${lines.join("")}---\n${head(large.line)}  blob: ${half}-${environment}-${half}\n`;
}

/** Writes the repository into a folder that does not exist yet, with one commit. The last application is the large one. */
export function writeRepository(folder, applications) {
  const write = (directory, name, textOf) => {
    for (const environment of environments) {
      const place = join(folder, "apps", directory, name, environment);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, "manifests.yaml"), textOf(environment));
    }
  };
  for (let index = 0; index < applications - 1; index += 1) {
    const name = applicationName(index);
    write(name.split("-").slice(0, 2).join("-"), name, (environment) => manifests(name, environment, index));
  }
  write("shared", large.name, largeManifests);
  const git = (...words) =>
    execFileSync("git", ["-c", "user.name=Bench", "-c", "user.email=bench@example.com", ...words], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
      stdio: ["ignore", "ignore", "inherit"],
    });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message=the applications as they are");
}
