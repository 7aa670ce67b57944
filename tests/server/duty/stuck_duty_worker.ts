/** A worker that reads calendars and comes to no end with `endless`, dies of `fatal`, and reads other texts as nothing. */
import type { DutyReport, DutyRequest } from "../../../lib/server/duty/duty_messages.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<DutyRequest>) => void) | null;
  postMessage(message: DutyReport): void;
};

scope.onmessage = ({ data: { text } }) => {
  if (text === "mute") return;
  scope.postMessage({ kind: "begun" });
  if (text === "fatal") throw new Error("it is broken");
  while (text === "endless");
  scope.postMessage({ kind: "invalid", why: text });
};
