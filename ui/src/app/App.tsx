import type { QueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Component, type ReactNode } from "react";
import { ErrorState } from "../components/States";
import { ToastProvider } from "../components/Toast";
import { TooltipProvider } from "../components/Tooltip";
import { CoreProvider, SessionProvider, type Transport } from "../ipc";
import type { createAppRouter } from "./router";

/** Shows what broke instead of an empty window. */
class Boundary extends Component<{ children: ReactNode }, { failed: Error | null }> {
  override state: { failed: Error | null } = { failed: null };
  static getDerivedStateFromError(failed: unknown): { failed: Error } {
    return { failed: failed instanceof Error ? failed : new Error(String(failed)) };
  }
  override render(): ReactNode {
    const { failed } = this.state;
    if (failed === null) return this.props.children;
    return (
      <ErrorState
        title="The page failed"
        error={{
          code: "page-failed",
          message: failed.message,
          hints: ["Reload the page; the repository is not touched."],
          location: null,
        }}
        onRetry={() => window.location.reload()}
      />
    );
  }
}

export function App({
  transport,
  client,
  router,
}: {
  transport: Transport;
  client: QueryClient;
  router: ReturnType<typeof createAppRouter>;
}): ReactNode {
  return (
    <CoreProvider transport={transport} client={client}>
      <TooltipProvider>
        <ToastProvider>
          <Boundary>
            <SessionProvider>
              <RouterProvider router={router} />
            </SessionProvider>
          </Boundary>
        </ToastProvider>
      </TooltipProvider>
    </CoreProvider>
  );
}
