/** `12,345` */
export const countText = (count: number): string =>
  count.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** Three significant digits, without an exponent where it can be done without. */
export function measureText(value: number): string {
  if (value === 0) return '0';
  // Rounded first: 0.9996 is 1.00.
  const size = Math.abs(Number(value.toPrecision(3)));
  if (size >= 1e9 || size < 1e-4) return value.toExponential(2).replace('e+', 'e');
  const digits = size >= 100 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A round number, without zeros at its end. */
export function roundText(value: number): string {
  const text = measureText(value);
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
}

/** `12 %`, `0.3 %` */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent.toLocaleString('en-US', { maximumFractionDigits: percent < 10 ? 1 : 0 })} %`;
}

/** `0.42 s`, `3.1 s`, `2 min 5 s`, `1 h 4 min` */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}

/** `2026-01-02 03:04 UTC` */
export const timeText = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
