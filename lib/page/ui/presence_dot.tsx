/** A dot before the name of a person: full is online, hollow is away; with a text for screen readers. */
import type { JSX } from "preact";
import { formatPresence } from "../model/presence.ts";
import type { PersonPresence } from "../model/presence.ts";
import { formatClock } from "../state/time_text.ts";

export function PresenceDot({ presence }: { readonly presence: PersonPresence }): JSX.Element {
  return (
    <>
      <span class={`dot dot-${presence.state}`} aria-hidden="true" />
      <span class="unseen">{presence.state === "online" ? "" : formatPresence(presence, formatClock)}</span>
    </>
  );
}
