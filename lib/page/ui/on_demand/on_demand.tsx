/** A place for what is loaded later: nothing until it is there, and a way out where it does not come. */
import { useEffect } from "preact/hooks";
import type { JSX } from "preact";
import { loadSecondPart, secondPart } from "./loading.ts";
import type { SecondPart } from "./loading.ts";

interface Props {
  readonly render: (part: SecondPart) => JSX.Element;
  /** What is there while the part is loaded, and around the words for a failure; left out: the bar above tells of it. */
  readonly renderPlace?: (fault: JSX.Element | null) => JSX.Element | null;
  /** No person has asked for it: it comes when the second part does. */
  readonly isQuiet?: boolean;
  /** It cannot be loaded. */
  readonly onMiss?: () => void;
}

export function OnDemand({ render, renderPlace, isQuiet, onMiss }: Props): JSX.Element | null {
  const part = secondPart.value;
  useEffect(() => {
    if (!isQuiet) void loadSecondPart(renderPlace === undefined).then((part) => part ?? onMiss?.());
  }, [isQuiet]);
  if (typeof part === "object") return render(part);
  return renderPlace?.(part === "failed" ? <LoadFault /> : null) ?? null;
}

export const LOAD_FAULT =
  "This part of the page cannot be loaded: the server is away, or has another version by now.";

/** Says that the second part cannot be loaded; nothing else of the page is lost. */
function LoadFault(): JSX.Element {
  return (
    <p role="alert" class="notice notice-fault">
      {LOAD_FAULT} <button type="button" class="link-button" onClick={() => location.reload()}>Reload</button>
    </p>
  );
}

/** A panel beside the conversation that is loaded later. */
export function PanelOnDemand(
  { render, onClose }: { readonly render: Props["render"]; readonly onClose: () => void },
): JSX.Element {
  return (
    <OnDemand
      render={render}
      renderPlace={(fault) =>
        fault && (
          <aside class="panel sidebar-empty" aria-label="Panel">
            {fault}
            <button type="button" class="link-button" onClick={onClose}>Close</button>
          </aside>
        )}
    />
  );
}
