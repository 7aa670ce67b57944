/** Sends a notification to the notify URL of its argument, to this machine, with what `serve` keeps; prints the outcome. */
import { command } from "../../../commands/serve.ts";
import { PERMISSIONS } from "../../../lib/cli/command.ts";
import { createSystemIo } from "../../../lib/cli/system_io.ts";
import { sendNotification } from "../../../lib/server/notify/notification_sender.ts";
import { NotifyPolicy } from "../../../lib/server/settings/notify_flags.ts";
import { RINGING } from "./web_target.ts";

const given = PERMISSIONS.filter((each) => !command.permissions.includes(each));
const noExit = () => {
  throw new Error("it ends by itself");
};
createSystemIo(noExit, () => Promise.resolve([command])).revoke([
  ...given,
  "ffi",
  "run",
  "sys:hostname",
  "sys:umask",
  "sys:statfs",
]);
const here = new NotifyPolicy(true, ["127.0.0.1", "::1"]);
console.log(await sendNotification(Deno.args[0]!, RINGING, here) ?? "sent");
