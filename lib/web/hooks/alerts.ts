/** Webhooks of Alertmanager and of Grafana, which has taken over its form. Pure. */
import { asLine, asLink, asObject, asObjects, firstLine, joinWords, toHookText } from "./hook_text.ts";
import type { JsonObject } from "./hook_text.ts";

/** Labels behind the name of an alert. */
const SHOWN_LABELS = ["severity", "instance", "job", "namespace", "pod", "service"] as const;

/** One line for each alert, those that fire first; undefined: `body` is none of these. */
export function formatAlerts(body: JsonObject): string | undefined {
  if (!Array.isArray(body.alerts)) return formatOldGrafana(body);
  const alerts = asObjects(body.alerts);
  const order = [...alerts].sort((a, b) => Number(isResolved(a)) - Number(isResolved(b)));
  const link = asLink(asObject(alerts[0]).dashboardURL) || asLink(body.externalURL);
  const lines = order.map(formatAlert);
  if (lines.length === 0) return undefined;
  return toHookText(lines.length === 1 ? [joinWords([lines[0]!, link])] : [...lines, link]);
}

function isResolved({ status }: JsonObject): boolean {
  return status === "resolved";
}

/** `FIRING DiskFull (critical, db1:9100): Disk is almost full` */
function formatAlert(alert: JsonObject): string {
  const [labels, annotations] = [asObject(alert.labels), asObject(alert.annotations)];
  const name = firstLine(labels.alertname, labels.rulename, "alert");
  const known = SHOWN_LABELS.map((label) => asLine(labels[label])).filter((value) => value !== "").slice(
    0,
    3,
  );
  const state = isResolved(alert) ? "RESOLVED" : "FIRING";
  const text = firstLine(annotations.summary, annotations.message, annotations.description);
  return joinWords([
    `${state} ${name}${known.length === 0 ? "" : ` (${known.join(", ")})`}${text === "" ? "" : ":"}`,
    text,
  ]);
}

/** Grafana before version 8: `{ruleName, state, message, ruleUrl, evalMatches}`. */
function formatOldGrafana(
  { ruleName, state, message, ruleUrl, evalMatches }: JsonObject,
): string | undefined {
  const name = asLine(ruleName);
  if (name === "") return undefined;
  const values = asObjects(evalMatches).map(({ metric, value }) => `${asLine(metric)}=${asLine(value)}`)
    .slice(0, 3);
  const head = `${asLine(state).toUpperCase()} ${name}${values.length === 0 ? "" : ` (${values.join(", ")})`}`
    .trim();
  const text = asLine(message);
  return toHookText([joinWords([text === "" ? head : `${head}: ${text}`, asLink(ruleUrl)])]);
}
