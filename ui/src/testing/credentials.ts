import type { CredentialPlace, CredentialsInfo } from "../ipc";
import { failure } from "../ipc/fake";

/** Credentials of the core in memory, kept in a keyring or, where that is locked, in a file. */
export function credentialCommands(locked: boolean) {
  const servers = new Map<string, string>([["https://git.acme.example", "keyring"]]);
  let fileState: CredentialPlace["state"] = "off";

  function credentials(): CredentialsInfo {
    return {
      servers: [...servers].map(([origin, place]) => ({ origin, place })),
      keyring: {
        state: locked ? "locked" : "ready",
        message: locked ? "the keyring is locked or refused access (dismissed); unlock it and try again" : null,
      },
      file: { state: fileState, message: null },
      filePath: "/home/ada/.local/share/slipway/credentials.bin",
      used: locked ? (fileState === "ready" ? "file" : null) : "keyring",
      message: locked ? "Credentials cannot be kept: the keyring is locked." : "Credentials are kept in the keyring.",
    };
  }

  return {
    credentials: () => credentials(),
    credential_save: ({ url, password }: { url: string; password: string }) => {
      if (locked && fileState !== "ready") {
        throw failure("the keyring is locked or refused access (dismissed); unlock it and try again", {
          code: "keyring-locked",
          hints: ["unlock the keyring of the desktop, then try again"],
        });
      }
      if (password === "") throw failure("the password is empty; nothing was kept", { code: "bad-request" });
      servers.set(new URL(url).origin, locked ? "file" : "keyring");
      return credentials();
    },
    credential_remove: ({ origin }: { origin: string }) => {
      servers.delete(origin);
      return credentials();
    },
    credential_file: ({ passphrase }: { passphrase: string | null }) => {
      fileState = passphrase === null ? "off" : "ready";
      return credentials();
    },
  };
}
