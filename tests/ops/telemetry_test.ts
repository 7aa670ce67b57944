/** OpenTelemetry of the runtime: a collector gets what docs/ops/README.md says. */
import { assertEquals } from "@std/assert";
import { start } from "../commands/program.ts";
import { codeWords, firstCells, read } from "../docs/pages.ts";
import { endOf, inTime } from "../support/guard.ts";
import { POSIX } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";

/** What is exported of a server, in the JSON encoding of OTLP. */
interface Export {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue?: string } }[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

Deno.test({
  name: "OpenTelemetry: the runtime exports its metrics under the name of the service, and nothing else",
  ...POSIX,
  fn: () =>
    withTempDir(async (home) => {
      const expected = new Set(
        firstCells(read("docs/ops/README.md"), "metric of the runtime").flatMap(codeWords),
      );
      const [seen, services, paths] = [new Set<string>(), new Set<string>(), new Set<string>()];
      const complete = Promise.withResolvers<void>();
      await using collector = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        async (request) => {
          paths.add(new URL(request.url).pathname);
          const { resourceMetrics }: Export = await request.json();
          for (const { resource, scopeMetrics } of resourceMetrics) {
            for (const { key, value } of resource.attributes) {
              if (key === "service.name") services.add(value.stringValue ?? "");
            }
            for (const { name } of scopeMetrics.flatMap(({ metrics }) => metrics)) seen.add(name);
          }
          if (seen.isSupersetOf(expected)) complete.resolve();
          return Response.json({});
        },
      );
      const env = {
        OTEL_DENO: "true",
        OTEL_SERVICE_NAME: "chat",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
        OTEL_METRIC_EXPORT_INTERVAL: "100",
      };
      const server = start(["serve", "--listen", "127.0.0.1:0"], home, { env });
      await inTime("all metrics", complete.promise, { heard: () => [...seen] });
      server.kill("SIGKILL"); // Deno.exit may hang in Deno 2.9.6 while an export is under way
      await Promise.all([server.stdout.cancel(), server.stderr.cancel()]);
      await endOf(server);
      assertEquals([[...seen].sort(), [...services], [...paths]], [[...expected].sort(), ["chat"], [
        "/v1/metrics",
      ]]);
    }),
});
