// Draws series into an SVG: scales, grid, lines. Knows nothing of pointers and fetching.

import { linearTicks, logTicks, tickText } from './ticks.js';

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = { left: 52, right: 10, top: 8, bottom: 34 };
/** Up to so many points each gets a mark: it is then clear what was measured and what is only line. */
const MAX_MARKED = 80;

export function element(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export class Plot {
  /** @param shown series to draw, each with its colour's number; @param view [first, last] step; @param size {width, height} in pixels */
  constructor(shown, view, size, logarithmic) {
    this.shown = shown;
    this.view = view;
    this.size = size;
    this.logarithmic = logarithmic;
    this.range = this.#range();
  }

  get left() { return MARGIN.left; }
  get right() { return this.size.width - MARGIN.right; }
  get top() { return MARGIN.top; }
  get bottom() { return this.size.height - MARGIN.bottom; }

  x(step) { return this.left + ((step - this.view[0]) / (this.view[1] - this.view[0])) * (this.right - this.left); }
  step(x) { return this.view[0] + ((x - this.left) / (this.right - this.left)) * (this.view[1] - this.view[0]); }
  y(value) {
    const [low, high] = this.range;
    const share = this.logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return this.bottom - share * (this.bottom - this.top);
  }

  draws(value) { return Number.isFinite(value) && !(this.logarithmic && value <= 0); }

  /** Indices of a series' points in view, with one beyond each edge so that lines reach it. */
  span(series) {
    return [Math.max(0, series.lowerBound(this.view[0]) - 1), Math.min(series.length, series.lowerBound(this.view[1]) + 2)];
  }

  render() {
    return [this.#grid(), element('g', { 'clip-path': 'url(#area)' }, ...this.shown.flatMap((one) => this.#line(one)))];
  }

  #range() {
    let low = Infinity, high = -Infinity;
    for (const { series } of this.shown) {
      for (let i = series.lowerBound(this.view[0]); i < series.length && series.steps[i] <= this.view[1]; i++) {
        const value = series.values[i];
        if (!this.draws(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    if (low > high) return this.logarithmic ? [0.1, 1] : [0, 1];
    if (this.logarithmic) return low === high ? [low / 2, high * 2] : [low / (high / low) ** 0.05, high * (high / low) ** 0.05];
    const pad = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.06;
    return [low - pad, high + pad];
  }

  #grid() {
    const grid = element('g', { class: 'grid' });
    const values = this.logarithmic ? logTicks(...this.range) : linearTicks(...this.range, 5);
    for (const value of values) {
      const y = this.y(value);
      grid.append(
        element('line', { x1: this.left, x2: this.right, y1: y, y2: y }),
        element('text', { x: this.left - 8, y: y + 4, class: 'value' }, tickText(value, values)));
    }
    const steps = linearTicks(...this.view, Math.max(2, Math.floor(this.size.width / 80))).filter((tick) => Number.isInteger(tick));
    for (const step of steps) {
      const x = this.x(step);
      grid.append(
        element('line', { x1: x, x2: x, y1: this.bottom, y2: this.bottom + 4, class: 'mark' }),
        element('text', { x, y: this.bottom + 17, class: 'step' }, tickText(step, steps)));
    }
    grid.append(
      element('line', { x1: this.left, x2: this.right, y1: this.bottom, y2: this.bottom, class: 'axis' }),
      element('text', { x: this.right, y: this.size.height - 3, class: 'unit' }, 'step'));
    return grid;
  }

  #line({ series, color }) {
    const [from, to] = this.span(series);
    const parts = [];
    const marks = to - from <= MAX_MARKED ? [] : null;
    let isOpen = false;
    for (const i of this.#kept(series, from, to)) {
      if (!this.draws(series.values[i])) { isOpen = false; continue; }
      const x = this.x(series.steps[i]).toFixed(1), y = this.y(series.values[i]).toFixed(1);
      parts.push(`${isOpen ? 'L' : 'M'}${x} ${y}`);
      isOpen = true;
      marks?.push(element('circle', { cx: x, cy: y, r: 2.4, class: `dot c${color}` }));
    }
    return [element('path', { d: parts.join(''), class: `line c${color}${marks ? '' : ' dense'}`, 'data-series': series.name }), ...(marks ?? [])];
  }

  /** Of many points in one pixel's column the first, the lowest, the highest and the last: no peak is smoothed away. */
  *#kept(series, from, to) {
    if (to - from < 3 * this.size.width) {
      for (let i = from; i < to; i++) yield i;
      return;
    }
    for (let start = from; start < to;) {
      const column = Math.floor(this.x(series.steps[start]));
      let end = start, low = start, high = start;
      for (; end < to && Math.floor(this.x(series.steps[end])) === column; end++) {
        if (series.values[end] < series.values[low]) low = end;
        if (series.values[end] > series.values[high]) high = end;
      }
      yield* [...new Set([start, low, high, end - 1])].sort((a, b) => a - b);
      start = end;
    }
  }
}
