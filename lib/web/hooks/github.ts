/** Webhooks of GitHub (https://docs.github.com/webhooks/webhook-events-and-payloads). Pure. */
import { asLine, asLink, asObject, asObjects, headLine, joinWords, toHookText } from "./hook_text.ts";
import type { JsonObject } from "./hook_text.ts";

/** Commits of a push that are listed. */
const MAX_COMMITS = 5;

type Formatter = (body: JsonObject, where: string) => string;

const FORMATTERS: ReadonlyMap<string, Formatter> = new Map<string, Formatter>([
  ["ping", formatPing],
  ["push", formatPush],
  ["issues", formatIssue],
  ["pull_request", formatPullRequest],
  ["workflow_run", formatWorkflowRun],
  ["release", formatRelease],
]);

/** The text for the event `event`; "": there is nothing to tell, such as a label that was set. */
export function formatGithub(event: string, body: JsonObject): string {
  const where = asLine(asObject(body.repository).full_name) || asLine(asObject(body.organization).login) ||
    "GitHub";
  return FORMATTERS.get(event)?.(body, where) ?? "";
}

function formatPing({ zen }: JsonObject, where: string): string {
  return toHookText([joinWords([`${where}: the webhook is set up.`, asLine(zen)])]);
}

/** `octo/tea: alice pushed 2 commits to main https://…`, and a line for each commit. */
function formatPush(body: JsonObject, where: string): string {
  const [, kind, name] = /^refs\/(heads|tags)\/(.*)$/s.exec(asLine(body.ref)) ?? [];
  if (name === undefined) return "";
  const what = `${kind === "tags" ? "tag" : "branch"} ${name}`;
  const who = asLine(asObject(body.pusher).name) || senderOf(body);
  if (body.deleted === true) return toHookText([`${where}: ${who} deleted ${what}`]);
  const commits = asObjects(body.commits);
  const link = asLink(body.compare);
  if (commits.length === 0) return toHookText([`${where}: ${joinWords([`${who} pushed ${what}`, link])}`]);
  const count = commits.length === 1 ? "1 commit" : `${commits.length} commits`;
  const verb = body.forced === true ? "force-pushed" : "pushed";
  const more = commits.length - MAX_COMMITS;
  return toHookText([
    `${where}: ${joinWords([`${who} ${verb} ${count} to ${name}`, link])}`,
    ...commits.slice(0, MAX_COMMITS).map(formatCommit),
    ...more > 0 ? [`  … and ${more} more`] : [],
  ]);
}

function formatCommit({ id, message, author }: JsonObject): string {
  const by = asLine(asObject(author).username) || asLine(asObject(author).name);
  return `  ${joinWords([asLine(id).slice(0, 7), headLine(message), by === "" ? "" : `(${by})`])}`;
}

const ISSUE_ACTIONS = new Set(["opened", "closed", "reopened", "transferred", "deleted"]);

/** `octo/tea: bob opened issue #12: The kettle is cold https://…` */
function formatIssue(body: JsonObject, where: string): string {
  const action = asLine(body.action);
  return ISSUE_ACTIONS.has(action) ? formatTopic(body, where, action, "issue", asObject(body.issue)) : "";
}

const PULL_REQUEST_ACTIONS: ReadonlyMap<string, string> = new Map([
  ["opened", "opened"],
  ["closed", "closed"],
  ["reopened", "reopened"],
  ["ready_for_review", "marked as ready"],
]);

function formatPullRequest(body: JsonObject, where: string): string {
  const request = asObject(body.pull_request);
  const action = PULL_REQUEST_ACTIONS.get(asLine(body.action));
  if (action === undefined) return "";
  const done = action === "closed" && request.merged === true ? "merged" : action;
  return formatTopic(body, where, done, "pull request", request);
}

function formatTopic(
  body: JsonObject,
  where: string,
  action: string,
  kind: string,
  topic: JsonObject,
): string {
  const head = `${where}: ${senderOf(body)} ${action} ${kind} #${asLine(topic.number)}: ${
    asLine(topic.title)
  }`;
  return toHookText([joinWords([head, asLink(topic.html_url)])]);
}

/** `octo/tea: CI on main: failure (a1b2c3d) https://…`, when it is complete. */
function formatWorkflowRun({ action, workflow_run }: JsonObject, where: string): string {
  const run = asObject(workflow_run);
  if (action !== "completed") return "";
  const commit = asLine(run.head_sha).slice(0, 7);
  return toHookText([joinWords([
    `${where}: ${asLine(run.name)} on ${asLine(run.head_branch)}: ${asLine(run.conclusion)}`,
    commit === "" ? "" : `(${commit})`,
    asLink(run.html_url),
  ])]);
}

function formatRelease(body: JsonObject, where: string): string {
  const release = asObject(body.release);
  if (body.action !== "published") return "";
  const [tag, name] = [asLine(release.tag_name), asLine(release.name)];
  const title = name === "" || name === tag ? "" : `: ${name}`;
  const head = `${where}: ${senderOf(body)} published release ${tag}${title}`;
  return toHookText([joinWords([head, asLink(release.html_url)])]);
}

function senderOf({ sender }: JsonObject): string {
  return asLine(asObject(sender).login) || "GitHub";
}
