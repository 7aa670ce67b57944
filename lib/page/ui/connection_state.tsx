/** The state of the connection in one or two words. */
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { ConnectionStatus } from "../../client/conversation/connection_status.ts";
import { nextChangeMs } from "../../client/conversation/connection_status.ts";
import type { ChatSession } from "../state/chat_session.ts";

export function ConnectionState({ session }: { readonly session: ChatSession }): JSX.Element {
  const status = session.status.value;
  const [, setTick] = useState(0);
  useEffect(() => {
    const ms = nextChangeMs(status, Date.now());
    if (ms === undefined) return;
    const timer = setTimeout(() => setTick((tick) => tick + 1), ms);
    return () => clearTimeout(timer);
  });
  return (
    <span class={`connection connection-${status.kind}`}>
      <span class="connection-dot" />
      {describeStatus(status, Date.now())}
      {status.kind === "waiting"
        ? <button type="button" class="link-button" onClick={() => session.hurry()}>now</button>
        : null}
    </span>
  );
}

function describeStatus(status: ConnectionStatus, now: number): string {
  switch (status.kind) {
    case "live":
      return "connected";
    case "connecting":
      return "connecting…";
    case "waiting":
      return `retry in ${Math.max(1, Math.ceil((status.since + status.retryMs - now) / 1000))} s `;
  }
}
