import { Copy, FileText, FolderOpen, MoreHorizontal, Route, Type } from "lucide-react";
import type { ReactNode } from "react";
import type { FilePlace, Files, ResourceInfo } from "../ipc";
import { copyText } from "../lib/clipboard";
import { resourceName } from "../lib/format";
import type { KeyHandlers } from "../lib/keymap";
import { IconButton } from "./Button";
import { Menu, type MenuEntry } from "./Menu";
import { useToast } from "./Toast";

/** What can be done with something that is rendered from a file. */
export interface FileSubject {
  /** Its name, as it is copied. */
  name: string;
  /** Where it is written; asked when it is needed. `null` where no file is known. */
  place: () => Promise<FilePlace | null>;
  /** Its YAML, secrets masked; asked when it is needed. */
  yaml: (() => Promise<string>) | null;
}

export interface FileActions {
  open: () => void;
  reveal: () => void;
  copyPath: () => void;
  copyName: () => void;
  copyYaml: (() => void) | null;
  /** The same by key. */
  keys: KeyHandlers;
}

/** Opening, showing and copying of a subject; each says whether it worked. */
export function useFileActionsOf(files: Files): (subject: FileSubject) => FileActions {
  const toast = useToast();
  const failed = (reason: unknown): void => toast(reason instanceof Error ? reason.message : String(reason));
  const copy = (what: string, text: string): void =>
    void copyText(text).then((done) => toast(done ? `${what} copied` : "The clipboard cannot be written"));
  return (subject) => {
    const { name, yaml } = subject;
    const withPlace = (act: (place: FilePlace) => void | Promise<void>) => (): void =>
      void subject
        .place()
        .then((place) => (place === null ? toast("No file is known for it") : act(place)))
        .catch(failed);
    const open = withPlace(async (place) => toast(`Opened in ${await files.edit(place)}`));
    const reveal = withPlace(files.reveal);
    const copyPath = withPlace(({ file }) => copy("Path", file));
    const copyName = (): void => copy("Name", name);
    const copyYaml = yaml === null ? null : (): void => void yaml().then((text) => copy("YAML", text), failed);
    return {
      open,
      reveal,
      copyPath,
      copyName,
      copyYaml,
      keys: {
        "Alt+O": open,
        "Alt+R": reveal,
        "Alt+P": copyPath,
        "Alt+N": copyName,
        "Alt+Y": copyYaml ?? undefined,
      },
    };
  };
}

/** The actions of what is on screen. */
export function useFileActions(files: Files, subject: FileSubject | null): FileActions | null {
  const of = useFileActionsOf(files);
  return subject === null ? null : of(subject);
}

/** The actions as entries of a menu. */
export function fileEntries(actions: FileActions): MenuEntry[][] {
  return [
    [
      { label: "Open in the editor", keys: "Alt+O", icon: FileText, onSelect: actions.open },
      { label: "Show in the file manager", keys: "Alt+R", icon: FolderOpen, onSelect: actions.reveal },
    ],
    [
      { label: "Copy path", keys: "Alt+P", icon: Route, onSelect: actions.copyPath },
      { label: "Copy name", keys: "Alt+N", icon: Type, onSelect: actions.copyName },
      ...(actions.copyYaml === null
        ? []
        : [{ label: "Copy YAML", keys: "Alt+Y", icon: Copy, onSelect: actions.copyYaml }]),
    ],
  ];
}

/** The actions as a menu. */
export function FileMenu({ actions, about }: { actions: FileActions; about: string }): ReactNode {
  return (
    <Menu trigger={<IconButton label={`More for ${about}`} icon={MoreHorizontal} />} groups={fileEntries(actions)} />
  );
}

/** An instance as what it is rendered from and renders. */
export function instanceSubject(files: Files, instance: string): FileSubject {
  return { name: instance, place: () => files.placeOfInstance(instance), yaml: () => files.yamlOf(instance) };
}

/** A resource of an instance. */
export function resourceSubject(files: Files, instance: string, resource: ResourceInfo): FileSubject {
  return {
    name: resourceName(resource),
    place: () => files.placeOf(instance, resource),
    yaml: () => files.yamlOf(instance, resource),
  };
}
