export type Random = () => number;

/** Called a hundred million times for a photo set: looked up once. */
const { imul } = Math;

/** Mulberry32: 32 bits of state are plenty for drawings, and the same seed draws the same pictures anywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Hour {
  readonly zenith: string;
  readonly horizon: string;
  readonly light: string;
  readonly lightness: number;
}
const HOURS: readonly Hour[] = [
  { zenith: '#2d5f9e', horizon: '#bcd9ee', light: '#fff7d6', lightness: 48 },
  { zenith: '#38345e', horizon: '#f29f67', light: '#ffd9a0', lightness: 34 },
  { zenith: '#0b1026', horizon: '#26335c', light: '#f3f1e4', lightness: 16 },
  { zenith: '#7d8a94', horizon: '#cdd3d4', light: '#eef0ee', lightness: 42 },
];
const GROUND_HUES = [128, 32, 205, 78, 350, 268] as const;

/** A drawing of one place at one hour, as SVG. Six places, four hours, and a view of its own per scene. */
export function landscape(scene: number, width: number, height: number, random: Random): string {
  const hour = HOURS[Math.floor(scene / 6) % HOURS.length] as Hour;
  const hue = GROUND_HUES[scene % GROUND_HUES.length] as number;
  const ridges = [0.45, 0.58, 0.72, 0.86].map((level, depth) => {
    const lightness = hour.lightness + (3 - depth) * 6;
    return `<path d="${ridge(level * height, width, height, random)}" fill="hsl(${hue + depth * 9},${24 + depth * 12}%,${lightness}%)"/>`;
  });
  const things = Array.from({ length: 5 + Math.floor(random() * 9) }, () =>
    thing(scene % 6, hue, hour, width, height, random),
  );
  const lightX = (0.15 + random() * 0.7) * width;
  const lightY = (0.1 + random() * 0.25) * height;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="${hour.zenith}"/><stop offset="0.7" stop-color="${hour.horizon}"/></linearGradient></defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    <circle cx="${lightX}" cy="${lightY}" r="${24 + random() * 40}" fill="${hour.light}"/>
    ${ridges.join('')}${things.join('')}</svg>`;
}

/** The outline of a range of hills, down to the lower edge. */
function ridge(base: number, width: number, height: number, random: Random): string {
  const waves = Array.from({ length: 4 }, (_, octave) => ({
    length: width / (1.3 * 2 ** octave),
    phase: random() * 2 * Math.PI,
    amplitude: (height * 0.09) / 1.8 ** octave,
  }));
  const points: string[] = [];
  for (let x = 0; x <= width; x += 12) {
    const y = waves.reduce(
      (sum, { length, phase, amplitude }) => sum + amplitude * Math.sin((x / length) * 2 * Math.PI + phase),
      base,
    );
    points.push(`${x},${y.toFixed(1)}`);
  }
  return `M0,${height}L${points.join('L')}L${width},${height}Z`;
}

/** What stands in a place: trees, houses, posts, boulders, sails or towers. */
function thing(
  place: number,
  hue: number,
  hour: Hour,
  width: number,
  height: number,
  random: Random,
): string {
  const x = random() * width;
  const ground = (0.66 + random() * 0.3) * height;
  const size = (0.05 + random() * 0.12) * height;
  const colour = (shift: number, lighter: number) => `hsl(${hue + shift},45%,${hour.lightness + lighter}%)`;
  const box = (boxWidth: number, boxHeight: number, fill: string) =>
    `<rect x="${x}" y="${ground - boxHeight}" width="${boxWidth}" height="${boxHeight}" fill="${fill}"/>`;
  const triangle = (base: number, top: number, half: number, fill: string) =>
    `<path d="M${x - half},${base}L${x},${top}L${x + half},${base}Z" fill="${fill}"/>`;
  const shapes = [
    () => triangle(ground, ground - 2 * size, size * 0.5, colour(0, -10)),
    () =>
      box(size * 1.3, size, colour(160, 18)) +
      triangle(ground - size, ground - 1.7 * size, size, colour(-20, -4)),
    () => box(size * 0.12, size * 2.2, colour(40, 24)),
    () => `<ellipse cx="${x}" cy="${ground}" rx="${size}" ry="${size * 0.6}" fill="${colour(20, 8)}"/>`,
    () => triangle(ground, ground - 1.8 * size, size * 0.7, colour(60, 32)),
    () => box(size * 0.5, size * 3, colour(90, 6)),
  ];
  return shapes[place]?.() ?? '';
}
