import type { PromotionPlanInfo, PromotionRequest, ResourceChangeInfo } from "../ipc";
import { failure } from "../ipc/fake";
import { type Application, type Difference, differences, environments } from "./company";
import { groupsOf, pathOf } from "./facts";

/** What goes along from one environment to the next, by what is ticked; `base` is the commit it is planned on. */
export function promotionPlan(
  apps: readonly Application[],
  base: string,
  request: PromotionRequest,
): PromotionPlanInfo {
  const from = environments.find((name) => name === request.from);
  if (from === undefined) throw failure(`there is no environment ${request.from}`);
  const items: PromotionPlanInfo["items"] = [];
  const edits: PromotionPlanInfo["edits"] = [];
  const changed: ResourceChangeInfo[] = [];
  for (const target of request.to) {
    const to = environments.find((name) => name === target);
    if (to === undefined) throw failure(`there is no environment ${target}`);
    for (const app of apps) {
      if (request.applications !== null && !request.applications.includes(app.name)) continue;
      if (app.versions[from] === undefined || app.versions[to] === undefined) continue;
      const chosen: Difference[] = [];
      for (const field of differences(app, from, to)) {
        const key = `${app.name}@${to} ${field.resource.kind}/${field.resource.name} ${field.path}`;
        const byDefault = field.class === "a" || field.class === "d";
        const ticked = request.include.includes(key) || (byDefault && !request.exclude.includes(key));
        if (ticked) {
          chosen.push(field);
          edits.push({
            file: `${pathOf(app, to)}/kustomization.yaml`,
            operation: "set",
            path: field.path,
            old: field.old,
            new: field.new,
          });
        }
        items.push({
          key,
          instance: `${app.name}@${to}`,
          resource: field.resource,
          path: field.path,
          old: field.old,
          new: field.new,
          secret: field.secret,
          class: field.class,
          reason: field.reason,
          chosen: ticked,
          edits: ticked ? [edits.length - 1] : [],
          problem: null,
        });
      }
      for (const field of chosen) {
        const known = changed.find(
          (change) =>
            change.instance === `${app.name}@${to}` &&
            change.resource.kind === field.resource.kind &&
            change.resource.name === field.resource.name,
        );
        const entry = { path: field.path, old: field.old, new: field.new, secret: field.secret };
        if (known === undefined)
          changed.push({
            instance: `${app.name}@${to}`,
            resource: field.resource,
            change: "changed",
            fields: [entry],
          });
        else known.fields.push(entry);
      }
    }
  }
  const names = [...new Set(items.filter((item) => item.chosen).map((item) => item.instance.split("@")[0]))];
  const target = request.to.join(", ");
  return {
    from: request.from,
    to: request.to,
    base,
    baseBranch: "main",
    items,
    edits,
    preview: { from: "now", to: "after", groups: groupsOf(changed), resources: changed, problems: [] },
    alsoChanged: [],
    problems: [],
    branch: `promote/${request.to.join("-")}-1123`,
    message: `promote(${names.length === 1 ? names[0] : `${names.length} applications`}): ${request.from} → ${target}\n\n${names.join("\n")}\n`,
  };
}
