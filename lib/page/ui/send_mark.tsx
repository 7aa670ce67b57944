/** The quiet mark behind a message of ours: pending (hollow), sent (one tick), durable (two), read (in colour). */
import type { JSX } from "preact";
import type { SendState } from "../model/row.ts";

const LABELS: Readonly<Record<SendState, string>> = {
  pending: "waits to be sent",
  sent: "sent",
  durable: "saved by the server",
  read: "read",
  failed: "not delivered",
};

const PATHS: Readonly<Record<SendState, string>> = {
  pending: "M8 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  sent: "M4 8.5 6.8 11.2 12 5",
  durable: "M1.5 8.5 4.3 11.2 9.5 5M6.5 10 7.7 11.2 13 5",
  read: "M1.5 8.5 4.3 11.2 9.5 5M6.5 10 7.7 11.2 13 5",
  failed: "M8 4v5M8 11.8v.1",
};

/** `reader`: the other person of the conversation. */
export function SendMark(
  { state, reader }: { readonly state: SendState; readonly reader: string },
): JSX.Element {
  const label = state === "read" ? `read by ${reader}` : LABELS[state];
  return (
    <span class={`mark mark-${state}`} title={label}>
      <svg
        viewBox="0 0 16 16"
        width="14"
        height="14"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linecap="round"
        stroke-linejoin="round"
        aria-hidden="true"
      >
        <path d={PATHS[state]} />
      </svg>
      <span class="unseen">{label}</span>
    </span>
  );
}
