import { type ReactNode, useEffect, useState } from "react";
import { Button } from "../../../components/Button";
import { RadioGroup, TextArea, TextField } from "../../../components/Field";
import { ErrorState, Notice } from "../../../components/States";
import { useToast } from "../../../components/Toast";
import {
  type CommitTarget,
  type DraftPatch,
  type PromotionDraft,
  type PromotionPlanInfo,
  type PromotionRequest,
  toApiError,
  useAction,
  useCommand,
  type Written,
} from "../../../ipc";
import { announce } from "../../../lib/announce";
import { plural } from "../../../lib/format";
import { PlanNotices, StepFooter } from "./StepFooter";
import { planCounts } from "../ticks";
import styles from "../Wizard.module.css";

/** Where the promotion is written, and what became of it. */
export function CommitStep({
  repository,
  plan,
  request,
  outdated,
  written,
  draft,
  onDraft,
  onWritten,
  onUndone,
  onReplan,
  onBack,
  onNext,
}: {
  repository: string;
  plan: PromotionPlanInfo;
  request: PromotionRequest;
  outdated: boolean;
  written: Written | null;
  /** What was entered before a reload. */
  draft: PromotionDraft | null;
  onDraft: (patch: DraftPatch) => void;
  onWritten: (written: Written) => void;
  onUndone: () => void;
  onReplan: () => void;
  onBack: () => void;
  onNext: () => void;
}): ReactNode {
  const info = useCommand("repository_info", { repository });
  const commit = useAction("promotion_commit");
  const [kind, setKind] = useState<CommitTarget["kind"]>(
    () => (["branch", "patch", "currentBranch"] as const).find((known) => known === draft?.target) ?? "branch",
  );
  const named = (target: CommitTarget["kind"], otherwise: string): string =>
    draft?.target === target && draft.targetName !== null ? draft.targetName : otherwise;
  const [branch, setBranch] = useState(() => named("branch", plan.branch));
  const [file, setFile] = useState(() => named("patch", `${plan.branch.replaceAll("/", "-")}.patch`));
  const [message, setMessage] = useState(draft?.message ?? plan.message);
  useEffect(() => {
    if (written !== null) return;
    const name = kind === "branch" ? branch : kind === "patch" ? file : null;
    const own = name === plan.branch ? null : name;
    onDraft({ target: kind, targetName: own, message: message === plan.message ? null : message });
  }, [written, kind, branch, file, message, plan.branch, plan.message, onDraft]);

  if (written !== null) {
    return <WrittenView repository={repository} written={written} onUndone={onUndone} onNext={onNext} />;
  }
  const head = info.data?.head;
  const readOnly = info.data?.readOnly ?? null;
  const edited = new Set(plan.edits.map((edit) => edit.file));
  const dirty = (info.data?.changedFiles ?? []).filter((changed) => edited.has(changed));
  const counts = planCounts(plan);
  const error = commit.error === null ? null : toApiError(commit.error);
  const moved = error?.code === "base-moved";
  const currentReason =
    readOnly ??
    (head === undefined
      ? "The repository is being read"
      : head.kind === "detached"
        ? "No branch is checked out"
        : dirty.length > 0
          ? `Uncommitted changes in ${dirty.join(", ")}`
          : null);
  const reason = commit.isPending
    ? "The promotion is being written"
    : outdated
      ? "The plan is being made again"
      : readOnly !== null && kind !== "patch"
        ? readOnly
        : kind === "branch" && branch.trim() === ""
          ? "Name the branch"
          : kind === "patch" && file.trim() === ""
            ? "Name the patch file"
            : kind !== "patch" && message.trim() === ""
              ? "Write a message"
              : counts.changes === 0
                ? "Nothing is ticked"
                : null;
  const target: CommitTarget =
    kind === "branch" ? { kind, name: branch.trim() } : kind === "patch" ? { kind, file: file.trim() } : { kind };
  const write = (): void =>
    commit.mutate(
      { request, base: plan.base, target, message },
      {
        onSuccess: (result) => {
          announce("The promotion is written");
          onWritten(result);
        },
      },
    );
  const name = kind === "branch" ? branch.trim() : (plan.baseBranch ?? "the current branch");
  return (
    <>
      <div className={styles.content}>
        <p className={styles.intro}>
          {plural(counts.changes, "change")} in {plural(counts.files, "file")}, planned on{" "}
          <span className={styles.mono}>{plan.base.slice(0, 7)}</span>
          {plan.baseBranch !== null && ` of ${plan.baseBranch}`}. The result must render as the preview showed, else
          nothing is written.
        </p>
        <PlanNotices plan={plan} />
        {moved && (
          <Notice tone="warning" action={<Button onClick={onReplan}>Plan again</Button>}>
            The branch moved since this was planned. Nothing was written.
          </Notice>
        )}
        {error !== null && !moved && <ErrorState title="Nothing was written" error={error} />}
        <RadioGroup
          label="Commit to"
          value={kind}
          onChange={setKind}
          entries={[
            {
              value: "branch",
              label: "New branch",
              hint: "The checked-out files stay as they are.",
              disabledReason: readOnly,
            },
            {
              value: "currentBranch",
              label: `Current branch${head !== undefined && head.kind !== "detached" ? ` (${head.branch})` : ""}`,
              hint: "Index and files follow the commit.",
              disabledReason: currentReason,
            },
            { value: "patch", label: "Patch file", hint: "Nothing is committed; `git apply` takes the file." },
          ]}
        />
        {kind === "branch" && (
          <TextField label="Branch" mono value={branch} onChange={(event) => setBranch(event.target.value)} />
        )}
        {kind === "patch" && (
          <TextField
            label="File"
            mono
            value={file}
            onChange={(event) => setFile(event.target.value)}
            hint="Relative to the repository."
          />
        )}
        {kind !== "patch" && (
          <TextArea
            label="Commit message"
            rows={6}
            value={message}
            onChange={(event) => setMessage(event.target.value)}
          />
        )}
      </div>
      <StepFooter
        onBack={onBack}
        next={
          <Button kind="primary" onClick={write} disabledReason={reason}>
            <span className={styles.fits}>{kind === "patch" ? "Write patch" : `Commit to ${name}`}</span>
          </Button>
        }
      />
    </>
  );
}

function WrittenView({
  repository,
  written,
  onUndone,
  onNext,
}: {
  repository: string;
  written: Written;
  onUndone: () => void;
  onNext: () => void;
}): ReactNode {
  const toast = useToast();
  const info = useCommand("repository_info", { repository });
  const undo = useAction("commit_undo");
  const push = useAction("repository_push");
  const head = info.data?.head;
  const isCurrent = head !== undefined && head.kind === "branch" && head.branch === written.branch;
  const remote = info.data?.remote ?? null;
  const { commit } = written;
  const undoError = undo.error === null ? null : toApiError(undo.error);
  return (
    <>
      <div className={styles.content}>
        <Notice tone="info">
          {written.patch !== null
            ? `The patch is written to ${written.patch}.`
            : `Committed to ${written.branch ?? "the repository"}.`}
        </Notice>
        <dl className={styles.facts} aria-label="What was written">
          {commit !== null && (
            <>
              <dt>Commit</dt>
              <dd className={styles.mono}>{commit.slice(0, 12)}</dd>
            </>
          )}
          {written.branch !== null && (
            <>
              <dt>Branch</dt>
              <dd className={styles.mono}>{written.branch}</dd>
            </>
          )}
          <dt>Changed</dt>
          <dd>{written.instances.join(", ")}</dd>
        </dl>
        {undoError !== null && <ErrorState title="The commit was not undone" error={undoError} />}
        {commit !== null && (
          <div className={styles.rowActions}>
            <Button
              onClick={() => undo.mutate({ repository, commit }, { onSuccess: onUndone })}
              disabledReason={undo.isPending || push.isPending ? "Git is at work" : null}
              hint="While it is unpushed and still the tip"
            >
              Undo commit
            </Button>
            <Button
              onClick={() =>
                push.mutate(
                  { repository },
                  {
                    onSuccess: (result) =>
                      toast(result.pushed ? "Pushed" : "The remote did not take it", result.message),
                    onError: (reason) => toast("Pushing failed", toApiError(reason).message),
                  },
                )
              }
              disabledReason={
                remote === null
                  ? "The branch follows no remote"
                  : !isCurrent
                    ? `${written.branch ?? "The branch"} is not checked out; push it with git`
                    : remote.ahead === 0
                      ? "Everything is pushed"
                      : push.isPending
                        ? "Git is at work"
                        : null
              }
            >
              Push
            </Button>
          </div>
        )}
      </div>
      <StepFooter
        next={
          <Button
            kind="primary"
            onClick={onNext}
            disabledReason={commit === null ? "A patch is no revision that can be synced" : null}
          >
            Continue to sync
          </Button>
        }
      />
    </>
  );
}
