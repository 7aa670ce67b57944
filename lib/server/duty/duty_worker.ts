/** Worker that reads calendars of duties, one after another: a file may take long, and the server ends the worker then. */
import { readDutyOutlook } from "../../hub/services/duty/duty_outlook.ts";
import type { DutyReport, DutyRequest } from "./duty_messages.ts";

/** Time for which duties are looked for once those at the time of the reading are known, in milliseconds. */
const LOOK_AHEAD_MS = 500;

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<DutyRequest>) => void) | null;
  postMessage(message: DutyReport): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { text, at } }) => {
  scope.postMessage({ kind: "begun" });
  const end = performance.now() + LOOK_AHEAD_MS;
  scope.postMessage(readDutyOutlook(text, at, () => performance.now() >= end));
};
