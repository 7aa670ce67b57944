/** The tabs of a person, from one in which they are not logged in. */
import { groupPrefix, locks } from "./tab_group.ts";
import type { TabMessage } from "./tab_group.ts";

/** A tab that the browser has put to sleep logs out when it wakes. */
const LOGOUT_TIMEOUT_MS = 2_000;

/** Logs out the tabs of `name`. Resolves once they keep nothing any more, or after {@link LOGOUT_TIMEOUT_MS}. */
export async function logOutTabs(name: string): Promise<void> {
  const prefix = groupPrefix(name);
  const channel = new BroadcastChannel(prefix);
  channel.postMessage({ kind: "logout" } satisfies TabMessage);
  channel.close();
  const manager = locks();
  const { held = [] } = await manager?.query() ?? {};
  const options = { mode: "shared", signal: AbortSignal.timeout(LOGOUT_TIMEOUT_MS) } as const;
  const tabs = held.flatMap(({ name = "" }) => name.startsWith(`${prefix}tab `) ? [name] : []);
  await Promise.allSettled(tabs.map((tab) => manager!.request(tab, options, () => {})));
}
