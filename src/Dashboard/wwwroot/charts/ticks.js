// Where a scale puts its marks, and what stands beside them.

/** Round numbers (1, 2 or 5 times a power of ten) within [low, high], about `count` of them. */
export function linearTicks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

/** Powers of ten within [low, high]; with 2 and 5 between them where there are few. */
export function logTicks(low, high) {
  const decades = Math.log10(high / low);
  if (decades < 0.7) return linearTicks(low, high, 5).filter((tick) => tick > 0);
  const factors = decades > 3 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of factors) {
      const tick = Number(`${factor}e${power}`);
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks;
}

/** A mark's number: as many digits as tell it from its neighbours. */
export function tickText(value, ticks) {
  if (value === 0) return '0';
  const size = Math.max(...ticks.map(Math.abs));
  if (size >= 1e6) return `${trim((value / 1e6).toFixed(2))} M`;
  if (size >= 1e4) return `${trim((value / 1e3).toFixed(1))} k`;
  if (Math.abs(value) < 1e-3) return value.toExponential(0);
  const gap = ticks.length > 1 ? Math.min(...ticks.slice(1).map((tick, i) => tick - ticks[i])) : size;
  return trim(value.toFixed(Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(gap))))));
}

const trim = (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
