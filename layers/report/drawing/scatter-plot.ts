import type { Plot2d } from '#contracts/report-v2';
import { linearScale, place } from './axis.ts';
import { type Drawing, FULL_WIDTH, type Shape } from './drawing.ts';
import { chartHead, HEAD_HEIGHT } from './legend.ts';

type Point = readonly [number, number];

const HEIGHT = 430;
/** Side of an example's thumbnail, and room for them beside the outermost points. */
const SIDE = 56;
const FRAME = 34;
/** Distances from a point that its thumbnail is tried at, and how many directions. */
const REACHES = [52, 76, 104];
const DIRECTIONS = 12;

/** Where images are in the plane; beside some of the selected ones a thumbnail. The axes have no unit. */
export function scatterPlot(title: string, plot: Plot2d): Drawing {
  const datapool = plot.datapool2dEmbeddings ?? [];
  const toPage = scaleOf([
    ...plot.input2dEmbeddings,
    ...datapool,
    ...plot.selectedExcludingDatapool2dEmbeddings,
  ]);
  const dots = (points: readonly Point[], radius: number, ink: 'neutral' | 'baseline' | 'accent'): Shape[] =>
    points.length > 0 ? [{ kind: 'dots', points: points.map(toPage), radius, ink }] : [];
  const legend = [
    { label: 'input', ink: 'neutral' as const },
    ...(datapool.length > 0 ? [{ label: 'datapool before', ink: 'baseline' as const }] : []),
    { label: 'selected', ink: 'accent' as const },
  ];
  const shapes = [
    ...chartHead(title, legend),
    ...dots(plot.input2dEmbeddings, 1.6, 'neutral'),
    ...dots(datapool, 2, 'baseline'),
    ...dots(plot.selectedExcludingDatapool2dEmbeddings, 2.6, 'accent'),
    ...examples(plot.exampleImages.map(({ location, filename }) => ({ at: toPage(location), filename }))),
  ];
  return { title, width: FULL_WIDTH, height: HEIGHT, shapes };
}

function scaleOf(points: readonly Point[]): (point: Point) => Point {
  const range = (axis: 0 | 1): [number, number] => {
    const values = points.map((point) => point[axis]);
    return [
      values.reduce((a, b) => Math.min(a, b), Infinity),
      values.reduce((a, b) => Math.max(a, b), -Infinity),
    ];
  };
  const x = linearScale(range(0), [FRAME, FULL_WIDTH - FRAME]);
  const y = linearScale(range(1), [HEIGHT - FRAME, HEAD_HEIGHT + FRAME]);
  return ([across, up]) => [place(x(across)), place(y(up))];
}

interface Example {
  readonly at: Point;
  readonly filename: string;
}

/** Each thumbnail goes to the first free spot around its point; one that finds none is left out. */
function examples(wanted: readonly Example[]): Shape[] {
  const taken: Point[] = [];
  return wanted.flatMap(({ at, filename }): Shape[] => {
    const spot = spotsAround(at).find(
      (free) => isInside(free) && taken.every((other) => isApart(free, other)),
    );
    if (!spot) return [];
    taken.push(spot);
    const [x, y] = spot;
    return [
      { kind: 'path', d: `M${at[0]} ${at[1]}L${x} ${y}`, stroke: 'ink', lineWidth: 0.75 },
      { kind: 'image', x: x - SIDE / 2, y: y - SIDE / 2, side: SIDE, fileName: filename },
    ];
  });
}

/** Centres of thumbnails, the nearest first; outwards, away from the middle of the plot, before inwards. */
function spotsAround([x, y]: Point): Point[] {
  const outwards = Math.atan2(y - HEIGHT / 2, x - FULL_WIDTH / 2);
  return REACHES.flatMap((reach) =>
    Array.from({ length: DIRECTIONS }, (_, at): Point => {
      const turn = Math.ceil(at / 2) * (at % 2 === 0 ? 1 : -1);
      const angle = outwards + (turn / DIRECTIONS) * 2 * Math.PI;
      return [place(x + reach * Math.cos(angle)), place(y + reach * Math.sin(angle))];
    }),
  );
}

const isInside = ([x, y]: Point): boolean =>
  x >= SIDE / 2 && x <= FULL_WIDTH - SIDE / 2 && y >= HEAD_HEIGHT + SIDE / 2 && y <= HEIGHT - SIDE / 2;

const isApart = (a: Point, b: Point): boolean =>
  Math.abs(a[0] - b[0]) > SIDE + 4 || Math.abs(a[1] - b[1]) > SIDE + 4;
