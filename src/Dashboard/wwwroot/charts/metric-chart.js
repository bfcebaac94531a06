// <metric-chart label source series revision>: curves over steps. Drag zooms, double click shows everything again, the pointer or the
// arrow keys read exact values. It fetches the points it lacks whenever its revision changes; nothing is smoothed.

import { Plot, element } from './plot.js';
import { Series } from './series.js';

const HEIGHT = 250;
const MIN_DRAG = 5;
// Before the element is defined: a chart is never seen without its style.
const style = new CSSStyleSheet();
await style.replace(await (await fetch(new URL('metric-chart.css', import.meta.url))).text());
const NUMBERS = new Intl.NumberFormat('en');

class MetricChart extends HTMLElement {
  static observedAttributes = ['revision', 'series', 'source'];

  #series = [];
  #hidden = new Set();
  #view = null; // null: everything
  #log = false;
  #plot = null;
  #cursor = null; // the step that is read
  #drag = null;
  #parts = null;
  #loading = null;
  #isDue = false;
  #resize = new ResizeObserver(() => this.#draw());

  connectedCallback() {
    if (!this.#parts) this.#build();
    this.#resize.observe(this);
    this.#load();
  }

  disconnectedCallback() { this.#resize.disconnect(); }

  attributeChangedCallback() { if (this.isConnected && this.#parts) this.#load(); }

  async #load() {
    this.#isDue = true;
    if (this.#loading) return;
    this.#loading = true;
    try {
      while (this.#isDue) {
        this.#isDue = false;
        this.#adopt();
        this.#show();
        await Promise.all(this.#series.map((series) => series.extend()));
        this.#show();
      }
      this.#parts.note.textContent = '';
    } catch (error) {
      this.#parts.note.textContent = `No new points: ${error.message}`;
    } finally {
      this.#loading = false;
    }
  }

  #show() {
    this.#legend();
    this.#draw();
  }

  #adopt() {
    const names = (this.getAttribute('series') ?? '').split(' ').filter(Boolean);
    const source = this.getAttribute('source');
    this.#series = names.map((name) => Series.at(name, source + name));
  }

  #build() {
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [style];
    const make = (tag, properties = {}, ...children) => {
      const made = Object.assign(document.createElement(tag), properties);
      made.append(...children);
      return made;
    };
    const label = this.getAttribute('label');
    const legend = make('div', { className: 'legend' });
    const reset = make('button', { type: 'button', className: 'tool', textContent: 'Show all', hidden: true, onclick: () => this.#zoom(null) });
    const log = make('button', { type: 'button', className: 'tool log', textContent: 'log', title: 'Logarithmic scale', onclick: () => this.#toggleLog() });
    log.setAttribute('aria-pressed', 'false');
    const svg = element('svg', { height: HEIGHT, 'aria-hidden': 'true' });
    const tip = make('div', { className: 'tip', hidden: true });
    const spoken = make('div', { className: 'spoken' });
    spoken.setAttribute('aria-live', 'polite');
    const area = make('div', { className: 'area', tabIndex: 0 }, svg, tip);
    area.setAttribute('role', 'group');
    area.setAttribute('aria-label', `${label} over steps. Left and right arrows read values, plus and minus zoom, 0 shows all.`);
    const note = make('p', { className: 'note' });
    root.append(
      make('header', {}, make('h3', { textContent: label }), make('span', { className: 'spring' }), reset, log),
      legend,
      area, spoken, note);
    this.#parts = { legend, reset, log, svg, tip, spoken, area, note };
    area.addEventListener('pointerdown', (event) => this.#startDrag(event));
    area.addEventListener('pointermove', (event) => this.#move(event));
    area.addEventListener('pointerup', (event) => this.#endDrag(event));
    area.addEventListener('pointercancel', () => this.#abandonDrag());
    area.addEventListener('pointerleave', () => { if (!this.#drag) this.#read(null); });
    area.addEventListener('dblclick', () => this.#zoom(null));
    area.addEventListener('keydown', (event) => this.#key(event));
    area.addEventListener('blur', () => this.#read(null));
  }

  #shown() {
    return this.#series.map((series, i) => ({ series, color: (i % 5) + 1 })).filter(({ series }) => series.length > 0 && !this.#hidden.has(series.name));
  }

  #legend() {
    this.#parts.legend.replaceChildren(...this.#series.filter((series) => series.length > 0).map((series) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = `key c${(this.#series.indexOf(series) % 5) + 1}`;
      button.textContent = series.name;
      button.setAttribute('aria-pressed', String(!this.#hidden.has(series.name)));
      button.onclick = () => {
        if (!this.#hidden.delete(series.name)) this.#hidden.add(series.name);
        button.setAttribute('aria-pressed', String(!this.#hidden.has(series.name)));
        this.#draw();
      };
      return button;
    }));
  }

  #everything() {
    const first = Math.min(...this.#series.filter((one) => one.length).map((one) => one.steps[0]));
    const last = Math.max(...this.#series.filter((one) => one.length).map((one) => one.steps.at(-1)));
    return first < last ? [first, last] : [first - 1, last + 1];
  }

  #draw() {
    const width = this.#parts.area.clientWidth;
    if (width < 80 || !this.#series.some((one) => one.length)) return;
    const { svg } = this.#parts;
    svg.setAttribute('width', width);
    svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    this.#plot = new Plot(this.#shown(), this.#view ?? this.#everything(), { width, height: HEIGHT }, this.#log);
    const { left, right, top, bottom } = this.#plot;
    svg.replaceChildren(
      element('defs', {}, element('clipPath', { id: 'area' }, element('rect', { x: left, y: top - 4, width: right - left, height: bottom - top + 8 }))),
      ...this.#plot.render(),
      element('g', { class: 'cursor' }));
    this.#parts.reset.hidden = this.#view === null;
    this.#read(this.#cursor);
  }

  #toggleLog() {
    this.#log = !this.#log;
    this.#parts.log.setAttribute('aria-pressed', String(this.#log));
    this.#draw();
  }

  #zoom(view) {
    if (view) {
      const [first, last] = this.#everything();
      const from = Math.max(first, view[0]), to = Math.min(last, view[1]);
      if (to - from < 1) return;
      view = from <= first && to >= last ? null : [from, to];
    }
    this.#view = view;
    this.#draw();
  }

  // Reading values

  #read(step) {
    this.#cursor = step;
    const overlay = this.#parts.svg.querySelector('.cursor');
    const { tip } = this.#parts;
    const plot = this.#plot;
    tip.hidden = true;
    overlay?.replaceChildren();
    if (step === null || !overlay || step < plot.view[0] || step > plot.view[1]) return;

    const x = plot.x(step);
    overlay.append(element('line', { x1: x, x2: x, y1: plot.top, y2: plot.bottom }));
    const rows = this.#rowsAt(step);
    for (const { series, color, i } of rows) {
      if (plot.draws(series.values[i])) overlay.append(element('circle', { cx: plot.x(series.steps[i]), cy: plot.y(series.values[i]), r: 4, class: `dot c${color}` }));
    }
    this.#tell(step, rows);
    tip.hidden = false;
    const space = this.#parts.area.clientWidth;
    tip.style.transform = `translate(${x + 12 + tip.offsetWidth > space ? Math.max(0, x - 12 - tip.offsetWidth) : x + 12}px, ${plot.top}px)`;
  }

  /** For each series its point at the step, else its newest one before: what was known then. */
  #rowsAt(step) {
    return this.#plot.shown.map(({ series, color }) => ({ series, color, i: series.atOrBefore(step) })).filter(({ i }) => i >= 0);
  }

  #tell(step, rows) {
    const epoch = rows.find(({ series, i }) => series.steps[i] === step);
    const head = document.createElement('div');
    head.className = 'head';
    head.textContent = `step ${NUMBERS.format(step)}${epoch ? ` · epoch ${epoch.series.epochs[epoch.i]}` : ''}`;
    const lines = rows.map(({ series, color, i }) => {
      const line = document.createElement('div');
      line.className = `row c${color}`;
      const name = document.createElement('span');
      name.textContent = series.name;
      const value = document.createElement('b');
      value.textContent = String(series.values[i]);
      line.append(name, value);
      if (series.steps[i] !== step) {
        const from = document.createElement('i');
        from.textContent = `of step ${NUMBERS.format(series.steps[i])}`;
        line.append(from);
      }
      return line;
    });
    this.#parts.tip.replaceChildren(head, ...lines);
  }

  #nearestStep(x) {
    const wanted = this.#plot.step(x);
    let best = null;
    for (const { series } of this.#plot.shown) {
      const i = series.nearest(wanted);
      if (i < 0 || series.steps[i] < this.#plot.view[0] || series.steps[i] > this.#plot.view[1]) continue;
      if (best === null || Math.abs(series.steps[i] - wanted) < Math.abs(best - wanted)) best = series.steps[i];
    }
    return best;
  }

  #key(event) {
    if (!this.#plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const [from, to] = this.#plot.view;
    const actions = {
      ArrowRight: () => this.#walk(1),
      ArrowLeft: () => this.#walk(-1),
      Home: () => this.#walk(-Infinity),
      End: () => this.#walk(Infinity),
      '+': () => this.#zoomAround(0.5),
      '-': () => this.#zoomAround(2),
      0: () => this.#zoom(null),
      Escape: () => { this.#abandonDrag(); this.#read(null); },
    };
    const act = actions[event.key === '=' ? '+' : event.key];
    if (!act || to <= from) return;
    event.preventDefault();
    act();
  }

  #zoomAround(factor) {
    const [from, to] = this.#plot.view;
    const middle = this.#cursor ?? (from + to) / 2;
    this.#zoom([middle - (middle - from) * factor, middle + (to - middle) * factor]);
  }

  #walk(by) {
    const [from, to] = this.#plot.view;
    const steps = [...new Set(this.#plot.shown.flatMap(({ series }) => series.steps.slice(series.lowerBound(from), series.lowerBound(to + 1))))].sort((a, b) => a - b);
    if (steps.length === 0) return;
    const at = this.#cursor === null ? (by > 0 ? -1 : steps.length) : steps.findIndex((step) => step >= this.#cursor);
    this.#read(steps[Math.min(steps.length - 1, Math.max(0, at + by))]);
    this.#parts.spoken.textContent = this.#parts.tip.innerText;
  }

  // Zooming

  #at(event) {
    const x = event.clientX - this.#parts.area.getBoundingClientRect().left;
    return Math.min(this.#plot.right, Math.max(this.#plot.left, x));
  }

  #startDrag(event) {
    if (!this.#plot || event.button !== 0) return;
    this.#drag = { x: this.#at(event), pointer: event.pointerId };
    this.#parts.area.setPointerCapture(event.pointerId);
  }

  #move(event) {
    if (!this.#plot) return;
    const x = this.#at(event);
    this.#read(this.#nearestStep(x));
    if (!this.#drag || Math.abs(x - this.#drag.x) < MIN_DRAG) return;
    const { top, bottom } = this.#plot;
    this.#parts.svg.querySelector('.cursor').append(
      element('rect', { x: Math.min(x, this.#drag.x), y: top, width: Math.abs(x - this.#drag.x), height: bottom - top, class: 'selection' }));
  }

  #endDrag(event) {
    if (!this.#drag) return;
    const from = this.#drag.x, to = this.#at(event);
    this.#abandonDrag();
    if (Math.abs(to - from) >= MIN_DRAG) this.#zoom([this.#plot.step(Math.min(from, to)), this.#plot.step(Math.max(from, to))]);
  }

  #abandonDrag() {
    this.#drag = null;
    this.#parts.svg.querySelector('.selection')?.remove();
  }
}

customElements.define('metric-chart', MetricChart);
