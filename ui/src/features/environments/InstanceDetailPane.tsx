import { ArrowUpFromLine, ChevronRight, CircleX, Copy, GitCompareArrows, RefreshCw, X } from "lucide-react";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { ChangeCard, ResourceCard } from "../../components/ChangeCard";
import { Chip, EnvironmentChip } from "../../components/Chip";
import { type FileActions, FileMenu, instanceSubject, useFileActions } from "../../components/FileActions";
import { DetailPane } from "../../components/DetailPane";
import { MarkIcon, MarkLabel } from "../../components/Mark";
import { PathText } from "../../components/PathText";
import { Prose } from "../../components/Prose";
import { EmptyState, ErrorState, Notice, ProblemList, Skeleton } from "../../components/States";
import { Tabs } from "../../components/Tabs";
import { useToast } from "../../components/Toast";
import { VirtualStack } from "../../components/VirtualStack";
import { YamlText } from "../../components/YamlText";
import {
  type InstanceDetail,
  placeOfDetail,
  type RenderedResource,
  type RenderStatus,
  type ResourceInfo,
  toApiError,
  useCommand,
  useFiles,
} from "../../ipc";
import { copyText } from "../../lib/clipboard";
import { formatAge, formatDateTime, plural, resourceKey, resourceName, splitInstance } from "../../lib/format";
import { useNow, useWindowKeys } from "../../lib/hooks";
import { dispatchKey } from "../../lib/keymap";
import { renderMark, rowMark, rowSentence } from "../../lib/state";
import styles from "./Detail.module.css";
import { FilesTab } from "./FilesTab";
import { FieldOriginBar } from "./source/FieldOriginBar";
import { SourceTab } from "./source/SourceTab";

const MissingContent = lazy(async () => ({ default: (await import("./MissingContent")).MissingContent }));

export const detailTabs = ["overview", "resources", "problems", "yaml", "source", "files", "history"] as const;
export type DetailTab = (typeof detailTabs)[number];

/** Everything about one instance, beside the tree. */
export function InstanceDetailPane({
  repository,
  instance,
  tab,
  resource,
  onTab,
  onResource,
  onClose,
  onReview,
  onSync,
  onPromote,
  onSelect,
}: {
  repository: string;
  instance: string;
  tab: DetailTab;
  resource: string | null;
  onTab: (tab: DetailTab) => void;
  onResource: (resource: string | null) => void;
  onClose: () => void;
  onReview: (instance: string, previous: string | null) => void;
  onSync: (instance: string) => void;
  onPromote: (detail: InstanceDetail) => void;
  onSelect: (instance: string) => void;
}): ReactNode {
  const query = useCommand("instance", { repository, instance }, { keepPrevious: true });
  const detail = query.data;
  const { application, environment } = splitInstance(instance);
  const files = useFiles(repository);
  const actions = useFileActions(
    files,
    detail === undefined
      ? null
      : { ...instanceSubject(files, detail.instance), place: () => Promise.resolve(placeOfDetail(detail)) },
  );
  useWindowKeys((event) => {
    if (actions !== null) dispatchKey(event, actions.keys);
  });
  return (
    <DetailPane label={`Detail of ${instance}`} name="environments" onClose={onClose}>
      {query.error !== null ? (
        <>
          <header className={styles.head}>
            <Crumbs text={application} onClose={onClose} />
            <h2 className={styles.title}>
              {application} <EnvironmentChip name={environment} />
            </h2>
          </header>
          <ErrorState
            title="The instance cannot be shown"
            error={toApiError(query.error)}
            onRetry={() => void query.refetch()}
          />
        </>
      ) : detail === undefined ? (
        <Skeleton label={`Loading ${instance}`} rows={8} height={36} />
      ) : (
        <>
          <Head
            detail={detail}
            actions={actions}
            onClose={onClose}
            onReview={onReview}
            onSync={onSync}
            onPromote={onPromote}
          />
          <Tabs
            label="Detail"
            value={tab}
            onChange={onTab}
            tabs={[
              { key: "overview", label: "Overview" },
              { key: "resources", label: "Resources", count: detail.resources.length },
              { key: "problems", label: "Problems", count: detail.problems.length },
              { key: "yaml", label: "YAML" },
              { key: "source", label: "Source" },
              { key: "files", label: "Files", count: detail.filesRead },
              { key: "history", label: "History" },
            ]}
          >
            {tab === "overview" && <Overview detail={detail} onTab={onTab} onSelect={onSelect} />}
            {tab === "resources" && <Resources detail={detail} onResource={onResource} />}
            {tab === "problems" && (
              <div className={styles.content}>
                {detail.problems.length === 0 ? (
                  <EmptyState title="No problems" text="Every file of this instance was read and rendered." />
                ) : (
                  <ProblemList problems={detail.problems} />
                )}
              </div>
            )}
            {tab === "yaml" && (
              <Yaml
                key={`${detail.instance} ${resource ?? ""}`}
                repository={repository}
                detail={detail}
                resource={resource}
                onResource={onResource}
              />
            )}
            {tab === "source" && <SourceTab repository={repository} instance={detail.instance} />}
            {tab === "files" && <FilesTab key={detail.instance} repository={repository} detail={detail} />}
            {tab === "history" && <Commits detail={detail} />}
          </Tabs>
        </>
      )}
    </DetailPane>
  );
}

function Crumbs({ text, onClose }: { text: string; onClose: () => void }): ReactNode {
  return (
    <div className={styles.crumbs}>
      <span>{text}</span>
      <span className={styles.close}>
        <IconButton label="Close detail" hint="Esc" icon={X} onClick={onClose} />
      </span>
    </div>
  );
}

function Head({
  detail,
  actions,
  onClose,
  onReview,
  onSync,
  onPromote,
}: {
  detail: InstanceDetail;
  actions: FileActions | null;
  onClose: () => void;
  onReview: (instance: string, previous: string | null) => void;
  onSync: (instance: string) => void;
  onPromote: (detail: InstanceDetail) => void;
}): ReactNode {
  const status = statusOf(detail);
  const failed = status === "failed";
  const previous = detail.previous?.instance ?? null;
  return (
    <header className={styles.head}>
      <Crumbs text={(detail.sources[0]?.path ?? detail.application).split("/").join(" / ")} onClose={onClose} />
      <h2 className={styles.title}>
        {detail.application} <EnvironmentChip name={detail.environment} isProtected={detail.protected} />
      </h2>
      <div className={styles.status}>
        <MarkLabel
          mark={rowMark({ state: detail.state, status })}
          title={rowSentence({ state: detail.state, status }, detail.previous?.environment ?? null)}
        />
        {!failed && <MarkLabel mark={renderMark(status)} />}
        <span>
          {detail.version !== "" && <span className={styles.mono}>{detail.version}</span>}
          {detail.namespace !== null && (
            <>
              {" in "}
              <span className={styles.strong}>{detail.namespace}</span>
            </>
          )}
          {detail.cluster !== null && ` on ${detail.cluster}`}
        </span>
      </div>
      <div className={styles.actions}>
        <Button
          kind="primary"
          icon={GitCompareArrows}
          keys="d"
          onClick={() => onReview(detail.instance, previous)}
          disabledReason={previous === null ? "No earlier environment has this application" : null}
        >
          Review diff
        </Button>
        <Button
          icon={RefreshCw}
          keys="s"
          onClick={() => onSync(detail.instance)}
          disabledReason={failed ? "It does not render" : null}
        >
          Sync…
        </Button>
        <Button icon={ArrowUpFromLine} keys="p" onClick={() => onPromote(detail)}>
          Promote…
        </Button>
        {actions !== null && <FileMenu actions={actions} about={detail.instance} />}
      </div>
    </header>
  );
}

/** How it renders. The answer tells it only by its problems and resources. */
function statusOf(detail: InstanceDetail): RenderStatus {
  if (detail.state.kind === "pending") return "pending";
  if (detail.problems.some((problem) => problem.severity === "error") && detail.resources.length === 0) return "failed";
  return detail.fidelity === "opaque" ? "opaque" : "ok";
}

function Overview({
  detail,
  onTab,
  onSelect,
}: {
  detail: InstanceDetail;
  onTab: (tab: DetailTab) => void;
  onSelect: (instance: string) => void;
}): ReactNode {
  const { previous } = detail;
  const errors = detail.problems.filter((problem) => problem.severity === "error");
  return (
    <div className={styles.content}>
      {detail.problems.some((problem) => problem.code.startsWith("remote-")) && (
        <Suspense fallback={null}>
          <MissingContent key={detail.instance} instance={detail.instance} />
        </Suspense>
      )}
      {errors.length > 0 && (
        <section className={styles.section} aria-label="Why it fails">
          <h3 className={styles.heading}>
            <CircleX aria-hidden size={14} strokeWidth={1.75} className={styles.failed} /> Why it fails
          </h3>
          <ProblemList problems={errors.slice(0, 3)} />
          {detail.problems.length > 3 && (
            <Button kind="ghost" onClick={() => onTab("problems")}>
              All {detail.problems.length} problems
            </Button>
          )}
        </section>
      )}
      {previous !== null && detail.state.kind === "failed" && errors.length === 0 && (
        <Notice tone="warning" action={<Button onClick={() => onSelect(previous.instance)}>Show it</Button>}>
          {previous.environment} does not render, so there is nothing to compare with.
        </Notice>
      )}
      {previous !== null && (detail.state.kind !== "failed" || previous.total > 0) && (
        <section className={styles.section} aria-label={`What differs from ${previous.environment}`}>
          <h3 className={styles.heading}>
            <MarkIcon mark={rowMark({ state: detail.state, status: statusOf(detail) })} size={14} />
            {previous.total + previous.added.length + previous.removed.length === 0
              ? `No difference from ${previous.environment}`
              : `What differs from ${previous.environment}`}
          </h3>
          {previous.total > 0 && (
            <p className={styles.note}>
              {previous.environment} → {detail.environment}
            </p>
          )}
          <ul className={styles.section}>
            {previous.fields.map((entry) => (
              <ChangeCard
                key={`${resourceKey(entry.resource)} ${entry.field.path}`}
                resource={resourceName(entry.resource)}
                path={entry.field.path}
                before={entry.field.old}
                after={entry.field.new}
              />
            ))}
            {previous.added.map((resource) => (
              <ResourceCard
                key={resourceKey(resource)}
                resource={resourceName(resource)}
                text={`only in ${detail.environment}`}
              />
            ))}
            {previous.removed.map((resource) => (
              <ResourceCard
                key={resourceKey(resource)}
                resource={resourceName(resource)}
                text={`only in ${previous.environment}`}
              />
            ))}
          </ul>
          {previous.total > previous.fields.length && (
            <p className={styles.note}>
              {previous.fields.length} of {previous.total} differences. Review shows all.
            </p>
          )}
        </section>
      )}
      <section className={styles.section}>
        <h3 className={styles.heading}>Where it comes from</h3>
        <dl className={styles.facts}>
          {detail.sources.map((source) => (
            <div key={`${source.engine} ${source.path}`} style={{ display: "contents" }}>
              <dt>Engine</dt>
              <dd>{source.engine}</dd>
              <dt>Path</dt>
              <dd>
                <PathText text={source.path} />
                {source.values.map((file) => (
                  <PathText key={file} text={file} quiet />
                ))}
              </dd>
            </div>
          ))}
          <dt>Found</dt>
          <dd>
            <Prose text={detail.reason} />
          </dd>
          <dt>Fidelity</dt>
          <dd>
            {detail.fidelity}
            {detail.fidelityReasons.map((reason) => (
              <div key={reason} className={styles.note}>
                {reason}
              </div>
            ))}
          </dd>
          <dt>Read</dt>
          <dd>
            <Button kind="ghost" onClick={() => onTab("files")}>
              {plural(detail.filesRead, "file")}
            </Button>
          </dd>
        </dl>
      </section>
      <section className={styles.section}>
        <h3 className={styles.heading}>Promotion path</h3>
        <div className={styles.path}>
          {detail.promotionPath.map((stop, index) => (
            <div key={stop.environment} style={{ display: "contents" }}>
              {index > 0 && <ChevronRight aria-hidden size={14} strokeWidth={1.75} className={styles.chevron} />}
              <button
                type="button"
                className={styles.stop}
                aria-current={stop.environment === detail.environment}
                aria-disabled={stop.version === null || undefined}
                onClick={
                  stop.version === null ? undefined : () => onSelect(`${detail.application}@${stop.environment}`)
                }
              >
                <span className={styles.stopName}>{stop.environment}</span>
                <span className={styles.mono}>{stop.version ?? "not there"}</span>
              </button>
            </div>
          ))}
        </div>
      </section>
    </div>
  );
}

function Resources({
  detail,
  onResource,
}: {
  detail: InstanceDetail;
  onResource: (resource: string) => void;
}): ReactNode {
  if (detail.resources.length === 0) {
    return (
      <EmptyState
        title="No resources"
        text={statusOf(detail) === "failed" ? "It does not render; Problems says why." : "Its manifests are empty."}
      />
    );
  }
  return (
    <VirtualStack
      label="Resources"
      items={detail.resources}
      keyOf={keyOfResource}
      estimate={49}
      render={(entry) => (
        <button type="button" className={styles.resource} onClick={() => onResource(resourceKey(entry.resource))}>
          <span className={styles.resourceKind} title={entry.apiVersion}>
            {resourceName(entry.resource)}
          </span>
          <span className={styles.badges}>
            {entry.hooks.map((hook) => (
              <Chip key={hook}>{hook}</Chip>
            ))}
            {entry.wave !== null && <Chip>wave {entry.wave}</Chip>}
          </span>
          <PathText text={entry.line === null ? entry.file : `${entry.file}:${entry.line}`} quiet />
        </button>
      )}
    />
  );
}

function keyOfResource(entry: RenderedResource): string {
  return resourceKey(entry.resource);
}

function Yaml({
  repository,
  detail,
  resource,
  onResource,
}: {
  repository: string;
  detail: InstanceDetail;
  resource: string | null;
  onResource: (resource: string | null) => void;
}): ReactNode {
  const toast = useToast();
  const [line, setLine] = useState<number | null>(null);
  const openPlace = useRef<(() => void) | null>(null);
  const chosen: ResourceInfo | null =
    detail.resources.find((entry) => resourceKey(entry.resource) === resource)?.resource ?? null;
  const manifest = useCommand("manifest", { repository, instance: detail.instance, resource: chosen });
  if (manifest.error !== null) {
    return (
      <ErrorState
        title="The manifests cannot be shown"
        error={toApiError(manifest.error)}
        onRetry={() => void manifest.refetch()}
      />
    );
  }
  if (manifest.data === undefined) return <Skeleton label="Loading YAML" height={20} rows={16} />;
  const { yaml, masked } = manifest.data;
  return (
    <>
      <div className={styles.toolbar}>
        <span>
          {chosen === null ? plural(detail.resources.length, "resource") : resourceName(chosen)}
          {masked && " · secret values are masked"}
        </span>
        <span className={styles.badges}>
          {chosen !== null && (
            <Button kind="ghost" onClick={() => onResource(null)}>
              Show all
            </Button>
          )}
          <IconButton
            label="Copy YAML"
            icon={Copy}
            onClick={() =>
              void copyText(yaml).then((done) => toast(done ? "YAML copied" : "The clipboard cannot be written"))
            }
          />
        </span>
      </div>
      {yaml === "" ? (
        <EmptyState title="Nothing is rendered" />
      ) : (
        <>
          <YamlText
            text={yaml}
            label={`YAML of ${detail.instance}`}
            line={line}
            onLine={setLine}
            onEnter={() => openPlace.current?.()}
          />
          {line === null ? (
            <p className={styles.hint}>
              Click a line, or use the arrow keys, to see where it comes from; Enter opens the place.
            </p>
          ) : (
            <FieldOriginBar
              repository={repository}
              instance={detail.instance}
              resource={chosen}
              line={line}
              openerRef={openPlace}
              onClose={() => setLine(null)}
            />
          )}
        </>
      )}
    </>
  );
}

function Commits({ detail }: { detail: InstanceDetail }): ReactNode {
  const now = useNow(60_000) / 1000;
  return (
    <div className={styles.content}>
      {detail.history.length === 0 ? (
        <EmptyState title="No commits" text="No commit on this branch changed the files that this instance reads." />
      ) : (
        <>
          <p className={styles.note}>Commits that changed a file which this render reads, the newest first.</p>
          <ol aria-label="History">
            {detail.history.map((commit) => (
              <li key={commit.id} className={styles.commit}>
                <span className={styles.mono}>{commit.id.slice(0, 7)}</span>
                <span>{commit.subject}</span>
                <time dateTime={new Date(commit.time * 1000).toISOString()} title={formatDateTime(commit.time * 1000)}>
                  {formatAge(now - commit.time)}
                </time>
                <span className={styles.author}>{commit.author}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
