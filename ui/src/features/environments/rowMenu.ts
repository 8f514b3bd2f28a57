import { ArrowUpFromLine, ChevronDown, ChevronRight, GitCompareArrows, PanelRight, RefreshCw } from "lucide-react";
import type { RowMenu } from "../../components/ContextMenu";
import { type FileActions, fileEntries } from "../../components/FileActions";
import type { TreeActions } from "./TreeList";
import { rowName, type TreeRow } from "./tree";

/** What can be done with a row of the tree; the same as its keys do, and what the files of its kind allow. */
export function rowMenu(row: TreeRow, actions: TreeActions): RowMenu {
  const files = actions.files(row);
  const toggle =
    row.kind === "instance"
      ? []
      : [
          {
            label: row.open ? "Close" : "Open",
            keys: row.open ? "ArrowLeft" : "ArrowRight",
            icon: row.open ? ChevronDown : ChevronRight,
            onSelect: () => actions.setOpen([row.key], !row.open),
          },
        ];
  const detail = { label: "Open the detail", keys: "Enter", icon: PanelRight, onSelect: () => actions.openDetail(row) };
  const work = [
    ...(row.kind === "instance"
      ? [{ label: "Review diff", keys: "d", icon: GitCompareArrows, onSelect: () => actions.review(row) }]
      : []),
    { label: "Sync…", keys: "s", icon: RefreshCw, onSelect: () => actions.sync(row) },
    ...(row.kind === "directory"
      ? []
      : [{ label: "Promote…", keys: "p", icon: ArrowUpFromLine, onSelect: () => actions.promote(row) }]),
  ];
  return {
    label: `Menu of ${row.kind === "instance" ? row.instance.instance : rowName(row)}`,
    groups: [row.kind === "directory" ? toggle : [detail, ...toggle], work, ...filesOf(row, files)],
  };
}

/** A directory is no file to open or to copy; an application has those of its instances. */
function filesOf(row: TreeRow, files: FileActions): RowMenu["groups"] {
  const all = fileEntries(files);
  if (row.kind === "instance") return all;
  const wanted = row.kind === "directory" ? ["Alt+R", "Alt+P"] : ["Alt+N"];
  return all.map((group) => group.filter(({ keys }) => keys !== undefined && wanted.includes(keys)));
}
