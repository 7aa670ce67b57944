/** Workers of the archive that do what a test says. */

export class FakeWorker<Request, Report> {
  onmessage: ((event: { data: Report }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault: () => void }) => void) | null = null;
  /** What it was sent. */
  readonly requests: Request[] = [];

  postMessage(request: Request): void {
    this.requests.push(request);
  }

  report(data: Report): void {
    this.onmessage!({ data });
  }

  die(message = "a bug"): void {
    this.onerror!({ message, preventDefault: () => {} });
  }

  terminate(): void {}
}

/** Those that the code under test has created. */
export class FakeWorkers<Made extends object> {
  readonly all: Made[] = [];
  readonly #make: () => Made;

  constructor(make: () => Made) {
    this.#make = make;
  }

  readonly spawn = (): Worker => {
    const worker = this.#make();
    this.all.push(worker);
    return worker as unknown as Worker;
  };

  get last(): Made {
    return this.all.at(-1)!;
  }
}
