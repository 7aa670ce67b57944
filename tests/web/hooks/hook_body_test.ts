/** The texts of hooks, from bodies as Alertmanager, Grafana, GitHub and Slack send them. */
import { assert, assertEquals } from "@std/assert";
import { readHookBody } from "../../../lib/web/hooks/hook_body.ts";
import { MAX_HOOK_LINE_BYTES, MAX_HOOK_LINES } from "../../../lib/web/hooks/hook_text.ts";
import { utf8Length } from "../../../lib/base/bytes.ts";
import { pureTest } from "../../support/test.ts";

function textOf(body: unknown, githubEvent?: string, mediaType = "application/json"): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const read = readHookBody({ mediaType, text, githubEvent });
  if (read.kind !== "ok") throw new Error(read.kind);
  return read.text;
}

function alert(status: string, name: string, labels = {}, annotations = {}) {
  return { status, labels: { alertname: name, ...labels }, annotations, startsAt: "2026-01-31T10:00:00Z" };
}

const ALERTMANAGER = {
  version: "4",
  groupKey: '{}:{alertname="DiskFull"}',
  status: "firing",
  receiver: "chat",
  externalURL: "http://alerts.example:9093",
  alerts: [
    alert("resolved", "DiskFull", { instance: "db2:9100" }, { summary: "Disk is almost full" }),
    alert("firing", "DiskFull", { severity: "critical", instance: "db1:9100" }, {
      summary: "Disk is almost full",
    }),
  ],
};

pureTest("hooks: Alertmanager, those that fire first", () => {
  assertEquals(
    textOf(ALERTMANAGER),
    "FIRING DiskFull (critical, db1:9100): Disk is almost full\n" +
      "RESOLVED DiskFull (db2:9100): Disk is almost full\n" +
      "http://alerts.example:9093",
  );
});

pureTest("hooks: Grafana, with the link to its dashboard", () => {
  const one = { ...alert("firing", "Latency"), dashboardURL: "https://g.example/d/1" };
  const body = { receiver: "chat", status: "firing", orgId: 1, title: "[FIRING:1] Latency", alerts: [one] };
  assertEquals(textOf(body), "FIRING Latency https://g.example/d/1");
});

pureTest("hooks: Grafana before version 8", () => {
  const body = {
    ruleName: "CPU",
    state: "alerting",
    message: "too hot",
    ruleUrl: "https://g.example/r/1",
    evalMatches: [{ metric: "cpu", value: 93.2 }],
  };
  assertEquals(textOf(body), "ALERTING CPU (cpu=93.2): too hot https://g.example/r/1");
});

const REPOSITORY = { repository: { full_name: "octo/tea" }, sender: { login: "alice" } };

pureTest("hooks: GitHub push, with its commits", () => {
  const commits = [
    { id: "a1b2c3d4e5", message: "kettle: boils\n\nlong story", author: { username: "bob" } },
    { id: "b2c3d4e5f6", message: "cups", author: { name: "Carol" } },
  ];
  const push = { ...REPOSITORY, ref: "refs/heads/main", pusher: { name: "bob" }, commits };
  assertEquals(
    textOf({ ...push, compare: "https://github.com/octo/tea/compare/a...b" }, "push"),
    "octo/tea: bob pushed 2 commits to main https://github.com/octo/tea/compare/a...b\n" +
      "  a1b2c3d kettle: boils (bob)\n" +
      "  b2c3d4e cups (Carol)",
  );
  assertEquals(textOf({ ...push, commits: [], deleted: true }, "push"), "octo/tea: bob deleted branch main");
  assertEquals(textOf({ ...push, commits: [], ref: "refs/tags/v1" }, "push"), "octo/tea: bob pushed tag v1");
  assertEquals(
    textOf({ ...push, commits: [commits[1]], forced: true }, "push").split("\n")[0],
    "octo/tea: bob force-pushed 1 commit to main",
  );
});

pureTest("hooks: GitHub issues, pull requests, workflows, releases and ping", () => {
  const issue = {
    number: 12,
    title: "The kettle is cold",
    html_url: "https://github.com/octo/tea/issues/12",
  };
  assertEquals(
    textOf({ ...REPOSITORY, action: "opened", issue }, "issues"),
    "octo/tea: alice opened issue #12: The kettle is cold https://github.com/octo/tea/issues/12",
  );
  const pull_request = { number: 13, title: "Heat it", merged: true };
  assertEquals(
    textOf({ ...REPOSITORY, action: "closed", pull_request }, "pull_request"),
    "octo/tea: alice merged pull request #13: Heat it",
  );
  const workflow_run = { name: "CI", head_branch: "main", conclusion: "failure", head_sha: "a1b2c3d4" };
  assertEquals(
    textOf({ ...REPOSITORY, action: "completed", workflow_run }, "workflow_run"),
    "octo/tea: CI on main: failure (a1b2c3d)",
  );
  const release = { tag_name: "v1.2.0", name: "Warm" };
  assertEquals(
    textOf({ ...REPOSITORY, action: "published", release }, "release"),
    "octo/tea: alice published release v1.2.0: Warm",
  );
  assertEquals(
    textOf({ ...REPOSITORY, zen: "Keep it logically awesome." }, "ping"),
    "octo/tea: the webhook is set up. Keep it logically awesome.",
  );
});

pureTest("hooks: GitHub events that tell nothing are no message", () => {
  assertEquals(textOf({ ...REPOSITORY, action: "labeled", issue: {} }, "issues"), "");
  assertEquals(textOf({ ...REPOSITORY, action: "synchronize", pull_request: {} }, "pull_request"), "");
  assertEquals(textOf({ ...REPOSITORY, action: "created" }, "star"), "");
});

pureTest("hooks: text of Slack, with its marks, as JSON and as a form", () => {
  assertEquals(
    textOf({ text: "a &lt;b&gt; <https://x.example|here> <!here>" }),
    "a <b> here (https://x.example) @here",
  );
  assertEquals(textOf({ attachments: [{ fallback: "one" }, { text: "two" }] }), "one\ntwo");
  const form = "application/x-www-form-urlencoded";
  assertEquals(textOf("payload=%7B%22text%22%3A%22hi%22%7D", undefined, form), "hi");
  assertEquals(textOf("text=hi+there", undefined, form), "hi there");
  assertEquals(textOf("disk is full", undefined, form), "disk is full");
});

pureTest("hooks: plain text has no control characters, and is bounded", () => {
  assertEquals(textOf("one\r\n\x1b[31mtwo\x07\x034red\n\n", undefined, "text/plain"), "one\n[31mtwored");
  const long = textOf(`${"é".repeat(5000)}\n${"line\n".repeat(500)}`, undefined, "text/plain").split("\n");
  assertEquals(long.length, MAX_HOOK_LINES);
  assert(long.every((line) => utf8Length(line) <= MAX_HOOK_LINE_BYTES));
  assertEquals(long.at(-1), "… and 492 more");
});

pureTest("hooks: what is not understood is said, and no form breaks on other types", () => {
  const kind = (text: string, mediaType = "application/json") =>
    readHookBody({ mediaType, text, githubEvent: undefined }).kind;
  assertEquals(kind("{}"), "unknown");
  assertEquals(kind("[]"), "unknown");
  assertEquals(kind("null"), "unknown");
  assertEquals(kind('{"text":5}'), "unknown");
  assertEquals(kind('{"alerts":[]}'), "unknown");
  assertEquals(kind("{"), "not_json");
  assertEquals(kind("x", "image/png"), "unsupported_type");
  const garbage = [null, 5, "x", [], {}, [null], { labels: 5 }];
  for (const value of garbage) {
    textOf({ alerts: [value] });
    for (const event of ["ping", "push", "issues", "pull_request", "workflow_run", "release", "other"]) {
      const body = { action: "completed", ref: value, commits: value, repository: value, sender: value };
      textOf({ ...body, issue: value, pull_request: value, workflow_run: value, release: value }, event);
    }
  }
});
