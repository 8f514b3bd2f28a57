import { Copy, FolderOpen, SquareArrowOutUpRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "../../components/Button";
import { FilterField } from "../../components/Field";
import { PathText } from "../../components/PathText";
import { EmptyState } from "../../components/States";
import { useFileActions } from "../../components/FileActions";
import { VirtualStack } from "../../components/VirtualStack";
import { type Files, type InstanceDetail, useFiles } from "../../ipc";
import { formatCount, plural } from "../../lib/format";
import styles from "./Files.module.css";

/** The files that the render of an instance read. */
export function FilesTab({ repository, detail }: { repository: string; detail: InstanceDetail }): ReactNode {
  const files = useFiles(repository);
  const [filter, setFilter] = useState("");
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = detail.files.filter((file) => words.every((word) => file.toLowerCase().includes(word)));
  if (detail.files.length === 0)
    return (
      <EmptyState
        title="No file was read"
        text="Its manifests come from its declaration alone, or it was not rendered."
      />
    );
  return (
    <>
      <div className={styles.bar}>
        <FilterField
          label="Filter files"
          placeholder="Filter files…"
          value={filter}
          found={plural(shown.length, "file")}
          onChange={setFilter}
        />
        <span className={styles.count}>
          {detail.files.length < detail.filesRead
            ? `the first ${formatCount(detail.files.length)} of ${plural(detail.filesRead, "file")}`
            : words.length === 0
              ? plural(detail.files.length, "file")
              : `${formatCount(shown.length)} of ${plural(detail.files.length, "file")}`}
        </span>
      </div>
      {shown.length === 0 ? (
        <EmptyState title="The filter hides everything" text={`No file holds “${filter}”.`} />
      ) : (
        <div className={styles.list} tabIndex={0} role="group" aria-label="Files that were read">
          <VirtualStack
            label="Files"
            items={shown}
            keyOf={itself}
            estimate={32}
            render={(file) => <FileRow files={files} file={file} />}
          />
        </div>
      )}
    </>
  );
}

function itself(file: string): string {
  return file;
}

function FileRow({ files, file }: { files: Files; file: string }): ReactNode {
  const isDirectory = file.endsWith("/");
  const path = isDirectory ? file.slice(0, -1) : file;
  const actions = useFileActions(files, {
    name: path,
    place: () => Promise.resolve({ file: path, line: null }),
    yaml: null,
  });
  return (
    <div className={styles.row}>
      <PathText text={file} />
      <span className={styles.actions}>
        {!isDirectory && (
          <IconButton label={`Open ${file}`} icon={SquareArrowOutUpRight} size={13} onClick={actions?.open} />
        )}
        <IconButton label={`Show ${file} in the file manager`} icon={FolderOpen} size={13} onClick={actions?.reveal} />
        <IconButton label={`Copy the path ${file}`} icon={Copy} size={13} onClick={actions?.copyPath} />
      </span>
    </div>
  );
}
