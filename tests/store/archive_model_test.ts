import { assertEquals } from "@std/assert";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { forAll } from "../irc/property.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { compareQueries } from "./archive_comparison.ts";
import { ArchiveGenerator, ArchiveModel, readSearchable } from "./archive_model.ts";

const ROUNDS = 4;
const BATCHES = 8;
const QUERIES = 25;
const partBounds = { messages: 40, spanMs: 300 };

Deno.test("archive: every query is answered as a plain model of the same changes answers it", () =>
  withTempDir((folder) => {
    let round = 0;
    forAll(ROUNDS, (numbers) => {
      const path = `${folder}/${round++}.sqlite`;
      const random = new ArchiveGenerator(numbers);
      const model = new ArchiveModel();
      let writer = new ArchiveWriter(path, { logId: "log", readSearchable, partBounds });
      const reader = new ArchiveReader(path);
      for (let batch = 0; batch < BATCHES; batch++) {
        const changes = Array.from({ length: random.int(60) }, () => random.change());
        changes.forEach((change) => model.apply(change));
        random.seq++; // changes follow from records, so the cursor moves with them
        writer.append(changes, random.seq);
        model.archivedUntil = writer.cursor;
        if (random.int(4) === 0) { // nothing twice
          writer.append(changes, random.seq);
          writer.close();
          writer = new ArchiveWriter(path, { logId: "log", readSearchable, partBounds });
          writer.append(changes, random.seq);
        }
        assertEquals(writer.members(), model.memberNames());
        for (let nth = 0; nth < QUERIES; nth++) compareQueries(random, model, reader);
      }
      reader.close();
      writer.close();
    });
  }));
