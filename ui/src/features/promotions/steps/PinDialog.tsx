import { type ReactNode, useMemo, useState } from "react";
import { Button } from "../../../components/Button";
import { DiffText } from "../../../components/DiffText";
import { Dialog } from "../../../components/Dialog";
import { SelectField, TextField } from "../../../components/Field";
import { ErrorState, Notice, Skeleton } from "../../../components/States";
import { useToast } from "../../../components/Toast";
import { type PinChange, type PromotionItemInfo, toApiError, useAction, useCommand } from "../../../ipc";
import { fieldLabel, resourceName, splitInstance } from "../../../lib/format";
import { useRested } from "../../../lib/hooks";
import { classNames } from "../ticks";
import styles from "../Wizard.module.css";

const classes = (["a", "b", "c", "d"] as const).map((value) => ({
  value,
  label: `${value.toUpperCase()} · ${classNames[value]}${value === "a" || value === "d" ? ", goes along" : ", stays"}`,
}));

/** The names to choose from: the item's own, the one that is pinned now, and all. */
function scopes(name: string, known: string | undefined, all: string): { value: string; label: string }[] {
  return [...new Set([name, known ?? name, "*"])].map((value) => ({ value, label: value === "*" ? all : value }));
}

/** Pins the class of a setting in `.slipway.yaml`, or takes the pin away: shown first, then committed. */
export function PinDialog({
  repository,
  item,
  onClose,
}: {
  repository: string;
  item: PromotionItemInfo;
  onClose: () => void;
}): ReactNode {
  const toast = useToast();
  const { application, environment } = splitInstance(item.instance);
  const { pinned } = item;
  const [removing, setRemoving] = useState(false);
  const [own, setOwn] = useState({
    application: pinned?.application ?? application,
    environment: pinned?.environment ?? environment,
    class: pinned?.class ?? (item.chosen ? ("c" as const) : ("d" as const)),
    reason: pinned?.reason ?? "",
  });
  const change: PinChange = useMemo(() => {
    const target = {
      application: own.application,
      environment: own.environment,
      kind: pinned?.kind ?? item.resource.kind,
      path: pinned?.path ?? item.path,
    };
    return removing
      ? {
          kind: "remove",
          target: {
            ...target,
            application: pinned?.application ?? application,
            environment: pinned?.environment ?? environment,
          },
        }
      : { kind: "set", target, class: own.class, reason: own.reason };
  }, [own, removing, pinned, item, application, environment]);
  // The file is planned anew when a person rests, not on every key.
  const rested = useRested(change, 250);
  const plan = useCommand("pin_plan", { repository, change: rested }, { keepPrevious: true });
  const info = useCommand("repository_info", { repository });
  const commit = useAction("pin_commit");
  const outdated = rested !== change || plan.isPlaceholderData || plan.isFetching;
  const readOnly = info.data?.readOnly ?? null;
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={`${pinned === undefined ? "Pin" : "Pin of"} ${fieldLabel(item.path)} of ${resourceName(item.resource)}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            onClick={() => {
              if (plan.data === undefined) return;
              commit.mutate(
                { request: { repository, change }, base: plan.data.base, message: plan.data.message },
                {
                  onSuccess: () => {
                    toast(removing ? "The pin is removed" : "The pin is committed", "The plan is made again with it.");
                    onClose();
                  },
                },
              );
            }}
            disabledReason={
              readOnly ??
              (commit.isPending
                ? "It is being committed"
                : plan.error !== null
                  ? "It cannot be written"
                  : plan.data === undefined || outdated
                    ? "The file is being planned"
                    : plan.data.diff.hunks === 0
                      ? "Nothing changes"
                      : null)
            }
          >
            {removing ? "Commit without the pin" : "Commit the pin"}
          </Button>
        </>
      }
    >
      <div className={styles.pin}>
        {!removing && (
          <>
            <SelectField
              label="Class"
              value={own.class}
              options={classes}
              onChange={(value) =>
                setOwn({ ...own, class: value === "a" || value === "b" || value === "d" ? value : "c" })
              }
            />
            <SelectField
              label="Application"
              value={own.application}
              options={scopes(application, pinned?.application, "all applications")}
              onChange={(value) => setOwn({ ...own, application: value })}
            />
            <SelectField
              label="Environment"
              value={own.environment}
              options={scopes(environment, pinned?.environment, "all environments")}
              onChange={(value) => setOwn({ ...own, environment: value })}
            />
            <TextField
              label="Reason"
              value={own.reason}
              placeholder="sized for each site"
              onChange={(event) => setOwn({ ...own, reason: event.target.value })}
            />
          </>
        )}
        {pinned !== undefined && (
          <Button kind={removing ? "ghost" : "danger"} onClick={() => setRemoving(!removing)}>
            {removing ? "Keep the pin" : "Remove the pin…"}
          </Button>
        )}
        {commit.error !== null && <ErrorState title="It was not committed" error={toApiError(commit.error)} />}
        {plan.error !== null ? (
          <ErrorState
            title="The pin cannot be written"
            error={toApiError(plan.error)}
            onRetry={() => void plan.refetch()}
          />
        ) : plan.data === undefined ? (
          <Skeleton label="Planning the file" height={20} rows={6} />
        ) : (
          <>
            <Notice tone="info">
              {plan.data.creates ? `${plan.data.file} is written` : `Only this changes in ${plan.data.file}`}, in a
              commit of its own on the branch that is checked out.
            </Notice>
            <div className={styles.pinDiff}>
              <DiffText diff={plan.data.diff} unified wrap={false} find="" />
            </div>
          </>
        )}
      </div>
    </Dialog>
  );
}
