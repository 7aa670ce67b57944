/** Worker that reads the archive (query_runner.ts): nothing that it does delays the hub or the archiver. */
import { ArchiveReader } from "../../store/archive/archive_reader.ts";
import { QueryRunner } from "./query_runner.ts";
import type { ReaderReport, ReaderRequest } from "./reader_messages.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ReaderRequest>) => void) | null;
  postMessage(message: ReaderReport): void;
}

const scope = globalThis as unknown as WorkerScope;
let runner: QueryRunner | undefined;

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case "start": {
      const { path } = data;
      runner = new QueryRunner({
        open: () => new ArchiveReader(path),
        report: (report) => scope.postMessage(report),
      });
      return;
    }
    case "ask":
      return runner?.ask(data.id, data.query);
    case "reopen":
      return runner?.reopen();
  }
};
