/** The operators of `serve --oper`, replaced while the server runs. */
import type { Hub } from "../../hub/hub.ts";

/**
 * Makes the accounts `opers` (folded names) operators that were not named before, and takes the rights of those that
 * are named no longer; operators that the console made stay. Called in a turn, after `Hub.beginTask`.
 */
export function replaceOperators(hub: Hub, opers: ReadonlySet<string>): void {
  const { context, services: { accounts, serverOperators } } = hub;
  const before = context.config.opers;
  hub.reconfigure({ opers });
  const added = opers.difference(before);
  for (const event of serverOperators.applyFlags(added, accounts)) context.report(event);
  for (const name of added) {
    const account = accounts.get(name);
    if (account === undefined || !serverOperators.has(account)) continue;
    for (const user of [...account.users]) context.commit({ kind: "oper", user, oper: true });
  }
  for (const name of before.difference(opers)) {
    const account = accounts.get(name);
    if (account === undefined || !serverOperators.delete(account)) continue;
    const users = serverOperators.usersOfAccount(account, context.state.serverOperators);
    for (const user of users) context.commit({ kind: "oper", user, oper: false });
  }
}
