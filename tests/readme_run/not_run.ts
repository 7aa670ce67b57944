/** Examples that the test does not run: words of the command, and the reason. */
export const NOT_RUN: readonly (readonly [words: RegExp, why: string])[] = [
  [/\bnpx -y deno\b/, "fetches Deno from a package registry"],
  [/^deno task compile\b/, "tests/compile compiles the binary and runs it"],
  [/\bchatterbox bench\b/, "takes a minute; tests/commands/bench_*_test.ts run them with little to do"],
  [/^sudo\b/, "needs root, and a user of the service"],
  [/^OTEL_DENO=/, "runs until it is stopped; tests/ops/telemetry_test.ts runs it with a collector"],
  [/^docker\b/, "needs Docker and an image"],
  [/ --code=-/, "asks for the code that another machine shows; tests/commands/key_share_test.ts types it"],
  [/\badmin upgrade\b/, "needs a server with fronts; tests/front/keeper_test.ts has one"],
  [/\badmin cluster\b|\blist --nodes\b/, "needs a cluster; tests/cluster/nodes_test.ts has one"],
  [/\bpage\b.* --wait ack\b/, "waits for a person; tests/commands/oncall_test.ts has one"],
  [/^etcdctl\b/, "needs etcd; tests/cluster runs it"],
  [/^irssi\b/, "tests/clients runs irssi"],
  [/--unix-group www-data/, "needs a group of the system; tests/proxies runs the server of this page"],
];
