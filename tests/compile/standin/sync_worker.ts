/** The sync worker, on the completed platform: a worker is a world of its own and inherits no globals. */
import "./platform.ts";
import "../../../lib/store/sync/sync_worker.ts";
