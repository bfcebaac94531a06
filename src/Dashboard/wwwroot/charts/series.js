// The points of one metric, in the order of their steps, fetched piece by piece.

export class Series {
  constructor(name, address) {
    this.name = name;
    this.address = address;
    this.steps = [];
    this.epochs = [];
    this.values = [];
  }

  /** The series at an address: one for the page, so that an element that takes another's place has its points at once. */
  static at(name, address) {
    if (!Series.#known.has(address)) Series.#known.set(address, new Series(name, address));
    return Series.#known.get(address);
  }

  static #known = new Map();
  #asking = null;

  /** Asks for the points after the last one it has: steps of a metric only ever rise. */
  extend() {
    // Two who ask at once would both get, and add, the same points.
    this.#asking ??= this.#ask().finally(() => { this.#asking = null; });
    return this.#asking;
  }

  async #ask() {
    const answer = await fetch(`${this.address}?after=${this.steps.at(-1) ?? -1}`);
    if (!answer.ok) throw new Error(`${this.name}: the dashboard answered ${answer.status}`);
    const { steps, epochs, values } = await answer.json();
    for (let i = 0; i < steps.length; i++) {
      this.steps.push(steps[i]);
      this.epochs.push(epochs[i]);
      this.values.push(Number(values[i])); // "NaN" and "Infinity" come as words
    }
  }

  get length() { return this.steps.length; }

  /** Index of the first point at or after a step. */
  lowerBound(step) {
    let low = 0, high = this.steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle] < step) low = middle + 1; else high = middle;
    }
    return low;
  }

  /** Index of the point nearest to a step; -1 when there is none. */
  nearest(step) {
    if (this.steps.length === 0) return -1;
    const after = this.lowerBound(step);
    if (after === 0) return 0;
    if (after === this.steps.length) return after - 1;
    return this.steps[after] - step < step - this.steps[after - 1] ? after : after - 1;
  }

  /** Index of the newest point at or before a step; -1 when there is none. */
  atOrBefore(step) {
    const after = this.lowerBound(step);
    return after < this.steps.length && this.steps[after] === step ? after : after - 1;
  }
}
